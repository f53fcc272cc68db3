"""For tests of drivers: a peer of the virtual classroom, and a link that keeps what a driver tells.

The driver runs in the test's process, over the real wire, with nothing of it replaced:

    async with running("drivers.virtual.microscope", "--size", "640x360") as address:
        driver = StreamMicroscope(StreamMicroscope.Settings(url=f"{address}/stream"), Recorder())
        await driver.connect()
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from typing import Any

from hub.device import Problem, Reading

_START = 20.0
_STOP = 10.0


class Recorder:
    """A `DeviceLink` that keeps what came."""

    def __init__(self) -> None:
        self.readings: list[tuple[str, Any]] = []
        self.events: list[tuple[str, Any]] = []
        self.batches: list[tuple[str, list[Any]]] = []
        self.problems: list[Problem | None] = []
        self.narrowings = 0

    def reading(self, name: str, reading: Reading[Any]) -> None:
        """Keep a reading."""
        self.readings.append((name, reading.value))

    def event(self, name: str, data: Any, time: float) -> None:  # noqa: ARG002 - DeviceLink's
        """Keep an event."""
        self.events.append((name, data))

    def samples(self, name: str, samples: Sequence[Any]) -> None:
        """Keep a batch of samples."""
        self.batches.append((name, list(samples)))

    def health(self, problem: Problem | None) -> None:
        """Keep the health."""
        self.problems.append(problem)

    def narrowed(self) -> None:
        """Count the changes of the description."""
        self.narrowings += 1


class Asked:
    """A running action as `hub.device.Call`, without a hub."""

    def __init__(self, input: Any = None) -> None:  # noqa: A002 - Call's word
        self.input = input
        self.fractions: list[float] = []

    async def progress(self, fraction: float, message: str = "") -> None:  # noqa: ARG002 - Call's
        """Keep how far it is."""
        self.fractions.append(fraction)


@contextlib.asynccontextmanager
async def running(module: str, *arguments: str) -> AsyncIterator[str]:
    """Run a peer `python -m module` on a free port; yield its address; end it afterwards.

    Raises:
        RuntimeError: it ended or said something else than where it listens.
        TimeoutError: it said nothing within 20 s.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, "--port", "0", *arguments, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None  # noqa: S101 - PIPE above
        async with asyncio.timeout(_START):
            line = (await process.stdout.readline()).decode()
        words = line.split()
        if words[:2] != ["listening", "on"]:
            raise RuntimeError(f"{module} said {line!r}")
        yield words[2]
    finally:
        if process.returncode is None:
            process.terminate()
        try:
            async with asyncio.timeout(_STOP):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()
