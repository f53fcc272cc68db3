"""When devices are checked without being asked: on each school day, before the first lesson."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Awaitable, Callable
from datetime import datetime

from hub.clock import now
from hub.plugin import HubError
from plugins.health.uptime import SchoolHours

LOOK = 15.0
SETTLE = 60.0
"""Seconds after the hub's start in which devices are still being connected."""


def due(at: dt.time, hours: SchoolHours, last: float, moment: float) -> bool:
    """Tell whether the check of this day has not been made and is still of use.

    A computer that was off at the time makes up for it when it is switched on, until the school
    day is over; a clock that was set back makes none twice on a day.

    Args:
        at: the time of each school day, the computer's local time.
        hours: which days these are, and when they end.
        last: when the last check began, 0 for none.
        moment: now; both in seconds since the epoch.
    """
    today = datetime.fromtimestamp(moment).astimezone()
    school = hours.of(today.date())
    if school is None:
        return False
    begin = datetime.combine(today.date(), at).astimezone().timestamp()
    return begin <= moment < max(school.end, begin + 1) and not begin <= last


class Timetable:
    """Has the check made at its time.

    Args:
        at: the time of day, None for never.
        hours: the school's days.
        last: returns when the last check began.
        check: makes it, and returns when it is done.
        look: seconds from one look at the clock to the next.
        settle: seconds after the start in which nothing is checked.
    """

    def __init__(
        self,
        at: dt.time | None,
        hours: SchoolHours,
        last: Callable[[], float],
        check: Callable[[], Awaitable[object]],
        *,
        look: float = LOOK,
        settle: float = SETTLE,
    ) -> None:
        self.at = at
        self._hours = hours
        self._last = last
        self._check = check
        self._look = look
        self._settle = settle
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look at the clock, where there is a time."""
        if self.at is not None:
            self._task = asyncio.create_task(self._run(self.at), name="health timetable")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self, at: dt.time) -> None:
        await asyncio.sleep(self._settle)
        while True:
            if due(at, self._hours, self._last(), now()):
                with contextlib.suppress(HubError):  # said in the log by whoever could not write
                    await self._check()
            await asyncio.sleep(self._look)
