"""Metadata put into a camera's JPEG without touching a byte that the camera made.

Ours goes in as one block of segments in front: right after SOI, or after the camera's own JFIF
header, which by its specification wants to be first. Take that block out and the camera's bytes
are left, each of them; nothing is decoded or encoded.

A camera that writes EXIF itself keeps it, and gets only our XMP: two EXIF segments are read
differently by every program, and merging would move the offsets that makers' notes depend on.
XMP carries all that our EXIF would.
"""

from plugins.microscopy.exif import exif
from plugins.microscopy.facts import Facts
from plugins.microscopy.jpeg import APP0, APP1, EXIF, JFIF, JFXX, Jpeg, Segment, scan
from plugins.microscopy.xmp import xmp


def _is_jfif(segment: Segment) -> bool:
    return segment.marker == APP0 and segment.payload[:5] in (JFIF, JFXX)


def _is_exif(segment: Segment) -> bool:
    return segment.marker == APP1 and segment.payload[:5] == EXIF


def place_of(jpeg: Jpeg) -> int:
    """Return how many of the camera's bytes stand in front of what is put in."""
    at = 2
    for segment in jpeg.segments:
        if segment.start != at or not (_is_jfif(segment) or _is_exif(segment)):
            break
        at = segment.end
    return at


def splice(data: bytes, facts: Facts) -> tuple[bytes, Jpeg]:
    """Return the camera's JPEG with `facts` in it, and what its markers say.

    Raises:
        BrokenPicture: it is no whole JPEG.
    """
    jpeg = scan(data)
    at = place_of(jpeg)
    own = b"" if any(map(_is_exif, jpeg.segments)) else exif(facts, jpeg.width, jpeg.height)
    return b"".join((data[:at], own, xmp(facts), data[at:])), jpeg
