"""The plugin's settings: the table `[plugins.globe]`."""

from pathlib import Path
from typing import Annotated, Literal
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


class VoiceSettings(BaseModel):
    """Which voice speaks, and where.

    Attributes:
        piper: models of Piper (`.onnx`, with its `.onnx.json` beside it) by language; a language
            without one is spoken by espeak-ng.
        program: Piper's program, a name or a path.
        loudspeaker: the program that plays on this computer's own loudspeaker what pens touch; left
            out, only pages are heard.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    piper: dict[Annotated[str, Field(pattern=r"^(kk|ru|en)$")], Path] = {}
    program: str = Field("piper", min_length=1, max_length=300)
    loudspeaker: Literal["aplay", "pw-play", "paplay"] | None = None


class GlobeSettings(BaseModel):
    """What an engineer may set.

    Attributes:
        school: where it is. voice: which speaks, and where.
        pack_keys: of makers of content packs who are trusted (`classhub globe pack key`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    school: School = School()
    voice: VoiceSettings = VoiceSettings()
    pack_keys: frozenset[Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]] = frozenset()
