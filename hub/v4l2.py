"""Structures and requests of Video for Linux (linux/videodev2.h), as the kernel lays them out.

The names are the header's. Only what capturing from a camera and writing to an output node need is
here: the transport of cameras uses it, and the program that writes a picture for other programs.
"""

import ctypes
import fcntl
from ctypes import Structure, Union, c_char, c_int32, c_int64, c_uint8, c_uint32, c_uint64
from typing import ClassVar

CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
OUTPUT = 2  # V4L2_BUF_TYPE_VIDEO_OUTPUT
MMAP = 1  # V4L2_MEMORY_MMAP

CAP_VIDEO_CAPTURE = 0x00000001
CAP_VIDEO_OUTPUT = 0x00000002
CAP_READWRITE = 0x01000000
CAP_STREAMING = 0x04000000
CAP_DEVICE_CAPS = 0x80000000

FIELD_NONE = 1
COLORSPACE_SRGB = 8

FMT_COMPRESSED = 0x0001
SIZES_DISCRETE = 1
INTERVALS_DISCRETE = 1
CAP_TIME_PER_FRAME = 0x1000

BUF_ERROR = 0x0040
BUF_TIMESTAMP_MASK = 0xE000
BUF_TIMESTAMP_MONOTONIC = 0x2000

TYPE_INTEGER, TYPE_BOOLEAN, TYPE_MENU, TYPE_BUTTON = 1, 2, 3, 4
TYPE_INTEGER64, TYPE_CLASS, TYPE_BITMASK, TYPE_INTEGER_MENU = 5, 6, 8, 9

FLAG_DISABLED = 0x0001
FLAG_GRABBED = 0x0002
FLAG_READ_ONLY = 0x0004
FLAG_INACTIVE = 0x0010
FLAG_WRITE_ONLY = 0x0040
FLAG_NEXT = 0x80000000


class Capability(Structure):
    """struct v4l2_capability."""

    _fields_: ClassVar = [
        ("driver", c_char * 16),
        ("card", c_char * 32),
        ("bus_info", c_char * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    ]


class FormatDescription(Structure):
    """struct v4l2_fmtdesc."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("type", c_uint32),
        ("flags", c_uint32),
        ("description", c_char * 32),
        ("pixelformat", c_uint32),
        ("mbus_code", c_uint32),
        ("reserved", c_uint32 * 3),
    ]


class Fraction(Structure):
    """struct v4l2_fract."""

    _fields_: ClassVar = [("numerator", c_uint32), ("denominator", c_uint32)]


class FrameSize(Structure):
    """struct v4l2_frmsizeenum; `numbers`: width, height, or min, max, step of each."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("type", c_uint32),
        ("numbers", c_uint32 * 6),
        ("reserved", c_uint32 * 2),
    ]


