"""Starting a print: what goes back into the queue, and what nobody may start again."""

import pytest

from hub.store import Store
from plugins.printing.jobs.errors import JobMovedOn, PrinterGone
from plugins.printing.tables import MIGRATIONS
from tests.print_floor import TEACHER, Floor


@pytest.fixture
async def floor(tmp_path):
    store = Store(tmp_path / "hub.db")
    store.open()
    store.migrate(MIGRATIONS)
    store.close()
    floor = Floor(tmp_path / "hub.db")
    await floor.restart()
    floor.printers[1].unplug()
    yield floor
    floor.close()


async def approved(floor):
    job = await floor.hand_in()
    await floor.approve(job)
    return job


async def cleared(floor):
    floor.truth.clear["printer-1"] = True
    await floor.known.plate_cleared("printer-1", by=TEACHER, whose=None)


async def state(floor, job):
    return (await floor.rows())[job][0]


async def test_a_printer_that_surely_has_not_begun_gets_the_job_again(floor):
    printer, job = floor.printers[0], await approved(floor)
    await cleared(floor)
    printer.answer = "busy"
    await floor.turn()
    assert await state(floor, job) == "queued"
    assert floor.known.plate("printer-1").clear, "nothing lies on it"
    printer.answer = "takes"
    await floor.turn()
    assert await state(floor, job) == "printing"
    assert floor.truth.printed[job] == 1


async def test_a_printer_that_goes_while_it_is_asked_may_have_begun(floor):
    printer, job = floor.printers[0], await approved(floor)
    await cleared(floor)
    printer.answer = "takes and goes away"
    await floor.turn()
    assert await state(floor, job) == "printing", "nobody knows"
    printer.plug(forgets=True)
    printer.answer = "takes"
    await floor.turn()
    assert await state(floor, job) == "failed"
    assert (await floor.service.get(job, by=TEACHER)).ending["code"] == "interrupted"
    assert not floor.known.plate("printer-1").clear
    await floor.turn()
    assert floor.truth.printed[job] == 1


async def test_a_printer_of_the_network_that_went_on_is_followed_again(floor):
    printer, job = floor.printers[0], await approved(floor)
    await cleared(floor)
    printer.answer = "takes and goes away"
    await floor.turn()
    await floor.restart()
    printer.plug(forgets=False)
    await floor.turn()
    assert await state(floor, job) == "printing"
    assert floor.truth.printed[job] == 1


async def test_a_file_that_the_printer_refuses_ends_the_job_and_leaves_the_plate_clear(floor):
    job = await approved(floor)
    await cleared(floor)
    floor.printers[0].answer = "refuses"
    await floor.turn()
    assert await state(floor, job) == "failed"
    assert (await floor.service.get(job, by=TEACHER)).ending["code"] == "gcode-refused"
    assert floor.known.plate("printer-1").clear


@pytest.mark.parametrize("before", [True, False])
async def test_a_hub_that_is_killed_as_it_starts_a_print_never_starts_it_twice(floor, before):
    job = await approved(floor)
    await cleared(floor)
    floor.store.kill_in, floor.store.kill_before = 1, before
    assert await floor.killable(floor.turn())
    await floor.restart()
    await floor.turn()
    if before:  # it was not written down: the print surely has not begun
        assert await state(floor, job) == "printing"
        assert floor.truth.printed[job] == 1
    else:
        assert await state(floor, job) == "failed"
        assert floor.truth.printed[job] == 0
        assert (await floor.service.get(job, by=TEACHER)).ending["code"] == "interrupted"


async def as_it_is(floor, job):
    row = await floor.service.get(job, by=TEACHER)
    return row.state, row.approval, row.mark


async def test_who_approves_what_is_approved_already_changes_nothing(floor):
    """Not even what is left out of it, though that printer would leave out other lines."""
    job = await approved(floor)
    before = await as_it_is(floor, job)
    floor.printers[0].policy = "prusa"
    floor.printers[0].tell()
    with pytest.raises(JobMovedOn):
        await floor.approve(job, "printer-1")
    assert await as_it_is(floor, job) == before


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("write", [1, 2])
async def test_a_hub_that_is_killed_as_it_judges_a_job_anew_prints_nothing_unseen(
    floor, write, before
):
    job = await floor.hand_in(printer="printer-1")
    await floor.approve(job)
    await cleared(floor)
    floor.printers[0].policy = "prusa"
    floor.printers[0].tell()
    floor.store.kill_in, floor.store.kill_before = write, before
    if await floor.killable(floor.turn()):
        await floor.restart()
    floor.store.kill_in = None
    await floor.turn()
    assert floor.truth.wrong == []
    assert floor.truth.printed[job] == 0
    assert await state(floor, job) == "waiting"
    assert (await floor.service.get(job, by=TEACHER)).approval is None
    await floor.approve(job)
    await floor.turn()
    assert (floor.truth.printed[job], floor.truth.wrong) == (1, [])


async def test_a_job_whose_printer_is_gone_is_not_approved_and_an_approved_one_says_so(floor):
    job = await floor.hand_in(printer="printer-1")
    floor.out.add("printer-1")
    with pytest.raises(PrinterGone):
        await floor.approve(job)
    assert await state(floor, job) == "waiting"
    floor.out.clear()
    await floor.approve(job)
    await cleared(floor)
    floor.out.add("printer-1")
    await floor.turn()
    waits = floor.queue.standing(await floor.service.get(job, by=TEACHER))
    assert waits.problem["code"] == PrinterGone.code
    assert floor.truth.printed[job] == 0
    floor.out.clear()
    await cleared(floor)
    await floor.turn()
    assert (floor.truth.printed[job], floor.truth.wrong) == (1, [])


async def test_nobody_knows_the_plate_of_a_printer_that_was_out_of_the_hub(floor):
    job = await approved(floor)
    await cleared(floor)
    floor.out.add("printer-1")
    await floor.following.look()
    floor.out.clear()
    assert not floor.known.plate("printer-1").clear, "somebody may have printed meanwhile"
    await floor.turn()
    assert await state(floor, job) == "queued"
    await cleared(floor)
    await floor.turn()
    assert floor.truth.printed[job] == 1
