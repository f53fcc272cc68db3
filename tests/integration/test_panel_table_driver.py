"""The driver of tables against a virtual panel on a serial line and on the network."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from drivers.panel import half_duplex
from drivers.panel.command_table import TablePanel
from drivers.panel.command_table.table import find
from drivers.panel.contract import Panel
from drivers.panel.problems import NotKnown, NotReady
from drivers.panel.values import Power
from drivers.virtual.harness import Recorder, recording, replaying
from drivers.virtual.panel import Faults, Screen
from drivers.virtual.panel.serial import on_a_line, on_the_network
from drivers.virtual.panel.table import TableScreen
from hub.device import BadSettings, OutOfRange, TimedOut, Unreachable
from hub.device.transports import Transports


@dataclass
class Room:
    panel: TableScreen
    driver: TablePanel
    told: Recorder


@contextlib.asynccontextmanager
async def room(
    name: str = "lg", *, tcp: bool = False, on: bool = True, warm_up: float = 0.0,
    transports: Transports | None = None, number: int | None = None, connect: bool = True,
    **faults: object,
) -> AsyncIterator[Room]:  # fmt: skip
    screen = Screen(warm_up=0.0, cool_down=0.0)
    if on:
        screen.switch(on=True)
    screen.warm_up = warm_up
    panel = TableScreen(screen, find(name))
    panel.faults = Faults(**faults)
    async with (on_the_network if tcp else on_a_line)(panel) as address:
        where = {"port": address}
        if tcp:
            host, _, port = address.rpartition(":")
            where = {"host": host, "tcp_port": int(port)}
        told = Recorder()
        settings = TablePanel.Settings(table=name, number=number, **where)
        driver = TablePanel(settings, told, transports=transports)
        try:
            if connect:
                await driver.connect()
            yield Room(panel, driver, told)
        finally:
            await driver.disconnect()


@pytest.mark.parametrize("tcp", [False, True], ids=["serial", "tcp"])
@pytest.mark.parametrize("name", ["lg", "nec", "philips-sicp"])
async def test_what_the_table_knows_is_set_and_read_back(name, tcp):
    async with room(name, tcp=tcp) as made:
        driver, screen = made.driver, made.panel.screen
        assert await driver._read_power() is Power.ON
        if name != "philips-sicp":
            await driver._write_source("hdmi-1")
            assert await driver._read_source() == screen.source == "hdmi-1"
            await driver._write_volume(42)
            assert await driver._read_volume() == 42
            await driver._write_mute(mute=True)
            assert await driver._read_mute() is True
            assert screen.muted
        assert "freeze" in driver.omitted
        assert driver.narrowings["source"]["choices"]
        assert await driver._read_assumed() == []
        await driver._write_power(Power.OFF)
        assert await driver._read_power() is Power.OFF
        with pytest.raises(NotReady):
            await driver._read_volume()
        assert made.panel.overtaken == 0


async def test_only_what_can_be_set_is_writable():
    async with room("philips-sicp") as made:
        assert made.driver.narrowings["volume"] == {"writable": False}
        assert made.driver.narrowings["source"]["writable"] is False
    async with room() as made:
        with pytest.raises(OutOfRange):
            await made.driver._write_source("vga-7")
        with pytest.raises(OutOfRange):
            await made.driver._write_power(Power.COOLING)


async def test_what_is_silent_while_it_warms_up_is_assumed(monkeypatch):
    async with room(on=False, warm_up=4.0) as made:
        driver = made.driver
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        assert await driver._read_assumed() == ["power"]
        with pytest.raises(NotReady, match="switched the other way"):
            await driver._write_power(Power.OFF)
        async with asyncio.timeout(40):
            while await driver._read_power() is not Power.ON:
                await asyncio.sleep(0.1)
        assert await driver._read_assumed() == []


async def test_a_panel_that_says_nothing_is_believed_and_said_to_be(monkeypatch):
    """BenQ's table knows no question: what was set is told, as assumed."""
    async with room("benq-rp") as made:
        driver = made.driver
        with pytest.raises(NotKnown):
            await driver._read_power()
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        assert await driver._read_assumed() == ["power"]
        assert ("assumed", ["power"]) in made.told.readings


