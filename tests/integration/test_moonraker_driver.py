"""The driver `moonraker` against Moonraker itself; the printer behind it is ours (tests/klippy.py)."""

import asyncio

import pytest
import pytest_asyncio

from drivers.printer.moonraker import MoonrakerPrinter
from drivers.printer.served import NotWhilePrinting, PrinterBusy, PrinterGone, PrintsOn
from drivers.printer.values import JobState, PrinterState, Targets
from hub.device import AccessRefused
from tests.klippy import klippy
from tests.print_servers import moonraker
from tests.served_printing import following, gcode, order

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("m")
    files = folder / "data/gcodes"
    files.mkdir(parents=True)
    async with (
        klippy(folder / "k.sock", files) as printer,
        moonraker(folder / "data", folder / "k.sock") as server,
    ):
        async with server.client() as client, asyncio.timeout(20):
            while (await client.get("/server/info")).json()["result"]["klippy_state"] != "ready":
                await asyncio.sleep(0.1)
        yield server, printer


@pytest.fixture
def server(place):
    return place[0]


@pytest.fixture
def printer(place):
    return place[1]


def follow(server, **settings):
    return following(
        MoonrakerPrinter, host=server.host, port=server.port, api_key=server.key, **settings
    )


def there(printer):
    return sorted(path.name for path in printer.files.glob("*.gcode"))


async def test_a_file_is_printed_to_its_end(server, printer, tmp_path):
    async with follow(server) as driver:
        assert driver.last("state") is PrinterState.IDLE
        assert driver.last("temperatures").bed.actual == 23.5
        begun = await driver.act("_print", order(tmp_path, gcode(), "job1"))
        assert begun.layers == 3
        await driver.until(lambda: driver.last("progress").state is JobState.FINISHED)
        assert driver.events == [("print_started", "job1"), ("print_finished", "job1")]
        assert driver.last("progress").filament == pytest.approx(3.0, abs=0.2)
        assert driver.last("progress").layer == 3
        await driver.until(lambda: there(printer) == [])
        assert (await driver.driver._read_firmware()).name.startswith("Klipper v0.13")


async def test_a_print_is_paused_resumed_and_cancelled(server, tmp_path):
    async with follow(server) as driver:
        await driver.act("_print", order(tmp_path, gcode(layers=100), "job2"))
        with pytest.raises(PrinterBusy):
            await driver.act("_print", order(tmp_path, gcode(), "other"))
        await driver.act("_pause")
        assert driver.last("state") is PrinterState.PAUSED
        await driver.act("_resume")
        await driver.act("_cancel")
        assert driver.events == [
            (name, "job2")
            for name in ("print_started", "print_paused", "print_resumed", "print_cancelled")
        ]
        with pytest.raises(NotWhilePrinting):
            await driver.act("_cancel")


async def test_what_somebody_else_prints_is_shown_and_nobodys_job(server, printer):
    async with server.client() as client, follow(server) as driver:
        sent = {"file": ("theirs.gcode", gcode().encode())}
        await client.post("/server/files/upload", files=sent, data={"print": "true"})
        await driver.until(lambda: ("print_finished", "") in driver.events)
        assert driver.last("progress").name == "theirs.gcode"
        assert there(printer) == ["theirs.gcode"]
        await client.delete("/server/files/gcodes/theirs.gcode")


async def test_a_print_that_ends_while_the_hub_is_away_is_told_afterwards(
    server, printer, tmp_path
):
    async with follow(server) as driver:
        await driver.act("_print", order(tmp_path, gcode(layers=4), "job3"))
    while printer.objects["print_stats"]["state"] != "complete":
        await asyncio.sleep(0.05)
    async with server.client() as client:  # the printer has printed something else meanwhile
        sent = {"file": ("b.gcode", gcode(layers=1).encode())}
        await client.post("/server/files/upload", files=sent, data={"print": "true"})
        while (
            printer.objects["print_stats"]["filename"] != "b.gcode"
            or printer.objects["virtual_sdcard"]["is_active"]
        ):
            await asyncio.sleep(0.05)
        async with follow(server) as driver:
            await driver.until(lambda: driver.events == [("print_finished", "job3")])
            await driver.until(lambda: there(printer) == ["b.gcode"])
        await client.delete("/server/files/gcodes/b.gcode")


async def test_a_print_with_an_error_has_failed(server, tmp_path):
    async with follow(server) as driver:
        await driver.act("_print", order(tmp_path, gcode() + "; KLIPPY: ERROR\n", "job4"))
        await driver.until(lambda: driver.last("progress").state is JobState.FAILED)
        assert driver.events[-1] == ("print_failed", "job4")
        assert driver.told.events[-1][1].detail == "Unknown command"


async def test_heat_and_speed_by_hand(server, printer):
    async with follow(server) as driver:
        await driver.act("_heat", Targets(tool=210, bed=60))
        await driver.until(lambda: driver.last("temperatures").bed.target == 60)
        await driver.driver._set_speed(50)
        await driver.until(lambda: printer.objects["gcode_move"]["speed_factor"] == 0.5)
        await driver.act("_cool")
        await driver.until(lambda: driver.last("temperatures").tools[0].target == 0)


async def test_the_server_that_goes_away_in_a_print_is_said_to_print_on(server, tmp_path):
    async with follow(server) as driver:
        await driver.act("_print", order(tmp_path, gcode(layers=30), "job5"))
        driver.driver.transports.drop_all()
        while not driver.told.losses:
            await asyncio.sleep(0.02)
        assert isinstance(driver.told.losses.pop(), PrintsOn)
        await driver.driver.end_background()
        await driver.driver.disconnect()
        await driver.driver.connect()
        assert driver.last("progress").job == "job5"
        await driver.act("_cancel")
        assert [name for name, _ in driver.events] == ["print_started", "print_cancelled"]


async def test_a_wrong_key_is_said(server):
    with pytest.raises(AccessRefused):
        async with following(MoonrakerPrinter, host=server.host, port=server.port, api_key="wrong"):
            pass


async def test_stop_halts_the_printer(server, printer, tmp_path):
    async with follow(server) as driver:
        await driver.act("_print", order(tmp_path, gcode(layers=100), "job6"))
        await driver.act("_stop")
        await driver.until(lambda: driver.last("state") is PrinterState.HALTED)
        await driver.until(lambda: driver.events[-1] == ("print_failed", "job6"))


async def test_without_klipper_the_printer_is_gone(tmp_path):
    async with moonraker(tmp_path / "m", tmp_path / "no.sock") as server:
        with pytest.raises(PrinterGone):
            async with follow(server):
                pass
