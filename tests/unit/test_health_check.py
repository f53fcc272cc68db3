"""The check before the lesson: when it is due, and what it makes of what devices do."""

import asyncio
import datetime as dt
import time
from datetime import datetime

import pytest

from hub.device import Problem, Severity, TimedOut, Unreachable
from plugins.health.selfcheck.judging import judge, worst
from plugins.health.selfcheck.timetable import Timetable, due
from plugins.health.uptime import SchoolHours

AT = dt.time(7, 40)
HOURS = SchoolHours(days=["mon", "tue", "wed", "thu", "fri"])


def at(text):
    return datetime.fromisoformat(text).astimezone().timestamp()


@pytest.mark.parametrize(
    ("moment", "last", "wanted"),
    [
        ("2026-11-30 07:39", None, False),
        ("2026-11-30 07:40", None, True),
        ("2026-11-30 07:41", "2026-11-29 07:40", True),
        ("2026-11-30 07:55", "2026-11-30 07:40:05", False),
        # One by the button before it does not count: that was before the day's devices were on.
        ("2026-11-30 07:41", "2026-11-30 07:10", True),
        # The computer was switched on after the time, and after school.
        ("2026-11-30 09:15", None, True),
        ("2026-11-30 19:00", None, False),
        # Sunday.
        ("2026-11-29 07:41", None, False),
        # The clock was set back by a year after a check: it is made on this day, too, once.
        ("2025-12-01 07:41", "2026-11-30 07:40", False),
    ],
)
def test_it_is_due_once_on_each_school_day(moment, last, wanted):
    assert due(AT, HOURS, 0.0 if last is None else at(last), at(moment)) is wanted


async def test_the_timetable_makes_it_and_makes_it_once():
    made = []

    async def check():
        made.append(time.time())

    every = SchoolHours(
        days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], begins=dt.time(0), ends=dt.time.max
    )
    table = Timetable(
        dt.time(0), every, lambda: made[-1] if made else 0.0, check, look=0.01, settle=0.0
    )
    table.start()
    async with asyncio.timeout(20):
        while not made:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    await table.stop()
    assert len(made) == 1


class Tried:
    """What `judge` needs of a device."""

    id, name, kind_title, icon = "one", "One", "Microscope", "microscope"

    def __init__(self, how, health=None):
        self._how = how
        self.state = type("State", (), {"health": health})()

    async def check(self):
        if self._how == "hangs":
            await asyncio.Event().wait()
        if isinstance(self._how, Exception):
            raise self._how
        return self._how


async def test_a_device_is_judged_by_what_it_did_and_by_what_its_driver_says_of_it():
    well = await judge(Tried("It gave a picture."), 5)
    assert (well.status, well.tried, well.code) == ("ok", "It gave a picture.", "")
    gone = await judge(Tried(Unreachable("no answer")), 5)
    assert (gone.status, gone.code, bool(gone.hint), gone.tried) == (
        "fault", "unreachable", True, "",
    )  # fmt: skip
    slow = await judge(Tried("hangs"), 0.05)
    assert (slow.status, slow.code, bool(slow.hint)) == ("fault", "check-too-slow", True)
    late = await judge(Tried(TimedOut("M115")), 5)
    assert (late.status, late.code) == ("fault", "check-too-slow"), "waiting is no help"
    warm = Problem(code="warm", title="Too warm.", hint="Wait.", severity=Severity.WARNING)
    assert (await judge(Tried("x", warm), 5)).status == "warning"
    dead = warm.model_copy(update={"severity": Severity.FAULT})
    judged = await judge(Tried("x", dead), 5)
    assert (judged.status, judged.said, judged.hint) == ("fault", "Too warm.", "Wait.")
    assert worst([well, judged]) == "fault"
    assert worst([]) == "ok"
