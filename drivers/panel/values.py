"""What a panel tells of itself."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

MOST_SOURCES = 64
MOST_HOURS = 1_000_000

Source = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
"""An input, by a name that its driver keeps: `hdmi-1`, `digital-2`."""
Hours = Annotated[int, Field(ge=0, le=MOST_HOURS)]


class Power(StrEnum):
    """Whether the panel is on. Only `on` and `off` can be set; the others come by themselves."""

    OFF = "off"
    ON = "on"
    WARMING = "warming"
    COOLING = "cooling"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class SourceName(_Model):
    """An input, and what the panel or its maker calls it (untrusted text)."""

    id: Source
    name: str = Field(max_length=100)


class Lamp(_Model):
    """A lamp or other source of light."""

    hours: Hours
    lit: bool | None = Field(None, description="Whether it is on; null where that is not told.")


class Part(StrEnum):
    """What of a panel can be faulty."""

    FAN = "fan"
    LAMP = "lamp"
    TEMPERATURE = "temperature"
    COVER = "cover"
    FILTER = "filter"
    SIGNAL = "signal"
    OTHER = "other"


class Level(StrEnum):
    """How bad it is."""

    WARNING = "warning"
    ERROR = "error"


class Fault(_Model):
    """What the panel says is wrong with a part of it."""

    part: Part
    level: Level


class About(_Model):
    """What the panel says of itself: untrusted text, empty where it says nothing."""

    maker: str = Field("", max_length=200)
    model: str = Field("", max_length=200)
    name: str = Field("", max_length=200)
    serial: str = Field("", max_length=200)
    firmware: str = Field("", max_length=200)
    protocol: str = Field("", max_length=200)
