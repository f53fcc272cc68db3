"""A Marlin driver in the test's process, over a pseudo-terminal to a virtual printer's process."""

import asyncio
import contextlib
import json
from pathlib import Path

from drivers.printer.marlin import MarlinPrinter
from drivers.printer.values import PrintOrder
from drivers.virtual.harness import Asked, Recorder, running
from drivers.virtual.printer.control import ask
from hub.device import AssetFile

LIMIT = 60.0
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

    async def ended(self, limit: float = LIMIT):
        """Wait for the print's end; return how and what was told of it."""
        await self.until(lambda: self.happened(*ENDINGS), limit)
        return self.happened(*ENDINGS)[0]

    async def executed(self, of: list[str]) -> list[str]:
        """Return those of a file's commands that the printer has executed since, in its order."""
        wanted = set(commands(of))
        told = await self.printer(executed=True)
        return [text for _, text in told["executed"][self._before :] if text in wanted]


def commands(lines: list[str]) -> list[str]:
    """Return the commands of a file."""
    return [line for line in lines if not line.startswith(";")]


@contextlib.asynccontextmanager
async def bench(
    folder: Path, *, speed: float = 100, options=None, driver=MarlinPrinter, **settings
):
    """Connect a driver to a virtual printer."""
    control = folder / "control"
    arguments = ["--speed", str(speed), "--control", str(control)]
    arguments += ["--options", json.dumps({"boot": 0.1, **(options or {})})]
    async with running("drivers.virtual.printer", *arguments) as port:
        told = Recorder()
        printer = driver(driver.Settings(port=port, **settings), told, id="printer")
        try:
            await printer.connect()
            yield Bench(printer, told, control, folder / "part.gcode")
        finally:
            await printer.end_background()
            await printer.disconnect()
            printer.transports.drop_all()
