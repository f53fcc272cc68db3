"""The transport of cameras: the kernel's structures, pieces of pictures, what is believed.

Where a kernel can be had it is the truth: see tests/lab/test_camera.py.
"""

import asyncio
import ctypes
import json
import struct
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from drivers.microscope.v4l2.modes import full, live, usable
from hub import v4l2
from hub.device import TimedOut
from hub.device.transports import (
    CameraInUse,
    Transports,
    V4l2Format,
    V4l2Mode,
    V4l2Port,
    V4l2Size,
)
from hub.device.transports._v4l2_node import Filled, V4l2Node
from hub.device.transports._v4l2_transport import HEAD, PIECE, V4l2Transport

# Sizes and numbers of a 64-bit kernel, as a C compiler reads linux/videodev2.h.
SIZES = {
    "Capability": 104,
    "FormatDescription": 64,
    "FrameSize": 44,
    "FrameInterval": 52,
    "Format": 208,
    "CaptureParameters": 204,
    "RequestBuffers": 20,
    "Buffer": 88,
    "QueryControl": 232,
    "QueryMenu": 44,
    "Control": 20,
    "Controls": 32,
}
HEADER = {
    "VIDIOC_QUERYCAP": v4l2.QUERYCAP,
    "VIDIOC_ENUM_FMT": v4l2.ENUM_FMT,
    "VIDIOC_S_FMT": v4l2.S_FMT,
    "VIDIOC_REQBUFS": v4l2.REQBUFS,
    "VIDIOC_QUERYBUF": v4l2.QUERYBUF,
    "VIDIOC_QBUF": v4l2.QBUF,
    "VIDIOC_DQBUF": v4l2.DQBUF,
    "VIDIOC_STREAMON": v4l2.STREAMON,
    "VIDIOC_STREAMOFF": v4l2.STREAMOFF,
    "VIDIOC_G_PARM": v4l2.G_PARM,
    "VIDIOC_S_PARM": v4l2.S_PARM,
    "VIDIOC_QUERYMENU": v4l2.QUERYMENU,
    "VIDIOC_G_EXT_CTRLS": v4l2.G_EXT_CTRLS,
    "VIDIOC_S_EXT_CTRLS": v4l2.S_EXT_CTRLS,
    "VIDIOC_ENUM_FRAMESIZES": v4l2.ENUM_FRAMESIZES,
    "VIDIOC_ENUM_FRAMEINTERVALS": v4l2.ENUM_FRAMEINTERVALS,
    "VIDIOC_QUERY_EXT_CTRL": v4l2.QUERY_EXT_CTRL,
}


@pytest.mark.skipif(ctypes.sizeof(ctypes.c_void_p) != 8, reason="sizes of a 64-bit kernel")
def test_structures_are_as_large_as_the_kernel_s():
    assert {name: ctypes.sizeof(getattr(v4l2, name)) for name in SIZES} == SIZES


