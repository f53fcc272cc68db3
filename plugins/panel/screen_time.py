"""How long a class has looked at the screen in this lesson, beside what the sanitary rules allow.

Counted are the moments at which a lesson runs and a panel of the room is on and not blank; where no
panel is driven by the hub, those at which its page `/panel` shows something. The limits are data,
with their source: `screen_time.toml`.
"""

import re
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.clock import rfc3339
from hub.errors import NotFound
from hub.plugin import PluginHub
from plugins.panel.scenes import Scenes

DATA = Path(__file__).with_suffix(".toml")
LONGEST = 60.0
"""Seconds that a look may be late; what is longer (the computer slept) is not counted."""
_GRADE = re.compile(r"(?<!\d)(1[0-2]|[1-9])(?!\d)")


@dataclass(frozen=True, slots=True)
class Rule:
    """The limits and where they are from."""

    minutes: dict[int, int]
    source: str
    address: str
    confirmed: bool

    @classmethod
    def read(cls, file: Path = DATA) -> "Rule":
        """Read the data file. Blocking."""
        said = tomllib.loads(file.read_text("utf-8"))
        minutes = {grade: one["minutes"] for one in said["limits"] for grade in one["grades"]}
        source = f"{said['title']}: {said['authority']}, {said['order']}"
        return cls(minutes, source, said["address"], said["confirmed"])


def grade_of(names: Sequence[str]) -> int | None:
    """Return the grade that the first of these names says: `7 «Б»`, `10-сынып`; None for none."""
    for name in names:
        if found := _GRADE.search(name):
            return int(found[1])
    return None


class ScreenTime:
    """Counts; told as `x/panel/screen-time` (retained), empty between lessons.

    Args:
        hub: the hub. scenes: knows the panels.
        clock: seconds that only go on; tests have their own.
    """

    def __init__(
        self, hub: PluginHub, scenes: Scenes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._hub = hub
        self._scenes = scenes
        self._clock = clock
        self._rule = Rule.read()
        self._looked: float | None = None
        self._lesson = ""
        self._seconds = 0.0
        self._told: dict[str, Any] | None = None

    def told(self) -> dict[str, Any] | None:
        """Return how it is; None between lessons."""
        return self._told

    async def look(self) -> None:
        """Count what has passed since the last look."""
        now = self._clock()
        past = 0.0 if self._looked is None else min(now - self._looked, LONGEST)
        self._looked = now
        running = await self._hub.school.running()
        if not running:
            self._lesson, self._seconds = "", 0.0
            self._tell(None)
            return
        lesson = running[0]
        if lesson.id != self._lesson:
            self._lesson, self._seconds, past = lesson.id, 0.0, 0.0
        if self._watched():
            self._seconds += past
        names = [lesson.title]
        if lesson.group is not None:
            try:
                names.insert(0, (await self._hub.school.group(lesson.group)).name)
            except NotFound:
                names = [lesson.title]  # it was taken away meanwhile
        grade = grade_of(names[:1]) if lesson.group else grade_of(names)
        limit = None if grade is None else self._rule.minutes.get(grade)
        minutes = int(self._seconds // 60)
        self._tell(
            {
                "lesson": lesson.id,
                "started": rfc3339(lesson.started),
                "minutes": minutes,
                "grade": grade,
                "limit": limit,
                "over": limit is not None and minutes >= limit,
                "source": self._rule.source,
                "address": self._rule.address,
                "confirmed": self._rule.confirmed,
            }
        )

    def _watched(self) -> bool:
        panels = self._scenes.panels()
        if not panels:
            return bool(self._hub.showing.now())
        return any(_lit(panel.readings) for panel in panels)

    def _tell(self, told: dict[str, Any] | None) -> None:
        if told == self._told:
            return
        self._told = told
        self._hub.publish("screen-time", told, retained=True)


def _lit(readings: Any) -> bool:
    power, blank = readings.get("power"), readings.get("blank")
    return (
        power is not None
        and power.value == "on"
        and not (blank is not None and blank.value is True)
    )
