"""One conversation with a Samsung display: MDC over a serial line or TCP.

Commands, their values and checksums are those of `python-samsung-mdc`, a protocol as declared data.
Its connection is not used: it takes what one read gives for a whole header, which on a serial line
at 9600 baud it seldom is, and it opens lines itself.

Message: AA, command, id, length, data, sum of all but the first. Answer: AA FF id length, `A` or
`N`, command, data, sum.
"""

import time
from collections.abc import Sequence
from typing import Any

from samsung_mdc.command import Command
from samsung_mdc.connection import ACK_CODE, HEADER_CODE, RESPONSE_CMD, get_checksum, pack_payload
from samsung_mdc.exceptions import MDCResponseError

from drivers.panel.half_duplex import QUIET, HalfDuplex, Open, left
from drivers.panel.problems import NotOffered
from drivers.panel.samsung_mdc.secured import BANNER, Secured
from hub.device import N_, BadSettings, DeviceError, TimedOut, Unreachable
from hub.device.transports import ByteStream

PATIENCE = 3.0
SCAN = 0.5
GAP = 0.05
MOST_STRAY = 20
MOST_NOISE = 256


class WrongDisplayId(BadSettings):
    """A display answers, and has another number than the settings say."""

    code = "wrong-display-id"
    title = N_("The display has another ID than is set here.")
    hint = N_("Set the ID that the display's menu shows: {found}.")


class Session:
    """Asks and sets one display; half duplex: never a second command before the answer.

    Args:
        open: opens the line.
        identity: of the display.
    """

    def __init__(self, open: Open, identity: int) -> None:  # noqa: A002 - what it is
        self._identity = identity
        self._line = HalfDuplex(open, GAP)
        self.close = self._line.close

    async def ask(self, command: type[Command], *value: Any) -> Sequence[Any]:
        """Ask for a value, or set one; returns what the display answers.

        Raises:
            NotOffered: it refuses. WrongDisplayId, Secured: it says so. TimedOut, Unreachable.
            DeviceError: what it answers makes no sense.
        """
        data = bytes(command.pack_payload_data(value)) if value else b""
        answer = await self._exchange(command.CMD, data, self._identity, PATIENCE)
        try:
            told: Sequence[Any] = command.parse_response_data(answer)
        except (MDCResponseError, ValueError, IndexError) as error:
            raise DeviceError(f"{command.__name__}: {error}") from None
        return told

    async def scan(self, command: type[Command], numbers: Sequence[int]) -> int | None:
        """Return the first of these ids that answers a question; None where none does."""
        for number in numbers:
            try:
                await self._exchange(command.CMD, b"", number, SCAN)
            except TimedOut:
                continue
            except NotOffered:
                return number
            return number
        return None

    async def _exchange(self, code: int, data: bytes, identity: int, patience: float) -> bytes:
        async with self._line.turn(min(QUIET, patience)) as line:
            await line.write(bytes(pack_payload(code, identity, data)))
            return await self._answer(line, code, identity, time.monotonic() + patience)

    async def _answer(self, line: ByteStream, code: int, identity: int, until: float) -> bytes:
        for _ in range(MOST_STRAY):
            head = await self._head(line, until)
            rest = await line.read_exactly(head[3] + 1, limit=left(until))
            message = head + rest
            if get_checksum(message[1:-1]) != message[-1] or head[1] != RESPONSE_CMD or head[3] < 2:
                continue
            if message[5] != code:
                continue  # to the question before
            if head[2] != identity:
                raise WrongDisplayId(f"{head[2]} answers, {identity} is set", found=head[2])
            if message[4] != ACK_CODE:
                raise NotOffered(f"it refuses command {code:02X} ({message[6:-1].hex()})")
            return message[6:-1]
        raise Unreachable(f"{MOST_STRAY} answers that belong to no question")

    async def _head(self, line: ByteStream, until: float) -> bytes:
        head = await line.read_exactly(4, limit=left(until))
        if head == BANNER[:4]:
            raise Secured("it greets with MDCSTART<<TLS>>")
        for _ in range(MOST_NOISE):
            if head[0] == HEADER_CODE and head[1] == RESPONSE_CMD:
                return head
            head = head[1:] + await line.read_exactly(1, limit=left(until))
        raise TimedOut(f"{MOST_NOISE} bytes of noise")
