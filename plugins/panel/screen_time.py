"""How long a class has looked at the screen in this lesson, beside what the sanitary rules allow.

Counted are the moments at which a lesson runs and a panel of the room is on and not blank; where no
panel is driven by the hub, or one of them does not answer, those at which the page `/panel` shows
something, too. What was counted outlasts the hub, to the minute. The limits are data, with their
source: `screen_time.toml`. A school may set figures of its own.
"""

import contextlib
import re
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub.clock import now, rfc3339
from hub.errors import NotFound
from hub.plugin import DeviceHandle, PluginHub
from plugins.panel.scenes import Scenes
from plugins.panel.tables import ScreenSecondsRow, ScreenTimeRow

DATA = Path(__file__).with_suffix(".toml")
LONGEST = 60.0
"""Seconds that a look may be late; what is longer (the computer slept) is not counted."""
KEPT_DAYS = 2
_NUMBER = r"(?<!\d)(1[0-2]|[1-9])"
_OF_GROUP = re.compile(_NUMBER + r"(?!\d)")
_OF_TITLE = re.compile(
    _NUMBER + r"(?:\s*-?\s*(?:сынып|класс|кл\b)|\s*[«\"]\w[»\"]|-?[^\W\d_](?!\w))"
    r"|\bgrade\s*(1[0-2]|[1-9])(?!\d)",
    re.IGNORECASE,
)
"""A title has numbers of other things: `Lesson 5`, `§ 12`, which are no grades."""


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


def grade_of(name: str, *, title: bool = False) -> int | None:
    """Return the grade that a group's name says: `7 «Б»`, `10-сынып`; None for none.

    Of a lesson's `title` a number alone is not believed.
    """
    found = (_OF_TITLE if title else _OF_GROUP).search(name)
    return None if found is None else int(next(filter(None, found.groups())))


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
        self._seconds: dict[str, float] = {}
        self._told: dict[str, Any] | None = None

    async def load(self) -> None:
        """Read what the school has set, and what was counted before the hub ended."""

        def work(session: Session) -> tuple[dict[int, int] | None, dict[str, float]]:
            row = session.get(ScreenTimeRow, 1)
            own = None if row is None else {int(k): int(v) for k, v in row.minutes.items()}
            counted = {row.lesson: row.seconds for row in session.query(ScreenSecondsRow)}
            return own, counted

        self._own, self._seconds = await self._hub.store.read(work)

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
            self._seconds.clear()
            self._tell(None)
            return
        lesson = running[0]
        before = self._seconds.get(lesson.id)
        seconds = before or 0.0
        if before is not None and self._watched():
            seconds += past
        self._seconds[lesson.id] = seconds
        if int(seconds // 60) != int((before or 0.0) // 60):
            await self._keep(lesson.id, seconds)
        grade = grade_of(lesson.title, title=True)
        if lesson.group is not None:
            with contextlib.suppress(NotFound):  # it may be taken away meanwhile
                grade = grade_of((await self._hub.school.group(lesson.group)).name)
        limits = self.rule.minutes if self._own is None else self._own
        limit = None if grade is None else limits.get(grade)
        minutes = int(seconds // 60)
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

    async def _keep(self, lesson: str, seconds: float) -> None:
        def work(session: Session) -> None:
            old = now() - KEPT_DAYS * 86400
            session.query(ScreenSecondsRow).where(ScreenSecondsRow.changed < old).delete()
            session.merge(ScreenSecondsRow(lesson=lesson, seconds=seconds, changed=now()))

        await self._hub.store.write(work)

    def _watched(self) -> bool:
        lit = [_lit(panel) for panel in self._scenes.panels()]
        if True in lit:
            return True
        return (not lit or None in lit) and bool(self._hub.showing.now())

    def _tell(self, told: dict[str, Any] | None) -> None:
        if told == self._told:
            return
        self._told = told
        self._hub.publish("screen-time", told, retained=True)


def _lit(panel: DeviceHandle) -> bool | None:
    """Whether there is a picture on it; None where it does not answer, whatever it said before."""
    power, blank = panel.readings.get("power"), panel.readings.get("blank")
    if not panel.state.reachable or power is None or power.value is None:
        return None
    return power.value == "on" and not (blank is not None and blank.value is True)
