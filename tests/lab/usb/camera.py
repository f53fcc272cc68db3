"""A webcam (USB Video Class 1.0, MJPEG) that is played here; uvcvideo makes it `/dev/videoN`."""

import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.lab.usb.descriptors import (
    BULK,
    INTERRUPT,
    ISOCHRONOUS,
    Identity,
    configuration,
    endpoint,
    interface,
)
from tests.lab.usb.redir import HIGH_SPEED, PlayedDevice

Size = tuple[int, int]
Frame = Callable[[int, int, int], bytes]  # number, width, height -> JPEG

SIZES: Sequence[Size] = ((640, 480), (1280, 720), (1920, 1080))
PROBE, COMMIT = 1, 2
TERMINAL, UNIT = 1, 2
SET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF = (
    *(0x01, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87),
)
_PROBE = "<HBBIHHHHHII"  # UVC 1.0, table 4-47


@dataclass
class Setting:
    """A control: its bytes, what GET_MIN, GET_MAX, GET_RES and GET_DEF say, and its value."""

    size: int
    least: int
    most: int
    step: int
    usual: int
    value: int = 0

    def __post_init__(self) -> None:
        self.value = self.usual

    def answer(self, request: int) -> bytes | None:
        """Answer a request that reads."""
        if request == GET_INFO:
            return b"\3"
        if request == GET_LEN:
            return self.size.to_bytes(2, "little")
        said = {GET_MIN: self.least, GET_MAX: self.most, GET_RES: self.step, GET_DEF: self.usual}
        return said.get(request, self.value).to_bytes(self.size, "little")


def settings() -> dict[tuple[int, int], Setting]:
    """Return the controls by unit and selector (UVC 1.0, tables A-12 and A-13)."""
    return {
        (TERMINAL, 0x02): Setting(1, 1, 15, 1 | 8, 8),  # exposure mode: manual, aperture priority
        (TERMINAL, 0x04): Setting(4, 1, 5000, 1, 156),  # exposure, 100 us
        (TERMINAL, 0x06): Setting(2, 0, 250, 5, 0),  # focus
        (TERMINAL, 0x08): Setting(1, 0, 1, 1, 1),  # focus by itself
        (UNIT, 0x02): Setting(2, 0, 255, 1, 128),  # brightness
        (UNIT, 0x03): Setting(2, 0, 100, 1, 50),  # contrast
        (UNIT, 0x04): Setting(2, 0, 63, 1, 16),  # gain
        (UNIT, 0x05): Setting(1, 0, 2, 1, 2),  # mains frequency
        (UNIT, 0x09): Setting(2, 72, 500, 1, 100),  # gamma
        (UNIT, 0x0A): Setting(2, 2800, 6500, 10, 4600),  # white balance, K
        (UNIT, 0x0B): Setting(1, 0, 1, 1, 1),  # white balance by itself
    }


# Which of them the descriptors announce (UVC 1.0, tables 3-6 and 3-8)
TERMINAL_HAS = 1 << 1 | 1 << 3 | 1 << 5 | 1 << 17
UNIT_HAS = 1 << 0 | 1 << 1 | 1 << 5 | 1 << 6 | 1 << 9 | 1 << 10 | 1 << 12
BUTTON_ENDPOINT = 0x83


