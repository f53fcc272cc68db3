"""An Intuos4 as the kernel's wacom driver knows it, with its general pen.

Source of the reports: Linux' drivers/hid/wacom_wac.c (`wacom_intuos_inout`, `wacom_intuos_general`)
and its table of devices (0xB9: 44704 x 27940 places, 2048 levels, tilt of 64 degrees).
"""

import struct

from tests.lab.usb.descriptors import Identity
from tests.lab.usb.hid import HidDevice

WIDE, HIGH, LEVELS = 44704, 27940, 2047
SERIAL = 0x1234ABCD
_GENERAL_PEN = 0x802
# A mouse as report 1, which the tablet is until it is switched; nine bytes of its own as report 2.
_REPORTS = bytes.fromhex(
    "05010902a10185010901a10005091901290315002501950375018102950175058101050109300931"
    "1581257f750895028106c0c0050d0901a1018502a1000600ff0901150026ff00750895098102c0"
    "090185029501b102c0"
)


class Intuos(HidDevice):
    """A Wacom tablet with a pen."""

    def __init__(self, serial: str = "") -> None:
        identity = Identity(0x056A, 0x00B9, "Wacom Co.,Ltd.", "PTK-640", serial)
        super().__init__(identity, _REPORTS, {2: b"\x02\x02"})

    def come(self) -> None:
        """The pen comes near."""
        self.report(
            bytes([2, 0xC2, _GENERAL_PEN >> 4, (_GENERAL_PEN & 15) << 4 | SERIAL >> 28])
            + bytes([SERIAL >> 20 & 255, SERIAL >> 12 & 255, SERIAL >> 4 & 255])
            + bytes([(SERIAL & 15) << 4, 0, 0])
        )

    def write(self, x: int, y: int, pressure: int, tilt: tuple[int, int], button: bool) -> None:
        """Tell where the pen is; it touches where it is pressed with more than 10 levels."""
        across, down = tilt[0] + 64, tilt[1] + 64
        self.report(
            bytes([2, 0xE0 | pressure & 1 | button << 1])
            + struct.pack(">HH", x >> 1, y >> 1)
            + bytes([pressure >> 3, (pressure >> 1 & 3) << 6 | across >> 1])
            + bytes([(across & 1) << 7 | down, (x & 1) << 1 | y & 1])
        )

    def leave(self) -> None:
        """The pen goes."""
        self.report(bytes([2, 0x80]) + bytes(8))
