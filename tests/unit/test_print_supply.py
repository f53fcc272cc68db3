"""Teachers are told before a spool is empty in the middle of a print, and nothing is refused."""

import pytest

from hub.clock import now
from plugins.printing.queue.pace import LEAST
from plugins.printing.tables import JobRow, SpoolRow, UseRow
from tests.print_floor import TEACHER, Floor

HOUR = 3600.0


@pytest.fixture
async def floor(tmp_path):
    floor = Floor(tmp_path / "hub.db")
    await floor.restart()
    floor.printers[1].unplug()
    yield floor
    floor.close()


async def spool(floor, left, printer="printer-1"):
    row = SpoolRow(
        id=f"spool-{left}",
        name=f"Red {left}",
        material="PLA",
        colour="",
        diameter=1.75,
        density=1.24,
        grams=1000.0,
        used=1000.0 - left,
        created=now(),
        gone=None,
    )
    await floor.queue._hub.store.write(lambda session: session.add(row))
    await floor.known.set_up(printer, {"spool": f"spool-{left}"}, by=TEACHER)
    await floor.queue._reload()


async def job(floor, grams, printer="printer-1"):
    made = await floor.hand_in(printer=printer)

    def work(session):
        session.get(JobRow, made).estimate = {"grams": grams, "seconds": HOUR}

    await floor.queue._hub.store.write(work)
    return made


async def warned(floor, made):
    warning = floor.queue.standing(await floor.service.get(made, by=TEACHER)).warning
    return warning and (warning["code"], *warning["params"].values())


async def test_a_job_that_the_spool_is_too_short_for_says_so_and_can_be_approved(floor):
    small, large = await job(floor, 20.0), await job(floor, 60.0)
    assert await warned(floor, large) is None, "nobody has said what is in the printer"
    await spool(floor, 50)
    assert await warned(floor, small) is None
    assert await warned(floor, large) == ("spool-short", "Red 50", 50, 60)
    await floor.approve(large)
    assert await warned(floor, large) == ("spool-short", "Red 50", 50, 60)


async def test_what_is_printed_before_counts_and_the_fuller_printer_is_enough(floor):
    first, second, third = [await job(floor, 40.0) for _ in range(3)]
    await spool(floor, 90)
    await floor.approve(first)
    await floor.approve(second)
    assert await warned(floor, second) is None
    assert await warned(floor, third) == ("spool-short", "Red 90", 10, 40)
    # Under way it takes less and less of what is left.
    await floor.known.plate_cleared("printer-1", by=TEACHER, whose=None)
    await floor.turn()
    assert await warned(floor, third) == ("spool-short", "Red 90", 10, 40)
    either = await job(floor, 40.0, printer=None)
    assert await warned(floor, either) is None, "it may go to the other one, of which nobody knows"
    await spool(floor, 35, "printer-2")
    assert await warned(floor, either) == ("spool-short", "Red 35", 35, 40)


async def test_estimates_follow_what_the_printers_own_prints_have_taken(floor):
    made = await job(floor, 1.0)
    await floor.approve(made)
    before = floor.queue.times()[made]

    def work(session):
        for number in range(LEAST):
            old = session.get(JobRow, made)
            fields = {c.key: getattr(old, c.key) for c in JobRow.__table__.columns}
            session.add(JobRow(**{**fields, "id": f"old-{number}", "state": "done", "place": None}))
            session.add(
                UseRow(
                    job=f"old-{number}",
                    owner="pupil",
                    printer="printer-1",
                    material="PLA",
                    millimetres=1.0,
                    grams=1.0,
                    seconds=2 * HOUR,
                    outcome="done",
                    time=now(),
                )
            )

    await floor.queue._hub.store.write(work)
    await floor.queue._pace.reload()
    assert floor.queue.times()[made] - before == pytest.approx(HOUR, abs=5)
