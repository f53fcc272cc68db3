"""EXIF (CIPA DC-008) of a capture, written without an image library.

The hub's process has no room for one. Texts are UTF-8, as the Metadata Working Group's guidelines
and Exif 3.0 have it; the note is in `UserComment`, whose code says that it is Unicode.
"""

from struct import pack

from plugins.microscopy.facts import NAME_BYTES, NOTE_BYTES, Facts, plain
from plugins.microscopy.jpeg import APP1, EXIF, segment

_ASCII, _LONG, _RATIONAL, _UNDEFINED = 2, 4, 5, 7
_EXIF_IFD = 0x8769
_DATE = "%Y:%m:%d %H:%M:%S"

Tag = tuple[int, int, int, bytes]
"""Number, type, count and value, big-endian."""


def _text(number: int, text: str) -> list[Tag]:
    value = plain(text, NAME_BYTES).encode()
    return [(number, _ASCII, len(value) + 1, value + b"\x00")] if value else []


def _bytes(number: int, value: bytes) -> list[Tag]:
    return [(number, _UNDEFINED, len(value), value)]


def _number(number: int, value: int) -> list[Tag]:
    return [(number, _LONG, 1, pack(">I", value))]


def _ratio(number: int, above: int, below: int) -> list[Tag]:
    return [(number, _RATIONAL, 1, pack(">II", above, below))]


def _ifd(tags: list[Tag], at: int) -> bytes:
    """Lay out one image file directory that starts `at` bytes into the TIFF part."""
    entries, values = [], b""
    behind = at + 2 + 12 * len(tags) + 4
    for number, kind, count, value in sorted(tags):
        if len(value) <= 4:
            inline = value.ljust(4, b"\x00")
        else:
            inline = pack(">I", behind + len(values))
            values += value + b"\x00" * (len(value) % 2)
        entries.append(pack(">HHI", number, kind, count) + inline)
    return pack(">H", len(tags)) + b"".join(entries) + pack(">I", 0) + values


def exif(facts: Facts, width: int, height: int) -> bytes:
    """Return the APP1 segment that describes a capture; `width` and `height` in pixels."""
    date = facts.taken.strftime(_DATE)
    offset = facts.taken.isoformat()[-6:]
    fraction = f"{facts.taken.microsecond // 1000:03d}"
    first = [
        *_text(0x010E, facts.title),
        *_text(0x010F, facts.make),
        *_text(0x0110, facts.model or facts.device_name),
        # Readers want a resolution; 72 to the inch is Exif's way of saying that none is known.
        *_ratio(0x011A, 72, 1),
        *_ratio(0x011B, 72, 1),
        *_text(0x0131, facts.software),
        *_text(0x0132, date),
        *_text(0x013B, facts.author),
    ]
    second = [
        *_bytes(0x9000, b"0232"),
        *_text(0x9003, date),
        *_text(0x9004, date),
        *_text(0x9010, offset),
        *_text(0x9011, offset),
        *_text(0x9012, offset),
        *_text(0x9290, fraction),
        *_text(0x9291, fraction),
        *_text(0x9292, fraction),
        *_number(0xA002, width),
        *_number(0xA003, height),
        *_text(0xA420, facts.unique_id),
    ]
    note = plain(facts.note, NOTE_BYTES)
    if note:
        second += _bytes(0x9286, b"UNICODE\x00" + note.encode("utf-16-be"))
    length = len(_ifd([*first, *_number(_EXIF_IFD, 0)], 8))
    tiff = b"MM\x00\x2a" + pack(">I", 8)
    tiff += _ifd([*first, *_number(_EXIF_IFD, 8 + length)], 8) + _ifd(second, 8 + length)
    return segment(APP1, EXIF + b"\x00" + tiff)
