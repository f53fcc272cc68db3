"""For tests of drivers: a peer of the virtual classroom, and a link that keeps what a driver tells.

The driver runs in the test's process, over the real wire, with nothing of it replaced:

    async with running("drivers.virtual.microscope", "--size", "640x360") as address:
        driver = StreamMicroscope(StreamMicroscope.Settings(url=f"{address}/stream"), Recorder())
        await driver.connect()

What it said and heard can be recorded, and played again without the peer:

    async with recording(tmp_path / "a.jsonl", settings) as transports: …
    async with replaying(tmp_path / "a.jsonl") as transports:
        driver = StreamMicroscope(settings, Recorder(), transports=transports)
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from hub.device import DeviceSettings, Problem, Reading
from hub.device.transports import Header, Pace, Replay, Secrets, Transports, without_secrets

_MOST_RECORDED = 64 << 20
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
        self.losses: list[Exception] = []

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

    def lost(self, error: Exception) -> None:
        """Keep what ended the background work."""
        self.losses.append(error)


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
    """Run a peer `python -m module`; yield its address (a URL, a path); end it afterwards.

    Raises:
        RuntimeError: it ended or said something else than where it listens.
        TimeoutError: it said nothing within 20 s.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
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


@contextlib.asynccontextmanager
async def recording(
    path: Path, settings: DeviceSettings, *, driver: str = "test"
) -> AsyncIterator[Transports]:
    """Record what a driver made with these transports says and hears into a new file.

    Raises:
        RecordingFailed: it could not be written.
    """
    transports = Transports(secrets=Secrets.of(settings))
    header = Header(driver=driver, settings=without_secrets(settings))
    ended = transports.record(path, header, most_bytes=_MOST_RECORDED)
    try:
        yield transports
    finally:
        if transports.recorder is not None:
            transports.recorder.stop()
        async with asyncio.timeout(_STOP):
            end = await ended
        transports.drop_all()
    if end.problem is not None:
        raise end.problem


@contextlib.asynccontextmanager
async def replaying(path: Path, *, pace: Pace = "fast") -> AsyncIterator[Transports]:
    """Play a recording to a driver made with these transports.

    Raises:
        BadRecording: the file is none.
        ReplayDiverged: the driver said something else than in the recording.
    """
    replay = await asyncio.to_thread(Replay, path, pace=pace)
    transports = Transports(replay=replay)
    try:
        yield transports
    finally:
        transports.drop_all()
        replay.close()
    if replay.problem is not None:
        raise replay.problem