def test_requests_are_the_header_s(tmp_path):
    lines = "".join(f'printf("{name} %lu\\n", (unsigned long){name});' for name in HEADER)
    (tmp_path / "ask.c").write_text(
        f"#include <stdio.h>\n#include <linux/videodev2.h>\nint main() {{ {lines} return 0; }}\n"
    )
    try:
        subprocess.run(["cc", "-o", tmp_path / "ask", tmp_path / "ask.c"], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no C compiler or no headers of the kernel here")
    said = subprocess.run([tmp_path / "ask"], check=True, capture_output=True, text=True).stdout
    assert {a: int(b) for a, b in (line.split() for line in said.splitlines())} == HEADER


def test_a_file_is_no_camera(tmp_path):
    (tmp_path / "video0").touch()
    with pytest.raises(OSError, match="no device"):
        V4l2Node(str(tmp_path / "video0"))
    with pytest.raises(OSError, match="ioctl"):
        V4l2Node("/dev/null").identity()


def size(width: int, height: int, *rates: int) -> V4l2Size:
    """Return a size with rates in whole frames a second."""
    return V4l2Size(width=width, height=height, intervals=[(1, rate) for rate in rates])


def offers(fourcc: str, *sizes: V4l2Size) -> V4l2Format:
    """Return a format."""
    return V4l2Format(fourcc=fourcc, name=fourcc, compressed=fourcc == "MJPG", sizes=list(sizes))


def test_jpeg_goes_before_raw_and_the_live_view_is_smooth():
    modes = usable(
        [
            offers("YUYV", size(640, 480, 30), size(1920, 1080, 5), size(2592, 1944, 2)),
            offers("H264", size(3840, 2160, 30)),
            offers("MJPG", size(640, 480, 60, 30), size(1280, 720, 30), size(1920, 1080, 15)),
        ]
    )
    assert list(modes) == ["640x480", "1280x720", "1920x1080", "2592x1944"]
    assert [mode.fourcc for mode in modes.values()] == ["MJPG", "MJPG", "MJPG", "YUYV"]
    assert modes["640x480"].rate == 30
    assert live(modes).name == "1280x720"
    assert full(modes).name == "2592x1944"


def test_a_camera_that_names_no_sizes_or_rates_is_usable():
    assert live(usable([offers("YUYV")])).name == "640x480"
    assert live(usable([offers("MJPG", size(800, 600))])).rate == 0
    assert live(usable([offers("MJPG", size(5472, 3648, 1))])).name == "5472x3648"
    assert usable([offers("H264", size(640, 480, 30))]) == {}


@pytest.mark.parametrize("side", [0, 15, 16384, 2**32 - 1])
def test_sides_that_cannot_be_are_not_believed(side):
    with pytest.raises(ValidationError):
        V4l2Size(width=side, height=480)
    with pytest.raises(ValidationError):
        V4l2Mode(fourcc="MJPG", width=640, height=side, stride=0, size=1, rate=30)


@pytest.mark.parametrize(
    ("fraction", "sane"), [((1, 30), True), ((1, 0), False), ((0, 1), False), ((1, 10**7), False)]
)
def test_rates_that_cannot_be_are_not_believed(fraction, sane):
    from hub.device.transports._v4l2_node import _sane

    assert _sane(v4l2.Fraction(*fraction)) is sane


# Pieces of pictures


def pieces(data: bytes, sequence: int, *, skipped: int = 0, broken: int = 0, full: bool = False):
    """Return the packets of a picture."""
    micros = int(time.monotonic() * 1e6)
    head = (micros, skipped, broken, full, 0)
    return [
        HEAD.pack(sequence, len(data), at, *head) + data[at : at + PIECE]
        for at in range(0, max(len(data), 1), PIECE)
    ]


async def port() -> V4l2Port:
    """Return a camera's port that streams, fed by hand."""
    made = V4l2Port("/dev/video0")
    made._streaming = True
    return made


LARGE = bytes(range(256)) * 4000


async def test_a_large_picture_arrives_whole_and_the_newest_wins():
    camera = await port()
    for sequence, data in enumerate([LARGE, LARGE[1:], b"small"]):
        for piece in pieces(data, sequence):
            camera.data_received(piece)
    got = await camera.picture(limit=1)
    assert (got.data, got.sequence) == (b"small", 2)
    assert abs(got.time - time.monotonic()) < 5
    assert (camera.counts.pictures, camera.counts.skipped) == (3, 2)
    with pytest.raises(TimedOut):
        await camera.picture(limit=0.05)


async def test_a_picture_of_which_a_piece_was_lost_is_not_shown():
    camera = await port()
    parts = pieces(LARGE, 1)
    for piece in [parts[0], *parts[2:], *pieces(b"next", 2)]:
        camera.data_received(piece)
    assert (await camera.picture(limit=1)).data == b"next"
    assert (camera.counts.pictures, camera.counts.broken) == (1, 1)


async def test_gaps_are_counted_by_whose_fault_they_are():
    camera = await port()
    for piece in [
        *pieces(b"a", 2**32 - 2),
        *pieces(b"b", 1, skipped=1),  # the count goes round: two were missed, one passed over
        *pieces(b"c", 5, full=True),
        # What came while all buffers were full is missing before the first that had room again.
        *pieces(b"", 8, broken=1),
        *pieces(b"d", 10),
    ]:
        camera.data_received(piece)
    counts = camera.counts
    assert (counts.missed, counts.late, counts.broken, counts.skipped) == (2, 4, 1, 4)


class Drained:
    """A node whose filled buffers are these, as far as one look at it takes them."""

    fd, buffers = -1, 5

    def __init__(self) -> None:
        self.filled: list[Filled] = []

    def take(self):
        return self.filled.pop(0) if self.filled else None

    def content(self, filled):
        return b"picture %d" % filled.sequence

    def give_back(self, filled):
        """It is filled again."""

    def close(self):
        """Nothing to let go of."""


class Held(asyncio.Protocol):
    """What a channel is to the transport below it."""

    recorded = False

    def connection_made(self, transport):
        """It is the test's to ask."""


def drained(transport, node, *buffers):
    """Look at the node once; `buffers`: numbers, a broken one's below nothing."""
    error = v4l2.BUF_ERROR
    node.filled = [Filled(0, 10, error if n < 0 else 0, abs(n), 0) for n in buffers]
    transport._readable()


@pytest.mark.parametrize("recorded", [False, True])
async def test_broken_pictures_are_counted_once_wherever_they_stand(recorded):
    node, channel, camera = Drained(), Held(), await port()
    channel.recorded = recorded
    transport = V4l2Transport(node, channel, "/dev/video0")
    transport.set_protocol(camera)
    drained(transport, node, 1)
    drained(transport, node, 2, -3)  # the last one is broken
    assert (await camera.picture(limit=1)).sequence == 2
    transport._next = float("inf")  # a recording has no room now
    drained(transport, node, -4, 5)
    transport._next = 0.0
    drained(transport, node, -6)
    drained(transport, node, 8, 9)
    counts = camera.counts
    assert (counts.broken, counts.missed, counts.late) == (3, 1, 0)
    transport.abort()
    await asyncio.wrap_future(transport.closed)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=80), max_size=12))
