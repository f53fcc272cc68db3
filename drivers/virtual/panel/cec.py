"""A display on HDMI-CEC behind a Pulse-Eight USB adapter, on a pseudo-terminal.

What opens the path is libCEC itself, as it would open the adapter's `/dev/ttyACM0`. Framing and
codes of the adapter are those of the kernel's driver for it (drivers/media/cec/usb/pulse8), of
the display those of HDMI 1.4, supplement 1 (CEC), tables 7 to 27.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import Screen
from drivers.virtual.peer import Pty

START, END, ESCAPE, OFFSET = 0xFF, 0xFE, 0xFD, 3
(
    PING, FRAME_START, FRAME_DATA, ACCEPTED, ACK_MASK, TRANSMIT, TRANSMIT_END, SUCCEEDED,
    FAILED_ACK, FIRMWARE, BUILT, KIND,
) = (1, 5, 6, 8, 10, 11, 12, 16, 18, 21, 23, 40)  # fmt: skip
LAST, ACKNOWLEDGED = 0x80, 0x40
TOLD = {
    FIRMWARE: b"\0\x0c", BUILT: b"\x5d\x2a\x9c\x80", KIND: b"\1",
    25: b"\0", 27: b"\4", 29: b"\0\x10", 31: b"\x10\0", 33: b"\4", 35: b"\5", 37: b"Lab", 42: b"\0",
}  # fmt: skip
"""What the adapter tells of itself: firmware 12, built in 2019, an external one; its settings."""
DISPLAY, AMPLIFIER, EVERYBODY = 0, 5, 15
POWERS = {"on": 0, "off": 1, "warming": 2, "cooling": 3}
IGNORED = {0x00, 0x45, 0x7A, 0x80, 0x84, 0x87, 0x90, 0x9D}
VENDOR = bytes.fromhex("00e091")


class CecScreen:
    """The adapter's end of its line, and the display at the other end of the HDMI cable.

    Args:
        screen: what it shows. amplifier: one stands beside it, which tells how loud it is.

    Attributes:
        name: that the display calls itself.
        quiet: opcodes that it acknowledges and does not answer.
        gone: its cable is out: nothing acknowledges.
        vague: it never says which input it shows.
    """

    def __init__(self, screen: Screen, *, amplifier: bool = False) -> None:
        self.screen = screen
        self.faults = Faults()
        self.name = b"Board 7"
        self.quiet: set[int] = set()
        self.gone = self.vague = False
        self.address = 0x1000
        self._amplifier = amplifier
        self._come = bytearray()
        self._frame = bytearray()
        self._say: Callable[[bytes], None] = lambda _: None

    def hang_up(self) -> None:
        """A cable of HDMI does not hang up by itself."""

    def take(self, come: bytes, say: Callable[[bytes], None]) -> None:
        """Take what libCEC has said to the adapter; `say` takes the answers."""
        self._say = say
        self._come += come
        while (end := self._come.find(END)) >= 0:
            message, self._come = bytes(self._come[:end]), self._come[end + 1 :]
            self._asked(_plain(message.rpartition(bytes([START]))[2]))

    def say(self, frame: bytes) -> None:
        """Have the display say something unasked, as where somebody uses its remote control."""
        self._arrive(frame)

    def _asked(self, message: bytes) -> None:
        if not message:
            return
        code, data = message[0], message[1:]
        if code in TOLD:
            self._tell(code, TOLD[code])
            return
        self._tell(ACCEPTED, bytes([code]))
        if code in (TRANSMIT, TRANSMIT_END):
            self._frame += data
            if code == TRANSMIT_END:
                frame, self._frame = bytes(self._frame), bytearray()
                self._sent(frame)

    def _sent(self, frame: bytes) -> None:
        """A frame is on the wire: who is there acknowledges and answers it."""
        source, target = frame[0] >> 4, frame[0] & 15
        there = {DISPLAY} | ({AMPLIFIER} if self._amplifier else set())
        if target != EVERYBODY and (self.gone or target not in there):
            self._tell(FAILED_ACK, b"")
            return
        self._tell(SUCCEEDED, b"")
        if len(frame) < 2 or self.gone:
            return
        self.screen.note(frame.hex(":"))
        if frame[1] in self.quiet:
            return
        for answer in self._answers(source, target, frame[1], frame[2:]):
            self._arrive(answer)

    def _answers(self, source: int, target: int, opcode: int, data: bytes) -> list[bytes]:
        screen = self.screen
        to, all_of = bytes([target << 4 | source]), bytes([(target & 7) << 4 | EVERYBODY])
        match opcode, *data:
            case (0x04 | 0x0D,):
                screen.switch(on=True)
            case (0x36,):
                screen.switch(on=False)
            case 0x82, high, low:
                self.address = high << 8 | low
            case (0x85,) if not self.vague and self.address in (0, 0x2000):
                # Its own picture, or the player at its second socket, which says so.
                of = 0x0F if self.address == 0 else 0x8F
                return [bytes([of, 0x82]) + self.address.to_bytes(2, "big")]
            case (0x8F,):
                return [to + bytes([0x90, POWERS[screen.power]])]
            case (0x46,):
                return [to + b"\x47" + self.name]
            case (0x8C,):
                return [all_of + b"\x87" + VENDOR]
            case (0x9F,):
                return [to + b"\x9e\5"]
            case (0x83,):
                return [all_of + b"\x84\0\0\0"]
            case _:
                return self._of_sound(target, to, opcode, data)
        return []

    def _of_sound(self, target: int, to: bytes, opcode: int, data: bytes) -> list[bytes]:
        screen = self.screen
        if opcode == 0x44 and data:
            self._pressed(data[0])
        elif opcode == 0x71 and target == AMPLIFIER:
            return [to + bytes([0x7A, screen.muted << 7 | screen.volume])]
        elif opcode not in IGNORED and target != EVERYBODY:
            return [to + bytes([0x00, opcode, 0])]
        return []

    def _pressed(self, key: int) -> None:
        screen = self.screen
        if key == 0x41:
            screen.volume = min(screen.volume + 1, 100)
        elif key == 0x42:
            screen.volume = max(screen.volume - 1, 0)
        elif key == 0x43:
            screen.muted = not screen.muted

    def _arrive(self, frame: bytes) -> None:
        for at, byte in enumerate(frame):
            code = (FRAME_DATA if at else FRAME_START) | ACKNOWLEDGED
            self._tell(code | (LAST if at == len(frame) - 1 else 0), bytes([byte]))

    def _tell(self, code: int, data: bytes) -> None:
        self._say(bytes([START]) + _escaped(bytes([code]) + data) + bytes([END]))


def _escaped(data: bytes) -> bytes:
    told = bytearray()
    for byte in data:
        told += bytes([ESCAPE, byte - OFFSET]) if byte >= ESCAPE else bytes([byte])
    return bytes(told)


def _plain(data: bytes) -> bytes:
    told, raised = bytearray(), False
    for byte in data:
        if byte == ESCAPE and not raised:
            raised = True
            continue
        told.append((byte + OFFSET) & 0xFF if raised else byte)
        raised = False
    return bytes(told)


@contextlib.asynccontextmanager
async def behind_an_adapter(panel: CecScreen) -> AsyncIterator[str]:
    """Have it behind an adapter on a pseudo-terminal; yields the path."""

    async def listen(line: Pty) -> None:
        while True:
            panel.take(await line.read(), line.write)

    async with Pty() as line:
        listening = asyncio.create_task(listen(line), name="display on HDMI-CEC")
        try:
            yield line.path
        finally:
            listening.cancel()
