r"""One conversation on HDMI-CEC: frames that are said, acknowledged and answered.

Source: HDMI 1.4, supplement 1 (CEC), tables 7 to 27 for the messages; what `cec-client` prints is
that of libCEC 6: `TRAFFIC: [ms]\t<< 40:8f` is said, `>> 04:90:00` is heard, `waiting for input`
follows when the message before has been said.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from drivers.panel.cec.program import start
from drivers.panel.problems import NotOffered
from hub.device import N_, AccessRefused, TimedOut, Unreachable
from hub.device.transports import Channel, Transports

DISPLAY: Final = 0
AMPLIFIER: Final = 5
EVERYBODY: Final = 15
ABORT: Final = 0x00
STARTING: Final = 13.0
"""Seconds: libCEC asks an adapter that is silent for ten."""
PATIENCE: Final = 3.0
"""Seconds: a device answers within one (CEC 9.2); libCEC says a message five times."""
ENDING: Final = 2.0
MOST_LINE: Final = 4096
_TRAFFIC = re.compile(r"TRAFFIC: \[ *\d+\]\t(<<|>>) ((?:[0-9a-f]{2}:){0,15}[0-9a-f]{2})")
_READY = "waiting for input"
_NO_ADAPTER = "unable to open the device on port"
_LOST = "Connection lost"
_NOT_ACKNOWLEDGED = "TRANSMIT_FAILED_ACK"
_OWN = re.compile(r"Addresses controlled by libCEC: (\d+)")


class NoAdapter(Unreachable):
    """What is there is no CEC adapter, or does not answer."""

    code = "cec-no-adapter"
    title = N_("The HDMI-CEC adapter does not answer.")
    hint = N_("See that the adapter is plugged in, and that no other program (Kodi) uses it.")


class NobodyThere(Unreachable):
    """Nobody acknowledges on the HDMI cable."""

    code = "cec-nobody"
    title = N_("The display does not answer over the HDMI cable.")
    hint = N_(
        "See that the cable is in, that the display is not off at the wall, and that HDMI-CEC is"
        " on in its menu (Anynet+, Simplink, Bravia Sync)."
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """A message on the bus. `opcode` None: it only asks whether somebody is there."""

    source: int
    target: int
    opcode: int | None
    data: bytes


def read_line(line: str) -> tuple[str, Frame] | None:
    """Return what a line says of the bus (`<<` said or `>>` heard), None where nothing."""
    match = _TRAFFIC.fullmatch(line.rstrip())
    if match is None:
        return None
    octets = bytes.fromhex(match[2].replace(":", ""))
    opcode = octets[1] if len(octets) > 1 else None
    return match[1], Frame(octets[0] >> 4, octets[0] & 15, opcode, octets[2:])


class Bus(asyncio.Protocol):
    """Says and hears; one at a time.

    Args:
        heard: is told of every message that somebody else says.
    """

    def __init__(self, heard: Callable[[Frame], None]) -> None:
        self._heard = heard
        self._channel: Channel | None = None
        self._turn = asyncio.Lock()
        self._come = bytearray()
        self._ready = asyncio.Event()
        self._told = asyncio.Event()
        self._over = asyncio.Event()
        self._own = -1
        self._nobody = False
        self._unsaid: Frame | None = None
        self._answers: list[Frame] = []
        self._gone: Unreachable | AccessRefused | None = None

    async def open(self, transports: Transports, port: str, hdmi: int) -> None:
        """Start the program and wait until it has an address on the bus.

        Raises:
            NoAdapter: there is none at this port. CecUtilsMissing.
        """
        self._channel = await start(transports, self, port, hdmi)
        await self._within(self._ready, STARTING, NoAdapter)
        self._write("self")
        while self._own < 0:
            self._told.clear()
            await self._within(self._told, PATIENCE, NoAdapter)

    async def close(self) -> None:
        """End the program, and wait until it has let the adapter go."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.abort()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(ENDING):
                    await self._over.wait()

    async def say(self, target: int, opcode: int, data: Iterable[int] = ()) -> None:
        """Say something that has no answer (NobodyThere where nobody acknowledges)."""
        async with self._turn:
            await self._send(target, opcode, data)

    async def ask(self, target: int, opcode: int, answer: int, *, by: int | None = None) -> Frame:
        """Ask, and return the answer.

        Args:
            target: whom; everybody, too.
            opcode: the question.
            answer: the opcode of its answer.
            by: who answers, None for anybody.

        Raises:
            NotOffered: it does not know the question. NobodyThere. TimedOut.
        """
        until = time.monotonic() + PATIENCE
        async with self._turn:
            self._answers.clear()
            await self._send(target, opcode, ())
            while True:
                for frame in self._answers:
                    if frame.opcode == answer and by in (None, frame.source):
                        return frame
                    if (frame.opcode, frame.source) == (ABORT, target) and frame.data[:1] == bytes(
                        [opcode]
                    ):
                        raise NotOffered(f"it does not know message {opcode:02x}")
                self._answers.clear()
                self._told.clear()
                await self._within(self._told, until - time.monotonic(), TimedOut)

    async def _send(self, target: int, opcode: int, data: Iterable[int]) -> None:
        self._nobody = False
        self._unsaid = Frame(self._own, target, opcode, bytes(data))
        octets = [self._own << 4 | target, opcode, *self._unsaid.data]
        words = "tx " + ":".join(f"{octet:02x}" for octet in octets)
        try:
            self._ready.clear()
            self._write(words)
            await self._within(self._ready, PATIENCE, TimedOut)
        finally:
            self._unsaid = None
        if self._nobody:
            raise NobodyThere(f"nobody acknowledges message {opcode:02x} to {target:x}")

    def _write(self, words: str) -> None:
        if self._gone is not None:
            raise self._gone
        if self._channel is None or self._channel.is_closing():
            raise NoAdapter("cec-client has ended")
        self._channel.write(f"{words}\n".encode())

    async def _within(
        self, event: asyncio.Event, limit: float, late: type[TimedOut | NoAdapter]
    ) -> None:
        try:
            async with asyncio.timeout(max(limit, 0.0)):
                await event.wait()
        except TimeoutError:
            raise late("cec-client: no answer in time") from None
        if self._gone is not None:
            raise self._gone

    # What the program says (asyncio.Protocol).

    def data_received(self, data: bytes) -> None:
        """Take lines; one without an end is dropped."""
        self._come += data
        *lines, rest = self._come.split(b"\n")
        self._come = rest if len(rest) <= MOST_LINE else bytearray()
        for line in lines:
            self._line(line.decode("ascii", "replace"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that it has ended."""
        self._over.set()
        self._lose(str(exc or "cec-client has ended"))

    def _line(self, line: str) -> None:
        if (traffic := read_line(line)) is not None:
            direction, frame = traffic
            if direction == "<<" and frame == self._unsaid:
                self._unsaid = None
            elif direction == ">>" and frame.opcode is not None:
                self._answers.append(frame)
                del self._answers[:-50]
                self._told.set()
                self._heard(frame)
        elif line.startswith(_READY):
            # Until our own message was said, this follows the one before, which came too late.
            if self._unsaid is None:
                self._ready.set()
        elif _NOT_ACKNOWLEDGED in line:
            self._nobody = True
        elif (own := _OWN.match(line)) is not None:
            self._own = int(own[1])
            self._told.set()
        elif line.startswith((_NO_ADAPTER, _LOST)):
            self._lose(line)

    def _lose(self, why: str) -> None:
        self._gone = self._gone or NoAdapter(why)
        self._ready.set()
        self._told.set()