class FrameInterval(Structure):
    """struct v4l2_frmivalenum; `fractions`: one, or min, max and step."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("pixel_format", c_uint32),
        ("width", c_uint32),
        ("height", c_uint32),
        ("type", c_uint32),
        ("fractions", Fraction * 3),
        ("reserved", c_uint32 * 2),
    ]


class PixelFormat(Structure):
    """struct v4l2_pix_format."""

    _fields_: ClassVar = [
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colorspace", c_uint32),
        ("priv", c_uint32),
        ("flags", c_uint32),
        ("ycbcr_enc", c_uint32),
        ("quantization", c_uint32),
        ("xfer_func", c_uint32),
    ]


class _FormatUnion(Union):
    # Another member of the union has pointers: it begins where one may stand.
    _fields_: ClassVar = [
        ("pix", PixelFormat),
        ("raw", c_uint8 * 200),
        ("align", ctypes.c_void_p),
    ]


class Format(Structure):
    """struct v4l2_format."""

    _fields_: ClassVar = [("type", c_uint32), ("fmt", _FormatUnion)]


class CaptureParameters(Structure):
    """struct v4l2_captureparm, with the room of its union in v4l2_streamparm."""

    _fields_: ClassVar = [
        ("type", c_uint32),
        ("capability", c_uint32),
        ("capturemode", c_uint32),
        ("timeperframe", Fraction),
        ("extendedmode", c_uint32),
        ("readbuffers", c_uint32),
        ("rest", c_uint8 * 176),
    ]


class RequestBuffers(Structure):
    """struct v4l2_requestbuffers."""

    _fields_: ClassVar = [
        ("count", c_uint32),
        ("type", c_uint32),
        ("memory", c_uint32),
        ("capabilities", c_uint32),
        ("flags", c_uint8),
        ("reserved", c_uint8 * 3),
    ]


class Time(Structure):
    """struct timeval."""

    _fields_: ClassVar = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long)]


class _Memory(Union):
    _fields_: ClassVar = [("offset", c_uint32), ("userptr", ctypes.c_ulong)]


class Buffer(Structure):
    """struct v4l2_buffer."""

    _fields_: ClassVar = [
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp", Time),
        ("timecode", c_uint32 * 4),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _Memory),
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_int32),
    ]


class QueryControl(Structure):
    """struct v4l2_query_ext_ctrl."""

    _fields_: ClassVar = [
        ("id", c_uint32),
        ("type", c_uint32),
        ("name", c_char * 32),
        ("minimum", c_int64),
        ("maximum", c_int64),
        ("step", c_uint64),
        ("default_value", c_int64),
        ("flags", c_uint32),
        ("elem_size", c_uint32),
        ("elems", c_uint32),
        ("nr_of_dims", c_uint32),
        ("dims", c_uint32 * 4),
        ("reserved", c_uint32 * 32),
    ]


class _MenuUnion(Union):
    _pack_ = 1
    _fields_: ClassVar = [("name", c_char * 32), ("value", c_int64)]


class QueryMenu(Structure):
    """struct v4l2_querymenu."""

    _pack_ = 1
    _fields_: ClassVar = [
        ("id", c_uint32),
        ("index", c_uint32),
        ("item", _MenuUnion),
        ("reserved", c_uint32),
    ]


class _ControlUnion(Union):
    _pack_ = 1
    _fields_: ClassVar = [("value", c_int32), ("value64", c_int64)]


class Control(Structure):
    """struct v4l2_ext_control."""

    _pack_ = 1
    _fields_: ClassVar = [
        ("id", c_uint32),
        ("size", c_uint32),
        ("reserved2", c_uint32),
        ("u", _ControlUnion),
    ]


class Controls(Structure):
    """struct v4l2_ext_controls."""

    _fields_: ClassVar = [
        ("which", c_uint32),
        ("count", c_uint32),
        ("error_idx", c_uint32),
        ("request_fd", c_int32),
        ("reserved", c_uint32),
        ("controls", ctypes.POINTER(Control)),
    ]


def _request(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("V") << 8 | number


def _writes_and_reads(number: int, structure: type[Structure]) -> int:
    return _request(3, number, ctypes.sizeof(structure))


QUERYCAP = _request(2, 0, ctypes.sizeof(Capability))
ENUM_FMT = _writes_and_reads(2, FormatDescription)
S_FMT = _writes_and_reads(5, Format)
REQBUFS = _writes_and_reads(8, RequestBuffers)
QUERYBUF = _writes_and_reads(9, Buffer)
QBUF = _writes_and_reads(15, Buffer)
DQBUF = _writes_and_reads(17, Buffer)
STREAMON = _request(1, 18, 4)
STREAMOFF = _request(1, 19, 4)
G_PARM = _writes_and_reads(21, CaptureParameters)
S_PARM = _writes_and_reads(22, CaptureParameters)
QUERYMENU = _writes_and_reads(37, QueryMenu)
G_EXT_CTRLS = _writes_and_reads(71, Controls)
S_EXT_CTRLS = _writes_and_reads(72, Controls)
ENUM_FRAMESIZES = _writes_and_reads(74, FrameSize)
ENUM_FRAMEINTERVALS = _writes_and_reads(75, FrameInterval)
QUERY_EXT_CTRL = _writes_and_reads(103, QueryControl)


def ask(fd: int, request: int, structure: Structure | ctypes.c_int) -> None:
    """Do an ioctl that reads, and perhaps fills, a structure (OSError)."""
    fcntl.ioctl(fd, request, structure, True)  # noqa: FBT003 - fcntl's own


def fourcc(code: int) -> str:
    """Return the four letters of a pixel format; what is no printable letter becomes `?`."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in code.to_bytes(4, "little")
    ).rstrip()


def code_of(letters: str) -> int:
    """Return the number of a pixel format's letters (ValueError where they are none)."""
    data = letters.ljust(4).encode("ascii")
    if len(data) != 4:
        raise ValueError(f"{letters!r} is no pixel format")
    return int.from_bytes(data, "little")