class Webcam(PlayedDevice):
    """A webcam with one size list, controls and a button.

    Args:
        frame: makes the JPEG with this number and size.
        rate: frames a second.
        isochronous: as most webcams send; else over a bulk endpoint, which costs less here.
        serial: its serial number; empty: it has none.
        lies: it announces a size of 0, one of 16384 and a rate of 1/0 too.

    `frozen` stops the frames while it stays on the bus; `flags` are or-ed into the headers
    (0x40: an error, the frame is dropped by the host's driver). `settings` are its controls.
    """

    def __init__(
        self,
        frame: Frame,
        *,
        rate: int = 10,
        isochronous: bool = False,
        serial: str = "",
        lies: bool = False,
    ) -> None:
        self._frame = frame
        self._rate = rate
        self._isochronous_wanted = isochronous
        self._payload = 3072 if isochronous else 16384
        self.frozen = False
        self.flags = 0
        self.settings = settings()
        self.sent = 0
        self._lies = lies
        self._presses: deque[bytes] = deque()
        self._rest: bytes | None = None
        self._toggle = 0
        self._due = 0.0
        identity = Identity(0x1209, 0x0001, "Lab", "Lab Camera", serial, (0xEF, 2, 1))
        super().__init__(identity, configuration(2, self._describe()), speed=HIGH_SPEED)
        self._probe = self._settled(1)

    def _describe(self) -> bytes:
        interval = 10_000_000 // self._rate
        said = [(width, height, interval) for width, height in SIZES]
        if self._lies:
            said += [(0, 0, interval), (16384, 16384, interval), (320, 240, 0)]
        sizes = b"".join(
            struct.pack(
                "<BBBBBHHIIIIBI",
                *(30, 0x24, 7, number, 0, width, height, 1 << 20, 1 << 27),
                *(min(width * height * 2, 1 << 23), each, 1, each),
            )
            for number, (width, height, each) in enumerate(said, 1)
        )
        formats = bytes([11, 0x24, 6, 1, len(said), 1, 1, 0, 0, 0, 0]) + sizes
        formats += bytes.fromhex("06240d010104")  # colours: BT.709
        head = struct.pack(
            "<BBBBHBBBBBBBB", 14, 0x24, 1, 1, 14 + len(formats), 0x81, 0, 3, 0, 1, 1, 1, 0
        )
        # Camera terminal 1 -> processing unit 2 -> output terminal 3
        has = TERMINAL_HAS.to_bytes(3, "little")
        units = struct.pack("<BBBBHBBHHHB3s", 18, 0x24, 2, 1, 0x0201, *(0,) * 5, 3, has)
        units += struct.pack("<BBBBBHBHB", 11, 0x24, 5, 2, 1, 0, 2, UNIT_HAS, 0)
        units += struct.pack("<BBBBHBBB", 9, 0x24, 3, 3, 0x0101, 0, 2, 0)
        control = struct.pack("<BBBHHIBB", 13, 0x24, 1, 0x100, 13 + len(units), 48_000_000, 1, 1)
        if self._isochronous_wanted:
            stream = interface(1, 0, (14, 2, 0)) + head + formats
            stream += interface(1, 1, (14, 2, 0), alternate=1)
            stream += endpoint(0x81, ISOCHRONOUS | 4, 0x1400, 1)  # three packets of 1024 bytes
        else:
            stream = interface(1, 1, (14, 2, 0)) + head + formats + endpoint(0x81, BULK, 512)
        one_function = bytes([8, 11, 0, 2, 14, 3, 0, 0])
        button = endpoint(BUTTON_ENDPOINT, INTERRUPT, 16, 8) + bytes([5, 0x25, 3, 16, 0])
        return one_function + interface(0, 1, (14, 1, 0)) + control + units + button + stream

    def press(self, seconds: float = 0.0) -> None:
        """Press the button and let go of it after a while (UVC 1.0, 2.4.2.2)."""
        self._presses.append(bytes([2, 1, 0, 1]))
        self.wake()
        time.sleep(seconds)
        self._presses.append(bytes([2, 1, 0, 0]))
        self.wake()

    def _settled(self, size: int) -> bytes:
        size = min(max(size, 1), len(SIZES))
        width, height = SIZES[size - 1]
        interval = 10_000_000 // self._rate
        bounds = (width * height * 2, self._payload)
        return struct.pack(_PROBE, 1, 1, size, interval, 0, 0, 0, 0, 0, *bounds)

    def control(self, kind: int, request: int, value: int, index: int, data: bytes) -> bytes | None:
        """Negotiate the stream; read and set the controls (UVC 1.0, 4.2 and 4.3)."""
        selector, unit, number = value >> 8, index >> 8, index & 0xFF
        if number == 1 and selector in (PROBE, COMMIT):
            if request == SET_CUR:
                self._probe = self._settled(data[3])
                if selector == COMMIT:
                    self._rest = None
                return b""
            return {GET_LEN: b"\x1a\0", GET_INFO: b"\3"}.get(request, self._probe)
        setting = self.settings.get((unit, selector)) if number == 0 else None
        if setting is None:
            return None
        if request == SET_CUR:
            setting.value = int.from_bytes(data[: setting.size], "little")
            return b""
        return setting.answer(request)

    def next_offer(self) -> float | None:
        """Return when the next frame is due."""
        waits = not self.frozen and not self._isochronous_wanted and self._waiting.get(0x81)
        return self._due if waits else None

    def offer(self, address: int, length: int) -> bytes | None:
        """Return the next payload of a frame; a frame ends with a payload that is not full."""
        if address == BUTTON_ENDPOINT:
            return self._presses.popleft() if self._presses else None
        if address != 0x81 or self.frozen:
            return None
        if self._rest is None:
            now = time.monotonic()
            if now < self._due:
                return None
            self._due = max(self._due + 1 / self._rate, now - 0.1)
            width, height = SIZES[self._probe[3] - 1]
            self._rest = self._frame(self.sent, width, height)
            self.sent += 1
            self._toggle ^= 1
        room = min(length, self._payload) - 2
        data, self._rest = self._rest[:room], self._rest[room:]
        last = 0 if self._rest else 2
        if last:
            self._rest = None
        return bytes([2, 0x80 | self.flags | self._toggle | last]) + data
