"""What a picture is, by its own bytes: headers are read, nothing is decoded.

JPEG: ITU-T T.81, annex B (markers and segments). PNG: W3C PNG, sections 5 (chunks) and 11.2 (IHDR).
"""

import mmap
import zlib
from dataclasses import dataclass
from pathlib import Path

from hub.errors import N_, HubError, TooLarge, Unsupported

MAX_SIDE = 16384
MAX_PIXELS = 100_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_SOF = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_BARE = {0x01, *range(0xD0, 0xD8)}
_COMPONENTS = (1, 3, 4)
_PNG_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_CHUNKS = 200_000

Bytes = bytes | mmap.mmap


class BadPicture(HubError):
    """The bytes begin like a picture and are none, or not all of it."""

    code = "bad-picture"
    status = 422
    title = N_("This picture is broken or not complete.")
    hint = N_("Open it on your computer, save it again as JPEG or PNG, and send that.")


class PictureTooLarge(TooLarge):
    """The picture has more pixels than the hub works with."""

    code = "picture-too-large"
    title = N_("This picture has too many pixels.")
    hint = N_("Make it smaller than {side} pixels a side, then send it again.")


@dataclass(frozen=True, slots=True)
class Inspected:
    """What the bytes say of themselves; width and height in pixels, as stored."""

    media_type: str
    width: int
    height: int


def inspect(content: bytes | Path) -> Inspected:
    """Tell what picture this is. Blocking for a `Path`.

    Raises:
        Unsupported: neither JPEG nor PNG.
        BadPicture: broken, cut off, or with no pixels.
        PictureTooLarge: more than 16384 pixels a side or 100 million in all.
    """
    if isinstance(content, bytes):
        return _inspect(content)
    with content.open("rb") as file:
        if not file.read(1):
            raise Unsupported("the file is empty")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            return _inspect(mapped)


def _inspect(data: Bytes) -> Inspected:
    if data[:3] == b"\xff\xd8\xff":
        found = Inspected("image/jpeg", *_jpeg(data))
    elif data[:8] == _PNG:
        found = Inspected("image/png", *_png(data))
    else:
        raise Unsupported(f"begins with {data[:8].hex()}")
    if found.width == 0 or found.height == 0:
        raise BadPicture(f"{found.width} x {found.height} pixels")
    largest = max(found.width, found.height)
    if largest > MAX_SIDE or found.width * found.height > MAX_PIXELS:
        raise PictureTooLarge(f"{found.width} x {found.height} pixels", side=10000)
    return found


def _jpeg(data: Bytes) -> tuple[int, int]:
    """Walk the segments to the first scan; return width and height."""
    size: tuple[int, int] | None = None
    at = 2
    while True:
        if data[at : at + 1] != b"\xff":
            raise BadPicture(f"no marker at byte {at}")
        while data[at : at + 1] == b"\xff":
            at += 1
        marker = _byte(data, at)
        at += 1
        if marker in _BARE:
            continue
        if marker in (0, _SOI, _EOI):
            raise BadPicture(f"marker {marker:02x} at byte {at}")
        length = _number(data, at, 2)
        if length < 2 or at + length > len(data):
            raise BadPicture(f"a segment of {length} bytes at byte {at}")
        if marker in _SOF:
            if size is not None:
                raise BadPicture("two frame headers")
            size = _frame_header(data, at, length)
        at += length
        if marker == _SOS:
            break
    if size is None:
        raise BadPicture("a scan before the frame header")
    if data.rfind(b"\xff\xd9") < at:
        raise BadPicture("it ends before its end marker")
    return size


def _frame_header(data: Bytes, at: int, length: int) -> tuple[int, int]:
    components = _byte(data, at + 7) if length >= 8 else 0
    if components not in _COMPONENTS or length != 8 + 3 * components:
        raise BadPicture(f"a frame header of {length} bytes with {components} components")
    if _byte(data, at + 2) not in (8, 12, 16):
        raise BadPicture("an unknown sample precision")
    return _number(data, at + 5, 2), _number(data, at + 3, 2)


def _png(data: Bytes) -> tuple[int, int]:
    """Check the header and walk the chunks to the end; return width and height."""
    if _number(data, 8, 4) != 13 or data[12:16] != b"IHDR":
        raise BadPicture("no header chunk")
    if zlib.crc32(data[12:29]) != _number(data, 29, 4):
        raise BadPicture("the header's checksum is wrong")
    depth, colour, compression, filters, interlace = data[24:29]
    if depth not in _PNG_DEPTHS.get(colour, ()) or compression or filters or interlace > 1:
        raise BadPicture("an unknown kind of pixels")
    at, pictures = 33, 0
    for _ in range(_CHUNKS):
        length, kind = _number(data, at, 4), data[at + 4 : at + 8]
        if at + 12 + length > len(data):
            raise BadPicture(f"it ends within chunk {kind!r}")
        if kind == b"IHDR":
            raise BadPicture("two header chunks")
        pictures += kind == b"IDAT"
        at += 12 + length
        if kind == b"IEND":
            break
    else:
        raise BadPicture(f"more than {_CHUNKS} chunks")
    if not pictures:
        raise BadPicture("no pixels in it")
    return _number(data, 16, 4), _number(data, 20, 4)


def _byte(data: Bytes, at: int) -> int:
    return _number(data, at, 1)


def _number(data: Bytes, at: int, size: int) -> int:
    raw = data[at : at + size]
    if len(raw) < size:
        raise BadPicture(f"it ends at byte {len(data)}")
    return int.from_bytes(raw, "big")
