"""The driver `cec` over libCEC itself (cec-client) and a USB adapter played on a pseudo-terminal."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import ValidationError

from drivers.panel.cec import CecPanel, bus
from drivers.panel.cec.bus import Frame, NoAdapter, NobodyThere, read_line
from drivers.panel.problems import NotKnown
from drivers.panel.values import Power
from drivers.virtual.harness import Asked, Recorder, recording, replaying
from drivers.virtual.panel.cec import CecScreen, behind_an_adapter
from drivers.virtual.panel.screen import Screen
from drivers.virtual.peer import Pty
from hub.device import BadSettings, OutOfRange, TimedOut, Unreachable


@dataclass
class Room:
    panel: CecScreen
    driver: CecPanel
    told: Recorder
    path: str


@contextlib.asynccontextmanager
async def room(*, on: bool = True, amplifier: bool = False) -> AsyncIterator[Room]:
    screen = Screen(warm_up=0.0, cool_down=0.0)
    if on:
        screen.switch(on=True)
    panel = CecScreen(screen, amplifier=amplifier)
    async with behind_an_adapter(panel) as path:
        told = Recorder()
        driver = CecPanel(CecPanel.Settings(port=path), told)
        try:
            await driver.connect()
            yield Room(panel, driver, told, path)
        finally:
            await driver.disconnect()


async def test_power_input_and_name_over_libcec_itself():
    async with room(on=False) as made:
        driver, screen = made.driver, made.panel.screen
        assert await driver._read_power() is Power.OFF
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.ON
        assert screen.power == "on"
        assert {"volume", "mute", "blank", "lock"} <= driver.omitted  # this one tells no volume
        about = await driver._read_about()
        assert (about.maker, about.name, about.protocol) == ("LG", "Board 7", "HDMI-CEC 1.4")
        # Its second socket has a player that says that it is shown; the first has our computer.
        await driver._write_source("hdmi-2")
        assert await driver._read_source() == "hdmi-2"
        assert await driver._read_assumed() == []
        await driver._write_source("hdmi-1")
        assert await driver._read_source() == "hdmi-1"
        assert await driver._read_assumed() == ["source"]
        made.panel.address = 0
        assert await driver._read_source() == "own"
        await driver._run_louder(Asked())
        assert screen.volume == 21
        for wrong in ("hdmi-9", "own"):
            with pytest.raises(OutOfRange):
                await driver._write_source(wrong)
        await driver._write_power(Power.OFF)
        assert await driver._read_power() is Power.OFF
        assert made.told.losses == []
        assert len(programs_of(made.path)) == 1
    assert programs_of(made.path) == []


async def test_an_amplifier_tells_how_loud_it_is_and_is_stepped_there():
    async with room(amplifier=True) as made:
        driver, screen = made.driver, made.panel.screen
        assert not {"volume", "mute"} & driver.omitted
        assert await driver._read_volume() == 20
        await driver._write_volume(27)
        assert (await driver._read_volume(), screen.volume) == (27, 27)
        await driver._write_volume(25)
        assert screen.volume == 25
        await driver._write_mute(mute=True)
        await driver._write_mute(mute=True)  # a toggle: not pressed where it is so already
        assert await driver._read_mute() is True
        assert screen.muted
        screen.volume = 0x7F  # "it does not know"
        with pytest.raises(NotKnown):
            await driver._read_volume()


async def test_what_is_not_told_is_assumed_and_said_to_be(monkeypatch):
    monkeypatch.setattr(bus, "PATIENCE", 1.0)
    async with room() as made:
        driver, panel = made.driver, made.panel
        panel.vague = True
        with pytest.raises(NotKnown):
            await driver._read_source()
        await driver._write_source("hdmi-3")
        assert await driver._read_source() == "hdmi-3"
        # Switched on, it obeys and is silent for a while.
        await driver._write_power(Power.OFF)
        panel.quiet = {0x8F}
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.WARMING
        assert await driver._read_assumed() == ["power", "source"]
        assert await driver.check() is None
        panel.quiet = set()
        assert await driver._read_power() is Power.ON
        assert await driver._read_assumed() == ["source"]


async def test_an_unplugged_cable_a_mute_display_and_the_end_of_the_program_are_told_apart():
    async with room() as made:
        driver, panel = made.driver, made.panel
        panel.quiet = {0x8F}
        with pytest.raises(TimedOut):
            await driver._read_power()
        panel.gone = True
        with pytest.raises(NobodyThere):
            await driver._write_power(Power.ON)
        panel.gone, panel.quiet = False, set()
        assert await driver._read_power() is Power.ON
        os.kill(programs_of(made.path)[0], signal.SIGKILL)
        with pytest.raises(NoAdapter):
            await driver._read_power()


async def test_what_somebody_does_with_the_remote_control_is_told_at_once():
    async with room() as made:
        made.panel.say(b"\x0f\x36")
        made.panel.say(b"\x0f\x80\x10\x00\x20\x00")  # from its first socket to its second
        async with asyncio.timeout(5):
            while ("source", "hdmi-2") not in made.told.readings:
                await asyncio.sleep(0.02)
        assert ("power", Power.OFF) in made.told.readings


async def test_a_line_without_an_adapter_is_named(monkeypatch):
    monkeypatch.setattr(bus, "STARTING", 2.0)
    async with Pty() as line:  # something else than an adapter: it answers nothing
        driver = CecPanel(CecPanel.Settings(port=line.path), Recorder())
        with pytest.raises(NoAdapter):
            await driver.connect()
        await driver.disconnect()
    with pytest.raises(BadSettings):
        await CecPanel(CecPanel.Settings(), Recorder()).connect()
    for wrong in ("-h", "/dev/../etc passwd", "COM3"):
        with pytest.raises(ValidationError):
            CecPanel.Settings(port=wrong)


async def test_without_cec_utils_the_way_to_get_it_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    driver = CecPanel(CecPanel.Settings(port="/dev/cec0"), Recorder())
    with pytest.raises(Exception, match="cec-client was not found") as refused:
        await driver.connect()
    assert "apt install cec-utils" in refused.value.hint
    assert not isinstance(refused.value, Unreachable)


async def test_it_is_recorded_and_played_without_the_program(tmp_path, monkeypatch):
    screen = Screen(warm_up=0.0, cool_down=0.0)
    panel, file = CecScreen(screen), tmp_path / "cec.jsonl"

    async def use(transports, settings) -> list[object]:
        driver = CecPanel(settings, Recorder(), transports=transports)
        await driver.connect()
        await driver._write_power(Power.ON)
        told = [await driver._read_power(), (await driver._read_about()).name]
        await driver.disconnect()
        return told

    async with behind_an_adapter(panel) as path:
        settings = CecPanel.Settings(port=path)
        async with recording(file, settings) as transports:
            live = await use(transports, settings)
    monkeypatch.setenv("PATH", "/nonexistent")
    async with replaying(file) as transports:
        assert await use(transports, settings) == live == [Power.ON, "Board 7"]


def test_lines_of_the_program_are_read_with_care():
    assert read_line("TRAFFIC: [    13315]\t>> 01:90:01") == (">>", Frame(0, 1, 0x90, b"\1"))
    assert read_line("TRAFFIC: [  1]\t<< 44\n") == ("<<", Frame(4, 4, None, b""))
    for noise in ("", "TRAFFIC: [1]\t>> 0", "DEBUG:   [ 1]\t>> 01:90:01", "\ufffd" * 50,
                  "TRAFFIC: [1]\t>> " + ":".join(["00"] * 17), "TRAFFIC: [1] >> 01:90"):  # fmt: skip
        assert read_line(noise) is None


def programs_of(path: str) -> list[int]:
    """Return the processes that were started with this path."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.encode() in one.read_bytes().split(b"\0"):
                found.append(int(one.parent.name))
    return found
