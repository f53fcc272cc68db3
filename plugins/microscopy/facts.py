"""What is known of a capture, for the picture's own metadata."""

import re
from dataclasses import dataclass
from datetime import datetime

NAME_BYTES = 250
NOTE_BYTES = 9_000
"""What of a text fits the picture: all of them, every letter escaped, fill less than a segment."""

# What XML 1.0 (section 2.2) cannot carry even escaped, and NUL, which ends a text in EXIF.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is written into a picture. Texts come from people and devices: none is trusted.

    Attributes:
        taken: when the frame was taken, with its offset from UTC.
        unique_id: 32 hexadecimal digits, this capture's own.
        frame_sha256: of the camera's bytes, as they were before anything was added.
        scale: micrometres of the specimen to one pixel.
        focus: micrometres above the middle of the focus' travel.
    """

    taken: datetime
    title: str
    author: str
    device: str
    device_name: str
    frame: int
    unique_id: str
    software: str
    frame_sha256: str = ""
    note: str = ""
    make: str = ""
    model: str = ""
    lesson: str = ""
    lesson_title: str = ""
    objective: str | None = None
    scale: float | None = None
    focus: float | None = None


def plain(text: str, limit: int) -> str:
    """Return `text` without control characters, cut to `limit` bytes of UTF-8, whole letters."""
    clean = _UNSPEAKABLE.sub("", text)
    return clean.encode()[:limit].decode(errors="ignore").strip()
