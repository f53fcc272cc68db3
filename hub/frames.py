"""Frames of one stream: one reader, any number of viewers, the newest frame only.

A `FrameFeed` asks its source for the next frame as soon as the last one came, for as long as
somebody watches and five seconds more. Frames pass through as the camera made them; they stay in a
ring for a few seconds so that a capture keeps the very frame that was seen.
"""

import asyncio
import logging
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Protocol

from hub.device import TimedOut
from hub.errors import N_, HubError

log = logging.getLogger("classhub.frames")

RING_SECONDS = 3.5
RING_BYTES = 32 * 1024 * 1024
MOST_PIXELS_A_SIDE = 16384
REST_AFTER = 5.0
FRESH = 1.0

Wake = Callable[["LiveFrame"], None]


class FrameGone(HubError):
    """The frame was seen, but it is no longer kept."""

    code: ClassVar[str] = "frame-gone"
    status: ClassVar[int] = 410
    title: ClassVar[str] = N_("This picture is no longer kept.")
    hint: ClassVar[str] = N_("Press again while the picture is on the screen.")


@dataclass(frozen=True, slots=True)
class LiveFrame:
    """One picture of a stream, in the very bytes that the camera made.

    Attributes:
        id: milliseconds since the epoch, strictly increasing within a stream.
        time: when it was taken, seconds since the epoch.
        data: the encoded picture.
        media_type: `image/jpeg` for cameras.
        width, height: pixels, as its header says; 0 where it does not.
        received: when the hub had it, seconds on the monotonic clock.
    """

    id: int
    time: float
    data: bytes
    media_type: str = "image/jpeg"
    width: int = 0
    height: int = 0
    received: float = 0.0


