"""What a school wants of a panel: at the start of a lesson, at its end, and by the clock."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from drivers.panel.values import Source

SceneName = Literal["start", "end"]
Day = Annotated[int, Field(ge=1, le=7, description="1 is Monday.")]
MOST_TIMES = 40
MOST_HOLIDAYS = 20


class Scene(BaseModel):
    """What a panel is set to; null leaves it as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    power: Literal["on", "off"] | None = None
    source: Source | None = None
    volume: int | None = Field(None, ge=0, le=100)
    mute: bool | None = None
    blank: bool | None = None
    freeze: bool | None = None
    lock: bool | None = None
    touch_lock: bool | None = None


class Time(BaseModel):
    """When something is done by itself, by the clock on the wall of the hub's computer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: tuple[Day, ...] = Field((1, 2, 3, 4, 5), min_length=1, max_length=7)
    at: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Hours and minutes.")
    scene: SceneName = "end"


class Holiday(BaseModel):
    """Days without lessons, the first and the last of them included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: date
    last: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last < self.first:
            raise ValueError("last is before first")
        return self


class Plan(BaseModel):
    """All of it for one panel.

    `end` by the clock is left out while a lesson runs, `start` on holidays.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: Scene = Scene(power="on")
    end: Scene = Scene(power="off")
    with_lessons: bool = Field(
        default=True, description="The first lesson that starts starts it, the last one ends it."
    )
    times: tuple[Time, ...] = Field((), max_length=MOST_TIMES)
    holidays: tuple[Holiday, ...] = Field((), max_length=MOST_HOLIDAYS)
    wake: str | None = Field(
        None,
        pattern=r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$",
        description="Its hardware address: where it is off and silent it is woken (Wake-on-LAN).",
    )
    idle_minutes: int | None = Field(
        None, ge=5, le=600, description="On for so long without a lesson: it is ended."
    )

    def scene(self, name: SceneName) -> Scene:
        """Return what a panel is set to: the end takes the start's locks and silence back."""
        if name == "start":
            return self.start
        back = {
            one: False
            for one in ("lock", "touch_lock", "mute")
            if getattr(self.start, one) and getattr(self.end, one) is None
        }
        return self.end.model_copy(update=back)
