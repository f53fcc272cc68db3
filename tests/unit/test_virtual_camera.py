"""What is written to a virtual camera's node, at the seam to the kernel; a kernel is in tests/lab/test_virtual_camera.py."""

import errno
import io
import json
import os
import threading
import time
from ctypes import Structure
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from hub import v4l2
from plugins.virtualcamera.nodes import Node, nodes
from plugins.virtualcamera.writing.__main__ import HEAD, Inlet, main, run
from plugins.virtualcamera.writing.output import Mode, VideoOutput
from plugins.virtualcamera.writing.pictures import card, from_jpeg

MODE = Mode(320, 180, 640, 320 * 180 * 2)


class Kernel:
    """A node's side of the ioctls: v4l2loopback's unless it is told otherwise."""

    def __init__(self) -> None:
        self.driver = b"v4l2 loopback"
        self.caps = v4l2.CAP_VIDEO_OUTPUT
        self.keeps: tuple[int, int, str, int] | None = None  # width, height, fourcc, stride
        self.refuses: dict[int, int] = {}
        self.rate: tuple[int, int] | None = None
        self.asked: list[tuple[int, int, str]] = []
        self.begun = False

    def __call__(self, fd: int, request: int, structure: Structure) -> None:
        self.begun |= request == v4l2.STREAMON
        if request in self.refuses:
            raise OSError(self.refuses[request], os.strerror(self.refuses[request]))
        if request == v4l2.QUERYCAP:
            structure.driver, structure.card = self.driver, b"Classroom microscope"
            structure.capabilities, structure.device_caps = v4l2.CAP_DEVICE_CAPS, self.caps
        elif request == v4l2.S_FMT:
            assert structure.type == v4l2.OUTPUT
            pix = structure.fmt.pix
            self.asked.append((pix.width, pix.height, v4l2.fourcc(pix.pixelformat)))
            if self.keeps is not None:
                pix.width, pix.height, letters, pix.bytesperline = self.keeps
                pix.pixelformat = v4l2.code_of(letters)
                pix.sizeimage = pix.bytesperline * pix.height
        elif request == v4l2.S_PARM:
            assert structure.type == v4l2.OUTPUT
            interval = structure.timeperframe
            self.rate = interval.numerator, interval.denominator


def opened(path: Path, kernel: Kernel, size: tuple[int, int] = (320, 180)) -> VideoOutput:
    path.touch()
    return VideoOutput(str(path), *size, 15, kernel)


def jpeg(size: tuple[int, int], colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=95)
    return out.getvalue()


def seen(data: bytes, mode: Mode) -> np.ndarray:
    """What a reader of the node makes of a picture, in RGB."""
    assert len(data) == mode.size
    lines = np.frombuffer(data, np.uint8)[: mode.stride * mode.height].reshape(mode.height, -1)
    pixels = np.ascontiguousarray(lines[:, : mode.width * 2]).reshape(mode.height, mode.width, 2)
    return cv2.cvtColor(pixels, cv2.COLOR_YUV2RGB_YUYV)


def near(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() <= 8)


# The node.


def test_the_node_is_asked_for_what_browsers_take_and_gets_whole_pictures(tmp_path):
    kernel = Kernel()
    output = opened(tmp_path / "video60", kernel)
    assert output.card == "Classroom microscope"
    assert kernel.asked == [(320, 180, "YUYV")]
    assert kernel.rate == (1, 15)
    assert kernel.begun, (
        "v4l2loopback 0.12 is an output again afterwards only if it knows who wrote"
    )
    assert output.mode == MODE
    assert output.write(b"a" * 10)
    output.close()
    output.close()
    assert (tmp_path / "video60").read_bytes() == b"a" * 10


def test_a_format_that_a_reader_holds_is_kept_to(tmp_path):
    kernel = Kernel()
    kernel.keeps = 640, 360, "YUYV", 1344
    output = opened(tmp_path / "video60", kernel)
    assert output.mode == Mode(640, 360, 1344, 1344 * 360)
    picture = from_jpeg(jpeg((640, 360), (200, 30, 60)), output.mode)
    assert near(seen(picture, output.mode)[359, 639], (200, 30, 60))
    output.close()