class FrameSource(Protocol):
    """Where a feed's frames come from: the driver's process."""

    def pull(self) -> None:
        """Ask for the next frame that is newer than the last one given."""

    def rest(self) -> None:
        """Let the camera rest: no frame is wanted for now."""


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG picture from its first start-of-frame segment.

    Reads markers only (ISO/IEC 10918-1, B.2.2). Returns (0, 0) where there is no such segment.
    """
    at, end = 2, len(data) - 9
    while at < end:
        if data[at] != 0xFF:
            return 0, 0
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a segment
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return data[at + 7] << 8 | data[at + 8], data[at + 5] << 8 | data[at + 6]
        elif marker in (0xDA, 0xD9):  # the picture itself begins, or ends
            return 0, 0
        else:
            at += 2 + (data[at + 2] << 8 | data[at + 3])
    return 0, 0


class FrameFeed:
    """The frames of one stream of one device.

    Attributes:
        latest: the newest frame, None before the first.
        problem: why no frames come, None when all is well.
        closed: no frames will come any more: the device was removed, or the hub stops.
        counters: `frames` taken in, `dropped` as broken or too large, `bytes`.
    """

    def __init__(self, source: FrameSource, *, name: str = "") -> None:
        self._source = source
        self._name = name
        self._ring: list[LiveFrame] = []
        self._ring_bytes = 0
        self._watchers: dict[object, Wake] = {}
        self._resting: asyncio.TimerHandle | None = None
        self._pulling = False
        self.latest: LiveFrame | None = None
        self.problem: HubError | None = None
        self.closed = False
        self._waiting: set[asyncio.Future[LiveFrame]] = set()
        self.counters: dict[str, int] = {"frames": 0, "dropped": 0, "bytes": 0}

    @property
    def watched(self) -> bool:
        """Whether anybody watches now."""
        return bool(self._watchers)

    def get(self, frame_id: int) -> LiveFrame:
        """Return a frame that was seen a moment ago.

        Raises:
            FrameGone: it is no longer kept, or never was.
        """
        at = bisect_left(self._ring, frame_id, key=lambda frame: frame.id)
        if at < len(self._ring) and self._ring[at].id == frame_id:
            return self._ring[at]
        if self.latest is not None and self.latest.id == frame_id:
            return self.latest
        raise FrameGone(f"frame {frame_id} of {self._name}")

    def watch(self, wake: Wake) -> Callable[[], None]:
        """Call `wake` with every new frame; the camera runs while anybody watches.

        `wake` must return at once. Returns a function that ends it and may be called twice.
        """
        key = object()
        self._watchers[key] = wake
        self._run_camera()

        def leave() -> None:
            if self._watchers.pop(key, None) is not None and not self._watchers:
                loop = asyncio.get_running_loop()
                self._resting = loop.call_later(REST_AFTER, self._rest)

        return leave

    async def next(self, after: int = 0, timeout: float = 5.0) -> LiveFrame:  # noqa: ASYNC109
        """Return a fresh frame whose id is greater than `after`; starts the camera if needed.

        Raises:
            HubError: the problem of the stream or its device.
            TimedOut: no frame came within `timeout` seconds.
        """
        latest = self.latest
        if latest is not None and latest.id > after and time.monotonic() - latest.received < FRESH:
            return latest
        future: asyncio.Future[LiveFrame] = asyncio.get_running_loop().create_future()

        def wake(frame: LiveFrame) -> None:
            if frame.id > after and not future.done():
                future.set_result(frame)

        self._waiting.add(future)
        leave = self.watch(wake)
        try:
            if self.problem is not None:
                raise self.problem
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            raise TimedOut(f"no frame of {self._name} within {timeout} s") from None
        finally:
            self._waiting.discard(future)
            leave()

    def offer(self, data: bytes, media_type: str, taken: float) -> None:
        """Take in a frame from the source and wake the viewers.

        Args:
            data: the picture. One that is no whole JPEG, or is too large, is dropped and counted.
            media_type: what the driver says it is.
            taken: seconds on the monotonic clock of this computer.
        """
        self._pulling = False
        width, height = self._check(data, media_type)
        if width < 0:
            self.counters["dropped"] += 1
        else:
            self._add(data, media_type, taken, width, height)
        if self._watchers or self._resting is not None:
            self._pull()

    def fail(self, problem: HubError | None) -> None:
        """Say why no frames come (None: they may come again); whoever waits for one is told."""
        self.problem = problem
        if problem is not None:
            for future in self._waiting:
                if not future.done():
                    future.set_exception(problem)

    def reset(self) -> None:
        """The source has begun anew and knows of no pull: ask again where somebody watches."""
        self._pulling = False
        if self._watchers or self._resting is not None:
            self._pull()

    def close(self) -> None:
        """Let the camera rest at once and forget all frames."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self.closed = True
        self._watchers.clear()
        self._ring.clear()
        self._ring_bytes = 0

    @staticmethod
    def _check(data: bytes, media_type: str) -> tuple[int, int]:
        if len(data) > RING_BYTES:
            return -1, -1
        if media_type != "image/jpeg":
            return 0, 0
        if data[:2] != b"\xff\xd8" or data[-2:] != b"\xff\xd9":
            return -1, -1
        width, height = jpeg_size(data)
        if width > MOST_PIXELS_A_SIDE or height > MOST_PIXELS_A_SIDE:
            return -1, -1
        return width, height

    def _add(self, data: bytes, media_type: str, taken: float, width: int, height: int) -> None:
        now, clock = time.monotonic(), time.time()
        moment = clock - max(now - taken, 0.0)
        last = 0 if self.latest is None else self.latest.id
        number = max(int(moment * 1000), last + 1)
        frame = LiveFrame(number, moment, data, media_type, width, height, now)
        self.latest = frame
        self.problem = None
        self._ring.append(frame)
        self._ring_bytes += len(data)
        self._prune(now)
        self.counters["frames"] += 1
        self.counters["bytes"] += len(data)
        for wake in tuple(self._watchers.values()):
            try:
                wake(frame)
            except Exception:
                log.exception("a viewer of %s failed", self._name)

    def _prune(self, now: float) -> None:
        gone = 0
        for frame in self._ring:
            if self._ring_bytes <= RING_BYTES and now - frame.received <= RING_SECONDS:
                break
            self._ring_bytes -= len(frame.data)
            gone += 1
        if gone:
            del self._ring[:gone]

    def _run_camera(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        self._pull()

    def _pull(self) -> None:
        if not self._pulling:
            self._pulling = True
            self._source.pull()

    def _rest(self) -> None:
        self._resting = None
        self._pulling = False
        self._prune(time.monotonic())
        self._source.rest()
