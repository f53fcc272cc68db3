"""A driver that is wrecked on command, in each way in which a driver may go wrong."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable

from pydantic import BaseModel

from hub.device import Action, Call, Device, DeviceSettings, Event, Frame, FrameStream, Property

PICTURE = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03" + bytes(9) + b"%08d\xff\xd9"
KEPT: list[object] = []


class How(BaseModel):
    """In which way."""

    how: str


class Number(BaseModel):
    """Counts up."""

    number: int


class Vessel(Device, kind="vessel", title="Vessel"):
    """Vessel."""

    view = FrameStream(title="View", doc="Numbered pictures.")
    ticks: Property[int] = Property(int, title="Ticks", doc="Counts up.")
    level: Property[int] = Property(int, title="Level", doc="A level.", writable=True)
    ticked: Event[Number] = Event(Number, title="Ticked", doc="Counts up, each told.")
    wreck: Action[How, None] = Action(input=How, title="Wreck", doc="Wrecks it.", limit=0.5)


class Wreck(Vessel):
    """Vessel for tests."""

    class Settings(DeviceSettings):
        """What goes wrong as soon as it is connected, if anything."""

        how: str = ""

    settings: Settings

    async def connect(self) -> None:
        self._ticks = 0
        self._level = 0
        self._pictures = 0
        if self.settings.how:
            await self._do(self.settings.how)

    @Vessel.ticks.polled(0.05)
    async def _read_ticks(self) -> int:
        self._ticks += 1
        self.emit(Vessel.ticked, Number(number=self._ticks))
        return self._ticks

    @Vessel.level.read
    async def _read_level(self) -> int:
        return self._level

    @Vessel.level.write
    async def _write_level(self, value: int) -> None:
        self._level = value

    @Vessel.view.frames
    async def _view(self) -> AsyncIterator[Frame]:
        while True:
            self._pictures += 1
            yield Frame(PICTURE % self._pictures)
            await asyncio.sleep(0.02)

    @Vessel.wreck.run
    async def _wreck(self, call: Call[How]) -> None:
        await self._do(call.input.how)

    async def _do(self, how: str) -> None:
        if how == "flood":
            await self._flood()
        elif how == "late":
            await _late()
        else:
            WAYS[how]()

    async def _flood(self) -> None:
        while True:
            for number in range(200):
                self.emit(Vessel.ticked, Number(number=-number))
            await asyncio.sleep(0)


class SharedWreck(Wreck):
    """Vessel for tests; all of them are in one process."""

    isolation = "driver"


async def _late() -> None:
    """Answer long after the limit, deaf to being cancelled."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0.1)


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True).start()


def _spin() -> None:
    while True:
        pass


def _leak() -> None:
    while True:
        KEPT.append(bytearray(b"x" * 1_000_000))
        time.sleep(0.05)


def _grab() -> None:
    KEPT.append(bytearray(64 << 30))


def _open_files() -> None:
    while True:
        KEPT.append(os.dup(0))


def _work() -> None:
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        pass


def _large_child() -> None:
    script = "import time; x = bytearray(b'x' * 200_000_000); time.sleep(3600)"
    KEPT.append(subprocess.Popen([sys.executable, "-S", "-c", script]))


def _children() -> None:
    KEPT.extend(subprocess.Popen(["sleep", "3600"]) for _ in range(40))


def _orphan() -> None:
    """Leave a process behind that belongs to nobody, in no group of ours."""
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", "3600"])
        os._exit(0)


def _print() -> None:
    while True:
        os.write(2, b"y" * 65536)


def _ignore_term() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(3600)


def _fd(name: str) -> int:
    return int(sys.argv[sys.argv.index(f"--{name}") + 1])


def _write(name: str, start: bytes, then: bytes = b"") -> None:
    """Write on a channel past the host; with `then`, forever."""
    fd = _fd(name)

    def forever() -> None:
        data = start
        while data:
            with contextlib.suppress(BlockingIOError):
                data = data[os.write(fd, data) :] or then
            time.sleep(0.001)

    _in_thread(forever)


def _shut(name: str) -> None:
    with socket.socket(fileno=os.dup(_fd(name))) as one:
        one.shutdown(socket.SHUT_RDWR)


WAYS: dict[str, Callable[[], None]] = {
    "exit": lambda: os._exit(7),
    "abort": os.abort,
    "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "stopped": lambda: os.kill(os.getpid(), signal.SIGSTOP),
    "spin": _spin,
    "spin in a thread": lambda: _in_thread(_spin),
    "leak": lambda: _in_thread(_leak),
    "grab": _grab,
    "files": _open_files,
    "children": _children,
    "a large child": _large_child,
    "work": _work,
    "orphan": _orphan,
    "print": lambda: _in_thread(_print),
    "ignore SIGTERM": _ignore_term,
    "garbage": lambda: _write("control", b"\xff" * 4096),
    "garbage as frames": lambda: _write("frames", b"\xff" * 4096),
    "nested": lambda: _write("control", b"\0\0\xff\xff" + b"[" * 0xFFFF),
    "oversized": lambda: _write("control", b"\x7f\xff\xff\xff"),
    "oversized frame": lambda: _write("frames", b"\0\0\0\x02\x7f\xff\xff\xff{}"),
    "never-ending": lambda: _write("control", b"\0\x0f\xff\xff", b" "),
    "never-ending frame": lambda: _write("frames", b"\0\0\0\x02\x01\0\0\0{}", b" " * 65536),
    "no frame": lambda: _write("frames", b"\0\0\0\x02\0\0\0\0{}"),
    "close control": lambda: _shut("control"),
    "close frames": lambda: _shut("frames"),
}
