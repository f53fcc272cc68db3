"""The driver `octoprint` against OctoPrint itself, with its virtual printer."""

import asyncio

import pytest
import pytest_asyncio

from drivers.printer.octoprint import OctoPrintPrinter
from drivers.printer.served import PrinterBusy, PrinterGone, PrintsOn
from drivers.printer.values import JobState, PrinterState, Targets
from drivers.virtual.harness import Recorder, recording, replaying
from hub.device import AccessRefused, Unreachable
from tests.print_servers import octoprint
from tests.served_printing import following, gcode, order

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory):
    async with octoprint(tmp_path_factory.mktemp("octoprint")) as server:
        yield server


def follow(server, **settings):
    return following(
        OctoPrintPrinter, host=server.host, port=server.port, api_key=server.key, **settings
    )


async def files(server):
    async with server.client() as client:
        return [one["path"] for one in (await client.get("/api/files/local")).json()["files"]]


async def emptied(server):
    """Wait until the file of a print that has ended is taken away."""
    async with asyncio.timeout(10):
        while await files(server):
            await asyncio.sleep(0.05)


async def test_a_file_is_printed_to_its_end(server, tmp_path):
    async with follow(server) as printer:
        await printer.until(lambda: printer.last("state") is PrinterState.IDLE)
        await printer.until(lambda: bool(printer.last("temperatures").tools))
        begun = await printer.act("_print", order(tmp_path, gcode(pause=300), "job1"))
        assert (begun.layers, begun.lines) == (3, gcode(pause=300).count("\n"))
        await printer.until(lambda: printer.last("progress").state is JobState.FINISHED)
        assert printer.events == [("print_started", "job1"), ("print_finished", "job1")]
        ended = printer.last("progress")
        assert (ended.job, ended.name, ended.fraction, ended.layer) == (
            "job1",
            "ball.gcode",
            1.0,
            3,
        )
        await emptied(server)


async def test_a_print_is_paused_resumed_and_cancelled(server, tmp_path):
    async with follow(server) as printer:
        await printer.act("_print", order(tmp_path, gcode(layers=60, pause=200), "job2"))
        await printer.act("_pause")
        assert printer.last("progress").state is JobState.PAUSED
        assert printer.last("state") is PrinterState.PAUSED
        with pytest.raises(PrinterBusy):
            await printer.act("_print", order(tmp_path, gcode(), "other"))
        await printer.act("_resume")
        await printer.act("_cancel")
        await printer.until(lambda: len(printer.events) == 4)
        assert [name for name, _ in printer.events] == [
            "print_started", "print_paused", "print_resumed", "print_cancelled"]  # fmt: skip
        assert {job for _, job in printer.events} == {"job2"}
        await printer.until(lambda: printer.last("state") is PrinterState.IDLE)


async def test_what_somebody_else_prints_is_shown_and_nobodys_job(server):
    async with server.client() as client, follow(server) as printer:
        text = gcode(pause=300).encode()
        sent = await client.post(
            "/api/files/local", files={"file": ("theirs.gcode", text)}, data={"print": "true"}
        )
        assert sent.json()["effectivePrint"] is True
        await printer.until(lambda: ("print_finished", "") in printer.events)
        assert printer.last("progress").name == "theirs.gcode"
        assert printer.last("progress").job == ""
        assert "theirs.gcode" in await files(server)
        await client.delete("/api/files/local/theirs.gcode")


async def test_a_print_that_ends_while_the_hub_is_away_is_told_afterwards(server, tmp_path):
    async with follow(server) as printer:
        await printer.act("_print", order(tmp_path, gcode(pause=500), "job3"))
    async with server.client() as client:
        while (await client.get("/api/job")).json()["state"] != "Operational":
            await asyncio.sleep(0.2)
    async with follow(server) as printer:
        await printer.until(lambda: printer.events == [("print_finished", "job3")])
        assert printer.last("progress").state is JobState.FINISHED
        await emptied(server)


async def test_the_heaters_are_set_by_hand(server):
    async with follow(server) as printer:
        await printer.act("_heat", Targets(tool=60, bed=40))
        await printer.until(lambda: printer.last("temperatures").bed.target == 40)
        assert printer.last("temperatures").tools[0].target == 60
        await printer.act("_cool")
        await printer.until(lambda: printer.last("temperatures").tools[0].target == 0)


async def test_octoprint_that_lost_its_printer_is_asked_to_find_it(server):
    async with server.client() as client:
        await client.post("/api/connection", json={"command": "disconnect"})
        with pytest.raises(PrinterGone):
            async with follow(server):
                pass
        async with asyncio.timeout(20):
            while (await client.get("/api/printer")).status_code == 409:
                await asyncio.sleep(0.1)
    async with follow(server) as printer:
        await printer.until(lambda: printer.last("state") is PrinterState.IDLE)


async def test_a_wrong_key_is_said(server):
    with pytest.raises(AccessRefused):
        async with following(OctoPrintPrinter, host=server.host, port=server.port, api_key="wrong"):
            pass


async def test_the_server_that_goes_away_in_a_print_is_said_to_print_on(server, tmp_path):
    async with follow(server) as printer:
        await printer.act("_print", order(tmp_path, gcode(layers=40, pause=300), "job4"))
        printer.driver.transports.drop_all()  # the network is gone
        while not printer.told.losses:
            await asyncio.sleep(0.02)
        assert isinstance(printer.told.losses[0], PrintsOn)
        await printer.driver.end_background()
        await printer.driver.disconnect()
        printer.told.losses.clear()
        await printer.driver.connect()
        assert printer.last("progress").job == "job4"
        await printer.act("_cancel")
        await printer.until(lambda: printer.events[-1] == ("print_cancelled", "job4"))
        assert [name for name, _ in printer.events] == ["print_started", "print_cancelled"]


async def test_what_was_recorded_plays_without_octoprint(server, tmp_path):
    settings = OctoPrintPrinter.Settings(host=server.host, port=server.port, api_key=server.key)

    async def use(transports):
        told = Recorder()
        driver = OctoPrintPrinter(settings, told, transports=transports)
        await driver.connect()
        await driver.end_background()
        await driver.disconnect()
        return [one for one in told.readings if one[0] != "temperatures"]

    async with recording(tmp_path / "r.jsonl", settings) as transports:
        then = await use(transports)
    assert ("state", PrinterState.IDLE) in then
    assert server.key not in (tmp_path / "r.jsonl").read_text()
    async with replaying(tmp_path / "r.jsonl") as transports:
        assert await use(transports) == then


async def test_stop_halts_the_printer(server, tmp_path):
    async with follow(server) as printer:
        await printer.act("_print", order(tmp_path, gcode(layers=40, pause=300), "job5"))
        await printer.act("_stop")
        await printer.until(lambda: printer.last("progress").state is JobState.FAILED)
        assert printer.events[-1] == ("print_failed", "job5")
        await printer.until(lambda: printer.last("state") is PrinterState.HALTED)
        assert "halted" in [name for name, _ in printer.told.events]


async def test_nothing_there_is_unreachable():
    with pytest.raises(Unreachable):
        async with following(OctoPrintPrinter, host="127.0.0.1", port=9):
            pass
