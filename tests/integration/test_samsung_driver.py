"""The driver `samsung-mdc` against a virtual display, on the network and on a serial line."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from samsung_mdc import MDC

from drivers.panel.problems import NotReady
from drivers.panel.samsung_mdc import SamsungPanel, session
from drivers.panel.samsung_mdc.session import Secured, WrongDisplayId
from drivers.panel.values import Level, Part, Power
from drivers.virtual.harness import Recorder
from drivers.virtual.panel import Faults, Screen
from drivers.virtual.panel.mdc import MdcScreen
from drivers.virtual.panel.serial import on_a_line, on_the_network
from hub.device import BadSettings, OutOfRange, TimedOut


@dataclass
class Room:
    panel: MdcScreen
    driver: SamsungPanel
    told: Recorder


@contextlib.asynccontextmanager
async def room(
    *, tcp: bool = True, on: bool = True, identity: int = 0, display_id: int = 0,
    warm_up: float = 0.0, **faults: object,
) -> AsyncIterator[Room]:  # fmt: skip
    screen = Screen(warm_up=0.0, cool_down=0.0)
    if on:
        screen.switch(on=True)
    screen.warm_up = warm_up
    panel = MdcScreen(screen, identity)
    panel.faults = Faults(**faults)
    async with (on_the_network if tcp else on_a_line)(panel) as address:
        where = {"port": address}
        if tcp:
            where = {"host": "127.0.0.1", "tcp_port": int(address.rpartition(":")[2])}
        told = Recorder()
        driver = SamsungPanel(SamsungPanel.Settings(display_id=display_id, **where), told)
        try:
            await driver.connect()
            yield Room(panel, driver, told)
        finally:
            await driver.disconnect()


LINES = pytest.mark.parametrize("tcp", [False, True], ids=["serial", "tcp"])


@LINES
@pytest.mark.parametrize("faults", [{}, {"garble": True, "stray": True}], ids=["well", "badly"])
async def test_what_it_can_is_set_and_read_back(tcp, faults):
    async with room(tcp=tcp, **faults) as made:
        driver, screen = made.driver, made.panel.screen
        assert await driver._read_power() is Power.ON
        for name, value in (
            ("source", "ops"), ("volume", 42), ("mute", True), ("blank", True), ("lock", True),
            ("blank", False), ("lock", False),
        ):  # fmt: skip
            await getattr(driver, f"_write_{name}")(value)
            assert await getattr(driver, f"_read_{name}")() == value
        assert (screen.volume, screen.muted) == (42, True)
        assert await driver._read_on_hours() == 1234
        assert await driver._read_temperature() == 41
        about = await driver._read_about()
        assert (about.maker, about.model, about.serial) == ("Samsung", "QM55R", "")
        with pytest.raises(OutOfRange):
            await driver._write_source("hdmi-9")


async def test_off_it_answers_for_its_power_and_warms_up_in_silence(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.5)
    async with room(on=False, warm_up=1.2) as made:
        driver = made.driver
        assert await driver._read_power() is Power.OFF
        with pytest.raises(NotReady):
            await driver._read_volume()
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        assert await driver._read_assumed() == ["power"]
        async with asyncio.timeout(30):
            while await driver._read_power() is not Power.ON:
                await asyncio.sleep(0.05)
        assert await driver._read_assumed() == []
        made.panel.screen.errors = "020000"
        faults = await driver._read_faults()
        assert [(one.part, one.level) for one in faults] == [(Part.LAMP, Level.ERROR)]
        assert made.told.problems[-1].code == "panel-lamp"


@LINES
async def test_a_wrong_id_is_told_with_the_right_one(tcp, monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 0.5)
    with pytest.raises(WrongDisplayId, match="3 answers, 0 is set") as told:
        async with room(tcp=tcp, identity=3):
            pass
    assert told.value.params == {"found": 3}
    monkeypatch.setattr(session, "SCAN", 0.1)
    with pytest.raises(TimedOut):
        async with room(tcp=tcp, identity=77):
            pass


async def test_a_secured_display_and_wrong_settings_are_told():
    async def secured(reader, writer):
        writer.write(b"MDCSTART<<TLS>>")
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(secured, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        driver = SamsungPanel(SamsungPanel.Settings(host="127.0.0.1", tcp_port=port), Recorder())
        with pytest.raises(Secured):
            await driver.connect()
        await driver.disconnect()
        await asyncio.sleep(0.1)  # for the other side to hang up, too
    nowhere = SamsungPanel(SamsungPanel.Settings(), Recorder())
    with pytest.raises(BadSettings, match="either"):
        await nowhere.connect()


async def test_the_virtual_display_satisfies_the_client_that_others_wrote():
    screen = Screen(warm_up=0.0, cool_down=0.0)
    async with on_the_network(MdcScreen(screen)) as address:
        async with MDC(address) as mdc:
            await mdc.power(0, ["ON"])
            assert (await mdc.power(0))[0].name == "ON"
            await mdc.volume(0, [33])
            assert await mdc.volume(0) == (33,)
            await mdc.all_keys_lock(0, ["ON"])
        assert (screen.volume, screen.locked) == (33, True)
