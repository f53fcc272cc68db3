"""Pictures made smaller for many viewers: once for each stream, in a process of its own.

Whoever looks at all microscopes of the class at once (`"size": "small"`) needs no full pictures. A
`SmallFeed` takes the newest frame of a stream whenever the last one has been made small, ten times
a second at most, and gives it to any number of viewers under the frame's own id. The work is done
by one child (`hub.rendition`) for all streams, one picture of a stream at a time.

A picture that cannot be made smaller goes out as it is: it costs more, and people see something.
"""

import asyncio
import contextlib
import logging
import os
import signal
import struct
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace

from hub.errors import HubError
from hub.frames import FrameFeed, LiveFrame, Wake, jpeg_size
from hub.logs import Latch

log = logging.getLogger("classhub.stream")

SIDE = 640
"""Pixels of the longer side, at most."""
EVERY = 0.1
"""Seconds between two small pictures of a stream, at least."""
_LARGEST = 8 << 20
_LIMIT = 5.0
_IDLE = 30.0
_END_LIMIT = 2.0
_AGAIN = 1.0
_HEAD = struct.Struct("!II")


class CannotShrink(HubError):
    """The child that makes pictures smaller could not be used."""


class Renditions:
    """The small feeds of all streams, and the child that makes their pictures."""

    def __init__(self) -> None:
        self._feeds: dict[FrameFeed, SmallFeed] = {}
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._not_before = 0.0
        self._latch = Latch(
            log, "pictures are not made smaller: %s", "pictures are made smaller again"
        )

    def of(self, feed: FrameFeed) -> "SmallFeed":
        """Return the small feed of a stream, the same for all who watch it now."""
        return self._feeds.setdefault(feed, SmallFeed(self, feed))

    def forget(self, feed: FrameFeed) -> None:
        """Nobody watches it any more."""
        self._feeds.pop(feed, None)

    async def small(self, frame: LiveFrame) -> LiveFrame:
        """Return the frame with a smaller picture, or as it is where that cannot be."""
        longer = max(frame.width, frame.height)
        if frame.media_type != "image/jpeg" or longer <= SIDE or len(frame.data) > _LARGEST:
            return frame
        if asyncio.get_running_loop().time() < self._not_before:
            return frame
        try:
            async with self._turn, asyncio.timeout(_LIMIT):
                data = await self._shrunk(frame.data)
        except (CannotShrink, OSError, EOFError, TimeoutError) as error:
            self._latch.failed(error)
            self._not_before = asyncio.get_running_loop().time() + _AGAIN
            await self._end()
            return frame
        self._latch.worked()
        if not data:
            return frame
        width, height = jpeg_size(data)
        return replace(frame, data=data, width=width, height=height)

    async def _shrunk(self, data: bytes) -> bytes:
        process = await self._running()
        if process.stdin is None or process.stdout is None:
            raise CannotShrink("the process has no pipes")
        process.stdin.write(_HEAD.pack(len(data), SIDE))
        process.stdin.write(data)
        await process.stdin.drain()
        size = int.from_bytes(await process.stdout.readexactly(4))
        if size > _LARGEST:
            raise CannotShrink(f"{size} bytes in answer to {len(data)}")
        return await process.stdout.readexactly(size)

    async def _running(self) -> asyncio.subprocess.Process:
        loop = asyncio.get_running_loop()
        if self._resting is not None:
            self._resting.cancel()
        self._resting = loop.call_later(_IDLE, self._rest)
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hub.rendition", "--parent", str(os.getpid())),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LARGEST,
                start_new_session=True,
            )
        return self._process

    def _rest(self) -> None:
        self._resting = None
        self.do(self._end(), "rendition: nobody looks any more")

    def do(self, work: Coroutine[object, object, None], name: str) -> None:
        """Run something of ours; `stop` waits for it."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_END_LIMIT):
                await process.wait()
        except TimeoutError:
            log.error("the process %d that makes pictures smaller does not end", process.pid)

    async def stop(self) -> None:
        """End the child and whatever is being made."""
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_END_LIMIT)
        await self._end()


class SmallFeed:
    """The small pictures of one stream, for any number of viewers."""

    def __init__(self, renditions: Renditions, feed: FrameFeed) -> None:
        self._renditions = renditions
        self._feed = feed
        self._watchers: dict[object, Wake] = {}
        self._newest: LiveFrame | None = None
        self._working = False
        self._leave: Callable[[], None] | None = None
        self.made = 0

    def watch(self, wake: Wake) -> Callable[[], None]:
        """Call `wake` with every small picture; returns a function that ends it, also twice."""
        key = object()
        self._watchers[key] = wake
        if self._leave is None:
            self._leave = self._feed.watch(self._take)

        def leave() -> None:
            if self._watchers.pop(key, None) is not None and not self._watchers:
                if self._leave is not None:
                    self._leave()
                    self._leave = None
                self._renditions.forget(self._feed)

        return leave

    def _take(self, frame: LiveFrame) -> None:
        self._newest = frame
        if not self._working:
            self._working = True
            self._renditions.do(self._work(), "rendition: make pictures smaller")

    async def _work(self) -> None:
        """Make the newest frame small, again and again while there are new ones and viewers."""
        loop = asyncio.get_running_loop()
        try:
            while self._newest is not None and self._watchers:
                frame, self._newest = self._newest, None
                begun = loop.time()
                small = await self._renditions.small(frame)
                self.made += 1
                for wake in tuple(self._watchers.values()):
                    wake(small)
                await asyncio.sleep(max(0.0, begun + EVERY - loop.time()))
        finally:
            self._working = False
