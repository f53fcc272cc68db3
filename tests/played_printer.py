"""A Marlin driver and a virtual printer on a clock that leaps: minutes of waiting take no time.

The driver is the whole driver and the firmware the virtual printer's; only the cable between them
and the clock are played, so that what happens in a print can be tried at every line of it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.printer.marlin import MarlinPrinter
from drivers.printer.marlin import driver as driver_module
from drivers.printer.marlin import job as job_module
from drivers.printer.marlin import talk as talk_module
from drivers.virtual.harness import Recorder
from drivers.virtual.printer import Firmware, Options
from hub.device import Unreachable
from hub.device.transports import Transports

CABLE = "/dev/played"


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop that does not wait: with nothing to do, its clock leaps to what is due next."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 1000.0
        select = self._selector.select

        def leap(timeout: float | None) -> list[Any]:
            found = select(0)
            if not found and timeout is None:
                raise RuntimeError("everybody waits, and nothing is due")
            if not found:
                self._now += timeout or 0.0
            return found

        self._selector.select = leap

    def time(self) -> float:
        """The clock that leaps."""
        return self._now

    def run_in_executor(self, _: Any, func: Callable[..., Any], *args: Any) -> Any:
        """Do it here: a thread would take time that nobody counts."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it is the caller's
            done.set_exception(error)
        return done


class _Clock:
    """What the driver's modules take for `time`."""

    def __init__(self, loop: LeapingLoop) -> None:
        self.monotonic = self.time = loop.time


class Cable:
    """A serial line that is in and can be out: `SerialPort` and its channel for the driver."""

    def __init__(self, firmware: Firmware) -> None:
        self.firmware = firmware
        self.out_until = 0.0
        self._loop = asyncio.get_running_loop()
        self._protocol: asyncio.Protocol | None = None
        self._timer: asyncio.TimerHandle | None = None

    # The hub's side.

    @property
    def channel(self) -> "Cable":
        """This cable."""
        return self

    def set_protocol(self, protocol: asyncio.Protocol) -> None:
        """Have somebody hear."""
        self._protocol = protocol
        self.live()

    def write(self, data: bytes) -> None:
        """Say something to the printer, unless the cable is out."""
        if self._protocol is not None:
            self.firmware.receive(data, self._loop.time())
            self._at(self._loop.time())

    def get_write_buffer_size(self) -> int:
        """Nothing waits."""
        return 0

    def close(self) -> None:
        """Let go of the line; the printer goes on."""
        self._protocol = None

    # The printer's side.

    def live(self) -> None:
        """Be a printer: do what is due, say what is to be said, be woken again."""
        now = self._loop.time()
        said = self.firmware.run(now)
        if self.firmware.unplugged:
            self.out_until = now + self.firmware.unplugged
            self.firmware.unplugged = 0.0
            protocol, self._protocol = self._protocol, None
            if protocol is not None:
                protocol.connection_lost(OSError("it was pulled"))
        elif said and self._protocol is not None:
            self._protocol.data_received(said)
        self._at(max(min(self.firmware.due, now + 1.0), now + 0.0002))

    def _at(self, when: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(when, self.live)

    def end(self) -> None:
        """Be no printer any more."""
        self._protocol = None
        if self._timer is not None:
            self._timer.cancel()


class _Transports(Transports):
    """The way to the cable, while it is in."""

    cable: Cable

    async def serial(self, *_: Any, **__: Any) -> Any:
        if asyncio.get_running_loop().time() < self.cable.out_until:
            raise Unreachable("there is no such line")
        return self.cable


class Played:
    """A driver, its printer, what the driver told, and what the printer did."""

    def __init__(self, *, options: dict[str, Any], speed: float) -> None:
        self.executed: list[str] = []
        self.told = Recorder()
        self.firmware = Firmware(
            asyncio.get_running_loop().time(),
            options=Options(boot=0.1, **options),
            speed=speed,
            executed=lambda _, text: self.executed.append(text),
        )
        self.cable = Cable(self.firmware)
        transports = _Transports()
        transports.cable = self.cable
        settings = MarlinPrinter.Settings(port=CABLE, baudrate=115200)
        self.driver = MarlinPrinter(settings, self.told, id="printer", transports=transports)

    @property
    def warm(self) -> bool:
        """Whether one of its heaters is switched on."""
        machine = self.firmware.machine
        return bool(machine.nozzle.target or machine.bed.target)

    def happened(self, *names: str) -> list[tuple[str, Any]]:
        """Return the events of these names."""
        return [event for event in self.told.events if event[0] in names]

    async def until(self, what: Callable[[], object], limit: float) -> None:
        """Wait, by the clock that leaps, until something is so."""
        async with asyncio.timeout(limit):
            while not what():
                await asyncio.sleep(0.2)

    async def connect(self, attempts: int = 1) -> None:
        """Connect, as the hub does: again every five seconds."""
        for attempt in range(attempts):
            try:
                await self.driver.connect()
            except Unreachable:
                await self.driver.disconnect()
                if attempt == attempts - 1:
                    raise
                await asyncio.sleep(5)
            else:
                return

    async def let_go(self) -> None:
        """End what runs beside, and the connection, as the hub does when one is lost."""
        await self.driver.end_background()
        await self.driver.disconnect()


def played(
    work: Callable[[Callable[..., contextlib.AbstractAsyncContextManager[Played]]], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Run `work(connected)` on a clock that leaps; `connected(options)` gives a `Played`."""
    loops: list[LeapingLoop] = []

    def made() -> LeapingLoop:
        loops.append(LeapingLoop())
        for module in (driver_module, job_module, talk_module):
            monkeypatch.setattr(module, "time", _Clock(loops[0]))
        # To search for garbage before each of hundreds of prints would be all that takes time here.
        monkeypatch.setattr(driver_module, "settle_memory", lambda: None)
        return loops[0]

    with asyncio.Runner(loop_factory=made) as runner:
        runner.run(work(_connected))


@contextlib.asynccontextmanager
async def _connected(*, speed: float = 30.0, **options: Any) -> AsyncIterator[Played]:
    at = Played(options=options, speed=speed)
    await at.connect()
    try:
        yield at
    finally:
        await at.let_go()
        at.cable.end()


def written(folder: Path, lines: list[str]) -> Path:
    """Write a file of G-code."""
    path = folder / "part.gcode"
    path.write_text("\n".join(lines) + "\n")
    return path
