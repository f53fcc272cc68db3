"""A stream of JPEG pictures with their times, as Matroska writes it (RFC 9559; EBML: RFC 8794).

It is written front to back and needs no end: cut off anywhere, all whole pictures before the cut
can be played. Each picture is a cluster of its own, so that its time is written whole beside it.
"""

_UNKNOWN_SIZE = b"\x01\xff\xff\xff\xff\xff\xff\xff"
_TRACK = 1
_VIDEO = 1
_KEYFRAME = 0x80


def header(width: int, height: int) -> bytes:
    """Return what stands before the pictures; times are milliseconds.

    Args:
        width: of the first picture, in pixels; the others may differ.
        height: likewise.
    """
    ebml = _element(
        0x1A45DFA3,
        _number(0x4286, 1),  # EBMLVersion
        _number(0x42F7, 1),  # EBMLReadVersion
        _number(0x42F2, 4),  # EBMLMaxIDLength
        _number(0x42F3, 8),  # EBMLMaxSizeLength
        _element(0x4282, b"matroska"),  # DocType
        _number(0x4287, 4),  # DocTypeVersion
        _number(0x4285, 2),  # DocTypeReadVersion
    )
    info = _element(
        0x1549A966,
        _number(0x2AD7B1, 1_000_000),  # TimestampScale: nanoseconds
        _element(0x4D80, b"classroom-hub"),  # MuxingApp
        _element(0x5741, b"classroom-hub"),  # WritingApp
    )
    video = _element(0xE0, _number(0xB0, width), _number(0xBA, height))
    track = _element(
        0xAE,
        _number(0xD7, _TRACK),  # TrackNumber
        _number(0x73C5, _TRACK),  # TrackUID
        _number(0x83, _VIDEO),  # TrackType
        _number(0x9C, 0),  # FlagLacing
        _element(0x86, b"V_MJPEG"),  # CodecID
        video,
    )
    return ebml + _id(0x18538067) + _UNKNOWN_SIZE + info + _element(0x1654AE6B, track)


def picture(milliseconds: int, jpeg: bytes) -> bytes:
    """Return one picture, to be shown from `milliseconds` after the beginning."""
    block = bytes((0x80 | _TRACK, 0, 0, _KEYFRAME)) + jpeg
    return _element(0x1F43B675, _number(0xE7, milliseconds), _element(0xA3, block))


def _id(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _element(name: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    # Eight bytes for every size: longer than need be, and never a special case.
    return _id(name) + (1 << 56 | len(body)).to_bytes(8, "big") + body