@pytest.mark.parametrize(
    ("change", "number"),
    [
        ({"keeps": (320, 180, "MJPG", 0)}, errno.EBUSY),
        ({"keeps": (8, 8, "YUYV", 16)}, errno.EINVAL),
        ({"keeps": (9000, 9000, "YUYV", 18000)}, errno.EINVAL),
        ({"caps": v4l2.CAP_VIDEO_CAPTURE}, errno.EBUSY),
        ({"caps": v4l2.CAP_VIDEO_CAPTURE, "driver": b"uvcvideo"}, errno.ENODEV),
        ({"driver": b"vivid"}, errno.ENODEV),
        ({"refuses": {v4l2.S_FMT: errno.EBUSY}}, errno.EBUSY),
    ],
)
def test_what_cannot_be_written_to_is_let_go_of(tmp_path, change, number):
    kernel = Kernel()
    for name, value in change.items():
        setattr(kernel, name, value)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match=r".") as refused:
        opened(tmp_path / "video60", kernel)
    assert refused.value.errno == number
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_node_that_somebody_left_without_a_word_is_written_to(tmp_path):
    """v4l2loopback 0.12 says neither output nor camera after a program that only wrote."""
    kernel = Kernel()
    kernel.caps = 0
    opened(tmp_path / "video60", kernel).close()
    kernel.driver, kernel.caps = b"vivid", v4l2.CAP_VIDEO_OUTPUT | v4l2.CAP_READWRITE
    kernel.begun = False
    opened(tmp_path / "video60", kernel).close()
    assert not kernel.begun, "where it is written to, buffers are the kernel's own affair"


def test_a_driver_that_knows_no_rate_is_written_to_all_the_same(tmp_path):
    kernel = Kernel()
    kernel.refuses = {v4l2.S_PARM: errno.ENOTTY}
    opened(tmp_path / "video60", kernel).close()


def test_the_program_says_why_a_node_cannot_be_had(tmp_path, capsys):
    assert main(["/dev/null", "320", "180", "15"]) == 3
    assert json.loads(capsys.readouterr().out)["refused"] == errno.ENOTTY
    assert main([str(tmp_path / "none"), "320", "180", "15"]) == 3
    assert json.loads(capsys.readouterr().out)["refused"] == errno.ENOENT


# Pictures.


def test_a_picture_is_fitted_in_and_keeps_its_shape_and_colours():
    whole = seen(from_jpeg(jpeg((1920, 1080), (20, 160, 220)), MODE), MODE)
    assert near(whole[0, 0], (20, 160, 220))
    assert near(whole[179, 319], (20, 160, 220))
    narrow = seen(from_jpeg(jpeg((640, 480), (220, 160, 20)), MODE), MODE)  # 240 wide, 40 each side
    assert near(narrow[90, 20], (0, 0, 0))
    assert near(narrow[90, 300], (0, 0, 0))
    assert near(narrow[0, 44], (220, 160, 20))
    assert near(narrow[179, 275], (220, 160, 20))
    small = seen(from_jpeg(jpeg((64, 36), (90, 90, 90)), MODE), MODE)
    assert near(small[10, 10], (90, 90, 90))


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff\xd9", b"nothing at all", jpeg((64, 64), (1, 2, 3))[:200]],
    ids=["empty", "nothing", "text", "half"],
)
def test_what_is_no_picture_is_told(data):
    assert from_jpeg(data, MODE) is None


def test_a_picture_that_says_it_is_huge_takes_no_memory_to_match():
    data = bytearray(jpeg((64, 64), (1, 2, 3)))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = (16000).to_bytes(2, "big") * 2
    picture = from_jpeg(bytes(data), MODE)  # an eighth of it, which the decoder fills with grey
    assert picture is None or len(picture) == MODE.size


