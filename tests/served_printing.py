"""What tests of printers behind print servers share: a file, an order, and a driver that is followed."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from drivers.printer.contract import Printer
from drivers.printer.values import PrintOrder
from drivers.virtual.harness import Asked, Recorder
from hub.device import AssetFile


def gcode(layers: int = 3, moves: int = 20, pause: int = 0) -> str:
    """Return a small print; `pause` milliseconds of waiting in each layer."""
    lines = ["; a test", "M104 S200", "G28", "G90", "M83"]
    for layer in range(layers):
        lines += [
            ";LAYER_CHANGE",
            f";Z:{0.2 * (layer + 1):.2f}",
            f"G1 Z{0.2 * (layer + 1):.2f} F600",
        ]
        lines += [f"G1 X{10 + n % 190} Y{10 + layer} E0.05 F6000" for n in range(moves)]
        if pause:
            lines.append(f"G4 P{pause}")
    return "\n".join([*lines, "M104 S0", ""])


def order(folder: Path, text: str, job: str, title: str = "ball.gcode") -> PrintOrder:
    """Return the order to print a text."""
    path = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:12]}.gcode"
    path.write_text(text)
    return PrintOrder(
        file=AssetFile(
            asset="a", path=path, size=len(text), sha256=hashlib.sha256(text.encode()).hexdigest(),
            media_type="text/x-gcode", title=title,
        ),
        job=job,
    )  # fmt: skip


class Followed:
    """A driver that is connected, and what it told."""

    def __init__(self, driver: Any, told: Recorder) -> None:
        self.driver = driver
        self.told = told

    @property
    def events(self) -> list[tuple[str, str]]:
        """What happened: which event, of which job."""
        return [(name, data.job) for name, data in self.told.events if hasattr(data, "job")]

    def last(self, name: str) -> Any:
        """Return the last reading of a property."""
        return next((value for n, value in reversed(self.told.readings) if n == name), None)

    async def act(self, name: str, wish: Any = None) -> Any:
        """Run one of its actions."""
        return await getattr(self.driver, name)(Asked(wish))

    async def until(self, done: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something that it tells."""
        try:
            async with asyncio.timeout(seconds):
                while not done():
                    if self.told.losses:
                        raise self.told.losses[0]
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"told: {self.told.events} {self.last('progress')}") from None


@contextlib.asynccontextmanager
async def following(driver_class: type[Printer], **settings: Any) -> AsyncIterator[Followed]:
    """Connect a driver with these settings, and let go of it at the end."""
    told = Recorder()
    driver = driver_class(driver_class.Settings(**settings), told, id="printer")
    try:
        await driver.connect()
        yield Followed(driver, told)
    finally:
        await driver.end_background()
        await driver.disconnect()
        driver.transports.drop_all()
