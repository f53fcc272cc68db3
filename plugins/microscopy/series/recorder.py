"""Writing the live pictures down as they come, in the camera's own bytes."""

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hub.device import TimedOut
from hub.errors import HubError
from hub.frames import FrameFeed, LiveFrame
from hub.store import StorageFull, StoreUnreachable, storage_error
from plugins.microscopy.series import matroska
from plugins.microscopy.series.errors import CameraLost

FIRST_LIMIT = 8.0
"""Seconds to wait for the first picture; a camera that was resting needs some to start."""
LOST_AFTER = 4.0
"""Seconds without a picture after which the camera is taken to be gone."""
LARGEST = 2 << 30
_WAITING = 60
_SYNC_EVERY = 1.0
_JUMP = 1.0


@dataclass(slots=True)
class Recorded:
    """What was written down.

    Attributes:
        pictures: how many.
        seconds: from the first to the last.
        first, last: when they were taken, seconds since the epoch.
        width, height: of the first, in pixels. steady: all have these.
        dropped: pictures that the disk was too slow for.
        problem: why it ended early.
    """

    pictures: int = 0
    seconds: float = 0.0
    first: float = 0.0
    last: float = 0.0
    width: int = 0
    height: int = 0
    steady: bool = True
    dropped: int = 0
    problem: HubError | None = None


class Recorder:
    """Records one feed into one file.

    Args of the constructor:
        feed: of the microscope's live view.
        file: is made; what is in it can be played however this ends.
        room: raises `StorageFull` where so many bytes must not be written.
        tell: is called with the seconds recorded so far.
    """

    def __init__(
        self,
        feed: FrameFeed,
        file: Path,
        room: Callable[[int], None],
        tell: Callable[[float], None],
    ) -> None:
        self._feed = feed
        self._file = file
        self._room = room
        self._tell = tell
        self._waiting: asyncio.Queue[LiveFrame] = asyncio.Queue(_WAITING)
        self._before: LiveFrame | None = None
        self._size = 0
        self._synced = 0.0
        self.recorded = Recorded()

    async def record(self, seconds: float) -> None:
        """Record for so many seconds; `recorded` says what came of it, also when cancelled.

        Raises:
            Unreachable, TimedOut: the camera gives no pictures at all.
            StorageFull: there is no room even to begin.
        """
        recorded = self.recorded
        leave = self._feed.watch(self._take)
        try:
            # Unbuffered: what a write has returned for survives the hub.
            with self._file.open("xb", buffering=0) as file:
                while recorded.seconds < seconds:
                    frames = await self._next()
                    await self._write(file.fileno(), frames, seconds)
                    self._tell(recorded.seconds)
        except (CameraLost, StorageFull, StoreUnreachable) as problem:
            if not recorded.pictures:
                raise
            recorded.problem = problem
        finally:
            leave()

    def _take(self, frame: LiveFrame) -> None:
        try:
            self._waiting.put_nowait(frame)
        except asyncio.QueueFull:
            self.recorded.dropped += 1

    async def _next(self) -> list[LiveFrame]:
        limit = LOST_AFTER if self.recorded.pictures else FIRST_LIMIT
        try:
            async with asyncio.timeout(limit):
                frames = [await self._waiting.get()]
        except TimeoutError:
            why = self._feed.problem
            if self.recorded.pictures:
                raise CameraLost("" if why is None else f"{why.code}: {why.detail}") from None
            raise why or TimedOut(f"no picture within {limit:g} s") from None
        with contextlib.suppress(asyncio.QueueEmpty):
            while True:
                frames.append(self._waiting.get_nowait())
        return frames

    async def _write(self, file: int, frames: list[LiveFrame], until: float) -> None:
        pieces: list[bytes] = []
        for frame in frames:
            if self.recorded.seconds < until or not self.recorded.pictures:
                pieces += self._pieces(frame)
        data = b"".join(pieces)
        self._size += len(data)
        if self._size > LARGEST:
            raise StorageFull(f"a recording of {self._size} bytes")
        self._room(len(data))
        # Begun, it is written to its end, so that a cancelled clip ends with a whole picture.
        writing = asyncio.ensure_future(asyncio.to_thread(self._put, file, data))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await writing
            raise

    def _put(self, file: int, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(file, view) :]
            if time.monotonic() - self._synced > _SYNC_EVERY:
                os.fdatasync(file)
                self._synced = time.monotonic()
        except OSError as error:
            raise storage_error(error) from error

    def _pieces(self, frame: LiveFrame) -> list[bytes]:
        recorded, before = self.recorded, self._before
        pieces = []
        if before is None:
            recorded.first = frame.time
            recorded.width, recorded.height = frame.width, frame.height
            pieces.append(matroska.header(max(frame.width, 1), max(frame.height, 1)))
        else:
            recorded.seconds += max(step(before, frame), 0.001)
        same = (frame.width, frame.height) == (recorded.width, recorded.height)
        recorded.steady = recorded.steady and same
        recorded.pictures += 1
        recorded.last = frame.time
        self._before = frame
        pieces.append(matroska.picture(round(recorded.seconds * 1000), frame.data))
        return pieces


def step(before: LiveFrame, after: LiveFrame) -> float:
    """Return the seconds between two pictures, also where the clock was set meanwhile."""
    taken, received = after.time - before.time, after.received - before.received
    return received if abs(taken - received) > _JUMP else taken
