"""What the check before the lesson has found, on the class's screen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hub.app import Hub
from hub.rights import SYSTEM
from hub.settings import Settings
from plugins.health.selfcheck.checks import told_of
from plugins.health.selfcheck.judging import Result

OTHERS = ("microscopy", "printing", "tablets", "touch", "whiteboard", "globe", "panel")
ELEMENT = "hub-screen-check"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    plugins: dict[str, Any] = {name: {"enabled": False} for name in OTHERS}
    plugins["health"] = {"check_on_screen": True}
    made = Hub(Settings(data=tmp_path, language="en", plugins=plugins))
    await made.start()
    yield made
    await made.stop()


async def test_the_timetables_check_stands_there_until_the_lesson_begins(hub: Hub) -> None:
    health = next(one.plugin for one in hub.plugins.running if one.name == "health")
    await health._check_by_timetable()
    shown = hub.showing.now()["main"]
    assert (shown.element, shown.plugin) == (ELEMENT, "health")
    lesson = await hub.school.start_lesson(SYSTEM, "9")
    assert hub.showing.now() == {}
    await hub.school.end_lesson(lesson.id, SYSTEM)
    # What a teacher has put there stays: the check of the timetable, and the teacher's own look at it.
    health.hub.show(ELEMENT, {}, "Before the lesson")
    await health._check_by_timetable()
    await hub.school.start_lesson(SYSTEM, "10")
    assert hub.showing.now()["main"].attributes == {}


def test_of_what_does_not_work_all_languages_are_told_and_of_the_rest_nothing(hub: Hub) -> None:
    fault = Result(
        "printer", "Printer", "3D printer", "printer", "fault", "unreachable",
        "The device does not answer.",
        "Check that it is switched on and that its cable is plugged in.", "", 1.0, {},
    )  # fmt: skip
    told = told_of(fault, hub.say)
    assert (told["icon"], told["code"], told["name"]) == ("printer", "unreachable", "Printer")
    assert told["hint"]["en"] == fault.hint
    assert len(set(told["hint"].values())) == len(set(told["said"].values())) == 3
    well = Result("cam", "Cam", "x", "microscope", "ok", "", "", "", "It gave a picture.", 1.0, {})
    assert told_of(well, hub.say) == {"device": "cam", "status": "ok", "code": None}
