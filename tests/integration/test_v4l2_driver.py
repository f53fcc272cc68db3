"""The driver of USB cameras without a kernel: recorded, replayed, spoilt, released.

The node is played below the transport; what a kernel really does is in tests/lab/test_camera.py.
"""

import asyncio
import errno
import hashlib
import json
import os
import time
from typing import ClassVar

import pytest

from drivers.microscope.contract import ControlSetting, Microscope
from drivers.microscope.v4l2 import UsbMicroscope
from drivers.microscope.v4l2.driver import CameraReleased
from drivers.virtual.harness import Asked, Recorder, recording, replaying
from hub.device import OutOfRange, Unreachable, WrongDevice
from hub.device.transports import (
    CameraInUse,
    Faults,
    Transports,
    V4l2Control,
    V4l2Format,
    V4l2Identity,
    V4l2Mode,
    V4l2Size,
    _v4l2,
)
from hub.device.transports._v4l2_node import Filled
from hub.device.transports._v4l2_values import Holder
from tests.conftest import TINY_JPEG

SIZES = ((640, 480), (2592, 1944))
LIMIT = 30


def numbered(number: int, width: int, *, size: int = 100) -> bytes:
    """Return a whole JPEG with a comment that says which it is."""
    text = f"{width} {number}".encode().ljust(size, b".")
    return TINY_JPEG[:2] + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + TINY_JPEG[2:]


class PlayedNode:
    """A camera's node without a kernel: thirty pictures a second, a few controls."""

    opened: ClassVar[list] = []
    busy = False
    frozen = False
    size = 100

    def __init__(self, path: str) -> None:
        self.fd, self._ring = os.pipe()
        os.set_blocking(self.fd, False)
        self.buffers = 0
        self.values = {0x00980900: 128, 0x009A0901: 3, 0x009A0902: 156, 0x00980910: 100}
        self.width = 0
        self.sequence = 0
        self.closed = False
        self.timer: asyncio.TimerHandle | None = None
        self.loop = asyncio.get_running_loop()
        PlayedNode.opened.append(self)

    def identity(self) -> V4l2Identity:
        return V4l2Identity(driver="played", card="Played camera", bus="here", capture=True)

    def formats(self) -> list[V4l2Format]:
        sizes = [V4l2Size(width=w, height=h, intervals=[(1, 30)]) for w, h in SIZES]
        return [V4l2Format(fourcc="MJPG", name="Motion-JPEG", compressed=True, sizes=sizes)]

    def set_mode(self, fourcc: str, width: int, height: int, rate: float) -> V4l2Mode:
        if PlayedNode.busy:
            raise OSError(errno.EBUSY, "Device or resource busy")
        self.width = width
        return V4l2Mode(fourcc=fourcc, width=width, height=height, stride=0, size=99999, rate=30)

    def holders(self) -> list[Holder]:
        return [Holder(pid=7, name="zoom")]

    def controls(self) -> list[V4l2Control]:
        def one(number: int, name: str, kind: str, low: int, high: int, **more) -> V4l2Control:
            usual = {"minimum": low, "maximum": high, "step": 1, "default": low}
            return V4l2Control(id=number, name=name, kind=kind, **usual, **more)

        return [
            one(0x00980900, "Brightness", "integer", 0, 255),
            one(0x009A0901, "Auto Exposure", "menu", 0, 3, choices={1: "Manual", 3: "Auto"}),
            one(0x009A0902, "Exposure Time, Absolute", "integer", 1, 5000),
            one(0x00980910, "Gamma", "integer", 72, 500),
        ]

    def get(self, control: int) -> int:
        return self.values[control]

    def set(self, control: int, value: int) -> int:
        self.values[control] = value
        return value

    def start(self) -> None:
        self.buffers = 5
        self.loop.call_soon_threadsafe(self._tick)

    def _tick(self) -> None:
        if self.buffers and not self.closed:
            if not PlayedNode.frozen:
                self.sequence += 1
                os.write(self._ring, b"x")
            self.timer = self.loop.call_later(0.03, self._tick)

    def stop(self) -> None:
        self.buffers = 0

    def take(self) -> Filled | None:
        try:
            os.read(self.fd, 1)
        except BlockingIOError:
            return None
        return Filled(0, PlayedNode.size, 0, self.sequence, int(time.monotonic() * 1e6))

    def content(self, filled: Filled) -> bytes:
        return numbered(filled.sequence, self.width, size=PlayedNode.size)

    def give_back(self, filled: Filled) -> None:
        pass

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.buffers = 0
            os.close(self.fd)
            os.close(self._ring)


