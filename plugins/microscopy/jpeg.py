"""The outer form of a JPEG (ITU-T T.81, Annex B): its segments, its size, whether it is whole.

Nothing is decoded: only markers and lengths are followed, so that it costs next to nothing and a
picture made to exhaust a decoder does no harm here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from hub.device import N_, DeviceError

APP0 = 0xE0
APP1 = 0xE1
JFIF = b"JFIF\x00"
JFXX = b"JFXX\x00"
EXIF = b"Exif\x00"
XMP = b"http://ns.adobe.com/xap/1.0/\x00"
MAX_PAYLOAD = 65533
"""Bytes that fit a segment: its length of 16 bits counts itself."""

_SOI, _EOI, _SOS, _TEM = 0xD8, 0xD9, 0xDA, 0x01
_NOT_HERE = frozenset((0x00, _SOI, *range(0xD0, 0xD8)))
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Within a scan, FF 00 is a byte of data and FF D0..D7 a restart; any other marker ends the scan.
_SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")


class BrokenPicture(DeviceError):
    """A frame of the camera is no whole JPEG."""

    code = "broken-picture"
    status = 502
    title = N_("The microscope sent a damaged picture.")
    hint = N_("Try again. If it stays, check the camera's cable.")
    retryable = True


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment in front of the picture's data; `start` is its FF, `end` the byte after it."""

    marker: int
    start: int
    end: int
    payload: memoryview


@dataclass(frozen=True, slots=True)
class Jpeg:
    """What the markers of a whole JPEG say: size in pixels, the segments before its first scan."""

    width: int
    height: int
    segments: tuple[Segment, ...]


def _broken(why: str) -> NoReturn:
    raise BrokenPicture(f"no whole JPEG: {why}")


def _marker_at(data: bytes, at: int) -> tuple[int, int]:
    """Return the marker at `at` and the position after it; fill bytes (FF FF) are allowed."""
    if at >= len(data) or data[at] != 0xFF:
        _broken(f"no marker at byte {at}")
    while at < len(data) and data[at] == 0xFF:
        at += 1
    if at >= len(data):
        _broken("it ends within a marker")
    return data[at], at + 1


def _size(payload: memoryview) -> tuple[int, int]:
    if len(payload) < 6:
        _broken("its frame header is too short")
    height = int.from_bytes(payload[1:3], "big")
    width = int.from_bytes(payload[3:5], "big")
    if not width or not height:
        _broken(f"it says that it is {width} by {height} pixels")
    return width, height


def _walk(data: bytes) -> Iterator[Segment]:
    """Yield every segment up to the end of the picture, which is the end of `data`."""
    view = memoryview(data)
    at = 2
    while True:
        start = at
        marker, at = _marker_at(data, at)
        if marker == _EOI:
            break
        if marker == _TEM:
            continue
        if marker in _NOT_HERE:
            _broken(f"marker {marker:02x} stands at byte {start}")
        end = at + int.from_bytes(view[at : at + 2], "big")
        if end < at + 2 or end > len(data):
            _broken(f"the segment at byte {start} does not fit")
        yield Segment(marker, start, end, view[at + 2 : end])
        at = end
        if marker == _SOS:
            ended = _SCAN_END.search(data, at)
            if ended is None:
                _broken("it is cut short")
            at = ended.start()
    if at != len(data):
        _broken(f"{len(data) - at} bytes stand after its end")


def scan(data: bytes) -> Jpeg:
    """Follow a JPEG's markers from its first byte to its last.

    Raises:
        BrokenPicture: it is cut short, has something after its end, or is no JPEG at all.
    """
    if data[:2] != b"\xff\xd8":
        _broken("it does not start as one")
    segments = tuple(_walk(data))
    first_scan = next((i for i, s in enumerate(segments) if s.marker == _SOS), None)
    if first_scan is None:
        _broken("it has no picture in it")
    header = segments[:first_scan]
    sizes = [s.payload for s in header if s.marker in _SIZES]
    if len(sizes) != 1:
        _broken(f"it says its size {len(sizes)} times before its data")
    return Jpeg(*_size(sizes[0]), header)


def segment(marker: int, payload: bytes) -> bytes:
    """Return the bytes of one segment.

    Raises:
        ValueError: the payload is longer than a segment holds.
    """
    if len(payload) > MAX_PAYLOAD:
        raise ValueError(f"{len(payload)} bytes do not fit a JPEG segment")
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload
