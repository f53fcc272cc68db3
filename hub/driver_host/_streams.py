"""Frame streams of drivers: run while wanted, hand over the newest picture when asked."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable

from hub.device import Frame, TimedOut, Unreachable
from hub.driver_host._calls import BookedCall, CallBook
from hub.driver_host.errors import DriverError, as_hub_error
from hub.driver_host.timing import Timing
from hub.errors import HubError
from hub.pauses import backoff
from hub.wire import MOST_FRAME, encode_frame_head

log = logging.getLogger("classhub.driver_host")


class FrameSender:
    """Writes frames to the hub, one after the other; of each stream the newest at that moment."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._ready: dict[FrameStreamRunner, None] = {}
        self._wake = asyncio.Event()

    def offer(self, stream: "FrameStreamRunner") -> None:
        """Have a stream's newest frame sent as soon as the channel is free."""
        self._ready[stream] = None
        self._wake.set()

    async def run(self) -> None:
        """Send for ever; ends with the channel."""
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            while self._ready:
                stream = next(iter(self._ready))
                del self._ready[stream]
                frame = stream.take()
                if frame is None:
                    continue
                header = {
                    "device": stream.device,
                    "stream": stream.name,
                    "type": frame.media_type,
                    "time": frame.time,
                }
                await loop.sock_sendall(self._sock, encode_frame_head(header, len(frame.data)))
                await loop.sock_sendall(self._sock, frame.data)
            self._wake.clear()


class FrameStreamRunner:
    """One stream of one device.

    Its generator runs while the hub wants frames and the device is connected. The newest frame is
    given for each pull, every frame at most once.
    """

    def __init__(
        self,
        device: str,
        name: str,
        begin: Callable[[], AsyncIterator[Frame]],
        *,
        sender: FrameSender,
        book: CallBook,
        timing: Timing,
        tell: Callable[[HubError | None], None],
        lose: Callable[[HubError], None],
    ) -> None:
        self.device = device
        self.name = name
        self.dropped = 0
        self._begin = begin
        self._sender = sender
        self._book = book
        self._timing = timing
        self._tell = tell
        self._lose = lose
        self._wanted = self._pulled = self._connected = False
        self._newest: Frame | None = None
        self._running: tuple[BookedCall, asyncio.Task[None]] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._failed = False

    def pull(self) -> None:
        """Give the next frame that has not been given yet."""
        self._wanted = self._pulled = True
        if self._newest is not None:
            self._sender.offer(self)
        self._start()

    def rest(self) -> None:
        """Let the camera rest."""
        self._wanted = self._pulled = False
        self._newest = None
        self._stop()

    def connected(self) -> None:
        """The device is there."""
        self._connected = True
        self._start()

    async def disconnected(self) -> None:
        """The device is gone, or is let go of; returns once the generator has ended or is late."""
        self._connected = False
        self._newest = None
        self._stop()
        if self._ending:
            await asyncio.wait(self._ending, timeout=self._timing.grace)

    def take(self) -> Frame | None:
        """Return the newest frame if it is asked for and has not been given yet."""
        if not self._pulled or self._newest is None:
            return None
        frame, self._newest, self._pulled = self._newest, None, False
        return frame

    def _start(self) -> None:
        if self._wanted and self._connected and self._running is None:
            call = BookedCall(f"{self.device} {self.name}", self._limit)
            self._running = call, self._book.begin(call, self._run(call))

    def _stop(self) -> None:
        if self._running is None:
            return
        call, task = self._running
        self._running = None
        if not task.done():
            ending = asyncio.create_task(self._book.end(call, task), name=f"end of {call.what}")
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    @property
    def _limit(self) -> float:
        return self._timing.picture + self._timing.grace

    async def _run(self, call: BookedCall) -> None:
        attempt = 0
        while True:
            before = self._given
            error = await self._read(call)
            attempt = 0 if self._given > before else attempt + 1
            if isinstance(error, Unreachable):
                self._lose(error)
                return
            if error is not None:
                self._failed = True
                self._tell(error)
            pause = backoff(attempt, self._timing.again, self._timing.again_most)
            call.touch(pause + self._limit)
            await asyncio.sleep(pause)

    _given = 0

    async def _read(self, call: BookedCall) -> HubError | None:
        """Take frames until the generator ends, and return why it did."""
        loop = asyncio.get_running_loop()
        frames: AsyncIterator[Frame] | None = None
        try:
            async with asyncio.timeout(self._timing.picture) as limit:
                frames = self._begin()
                async for frame in frames:
                    limit.reschedule(loop.time() + self._timing.picture)
                    call.touch(self._limit)
                    self._take(frame)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return DriverError(f"{call.what} was cancelled by the driver itself")
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            if isinstance(error, TimeoutError) and limit.expired():
                return TimedOut(f"no picture of {call.what} for {self._timing.picture:g} s")
            return as_hub_error(error, call.what, log)
        finally:
            await self._close(frames, call.what)
        return None

    @staticmethod
    async def _close(frames: AsyncIterator[Frame] | None, what: str) -> None:
        close = getattr(frames, "aclose", None)
        if close is None:
            return
        try:
            await close()
        except Exception:
            log.exception("%s could not be closed", what)

    def _take(self, frame: Frame) -> None:
        if not isinstance(frame, Frame) or not 0 < len(frame.data) <= MOST_FRAME:
            self.dropped += 1
            if not self._failed:
                self._failed = True
                self._tell(DriverError(f"{self.name} gave what is no frame"))
            return
        if self._failed:
            self._failed = False
            self._tell(None)
        self._given += 1
        self._newest = frame
        if self._pulled:
            self._sender.offer(self)