def test_any_packets_are_taken_without_an_error(packets):
    camera = V4l2Port("/dev/video0")
    camera._streaming = True
    for packet in packets:
        camera.data_received(packet)
    assert len(camera._pieces) <= 80 * 12


# Calls, and what the kernel refuses


async def called(answer: bytes) -> V4l2Port:
    """Return a port whose next call is answered so, as by a recording."""
    camera = V4l2Port("/dev/video0")

    class Channel:
        def is_closing(self):
            return False

        async def call(self, name, request, work, *, blocking):
            return answer

    camera.channel = Channel()
    return camera


async def test_a_busy_camera_names_its_holder():
    holders = [{"pid": 4711, "name": "zoom"}]
    refused = json.dumps({"refused": 16, "text": "Device or resource busy", "holders": holders})
    with pytest.raises(CameraInUse, match=r"zoom \(process 4711\)"):
        await (await called(refused.encode())).set_mode("MJPG", 640, 480)
    unseen = json.dumps({"refused": 16, "text": "Device or resource busy"})
    with pytest.raises(CameraInUse, match="fuser -v /dev/video0"):
        await (await called(unseen.encode())).set_mode("MJPG", 640, 480)


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense", b"[1]", b'{"width": 0}', b'{"refused": "x"}', b"null"]
)
async def test_answers_that_make_no_sense_are_refused(answer):
    from hub.device import WrongDevice

    camera = await called(answer)
    for ask in (camera.identity, lambda: camera.set_mode("MJPG", 640, 480)):
        with pytest.raises(WrongDevice):
            await ask()


async def test_a_node_that_is_not_there():
    from hub.device import Unreachable

    with pytest.raises(Unreachable):
        await Transports().v4l2("/dev/nothing-is-here")


def test_the_head_of_a_piece_is_as_documented():
    assert struct.calcsize("<IIIqHHHH") == HEAD.size == 28
