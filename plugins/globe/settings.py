"""The plugin's settings: the table `[plugins.globe]`."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator


class School(BaseModel):
    """Where the sky is looked at from; until an engineer says where, from Astana.

    Attributes:
        latitude, longitude: degrees, north and east.
        zone: the time there (IANA).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    latitude: float = Field(51.13, ge=-90, le=90, allow_inf_nan=False)
    longitude: float = Field(71.43, ge=-180, le=180, allow_inf_nan=False)
    zone: str = "Asia/Almaty"

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"no time zone {zone!r}") from error
        return zone

    @property
    def assumed(self) -> bool:
        """Whether nobody has said where the school is."""
        return not {"latitude", "longitude"} <= self.model_fields_set


class GlobeSettings(BaseModel):
    """What an engineer may set.

    Attributes:
        school: where it is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    school: School = School()
