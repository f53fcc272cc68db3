"""Any HID device from its report descriptor, such as hid-tools' recordings of real ones hold."""

import struct
from collections import deque
from collections.abc import Mapping

from tests.lab.usb.descriptors import INTERRUPT, Identity, configuration, endpoint, interface
from tests.lab.usb.redir import PlayedDevice

REPORT_DESCRIPTOR, HID_DESCRIPTOR = 0x22, 0x21
GET_REPORT, SET_REPORT, SET_IDLE, SET_PROTOCOL = 1, 9, 10, 11


class HidDevice(PlayedDevice):
    """A HID device with one interface (HID 1.11).

    Args:
        identity: what it says of itself.
        reports: its report descriptor.
        features: what it answers to GET_REPORT, by report id.
    """

    def __init__(
        self, identity: Identity, reports: bytes, features: Mapping[int, bytes] | None = None
    ) -> None:
        self._reports = reports
        self._features = features or {}
        self._hid = struct.pack(
            "<BBHBBBH", 9, HID_DESCRIPTOR, 0x0111, 0, 1, REPORT_DESCRIPTOR, len(reports)
        )
        body = interface(0, 1, (3, 0, 0)) + self._hid + endpoint(0x81, INTERRUPT, 64, 1)
        super().__init__(identity, configuration(1, body))
        self._queue: deque[bytes] = deque()
        self.written: list[tuple[int, bytes]] = []

    def report(self, data: bytes) -> None:
        """Send an input report; may be called from any thread."""
        self._queue.append(data)
        self.wake()

    def control(self, kind: int, request: int, value: int, index: int, data: bytes) -> bytes | None:
        """Answer the requests of the HID class (7.2)."""
        if (kind, request) == (0x81, 6):
            return {REPORT_DESCRIPTOR: self._reports, HID_DESCRIPTOR: self._hid}.get(value >> 8)
        if (kind, request) == (0xA1, GET_REPORT):
            return self._features.get(value & 0xFF)
        if (kind, request) == (0x21, SET_REPORT):
            self.written.append((value, data))
            return b""
        return b"" if kind == 0x21 and request in (SET_IDLE, SET_PROTOCOL) else None

    def offer(self, address: int, length: int) -> bytes | None:
        """Return the oldest report."""
        return self._queue.popleft() if address == 0x81 and self._queue else None


# One finger: in contact, its number, x and y up to 4095, as Windows' touch screens describe them.
_FINGER = bytes.fromhex(
    "050d0922a1020942150025017501950181029507810375080951950181020501"
    "26ff0f7510550e65110930350046350c810246d10609318102050dc0"
)
TOUCH_SCREEN = (
    bytes.fromhex("050d0904a1018501")
    + _FINGER * 10
    + bytes.fromhex("050d550c66011047ffff000027ffff00007510950109568102")
    + bytes.fromhex("0954250a75089501810285020955250ab102c0")
)


TABLE = (
    bytes.fromhex("050d0904a1018501")
    + _FINGER * 6
    + bytes.fromhex("050d550c66011047ffff000027ffff00007510950109568102")
    + bytes.fromhex("0954250c75089501810285020955250cb102c0")
)
"""Twelve fingers, six in a report: a moment takes two, of which the first says how many there are."""


def touch_table(serial: str = "") -> HidDevice:
    """Return a screen for twelve fingers."""
    return HidDevice(Identity(0x2575, 0x0C0C, "Lab", "Lab Table", serial), TABLE, {2: b"\x02\x0c"})


def table_reports(fingers: list[tuple[int, int, int, int]], at: int) -> list[bytes]:
    """Return the reports of one moment: of each finger touching (1 or 0), number, x, y (0-4095)."""
    reports = []
    for first in range(0, len(fingers), 6):
        said = b"".join(struct.pack("<BBHH", *one) for one in fingers[first : first + 6])
        count = len(fingers) if first == 0 else 0
        reports.append(bytes([1]) + said.ljust(36, b"\0") + struct.pack("<HB", at & 0xFFFF, count))
    return reports


def touch_screen(serial: str = "") -> HidDevice:
    """Return a touch screen for ten fingers (hid-multitouch binds to it)."""
    identity = Identity(0x2575, 0x0204, "Lab", "Lab Touch", serial)
    return HidDevice(identity, TOUCH_SCREEN, {2: b"\x02\x0a"})


def touch_report(x: int, y: int, at: int) -> bytes:
    """Return a report of one finger at x, y (0-4095), `at` in tenths of a millisecond."""
    finger = bytes([1, 0]) + struct.pack("<HH", x, y)
    nobody = bytes(6)
    return bytes([1]) + finger + nobody * 9 + struct.pack("<HB", at & 0xFFFF, 1)


def nobody_report(x: int, y: int, at: int) -> bytes:
    """Return the report after it: that finger has left where it was."""
    finger = bytes([0, 0]) + struct.pack("<HH", x, y)
    return bytes([1]) + finger + bytes(6) * 9 + struct.pack("<HB", at & 0xFFFF, 1)