async def test_one_that_says_nothing_warms_up_as_long_as_its_table_says(monkeypatch):
    async with room("newline", on=False) as made:
        driver = made.driver
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        assert await driver._read_assumed() == ["power"]
        with pytest.raises(NotReady, match="switched the other way"):
            await driver._write_power(Power.OFF)
        later = time.monotonic() + made.driver._table.line.warm_up + 1
        monkeypatch.setattr(
            f"{TablePanel.__module__}.time", SimpleNamespace(monotonic=lambda: later)
        )
        assert await driver._read_power() is Power.ON
        await driver._write_power(Power.ON)  # it is on: nothing begins anew
        assert await driver._read_power() is Power.ON


@pytest.mark.parametrize("tcp", [False, True], ids=["serial", "tcp"])
@pytest.mark.parametrize(
    "faults", [{"garble": True}, {"stray": True}, {"slow": 0.2}], ids=lambda f: next(iter(f))
)
async def test_a_panel_with_bad_habits_is_understood(faults, tcp):
    async with room(tcp=tcp, **faults) as made:
        for volume in (10, 20, 30):
            await made.driver._write_volume(volume)
            assert await made.driver._read_volume() == volume
            assert await made.driver._read_power() is Power.ON
        assert made.panel.overtaken == 0


@pytest.mark.parametrize("tcp", [False, True], ids=["serial", "tcp"])
async def test_an_answer_that_comes_too_late_is_not_taken_for_the_next(tcp, monkeypatch):
    monkeypatch.setattr(half_duplex, "QUIET", 1.5)
    async with room(tcp=tcp) as made:
        driver = made.driver
        patience = driver._table.line.patience
        await driver._write_volume(10)
        made.panel.faults = Faults(late=patience + 0.5)
        with pytest.raises(TimedOut):
            await driver._read_volume()
        made.panel.faults = Faults()
        await driver._write_volume(80)
        for _ in range(5):
            assert await driver._read_volume() == 80


async def test_it_is_half_duplex_whatever_is_wanted_at_once():
    async with room(slow=0.02) as made:
        driver = made.driver
        await asyncio.gather(
            *(driver._write_volume(n) for n in range(8)),
            *(driver._read_power() for _ in range(4)),
            driver._write_mute(mute=True),
            driver._read_source(),
        )
        assert made.panel.overtaken == 0
        assert await driver._read_volume() == 7


async def test_the_wrong_number_and_a_dead_line_are_told():
    with pytest.raises(BadSettings, match="1 to 99"):
        async with room(number=0):
            pass
    with pytest.raises(TimedOut):
        async with room(number=2):
            pass
    nowhere = TablePanel(TablePanel.Settings(table="lg"), Recorder())
    with pytest.raises(BadSettings, match="either"):
        await nowhere.connect()
    gone = TablePanel(TablePanel.Settings(table="lg", port="/dev/no-such-line"), Recorder())
    with pytest.raises(Unreachable):
        await gone.connect()


async def test_a_line_that_is_pulled_out_is_told_and_one_that_broke_is_opened_again():
    told = Recorder()
    panel = TableScreen(Screen(warm_up=0.0, cool_down=0.0), find("lg"))
    async with on_a_line(panel) as path:
        driver = TablePanel(TablePanel.Settings(table="lg", port=path), told)
        await driver.connect()
        driver._talk._line._line.close()
        assert await driver._read_power() is Power.OFF
    with pytest.raises(Unreachable):
        await driver._read_power()
    await driver.disconnect()


async def test_it_is_recorded_and_played(tmp_path):
    file = tmp_path / "panel.jsonl"
    settings = TablePanel.Settings(table="lg", port="/dev/ttyUSB0")
    async with recording(file, settings) as transports, room(transports=transports) as made:
        await made.driver._write_volume(33)
        assert await made.driver._read_volume() == 33
    async with replaying(file) as transports:
        driver = TablePanel(settings, Recorder(), transports=transports)
        await driver.connect()
        await driver._write_volume(33)
        assert await driver._read_volume() == 33
        assert Panel.volume.name not in driver.omitted
        await driver.disconnect()
