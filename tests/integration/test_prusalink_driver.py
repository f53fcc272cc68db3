"""The driver `prusalink` against a printer of ours that speaks PrusaLink's published API."""

import asyncio

import pytest

from drivers.printer.gcode import GcodeRefused
from drivers.printer.prusalink import PrusaLinkPrinter
from drivers.printer.served import NotWhilePrinting, PrinterBusy, PrintsOn
from drivers.printer.values import JobState, PrinterState
from drivers.virtual.prusalink import KEY, PASSWORD, VirtualPrusaLink
from hub.device import AccessRefused
from tests.served_printing import following, gcode, order


@pytest.fixture
async def printer():
    made = VirtualPrusaLink(2.0)
    server = await asyncio.start_server(made.talk, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


def follow(printer, **settings):
    settings = settings or {"password": PASSWORD}
    return following(PrusaLinkPrinter, host="127.0.0.1", port=printer.port, **settings)


async def test_a_file_is_printed_to_its_end(printer, tmp_path):
    async with follow(printer) as driver:
        assert driver.last("state") is PrinterState.IDLE
        assert driver.last("temperatures").bed.actual == 25.3
        await driver.act("_print", order(tmp_path, gcode(), "job1", "Доп шар ball.gcode"))
        assert list(printer.files) == ["ball.hub-job1.gcode"]
        assert printer.files["ball.hub-job1.gcode"] == gcode().encode()
        await driver.until(lambda: driver.last("progress").state is JobState.FINISHED)
        assert driver.events == [("print_started", "job1"), ("print_finished", "job1")]
        assert driver.last("progress").name == "Доп шар ball.gcode"
        await driver.until(lambda: not printer.files)


async def test_the_policy_leaves_out_and_refuses_what_it_does_everywhere(printer, tmp_path):
    async with follow(printer) as driver:
        stripped = gcode().replace("M83\n", "M83\nM500\n")
        begun = await driver.act("_print", order(tmp_path, stripped, "job6"))
        assert begun.stripped == 1
        assert b"\nM500" not in printer.files["ball.hub-job6.gcode"]
        await driver.until(lambda: driver.last("progress").state is JobState.FINISHED)
        with pytest.raises(GcodeRefused):
            await driver.act("_print", order(tmp_path, gcode() + "M997\n", "job7"))
        await driver.until(lambda: not printer.files)


async def test_a_print_is_paused_resumed_and_cancelled(printer, tmp_path):
    printer.seconds = 60.0
    async with follow(printer, api_key=KEY) as driver:
        await driver.act("_print", order(tmp_path, gcode(), "job2"))
        with pytest.raises(PrinterBusy):
            await driver.act("_print", order(tmp_path, gcode(), "other"))
        await driver.act("_pause")
        await driver.act("_resume")
        await driver.act("_cancel")
        steps = ("print_started", "print_paused", "print_resumed", "print_cancelled")
        assert driver.events == [(name, "job2") for name in steps]
        with pytest.raises(NotWhilePrinting):
            await driver.act("_stop")


async def test_what_somebody_else_prints_is_nobodys_job_and_stays(printer):
    printer.files["theirs.gcode"] = b"G28\n"
    printer._begin("theirs.gcode")
    async with follow(printer) as driver:
        assert driver.last("progress").name == "theirs.gcode"
        await driver.until(lambda: driver.events == [("print_started", ""), ("print_finished", "")])
    assert list(printer.files) == ["theirs.gcode"]


async def test_a_print_that_ends_while_the_hub_is_away_is_told_afterwards(printer, tmp_path):
    async with follow(printer) as driver:
        await driver.act("_print", order(tmp_path, gcode(), "job3"))
    while printer.state != "FINISHED":
        await asyncio.sleep(0.05)
    async with follow(printer) as driver:
        await driver.until(lambda: driver.events == [("print_finished", "job3")])
        await driver.until(lambda: not printer.files)


async def test_an_end_that_nobody_can_tell_is_said_so(printer, tmp_path):
    async with follow(printer) as driver:
        await driver.act("_print", order(tmp_path, gcode(), "job4"))
        printer.job, printer.over = None, "IDLE"  # ended, and confirmed on the printer's screen
        await driver.until(lambda: driver.last("progress").state is JobState.INTERRUPTED)
        assert driver.told.events[-1][1].reason == "ending-unknown"


async def test_the_printer_that_goes_away_in_a_print_is_said_to_print_on(printer, tmp_path):
    printer.seconds = 60.0
    async with follow(printer) as driver:
        await driver.act("_print", order(tmp_path, gcode(), "job5"))
        talk, printer.answer = printer.answer, None
        while not driver.told.losses:
            await asyncio.sleep(0.02)
        assert isinstance(driver.told.losses.pop(), PrintsOn)
        printer.answer = talk
        await driver.driver.end_background()
        await driver.driver.connect()
        assert driver.last("progress").job == "job5"


@pytest.mark.parametrize("settings", [{"password": "wrong"}, {"api_key": "wrong"}])
async def test_wrong_credentials_are_said(printer, settings):
    with pytest.raises(AccessRefused):
        async with follow(printer, **settings):
            pass
