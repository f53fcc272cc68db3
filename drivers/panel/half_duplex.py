"""A line on which one speaks at a time: a question, its answer, a pause, the next.

Half duplex by construction: whoever wants to say something waits for its turn, and a turn lasts
until the answer has come, or its limit has passed and the line has been quiet for a moment.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from hub.device.transports import ByteStream, SerialPort

QUIET = 1.0
"""Seconds for which a serial line is left alone after an answer that did not come."""

Open = Callable[[], Awaitable[ByteStream]]


class HalfDuplex:
    """Keeps a line open and gives it to one conversation at a time.

    Args:
        open: opens the line; anew after a silence on the network, where nothing else can make sure
            that a late answer is not taken for the next.
        gap: seconds between an answer and the next question.
    """

    def __init__(self, open: Open, gap: float) -> None:  # noqa: A002 - what it is
        self._open = open
        self._gap = gap
        self._line: ByteStream | None = None
        self._turn = asyncio.Lock()
        self._free_from = 0.0

    async def connect(self) -> None:
        """Open the line."""
        async with self._turn:
            await self._ready()

    def close(self) -> None:
        """Let the line go."""
        line, self._line = self._line, None
        if line is not None:
            line.close()

    @contextlib.asynccontextmanager
    async def turn(self, quiet: float | None = None) -> AsyncIterator[ByteStream]:
        """Have the line for one question and its answer.

        Where that fails, what comes then belongs to nobody: a serial line is left alone for `quiet`
        seconds (`QUIET` unless it is said), so that it comes and is dropped; any other is closed.
        """
        async with self._turn:
            pause = self._free_from - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            line = await self._ready()
            rest = self._gap
            try:
                yield line
            except BaseException:
                if isinstance(line, SerialPort):
                    rest = max(rest, QUIET if quiet is None else quiet)
                else:
                    self.close()
                raise
            finally:
                self._free_from = time.monotonic() + rest

    async def _ready(self) -> ByteStream:
        line = self._line
        if line is None or line.closed:
            line = self._line = await self._open()
        if isinstance(line, SerialPort):
            await line.forget_input()
        return line


def left(until: float) -> float:
    """Return the seconds until a moment of `time.monotonic()`, never none at all."""
    return max(until - time.monotonic(), 0.05)
