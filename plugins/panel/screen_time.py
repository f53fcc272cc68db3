"""How long a class has looked at the screen in this lesson, beside what the sanitary rules allow.

Counted are the moments at which a lesson runs and a panel of the room is on and not blank; where no
panel is driven by the hub, those at which its page `/panel` shows something. The limits are data,
with their source: `screen_time.toml`. A school may set figures of its own.
"""

import re
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub.clock import now, rfc3339
from hub.errors import NotFound
from hub.plugin import PluginHub
from plugins.panel.scenes import Scenes
from plugins.panel.tables import ScreenTimeRow

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
        self.rule = Rule.read()
        self._own: dict[int, int] | None = None
        self._looked: float | None = None
        self._lesson = ""
        self._seconds = 0.0
        self._told: dict[str, Any] | None = None

    async def load(self) -> None:
        """Read what the school has set."""

        def work(session: Session) -> dict[int, int] | None:
            row = session.get(ScreenTimeRow, 1)
            return None if row is None else {int(k): int(v) for k, v in row.minutes.items()}

        self._own = await self._hub.store.read(work)

    def limits(self) -> dict[str, Any]:
        """Return the minutes in force by grade, those of the rules, and where these are from."""
        rules = dict(sorted(self.rule.minutes.items()))
        return {
            "minutes": rules if self._own is None else dict(sorted(self._own.items())),
            "rules": rules,
            "by_school": self._own is not None,
            "source": self.rule.source,
            "address": self.rule.address,
            "confirmed": self.rule.confirmed,
        }

    async def set_limits(self, minutes: dict[int, int] | None) -> None:
        """Keep what the school says; None goes by the rules again. Told with the next look."""

        def work(session: Session) -> None:
            if minutes is None:
                session.query(ScreenTimeRow).delete()
                return
            kept = {str(grade): one for grade, one in minutes.items()}
            session.merge(ScreenTimeRow(id=1, minutes=kept, changed=now()))

        await self._hub.store.write(work)
        self._own = minutes

    def told(self) -> dict[str, Any] | None:
        """Return how it is; None between lessons."""
        return self._told

    async def look(self) -> None:
        """Count what has passed since the last look."""
        moment = self._clock()
        past = 0.0 if self._looked is None else min(moment - self._looked, LONGEST)
        self._looked = moment
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
        limits = self.rule.minutes if self._own is None else self._own
        limit = None if grade is None else limits.get(grade)
        minutes = int(self._seconds // 60)
        self._tell(
            {
                "lesson": lesson.id,
                "started": rfc3339(lesson.started),
                "minutes": minutes,
                "grade": grade,
                "limit": limit,
                "over": limit is not None and minutes >= limit,
                "by_school": self._own is not None,
                "source": self.rule.source,
                "address": self.rule.address,
                "confirmed": self.rule.confirmed,
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
