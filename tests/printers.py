"""A Marlin driver in the test's process, over a pseudo-terminal to a virtual printer's process."""

import asyncio
import contextlib
import json
from pathlib import Path

from drivers.printer.marlin import MarlinPrinter
from drivers.printer.marlin.command import Patience
from drivers.printer.values import PrintOrder
from drivers.virtual.harness import Asked, Recorder, running
from drivers.virtual.printer.control import ask
from hub.device import AssetFile, Unreachable
from hub.device.transports import Faults

LIMIT = 60.0
HURRIED = Patience(busy=0.4, mute=0.6, long=2.0, again=0.3, silent=1.2, gone=6.0)
START = ["M140 S40", "M104 S185", "G28", "M190 S40", "M109 S185", "G92 E0", "M82"]
END = ["M104 S0", "M140 S0", "M107"]
ENDINGS = ("print_finished", "print_cancelled", "print_failed", "print_interrupted")


def zigzag(lines: int, *, layers: int = 2, step: float = 8.0) -> list[str]:
    """Return moves that print so many lines, in so many layers."""
    made = []
    for number in range(lines):
        if number % max(lines // layers, 1) == 0 and len(made) < lines + layers:
            height = 0.2 * (number // max(lines // layers, 1) + 1)
            made += [";LAYER_CHANGE", f"G1 Z{height:.1f} F600"]
        x, y = 60 + (number % 2) * step, 60 + number % 40
        made.append(f"G1 X{x:.1f} Y{y} E{(number + 1) * 0.25:.2f} F3000")
    return made


def gcode(path: Path, lines: list[str]) -> Path:
    """Write a file of G-code."""
    path.write_text("\n".join(lines) + "\n")
    return path


def order(path: Path, job: str = "job-1") -> PrintOrder:
    """Return what has a file printed."""
    file = AssetFile(
        asset="part",
        path=path,
        size=path.stat().st_size,
        sha256="0" * 64,
        media_type="text/x.gcode",
        title="Part",
    )
    return PrintOrder(file=file, job=job)


class Bench:
    """A driver, what it told, and the printer's own view."""

    def __init__(self, driver: MarlinPrinter, told: Recorder, control: Path, file: Path) -> None:
        self.driver = driver
        self.told = told
        self.control = control
        self._file = file
        self._before = 0

    async def printer(self, **wish):
        """Ask the virtual printer, or have it misbehave."""
        return await ask(self.control, **wish)

    async def print(self, lines: list[str]):
        """Begin to print lines."""
        path = await asyncio.to_thread(gcode, self._file, lines)
        self._before = len((await self.printer(executed=True))["executed"])
        return await self.driver._print(Asked(order(path)))

    def happened(self, *names: str) -> list[tuple[str, object]]:
        """Return the events of these names (all without)."""
        return [event for event in self.told.events if not names or event[0] in names]

    async def until(self, what, limit: float = LIMIT) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(limit):
            while not what():
                await asyncio.sleep(0.01)

    async def parked(self) -> None:
        """Wait until the printer waits for someone, or has done what was under way."""
        async with asyncio.timeout(LIMIT):
            while (await self.printer())["waiting"] not in ("", "paused for user"):
                await asyncio.sleep(0.05)

    async def again(self) -> None:
        """Connect once more, as the hub does."""
        await self.driver.end_background()
        await self.driver.disconnect()
        async with asyncio.timeout(LIMIT):
            while True:
                try:
                    await self.driver.connect()
                except Unreachable:
                    await self.driver.disconnect()
                    await asyncio.sleep(0.1)
                else:
                    return

    def hang(self) -> None:
        """Have this computer say and hear nothing any more."""
        self.driver.transports.set_faults(Faults(stall=True))

    async def ended(self, limit: float = LIMIT):
        """Wait for the print's end; return how and what was told of it."""
        await self.until(lambda: self.happened(*ENDINGS), limit)
        return self.happened(*ENDINGS)[0]

    async def executed(self, of: list[str]) -> list[str]:
        """Return those of a file's moves that the printer has executed since, in its order."""
        wanted = set(moves(of))
        told = await self.printer(executed=True)
        return [text for _, text in told["executed"][self._before :] if text in wanted]


def moves(lines: list[str]) -> list[str]:
    """Return the moves of a file that print: no two are alike, and a pause makes none of them."""
    return [line for line in lines if line.startswith("G1 X")]


@contextlib.asynccontextmanager
async def bench(
    folder: Path, *, speed: float = 100, options=None, patient=True, guard=900, **settings
):
    """Connect a driver to a virtual printer.

    Args:
        speed: of its own time. options: how the printer is built.
        patient: false to wait for a silent printer a tenth as long.
        guard: seconds after which the printer switches off by itself.
        settings: of the driver.
    """
    control = folder / "control"
    arguments = ["--speed", str(speed), "--control", str(control)]
    arguments += ["--options", json.dumps({"boot": 0.1, **(options or {})})]
    async with running("drivers.virtual.printer", *arguments) as port:
        told = Recorder()
        printer = MarlinPrinter(MarlinPrinter.Settings(port=port, **settings), told, id="printer")
        printer.guard_seconds = guard
        if not patient:
            printer.patience = HURRIED
        try:
            await printer.connect()
            yield Bench(printer, told, control, folder / "part.gcode")
        finally:
            printer.transports.set_faults(None)
            await printer.end_background()
            await printer.disconnect()
            printer.transports.drop_all()