@pytest.fixture(autouse=True)
def played(monkeypatch):
    monkeypatch.setattr(_v4l2, "V4l2Node", PlayedNode)
    PlayedNode.opened = []
    PlayedNode.busy = PlayedNode.frozen = False
    PlayedNode.size = 100
    yield
    for node in PlayedNode.opened:
        assert node.closed


SETTINGS = UsbMicroscope.Settings(path="/dev/video0", resolution="640x480")


async def connected(transports: Transports | None = None) -> tuple[UsbMicroscope, Recorder]:
    """Return a driver whose camera works."""
    told = Recorder()
    microscope = UsbMicroscope(SETTINGS, told, transports=transports)
    try:
        await microscope.connect()
    except BaseException:
        await microscope.disconnect()
        raise
    return microscope, told


async def seen(microscope: UsbMicroscope, count: int) -> list[bytes]:
    """Watch so many pictures."""
    found = []
    view = microscope._view()
    async with asyncio.timeout(LIMIT):
        async for frame in view:
            found.append(frame.data)
            if len(found) == count:
                break
    await view.aclose()
    return found


def width_of(data: bytes) -> int:
    """Return which size a played picture was of."""
    return int(data.split(b"\xff\xfe")[1][2:].split()[0])


async def test_it_is_recorded_and_played_again(tmp_path):
    PlayedNode.size = 40_000
    async with recording(tmp_path / "a.jsonl", SETTINGS) as transports:
        microscope, _ = await connected(transports)
        was = await seen(microscope, 3)
        await microscope._set_brightness(200)
        assert await microscope._brightness() == 200
        await microscope.disconnect()
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert {line["name"] for line in lines if line.get("e") == "call"} > {"MODE", "START", "SET"}
    PlayedNode.opened.clear()
    async with replaying(tmp_path / "a.jsonl") as transports:
        microscope, _ = await connected(transports)
        assert (await seen(microscope, 3))[-1] in was
        await microscope._set_brightness(200)
        assert await microscope._brightness() == 200
        await microscope.disconnect()
    assert PlayedNode.opened == []


async def test_a_recording_lets_few_pictures_through(tmp_path):
    PlayedNode.size = 60_000
    async with recording(tmp_path / "a.jsonl", SETTINGS) as transports:
        microscope, _ = await connected(transports)
        began = time.monotonic()
        await seen(microscope, 20)
        seconds = time.monotonic() - began
        await microscope.disconnect()
    assert (tmp_path / "a.jsonl").stat().st_size < (seconds + 2) * 2_000_000


async def test_a_still_stops_the_live_view_and_lets_it_go_on():
    microscope, _ = await connected()
    sizes = []

    async def watch() -> None:
        async for frame in microscope._view():
            sizes.append(width_of(frame.data))

    watching = asyncio.create_task(watch())
    stills = microscope._stills()
    async with asyncio.timeout(LIMIT):
        while not sizes:
            await asyncio.sleep(0.01)
        result = await microscope._take_still(Asked())
        still = (await anext(stills)).data
        before = len(sizes)
        while len(sizes) < before + 5:
            await asyncio.sleep(0.01)
    assert hashlib.sha256(still).hexdigest() == result.sha256
    assert (width_of(still), result.width, result.height) == (2592, 2592, 1944)
    assert set(sizes) == {640}
    watching.cancel()
    await asyncio.wait({watching})
    await stills.aclose()
    await microscope.disconnect()


