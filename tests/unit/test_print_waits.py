"""How long prints wait for somebody is offered to whoever watches."""

import asyncio
from dataclasses import dataclass, replace

import pytest

from hub.measures import MOST, Measure, Measures
from hub.store import StorageFull
from plugins.health.watching.offered import Offered
from plugins.printing.jobs.states import JobState
from plugins.printing.queue.cooling import Cooling
from plugins.printing.queue.values import Plate
from plugins.printing.queue.waits import Waited, Waits
from tests.unit.test_print_matching import SMALL

AT = 1_796_000_400.0
HOUR = 3600.0


@dataclass(frozen=True)
class Order:
    """What is looked at of a job."""

    state: JobState
    updated: float
    facts: dict
    printer_wanted: str | None = None


class School:
    """Jobs and printers as they are just now, and what is offered of them."""

    plugin = "printing"

    def __init__(self, jobs, printers) -> None:
        self.jobs, self.printers = jobs, printers
        self.measures = Measures()

    def measure(self, name, title, unit, read) -> None:
        self.measures.offer(Measure(self.plugin, name, title, unit, read))

    async def among(self, *states):
        return [job for job in self.jobs if job.state in states]

    def all(self):
        return self.printers


def order(state, ago, **facts) -> Order:
    return Order(state, AT - ago, facts)


def printer(*, clear: bool, ago: float = 0.0, **more):
    return replace(SMALL, plate=Plate(clear=clear, since=AT - ago), **more)


@pytest.mark.parametrize(
    ("jobs", "printers", "waited"),
    [
        ([], [printer(clear=False)], Waited()),
        ([order(JobState.WAITING, 50), order(JobState.WAITING, HOUR)], [], Waited(approval=HOUR)),
        ([order(JobState.QUEUED, HOUR)], [printer(clear=True, ago=HOUR)], Waited()),
        ([order(JobState.QUEUED, HOUR)], [printer(clear=False, ago=60)], Waited(plate=60)),
        ([order(JobState.QUEUED, 60)], [printer(clear=False, ago=HOUR)], Waited(plate=60)),
        ([order(JobState.QUEUED, 60)], [printer(clear=False, busy_with="x")], Waited()),
        ([order(JobState.QUEUED, 60)], [printer(clear=False, reachable=False)], Waited()),
        ([order(JobState.QUEUED, 60, nozzle=0.8)], [printer(clear=True)], Waited(unfit=1)),
        ([order(JobState.PRINTING, HOUR)], [], Waited()),
    ],
)
async def test_what_waits_is_the_one_that_has_waited_longest(monkeypatch, jobs, printers, waited):
    monkeypatch.setattr("plugins.printing.queue.waits.now", lambda: AT)
    school = School(jobs, printers)
    waits = Waits(school, school, school)
    offered = Offered(school.measures)
    assert list(offered.values()) == [], "nothing is known yet"
    assert await waits.look() == waited
    told = {series.name: value for series, value in offered.values()}
    assert told == {
        "waits_for_approval": waited.approval,
        "waits_for_plate": waited.plate,
        "fits_no_printer": waited.unfit,
    }


async def test_an_error_that_nobody_expects_is_said_and_looking_goes_on(monkeypatch, caplog):
    monkeypatch.setattr("plugins.printing.queue.waits.EVERY", 0.01)
    school = School([order(JobState.WAITING, HOUR)], None)
    school.all = lambda: 1 / 0
    waits = Waits(school, school, school)
    waits.start()
    try:
        await until(lambda: "what waits cannot be looked at" in caplog.text)
        assert waits.waited is None
        school.all = list
        await until(lambda: waits.waited is not None)
    finally:
        await waits.stop()


async def test_heaters_are_looked_for_again_after_an_error(monkeypatch, caplog):
    monkeypatch.setattr("plugins.printing.queue.cooling.LOOK", 0.01)
    school = School([], [])
    looks = []

    def every():
        looks.append(1)
        if len(looks) == 1:
            raise RuntimeError("odd")
        if len(looks) == 2:
            raise StorageFull("no room for the note")
        return []

    school.all = every
    cooling = Cooling(school, school, school)
    cooling.start()
    try:
        await until(lambda: len(looks) >= 3)
    finally:
        await cooling.stop()
    assert "odd" in caplog.text


async def until(what) -> None:
    async with asyncio.timeout(5):
        while not what():
            await asyncio.sleep(0.01)


def test_one_that_cannot_be_read_is_left_out_and_said_once(caplog):
    measures = Measures()
    for name, read in (("bad", lambda: 1 / 0), ("good", lambda: 2)):
        measures.offer(Measure("garden", name, "Title", "1", read))
    offered = Offered(measures)
    for _ in range(3):
        ((series, value),) = offered.values()
        assert (series.subject, series.name, value) == ("garden", "good", 2.0)
    assert len([one for one in caplog.records if "cannot be read" in one.message]) == 1


def test_a_name_is_offered_once_and_there_is_a_bound():
    measures = Measures()
    for number in range(MOST):
        measures.offer(Measure("garden", f"value-{number}", "Title", "1", lambda: None))
    for name in ("value-1", "one-more"):
        with pytest.raises(ValueError, match="garden"):
            measures.offer(Measure("garden", name, "Title", "1", lambda: None))