def test_the_card_has_our_letters():
    plain = seen(card("", "", MODE), MODE)
    words = seen(card("Микроскоптан сурет жоқ", "Құрылғы ажыратылған. Өңірде ұя ғана.", MODE), MODE)
    below = slice(100, 180)
    assert plain[60, :, 0].std() > 0, "a crossed camera"
    assert plain[below, :, 0].std() < 2
    assert words[below, :, 0].std() > 5, "fonts-dejavu-core is installed where the tests run"
    long = seen(card("x" * 5000, "ы " * 5000, MODE), MODE)
    assert long.shape == (180, 320, 3)


# The program.


def test_what_comes_in_pieces_is_put_together_and_only_the_newest_counts():
    told = b"".join(
        HEAD.pack(kind, len(data)) + data for kind, data in [(b"J", b"one"), (b"C", b"")]
    )
    inlet = Inlet()
    found = [inlet.feed(told[at : at + 1]) for at in range(len(told))]
    assert [one for one in found if one[0]] == [(1, (b"J", b"one")), (1, (b"C", b""))]
    assert Inlet().feed(told) == (2, (b"C", b""))
    for wrong in (HEAD.pack(b"X", 1), HEAD.pack(b"J", 2**31)):
        with pytest.raises(ValueError, match="bytes"):
            Inlet().feed(wrong)


class Sink:
    """An output that keeps what it is given; full every third time."""

    mode = MODE

    def __init__(self) -> None:
        self.given: list[bytes] = []
        self.times = 0

    def write(self, picture: bytes) -> bool:
        self.times += 1
        if self.times % 3 == 0:
            return False
        self.given.append(picture)
        return True


def test_the_newest_picture_is_given_again_and_again_until_the_hub_is_done(capsys):
    """Programs that read a camera want pictures all the time, also where the microscope sends few."""
    read, write = os.pipe()
    sink = Sink()
    runs = threading.Thread(target=run, args=(sink, 50, read), name="the program")
    runs.start()
    try:
        one, other = jpeg((320, 180), (250, 0, 0)), jpeg((320, 180), (0, 0, 250))
        for data in (one, other):
            os.write(write, HEAD.pack(b"J", len(data)) + data)
            wanted, end = from_jpeg(data, MODE), time.monotonic() + 20
            while sink.given[-3:] != [wanted] * 3:
                assert time.monotonic() < end
                time.sleep(0.01)
        os.write(write, HEAD.pack(b"J", 4) + b"oops")
        time.sleep(0.1)
        assert sink.given[-1] == from_jpeg(other, MODE)
    finally:
        os.close(write)
        runs.join(20)
        os.close(read)
    assert not runs.is_alive()
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["good"] for line in said] == [True, True, False]


# Which nodes.


def test_nodes_are_those_that_stand_on_no_hardware(tmp_path):
    listed = tmp_path / "sys/class/video4linux"
    listed.mkdir(parents=True)
    for name, under, title in (
        ("video0", "devices/pci0000:00/usb1/1-1/video4linux", "USB Microscope"),
        ("video61", "devices/virtual/video4linux", "Classroom\nmicroscope 2\n"),
        ("video60", "devices/virtual/video4linux", "Classroom microscope\n"),
        ("video7", "devices/platform/vivid.0/video4linux", "vivid-000-vid-out"),
    ):
        real = tmp_path / "sys" / under / name
        real.mkdir(parents=True)
        (real / "name").write_text(title)
        (listed / name).symlink_to(real)
    assert nodes(sys=listed) == [
        Node("video60", "/dev/video60", "Classroom microscope"),
        Node("video61", "/dev/video61", "Classroommicroscope 2"),
    ]
    assert [one.id for one in nodes(["/dev/video7"], listed)] == ["video7"]
    assert nodes(["/dev/video9"], listed) == []
    assert nodes(sys=tmp_path / "none") == []