async def test_nobody_watches_and_others_may_use_it():
    microscope, _ = await connected()
    (node,) = PlayedNode.opened
    assert node.buffers == 0
    await seen(microscope, 2)
    assert node.buffers == 0
    await microscope.disconnect()


async def test_a_camera_in_use_says_by_whom_and_comes_back():
    microscope, _ = await connected()
    PlayedNode.busy = True
    with pytest.raises(CameraInUse, match=r"zoom \(process 7\)"):
        await seen(microscope, 1)
    PlayedNode.busy = False
    assert len(await seen(microscope, 2)) == 2
    await microscope.disconnect()


async def test_it_is_released_and_taken_back():
    microscope, told = await connected()
    await microscope._release(Asked())
    assert PlayedNode.opened[0].closed
    assert told.problems[-1].code == "camera-released"
    assert await microscope._released() is True
    for ask in (microscope._brightness(), seen(microscope, 1), microscope._take_still(Asked())):
        with pytest.raises(CameraReleased):
            await ask
    PlayedNode.busy = True
    with pytest.raises(CameraInUse):
        await microscope._take_back(Asked())
    assert told.problems[-1].code == "camera-released"
    PlayedNode.busy = False
    await microscope._take_back(Asked())
    assert told.problems[-1] is None
    assert await microscope._released() is False
    assert len(await seen(microscope, 2)) == 2
    await microscope.disconnect()


async def test_a_frozen_camera_is_unreachable():
    microscope, _ = await connected()
    PlayedNode.frozen = True
    with pytest.raises(Unreachable, match="frozen"):
        await seen(microscope, 5)
    await microscope.disconnect()


@pytest.mark.parametrize("faults", [Faults(stall=True), Faults(drop=1.0), Faults(garble=1.0)])
async def test_faults_on_command_are_noticed(faults):
    transports = Transports()
    microscope, _ = await connected(transports)
    view = microscope._view()
    await anext(view)
    transports.set_faults(faults)

    async def watch() -> None:
        async for _frame in view:
            pass

    with pytest.raises(Unreachable):
        await asyncio.wait_for(watch(), LIMIT)
    await view.aclose()
    transports.set_faults(None)
    await microscope.disconnect()


async def test_unplugged_by_a_fault():
    transports = Transports()
    microscope, _ = await connected(transports)
    transports.set_faults(Faults(unplug=True))
    with pytest.raises(Unreachable):
        await seen(microscope, 1)
    await microscope.disconnect()


async def test_controls_end_what_the_camera_chooses_itself():
    microscope, told = await connected()
    assert await microscope._exposure_auto() is True
    await microscope._set_exposure(20.0)
    assert PlayedNode.opened[0].values[0x009A0901] == 1
    assert PlayedNode.opened[0].values[0x009A0902] == 200
    assert told.readings == [("exposure_auto", False)]
    assert microscope.narrowings["exposure"] == {
        "minimum": 0.1,
        "maximum": 500.0,
        "writable": True,
    }
    assert Microscope.gain.name in microscope.omitted
    (gamma,) = await microscope._others()
    assert (gamma.name, gamma.minimum, gamma.value) == ("gamma", 72, 100)
    set_to = await microscope._set_other(Asked(ControlSetting(name="gamma", value=300)))
    assert set_to.value == 300
    for wrong in (
        ControlSetting(name="gamma", value=71),
        ControlSetting(name="gamma"),
        ControlSetting(name="beta", value=1),
    ):
        with pytest.raises(OutOfRange):
            await microscope._set_other(Asked(wrong))
    await microscope.disconnect()


async def test_a_camera_with_nothing_that_is_known(monkeypatch):
    monkeypatch.setattr(PlayedNode, "formats", lambda self: [])
    with pytest.raises(WrongDevice, match="no format"):
        await connected()
