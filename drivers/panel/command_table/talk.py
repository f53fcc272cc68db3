"""The conversation with a panel: commands of a table said, answers understood."""

import time

from drivers.panel.command_table.table import Command, Table
from drivers.panel.command_table.template import Heard, Template
from drivers.panel.half_duplex import HalfDuplex, Open, left
from drivers.panel.problems import NotOffered
from hub.device import TimedOut, Unreachable
from hub.device.transports import ByteStream

MOST_STRAY = 20
MOST_ANSWER = 256


class Talk:
    """Says commands and understands answers.

    Args:
        table: of commands. number: the panel's.
        open: opens the line, as for `HalfDuplex`.
    """

    def __init__(self, table: Table, number: int, open: Open) -> None:  # noqa: A002
        self._table = table
        self._identity = table.identity.written(number)
        self._line = HalfDuplex(open, table.line.gap)
        self.connect = self._line.connect
        self.close = self._line.close

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
        async with self._line.turn() as line:
            await line.write(said)
            return None if wanted is None else await self._answer(line, wanted)

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
            return (await line.read_until(end, limit=left(until)))[-MOST_ANSWER:]
        size = await line.read_exactly(1, limit=left(until))
        if size[0] < 2:
            raise TimedOut(f"an answer of {size[0]} bytes: the line is garbled")
        return size + await line.read_exactly(size[0] - 1, limit=left(until))
