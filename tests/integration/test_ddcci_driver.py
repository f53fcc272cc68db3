"""The driver `ddcci` against a monitor played on a socket, which the library monitorcontrol reads, too."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from monitorcontrol import InputSource, Monitor, PowerMode
from monitorcontrol.vcp.vcp_linux import LinuxVCP

from drivers.panel.ddcci import DdcciPanel, messages, session
from drivers.panel.ddcci.bus import PlayedWires
from drivers.panel.ddcci.monitors import Monitor as Found
from drivers.panel.ddcci.monitors import monitors, read_edid
from drivers.panel.problems import NotOffered
from drivers.panel.values import Power
from drivers.virtual.harness import Recorder, recording, replaying
from drivers.virtual.panel.ddc import CAPABLE, NULL, DdcMonitor, on_wires
from drivers.virtual.panel.screen import Screen
from hub.device import BadSettings, OutOfRange, TimedOut, Unreachable


@dataclass
class Room:
    monitor: DdcMonitor
    driver: DdcciPanel
    path: str


@contextlib.asynccontextmanager
async def room(folder: Path, *, on: bool = True) -> AsyncIterator[Room]:
    screen = Screen(warm_up=0.0, cool_down=0.0)
    if on:
        screen.switch(on=True)
    monitor = DdcMonitor(screen)
    async with on_wires(monitor, folder) as path:
        driver = DdcciPanel(DdcciPanel.Settings(path=path), Recorder())
        try:
            await driver.connect()
            yield Room(monitor, driver, path)
        finally:
            await driver.disconnect()


async def test_what_it_can_is_set_and_read_back(tmp_path):
    async with room(tmp_path, on=False) as made:
        driver, values = made.driver, made.monitor.values
        assert await driver._read_power() is Power.OFF
        await driver._write_power(Power.ON)
        assert await driver._read_power() is Power.ON
        for name, value in (
            ("source", "hdmi-2"), ("source", "input-27"), ("volume", 42), ("mute", True),
            ("brightness", 75), ("contrast", 30), ("lock", True), ("mute", False), ("lock", False),
        ):  # fmt: skip
            await getattr(driver, f"_write_{name}")(value)
            assert await getattr(driver, f"_read_{name}")() == value
        # In its own numbers: of 50, 80 and 100.
        assert (values[0x62], values[0x10], values[0x12]) == (21, 60, 30)
        assert await driver._read_on_hours() == 1234
        # What its capabilities list, and nothing else.
        assert driver.narrowings["source"] == {
            "choices": ["displayport-1", "hdmi-1", "hdmi-2", "input-27"]
        }
        with pytest.raises(OutOfRange):
            await driver._write_source("vga-1")
        await driver._write_power(Power.OFF)
        assert await driver._read_power() is Power.OFF
        assert await driver._read_assumed() == []


async def test_nothing_to_say_noise_and_answers_to_the_question_before_are_asked_again(tmp_path):
    async with room(tmp_path) as made:
        driver, monitor = made.driver, made.monitor
        assert await driver._read_contrast() == 50
        monitor.nulls, monitor.broken, monitor.stale = 1, 1, 1
        assert await driver._read_brightness() == 50
        monitor.nulls = session.TRIES
        with pytest.raises(TimedOut, match="nothing to say"):
            await driver._read_brightness()
        monitor.broken = session.TRIES
        with pytest.raises(TimedOut, match="checksum"):
            await driver._read_brightness()
        assert await driver._read_brightness() == 50


async def test_one_that_is_silent_when_off_is_assumed_to_be_and_an_unplugged_one_is_not(tmp_path):
    async with room(tmp_path) as made:
        driver, monitor = made.driver, made.monitor
        monitor.asleep = True
        await driver._write_power(Power.OFF)
        assert await driver._read_power() is Power.OFF
        assert await driver._read_assumed() == ["power"]
        monitor.screen.switch(on=True)  # by its own button
        assert await driver._read_power() is Power.ON
        assert await driver._read_assumed() == []
        monitor.deaf = True
        with pytest.raises(Unreachable):
            await driver._read_contrast()


async def test_what_a_monitor_has_not_is_left_out(tmp_path):
    screen = Screen(warm_up=0.0, cool_down=0.0)
    monitor = DdcMonitor(screen)
    del monitor.values[0x62], monitor.values[0xCA], monitor.values[0xC0]
    async with on_wires(monitor, tmp_path) as path:
        driver = DdcciPanel(DdcciPanel.Settings(path=path), Recorder())
        await driver.connect()
        assert {"volume", "lock", "on_hours", "freeze"} <= driver.omitted
        assert not {"brightness", "contrast", "mute", "source"} & driver.omitted
        with pytest.raises(NotOffered):
            await driver._read_volume()
        await driver.disconnect()


class Peer(LinuxVCP):
    """The library's own client, on our socket in place of its node."""

    def __init__(self, path: str) -> None:
        super().__init__(7)
        self._wires = PlayedWires(path)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> bool:
        return False

    def read_bytes(self, num_bytes: int) -> bytes:
        return self._wires.read(num_bytes)

    def write_bytes(self, data: bytes) -> None:
        self._wires.write(bytes(data))


async def test_what_monitorcontrol_sets_our_driver_reads_and_the_other_way_round(tmp_path):
    async with room(tmp_path) as made:
        peer = Peer(made.path)

        def theirs() -> tuple[int, int, object, object]:
            with Monitor(peer) as one:
                told = (one.get_luminance(), one.get_contrast(), one.get_input_source(),
                        one.get_power_mode())  # fmt: skip
                one.set_contrast(64)
                one.set_input_source(InputSource.DP1)
                return told

        await made.driver._write_brightness(100)
        told = await asyncio.to_thread(theirs)
        peer._wires.close()
        assert told == (80, 50, InputSource.HDMI1, PowerMode.on)
        assert await made.driver._read_contrast() == 64
        assert await made.driver._read_source() == "displayport-1"


