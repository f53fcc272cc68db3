"""The driver `samsung-mdc` against a virtual display, on the network and on a serial line."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from pydantic import ValidationError
from samsung_mdc import MDC
from samsung_mdc.exceptions import MDCTLSAuthFailed, MDCTLSRequired

from drivers.panel.problems import NotReady
from drivers.panel.samsung_mdc import SamsungPanel, session
from drivers.panel.samsung_mdc.secured import NotSecured, PinBlocked, Secured, WrongPin
from drivers.panel.samsung_mdc.session import WrongDisplayId
from drivers.panel.values import Level, Part, Power
from drivers.virtual.harness import Recorder, recording, replaying
from drivers.virtual.panel import Faults, Screen
from drivers.virtual.panel.mdc import MdcScreen
from drivers.virtual.panel.secured import MOST_WRONG, behind_a_pin
from drivers.virtual.panel.serial import on_a_line, on_the_network
from hub.device import BadSettings, OutOfRange, TimedOut
from hub.device.transports import Recording


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


def secured(address, pin, **more):
    where = {"host": "127.0.0.1", "tcp_port": int(address.rpartition(":")[2]), "pin": pin}
    return SamsungPanel(SamsungPanel.Settings(**where), Recorder(), **more)


def awake() -> MdcScreen:
    screen = Screen(warm_up=0.0, cool_down=0.0)
    screen.switch(on=True)
    return MdcScreen(screen)


async def test_the_secured_protocol_is_spoken_and_its_pin_is_in_no_recording(tmp_path):
    display = awake()
    async with behind_a_pin(display, "4711") as address:
        settings = secured(address, "4711").settings
        async with recording(tmp_path / "mdc.jsonl", settings) as transports:
            driver = secured(address, "4711", transports=transports)
            await driver.connect()
            await driver._write_volume(37)
            assert await driver._read_volume() == display.screen.volume == 37
            display.hang_up()  # the next question signs in anew
            await asyncio.sleep(0.05)
            assert await driver._read_power() is Power.ON
            await driver.disconnect()
    kept = Recording(tmp_path / "mdc.jsonl")
    said = [kept.data(event) for event in kept.connections[0].events if event.kind in ("tx", "rx")]
    kept.close()
    assert said[:2] == [b"****", b"MDCAUTH<<PASS>>"]
    async with replaying(tmp_path / "mdc.jsonl") as transports:
        driver = secured(address, "****", transports=transports)
        await driver.connect()
        await driver._write_volume(37)
        assert await driver._read_volume() == 37
        await driver.disconnect()


async def test_a_wrong_pin_is_told_and_so_is_that_too_many_came():
    async with behind_a_pin(awake(), "4711") as address:
        for _ in range(MOST_WRONG):
            with pytest.raises(WrongPin, match="0x01") as told:
                await secured(address, "0815").connect()
        assert "PIN" in told.value.hint
        with pytest.raises(PinBlocked):
            await secured(address, "4711").connect()
    with pytest.raises(ValidationError, match="four digits"):
        SamsungPanel.Settings(host="display", pin="47111")
    with pytest.raises(BadSettings, match="serial"):
        await SamsungPanel(
            SamsungPanel.Settings(port="/dev/null", pin="4711"), Recorder()
        ).connect()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad", b"MDCSTART<<TLS>>oops"])
async def test_a_pin_for_a_display_that_does_not_want_one_is_told(said, monkeypatch):
    async def other(reader, writer):
        writer.write(said)
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()

    server = await asyncio.start_server(other, "127.0.0.1", 0)
    async with server:
        driver = secured(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", "4711")
        with pytest.raises(NotSecured):
            await driver.connect()
        await driver.disconnect()
        await asyncio.sleep(0.05)


async def test_the_secured_display_satisfies_the_client_that_others_wrote():
    display = awake()
    async with behind_a_pin(display, "0042") as address:
        async with MDC(address, pin=42) as mdc:  # it fills up with zeros itself
            await mdc.volume(0, [21])
            assert await mdc.volume(0) == (21,)
        with pytest.raises(MDCTLSAuthFailed, match="Wrong pin"):
            async with MDC(address, pin=43) as mdc:
                await mdc.volume(0)
        with pytest.raises(MDCTLSRequired):
            async with MDC(address) as mdc:
                await mdc.volume(0)
    assert display.screen.volume == 21
