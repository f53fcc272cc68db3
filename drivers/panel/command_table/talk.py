"""The conversation with a panel: one command, its answer, a pause, the next.

Half duplex by construction: whoever wants to say something waits for its turn, and a turn lasts
until the answer has come, or its limit has passed and the line has been quiet for a moment.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from drivers.panel.command_table.table import Command, Table
from drivers.panel.command_table.template import Heard, Template
from drivers.panel.problems import NotOffered
from hub.device import TimedOut, Unreachable
from hub.device.transports import ByteStream, SerialPort

MOST_STRAY = 20
MOST_ANSWER = 256
QUIET = 1.0
"""Seconds for which a serial line is left alone after an answer that did not come."""

Open = Callable[[], Awaitable[ByteStream]]


class Talk:
    """Says commands and understands answers.

    Args:
        table: of commands. number: the panel's.
        open: opens the line; anew after a silence on the network, where nothing else can make sure
            that a late answer is not taken for the next.
    """

    def __init__(self, table: Table, number: int, open: Open) -> None:  # noqa: A002
        self._table = table
        self._identity = table.identity.written(number)
        self._open = open
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

    async def ask(self, command: Command) -> bytes:
        """Ask for a property; returns what stands for its value."""
        assert command.ask is not None  # noqa: S101 - the driver asks only what can be
        assert command.told is not None  # noqa: S101 - the table's schema
        heard = await self._exchange(
            self._table.sent(command.ask).say(self._identity), self._table.heard(command.told)
        )
        assert heard is not None  # noqa: S101 - an answer was wanted
        return heard.value

    async def set(self, command: Command, value: bytes) -> None:
        """Set a property; returns when the panel has acknowledged, where it does."""
        assert command.set is not None  # noqa: S101 - the driver sets only what can be
        ack = command.ack or command.told
        wanted = None if ack is None else self._table.heard(ack)
        await self._exchange(self._table.sent(command.set).say(self._identity, value), wanted)

    async def _exchange(self, said: bytes, wanted: Template | None) -> Heard | None:
        async with self._turn:
            pause = self._free_from - time.monotonic()
            if pause > 0:
                await asyncio.sleep(pause)
            line = await self._ready()
            quiet = self._table.line.gap
            try:
                await line.write(said)
                return None if wanted is None else await self._answer(line, wanted)
            except BaseException:
                # Whatever comes now belongs to nobody: it is given time to come, and is dropped.
                if isinstance(line, SerialPort):
                    quiet = max(quiet, QUIET)
                else:
                    self.close()
                raise
            finally:
                self._free_from = time.monotonic() + quiet

    async def _ready(self) -> ByteStream:
        line = self._line
        if line is None or line.closed:
            line = self._line = await self._open()
        if isinstance(line, SerialPort):
            await line.forget_input()
        return line

    async def _answer(self, line: ByteStream, wanted: Template) -> Heard:
        until = time.monotonic() + self._table.line.patience
        for _ in range(MOST_STRAY):
            heard = await self._message(line, until)
            answer = wanted.hear(self._identity, heard)
            if answer is not None:
                return answer
            if any(nak.hear(self._identity, heard) for nak in self._table.naks):
                raise NotOffered(f"it answers {heard[:40]!r}")
        raise Unreachable(f"{MOST_STRAY} answers that belong to no question")

    async def _message(self, line: ByteStream, until: float) -> bytes:
        end = self._table.end
        if end is not None:
            return (await line.read_until(end, limit=_left(until)))[-MOST_ANSWER:]
        size = await line.read_exactly(1, limit=_left(until))
        if size[0] < 2:
            raise TimedOut(f"an answer of {size[0]} bytes: the line is garbled")
        return size + await line.read_exactly(size[0] - 1, limit=_left(until))


def _left(until: float) -> float:
    return max(until - time.monotonic(), 0.05)