async def test_it_is_recorded_and_played(tmp_path):
    file, monitor = tmp_path / "ddc.jsonl", DdcMonitor(Screen(warm_up=0.0))

    async def use(transports, settings) -> list[object]:
        driver = DdcciPanel(settings, Recorder(), transports=transports)
        await driver.connect()
        await driver._write_brightness(25)
        told = [await driver._read_brightness(), await driver._read_source()]
        await driver.disconnect()
        return told

    async with on_wires(monitor, tmp_path) as path:
        settings = DdcciPanel.Settings(path=path)
        async with recording(file, settings) as transports:
            live = await use(transports, settings)
    async with replaying(file) as transports:
        assert await use(transports, settings) == live == [25, "hdmi-1"]


# The bytes. Those of the examples in DDC/CI 1.1 (4.3, 4.4): brightness read and set.


def test_messages_are_those_of_the_standard():
    assert messages.get(0x10) == bytes.fromhex("51 82 01 10 ac")
    assert messages.set_to(0x10, 50) == bytes.fromhex("51 84 03 10 00 32 9a")
    answer = bytes.fromhex("6e 88 02 00 10 00 00 64 00 32 f2")
    assert messages.feature(0x10, answer) == messages.Feature(50, 100)
    assert messages.feature(0x10, answer + bytes(20)) == messages.Feature(50, 100)
    with pytest.raises(messages.Nothing):
        messages.feature(0x10, NULL)
    with pytest.raises(messages.NotKnownThere):
        messages.feature(0x10, bytes.fromhex("6e 88 02 01 10 00 00 00 00 00 a5"))
    for noise in (b"", b"\0" * 11, b"\xff" * 11, answer[:-1], answer[:-1] + b"\0",
                  bytes.fromhex("6e ff 00 00")):  # fmt: skip
        with pytest.raises(messages.Garbled):
            messages.feature(0x10, noise)
    with pytest.raises(messages.Garbled):
        messages.feature(0x12, answer)  # to the question before


def test_capabilities_are_read_with_care():
    text = CAPABLE.decode()
    assert messages.values_of(text, 0x60) == [0x0F, 0x11, 0x12, 0x1B]
    assert messages.values_of(text, 0x10) is None
    assert messages.knows(text, 0x62)
    assert messages.knows(text, 0xD6)
    assert not messages.knows(text, 0x11)  # a value of 60, no feature
    for wrong in ("", "vcp(", "((((", "vcp(60(" + "11 " * 5000):
        assert messages.values_of(wrong, 0x60) is None
        assert not messages.knows(wrong, 0x60)


# Which monitor.


def edid(model: str = "LAB27", serial: str = "S1", maker: int = 0x4C2D) -> bytes:
    def block(tag: int, text: str) -> bytes:
        return b"\0\0\0" + bytes([tag, 0]) + (text + "\n").ljust(13).encode()[:13]

    data = bytes.fromhex("00ffffffffffff00") + maker.to_bytes(2, "big") + bytes(44)
    data += block(0xFC, model) + block(0xFF, serial) + bytes(36) + b"\0"
    return data + bytes([-sum(data) & 0xFF])


def plugged(root: Path, socket: str, bus: str, how: str, data: bytes = b"") -> None:
    """Lay down what Linux says of a socket: its bus as a link, a folder, or below the link."""
    folder = root / "class" / f"card0-{socket}"
    folder.mkdir(parents=True)
    (folder / "status").write_text("connected\n")
    (folder / "edid").write_bytes(data)
    adapter = root / "devices" / bus
    (adapter / "i2c-dev" / bus).mkdir(parents=True)
    if how == "link":
        (folder / "ddc").symlink_to(adapter)
    else:
        (folder / bus).mkdir()


async def test_monitors_are_found_by_the_sockets_of_the_computer(tmp_path, monkeypatch):
    plugged(tmp_path, "HDMI-A-1", "i2c-4", "link", edid())
    plugged(tmp_path, "DP-2", "i2c-11", "folder", edid("", "", 0x10AC))
    off = tmp_path / "class" / "card0-VGA-1"
    off.mkdir()
    (off / "status").write_text("disconnected\n")
    root = tmp_path / "class"
    assert monitors(root) == [
        Found("DP-2", "/dev/i2c-11", "DEL"), Found("HDMI-A-1", "/dev/i2c-4", "SAM", "LAB27", "S1"),
    ]  # fmt: skip
    assert monitors(tmp_path / "nothing") == []
    monkeypatch.setattr("drivers.panel.ddcci.driver.monitors", lambda: monitors(root))
    with pytest.raises(BadSettings, match="HDMI-A-1 \\(LAB27\\)"):
        await DdcciPanel(DdcciPanel.Settings(), Recorder()).connect()
    with pytest.raises(Unreachable):
        await DdcciPanel(DdcciPanel.Settings(socket="DP-9"), Recorder()).connect()
    with pytest.raises(Unreachable):  # there is no such node here
        await DdcciPanel(DdcciPanel.Settings(socket="DP-2"), Recorder()).connect()


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 128, edid()[:127], edid()[:-1] + b"\0", b"\xff" * 256]
)
def test_an_edid_that_makes_no_sense_says_nothing(data):
    assert read_edid(data) == ("", "", "")
