"""A Samsung display that speaks MDC over TCP or a serial line.

Answers are packed by `python-samsung-mdc`; which commands mean what is written here, from Samsung's
"MDC Protocol" (15.0, 2020).
"""

from collections.abc import Callable

from samsung_mdc.connection import get_checksum, pack_response

from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import Screen

POWER, VOLUME, MUTE, SOURCE, KEYS, HOURS, MODEL, ERRORS, PANEL = (
    0x11, 0x12, 0x13, 0x14, 0x77, 0x83, 0x8A, 0x0D, 0xF9,
)  # fmt: skip
HDMI1 = 0x21


class MdcScreen:
    """The display's end of its line.

    Args:
        screen: what it shows. identity: its id.
    """

    def __init__(self, screen: Screen, identity: int = 0) -> None:
        self.screen = screen
        self.faults = Faults()
        self.overtaken = 0
        self._identity = identity
        self._come = bytearray()
        self._source = HDMI1
        self._former = b""
        self._hang_up: Callable[[], None] = lambda: None

    def on_hang_up(self, hang_up: Callable[[], None]) -> None:
        """Say how its connections are dropped."""
        self._hang_up = hang_up

    def hang_up(self) -> None:
        """Drop its connections."""
        self._hang_up()

    def take(self, come: bytes, say: Callable[[bytes], None]) -> None:
        """Take what has come; `say` takes the answers."""
        self._come += come
        while (start := self._come.find(0xAA)) >= 0:
            del self._come[:start]
            if len(self._come) < 4 or len(self._come) < self._come[3] + 5:
                return
            size = self._come[3] + 5
            message = bytes(self._come[:size])
            if get_checksum(message[1:-1]) != message[-1]:
                del self._come[0]
                continue
            del self._come[:size]
            self._heard(message, say)

    def _heard(self, message: bytes, say: Callable[[bytes], None]) -> None:
        self.screen.note(message.hex())
        if message[2] != self._identity or self.screen.power in ("warming", "cooling"):
            return
        code, data = message[1], message[4:-1]
        answer = self._do(code, data)
        packed = bytes(
            pack_response(code, self._identity, ack=True, data=answer)
            if answer is not None
            else pack_response(code, self._identity, ack=False, data=b"\x01")
        )
        if self.faults.garble:
            say(b"\x00\xaa\x12\xff")
        if self.faults.stray and self._former:
            say(self._former)
        self._former = packed
        say(packed)

    def _do(self, code: int, data: bytes) -> bytes | None:
        screen = self.screen
        if code == POWER:
            if data:
                screen.switch(data[0] == 1)
                return data
            return bytes([screen.power == "on"])
        if code == MODEL:
            return b"QM55R"
        if screen.power != "on" and code != KEYS:
            return None
        return self._do_awake(code, data)

    def _do_awake(self, code: int, data: bytes) -> bytes | None:
        screen = self.screen
        if data:
            match code:
                case 0x12:
                    screen.volume = data[0]
                case 0x13:
                    screen.muted = data[0] == 1
                case 0x14:
                    self._source = data[0]
                case 0x77:
                    screen.locked = data[0] == 1
                case 0xF9:
                    screen.blank = data[0] == 1
                case _:
                    return None
            return data
        lamp = int(screen.errors[1] == "2")
        told = {
            VOLUME: bytes([screen.volume]), MUTE: bytes([screen.muted]),
            SOURCE: bytes([self._source]), KEYS: bytes([screen.locked]),
            PANEL: bytes([screen.blank]), HOURS: (screen.lamp_hours * 6).to_bytes(2, "big"),
            ERRORS: bytes([lamp, 0, 0, 0, 41, 0]),
        }  # fmt: skip
        return told.get(code)
