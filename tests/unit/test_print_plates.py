"""A plate counts as clear as long as its printer was in sight since somebody has said so."""

import pytest

from drivers.printer.values import JobState as PrintState
from drivers.printer.values import PrinterState, PrintHappened
from plugins.printing.queue.following import Heard
from plugins.printing.queue.values import Plate
from tests.print_floor import TEACHER, Floor

MINUTE = 60.0
NIGHT = 14 * 60 * MINUTE


@pytest.fixture
async def floor(tmp_path):
    floor = Floor(tmp_path / "hub.db")
    await floor.restart()
    floor.printers[1].unplug()
    await cleared(floor)
    yield floor
    floor.close()


async def cleared(floor):
    floor.truth.clear["printer-1"] = True
    await floor.known.plate_cleared("printer-1", by=TEACHER, whose=None)


async def approved(floor):
    job = await floor.hand_in()
    await floor.approve(job)
    return job


async def state(floor, job):
    return (await floor.rows())[job][0]


def happened(job):
    """What a printer tells of a print."""
    where = {"line": 9, "lines": 9, "height": None, "layer": None, "filament": 1.0, "printed": 1.0}
    return PrintHappened(job=job, name="part", **where)


async def waits_until_somebody_has_looked(floor, job=None):
    """What is approved does not begin; the queue says why; confirmed, it does."""
    job = job or await approved(floor)
    await floor.turn()
    assert await state(floor, job) == "queued"
    standing = floor.queue.standing(await floor.service.get(job, by=TEACHER))
    assert standing.problem["code"] == "plate-not-clear"
    await cleared(floor)
    await floor.turn()
    assert await state(floor, job) == "printing"
    assert floor.truth.wrong == []


async def test_a_printer_that_stays_in_sight_keeps_its_clear_plate(floor):
    await floor.pass_time(NIGHT)
    assert floor.known.plate("printer-1").clear
    job = await approved(floor)
    await floor.turn()
    assert await state(floor, job) == "printing"


async def test_a_cable_that_was_out_for_minutes_annoys_nobody(floor):
    for _ in range(4):
        floor.printers[0].unplug()
        await floor.pass_time(10 * MINUTE)
        floor.printers[0].plug(forgets=True)
        await floor.following.look()
    job = await approved(floor)
    await floor.turn()
    assert await state(floor, job) == "printing"


async def test_a_printer_that_was_switched_off_for_longer_is_looked_at_first(floor):
    seen = floor.known.clock()
    floor.printers[0].unplug()
    await floor.pass_time(20 * MINUTE)
    plate = floor.known.plate("printer-1")
    assert (plate.clear, plate.job, plate.by) == (False, None, "")
    assert plate.seen == pytest.approx(seen, abs=5), "the page says since when"
    floor.printers[0].plug(forgets=True)
    await waits_until_somebody_has_looked(floor)


async def test_a_plate_that_was_looked_at_before_the_printer_is_switched_on_is_not_asked_for_twice(
    floor,
):
    floor.printers[0].unplug()
    await floor.pass_time(NIGHT)
    await cleared(floor)
    await floor.pass_time(10 * MINUTE)
    floor.printers[0].plug(forgets=True)
    job = await approved(floor)
    await floor.turn()
    assert await state(floor, job) == "printing"


async def test_after_a_night_without_the_hub_every_plate_is_looked_at_before_anything_begins(floor):
    job = await approved(floor)
    floor.later += NIGHT
    await floor.restart()
    floor.queue.start_ready()  # before anybody has followed anything
    assert floor.queue._started == {}
    await waits_until_somebody_has_looked(floor, job)


async def test_a_hub_that_starts_anew_at_once_asks_for_nothing(floor):
    await floor.pass_time(3 * 60 * MINUTE)
    floor.later += 5 * MINUTE
    await floor.restart()
    assert floor.known.plate("printer-1").clear


async def test_a_computer_that_slept_with_the_hub_in_it_looks_first(floor):
    floor.later += NIGHT
    job = await approved(floor)
    floor.queue.start_ready()
    assert floor.queue._started == {}
    await waits_until_somebody_has_looked(floor, job)


@pytest.mark.parametrize("end", [PrintState.PRINTING, PrintState.FINISHED])
@pytest.mark.parametrize("job", ["", "a job of another hub"])
async def test_a_printer_that_tells_of_a_print_that_is_not_ours_is_looked_at_first(floor, job, end):
    floor.following._heard.append(Heard("printer-1", end, happened(job)))
    await floor.following.look()
    assert floor.known.plate("printer-1").seen is None, "it was in sight"
    await waits_until_somebody_has_looked(floor)


async def test_what_is_told_late_of_a_print_of_ours_is_no_other_print(floor):
    job = await approved(floor)
    await floor.turn()
    floor.printers[0].becomes(PrintState.FINISHED, PrinterState.IDLE, 1.0)
    await floor.following.look()
    await cleared(floor)
    floor.following._heard.append(Heard("printer-1", PrintState.FINISHED, happened(job)))
    await floor.following.look()
    assert floor.known.plate("printer-1").clear


def test_a_plate_does_not_count_as_clear_after_the_clock_was_set_back_and_for_ever_where_one_wants():
    plate = Plate(clear=True, since=1000.0, seen=5000.0)
    assert plate.after(5600.0, 900.0).clear
    assert not plate.after(5901.0, 900.0).clear
    assert not plate.after(1000.0, 900.0).clear
    assert plate.after(1e9, 0.0).clear
    assert not Plate(clear=True, since=1000.0).after(2000.0, 900.0).clear, "of an older version"
