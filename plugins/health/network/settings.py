"""The settings of the network: the table `[plugins.health.network]`."""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from plugins.health.network.addresses import Address, address_of


def _is_address(text: str) -> str:
    address_of(text)
    return text


HttpAddress = Annotated[str, Field(max_length=500), AfterValidator(_is_address)]


class SpeedSettings(BaseModel):
    """Against what the internet's speed is measured, when, and how much that may take.

    Attributes:
        download: an address whose answer is at least 10 MB, such as LibreSpeed's
            `garbage.php?ckSize=100`.
        upload: an address that takes POST and answers 200 or 204, such as LibreSpeed's `empty.php`.
        at: when it is measured on each school day, the computer's local time; None by hand alone.
        seconds: for which each direction is measured at most.
        megabytes: that each direction takes at most.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    download: HttpAddress | None = None
    upload: HttpAddress | None = None
    at: dt.time | None = None
    seconds: float = Field(10, ge=1, le=30)
    megabytes: int = Field(150, ge=1, le=1000)

    @model_validator(mode="after")
    def _has_an_address(self) -> "SpeedSettings":
        if self.download is None and self.upload is None:
            raise ValueError("`download` or `upload` is wanted")
        return self


class NetworkSettings(BaseModel):
    """What is asked on the network.

    Attributes:
        watch: whether the router is asked at all.
        internet: an address on the internet that is asked whether it answers; None asks nobody, and
            neither names nor the internet are watched.
        every: seconds between two looks.
        speed: how fast the internet is; None does not measure.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    watch: bool = True
    internet: HttpAddress | None = None
    every: float = Field(30, ge=1, le=300)
    speed: SpeedSettings | None = None

    @property
    def asked(self) -> Address | None:
        """The address on the internet that is asked."""
        return None if self.internet is None else address_of(self.internet)
