"""Drivers for tests: one that behaves and its many unruly kin. Each serves the kind `probe`."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field

from hub.device import (
    Action,
    Call,
    Device,
    DeviceSettings,
    Event,
    Frame,
    FrameStream,
    Problem,
    Property,
    Role,
    SampleStream,
    Unreachable,
    WrongDevice,
)

PICTURE = b"\xff\xd8\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03" + bytes(9) + b"%08d\xff\xd9"


class Mode(StrEnum):
    """How it works."""

    SLOW = "slow"
    FAST = "fast"


class Place(BaseModel):
    """Where it is."""

    x: float
    y: float


class Steps(BaseModel):
    """How far to count."""

    to: int = Field(ge=1, le=1000)


class Probe(Device, kind="probe", title="Probe"):
    """Probe.

    A device made for tests.
    """

    view = FrameStream(title="View", doc="Pictures.", optional=True)
    points: SampleStream[Place] = SampleStream(Place, title="Points", doc="Places.", optional=True)
    level: Property[float] = Property(
        float, title="Level", doc="A level.", unit="%", minimum=0, maximum=100, writable=True
    )
    name: Property[str] = Property(str, title="Name", doc="A name.", optional=True)
    mode: Property[Mode] = Property(
        Mode, title="Mode", doc="A mode.", optional=True, writable=True, write_role=Role.PUPIL
    )
    place: Property[Place] = Property(
        Place, title="Place", doc="A place.", optional=True, writable=True
    )
    ticks: Property[int] = Property(int, title="Ticks", doc="Counts up.", optional=True)
    count: Action[Steps, Steps] = Action(
        input=Steps, output=Steps, title="Count", doc="Counts.", optional=True, role=Role.PUPIL
    )
    quick: Action[None, None] = Action(title="Quick", doc="Quick.", optional=True, limit=0.2)
    pinged: Event[Place] = Event(Place, title="Pinged", doc="It was pinged.", optional=True)


class GoodProbe(Probe):
    """Good probe."""

    class Settings(DeviceSettings):
        """What a probe is told."""

        top: float = 100.0
        flag: str = ""

    settings: Settings

    async def connect(self) -> None:
        if self.settings.flag and not Path(self.settings.flag).exists():
            raise Unreachable("the flag is down")
        self._level = 10.0
        self._mode = Mode.SLOW
        self._place = Place(x=0, y=0)
        self._ticks = 0
        self.narrow(Probe.level, maximum=self.settings.top)

    @Probe.level.read
    async def _read_level(self) -> float:
        if self.settings.flag and not Path(self.settings.flag).exists():
            raise Unreachable("the flag went down")
        return self._level

    @Probe.level.write
    async def _write_level(self, value: float) -> None:
        await asyncio.sleep(0.05)
        self._level = round(value)

    @Probe.mode.read
    async def _read_mode(self) -> Mode:
        return self._mode

    @Probe.mode.write
    async def _write_mode(self, value: Mode) -> None:
        assert isinstance(value, Mode)
        self._mode = value

    @Probe.place.read
    async def _read_place(self) -> Place:
        return self._place

    @Probe.place.write
    async def _write_place(self, value: Place) -> None:
        self._place = value
        self.emit(Probe.pinged, value)
        self.sample(Probe.points, [value, value])

    @Probe.ticks.polled(0.05)
    async def _read_ticks(self) -> int:
        self._ticks += 1
        return self._ticks

    @Probe.count.run
    async def _count(self, call: Call[Steps]) -> Steps:
        for number in range(call.input.to):
            await call.progress(number / call.input.to, "Counting")
            await asyncio.sleep(0.01)
        return Steps(to=call.input.to)


class Unruly(Probe):
    """Unruly probe: does what its settings say."""

    class Settings(DeviceSettings):
        """What is to go wrong, and when."""

        at: str = "never"
        how: str = "exit"
        once: str = ""

    settings: Settings

    def _now(self, at: str) -> bool:
        if self.settings.at != at:
            return False
        if self.settings.once:
            mark = Path(self.settings.once)
            if mark.exists():
                return False
            mark.touch()
        return True

    async def _misbehave(self, at: str) -> None:
        if self._now(at):
            await getattr(self, "_" + self.settings.how)()

    async def _exit(self) -> None:
        os._exit(7)

    async def _sys_exit(self) -> None:
        sys.exit(8)

    async def _spin(self) -> None:
        time.sleep(3600)

    async def _thread(self) -> None:
        await asyncio.to_thread(time.sleep, 3600)

    async def _deaf(self) -> None:
        while True:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                continue

    async def _slow(self) -> None:
        await asyncio.sleep(3600)

    async def _garbage(self) -> None:
        _write_everywhere(b"\xff" * 64)
        await asyncio.sleep(3600)

    async def _bad_json(self) -> None:
        _write_everywhere(b"\x00\x00\x00\x05{[}]{")
        await asyncio.sleep(3600)

    async def _bug(self) -> None:
        raise ValueError("a bug of the driver")

    async def _wrong(self) -> None:
        raise WrongDevice("it is a toaster")

    async def _gone(self) -> None:
        raise ConnectionResetError("gone")

    async def _flood(self) -> None:
        while True:
            for number in range(200):
                self.report(Probe.level, number % 100)
                self.emit(Probe.pinged, Place(x=number, y=0))
            await asyncio.sleep(0)

    async def _print(self) -> None:
        for _ in range(20_000):
            print("x" * 300, flush=True)

    async def connect(self) -> None:
        await self._misbehave("connect")

    @Probe.level.read
    async def _read_level(self) -> float:
        await self._misbehave("read")
        return 5.0

    @Probe.name.read
    async def _read_name(self) -> str:
        if self._now("name"):
            return "x" * 2_000_000 if self.settings.how == "huge" else float("nan")  # type: ignore[return-value]
        return "unruly"

    @Probe.level.write
    async def _write_level(self, value: float) -> None:
        await self._misbehave("write")

    @Probe.quick.run
    async def _quick(self, call: Call[None]) -> None:
        await self._misbehave("quick")


class Cameras(Probe):
    """Camera probe: gives pictures in the way that its settings say."""

    class Settings(DeviceSettings):
        """How the pictures come."""

        how: str = "steady"
        mark: str = ""

    settings: Settings
    _number = 0

    @Probe.level.read
    async def _read_level(self) -> float:
        return 0.0

    @Probe.view.frames
    async def _view(self) -> AsyncIterator[Frame]:
        if self.settings.mark:
            with Path(self.settings.mark).open("a") as mark:
                mark.write("begun\n")
        try:
            async for frame in getattr(self, "_" + self.settings.how)():
                yield frame
        finally:
            if self.settings.mark:
                with Path(self.settings.mark).open("a") as mark:
                    mark.write("ended\n")

    async def _steady(self) -> AsyncIterator[Frame]:
        while True:
            self._number += 1
            yield Frame(PICTURE % self._number)
            await asyncio.sleep(0.005)

    async def _big(self) -> AsyncIterator[Frame]:
        while True:
            self._number += 1
            yield Frame((PICTURE % self._number)[:-2] + bytes(3_000_000) + b"\xff\xd9")
            await asyncio.sleep(0.005)

    async def _flood(self) -> AsyncIterator[Frame]:
        while True:
            self._number += 1
            yield Frame(PICTURE % self._number)
            await asyncio.sleep(0)

    async def _one_then_stall(self) -> AsyncIterator[Frame]:
        self._number += 1
        yield Frame(PICTURE % self._number)
        await asyncio.sleep(3600)

    async def _one_then_hang(self) -> AsyncIterator[Frame]:
        self._number += 1
        yield Frame(PICTURE % self._number)
        while True:
            try:
                await asyncio.sleep(3600)
            except (asyncio.CancelledError, GeneratorExit):
                continue

    async def _one_then_fail(self) -> AsyncIterator[Frame]:
        self._number += 1
        yield Frame(PICTURE % self._number)
        raise ValueError("the sensor is confused")

    async def _one_then_gone(self) -> AsyncIterator[Frame]:
        self._number += 1
        yield Frame(PICTURE % self._number)
        raise Unreachable("unplugged")

    async def _nonsense(self) -> AsyncIterator[Frame]:
        while True:
            yield "no frame"  # type: ignore[misc]
            yield Frame(bytes(33 * 1024 * 1024))
            yield Frame(b"GIF89a")
            self._number += 1
            yield Frame(PICTURE % self._number)
            await asyncio.sleep(0.005)


class SickProbe(GoodProbe):
    """Sick probe: tells a health problem as soon as it is connected."""

    async def connect(self) -> None:
        await super().connect()
        self.health(Problem(code="too-hot", title="It is too hot.", hint="Let it cool down."))


class Shared(GoodProbe):
    """Shared probe: all its devices are in one process."""

    isolation = "driver"


class Parting(GoodProbe):
    """Parting probe: a place is told while it is let go of; all its devices are in one process."""

    isolation = "driver"

    class Settings(DeviceSettings):
        """How it parts."""

        dies: bool = False
        top: float = 100.0
        flag: str = ""

    async def disconnect(self) -> None:
        self.sample(Probe.points, [Place(x=1, y=2)])
        await asyncio.sleep(0.1)
        if self.settings.dies:
            os._exit(7)


def _write_everywhere(data: bytes) -> None:
    """Write on every socket that this process has, past its host."""
    for link in Path("/proc/self/fd").iterdir():
        try:
            if str(link.readlink()).startswith("socket:"):
                os.write(int(link.name), data)
        except OSError:
            continue
