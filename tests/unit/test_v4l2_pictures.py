"""What the driver of USB cameras makes of their pictures: whole or not, tables, raw formats."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from drivers.microscope.v4l2.jpeg import HUFFMAN, whole
from drivers.microscope.v4l2.raw import encoded
from hub.device.transports import V4l2Mode
from tests.conftest import TINY_JPEG


def picture(**options) -> bytes:
    """Return a JPEG that Pillow made of noise in colour."""
    noise = np.random.default_rng(4).integers(0, 256, (96, 128, 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "JPEG", **{"quality": 80, **options})
    return out.getvalue()


NOISE = picture()


def segments(data: bytes) -> list[tuple[int, int, int]]:
    """Return marker, begin and end of the segments before the scan's data (T.81, B.1)."""
    found, at = [], 2
    while True:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        found.append((data[at + 1], at, end))
        if data[at + 1] == 0xDA:
            return found
        at = end


def without_tables(data: bytes) -> bytes:
    """Return a JPEG without its Huffman tables, as many cameras send it."""
    parts = [data[begin:end] for marker, begin, end in segments(data) if marker != 0xC4]
    return data[:2] + b"".join(parts) + data[segments(data)[-1][2] :]


def pixels(data: bytes) -> np.ndarray:
    """Return what Pillow sees."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


@pytest.mark.parametrize(
    "data", [TINY_JPEG, NOISE, picture(progressive=True), picture(optimize=True)]
)
def test_a_whole_picture_passes_as_it_is(data):
    assert whole(data) is data


@pytest.mark.parametrize("padding", [b"\0", bytes(5000), b"\xff\xff\0", b"\r\n"])
def test_padding_after_the_end_is_cut_off(padding):
    assert whole(NOISE + padding) == NOISE


def test_tables_that_were_left_out_are_put_in():
    bare = without_tables(NOISE)
    assert b"\xff\xc4" not in bare[: len(bare) // 4]
    mended = whole(bare)
    assert len(mended) == len(bare) + len(HUFFMAN)
    assert (pixels(mended) == pixels(NOISE)).all()


def test_the_tables_are_those_that_pillow_writes():
    # Pillow writes one segment for each; joined they are the one that is put in.
    own = b"".join(
        NOISE[begin + 4 : end] for marker, begin, end in segments(NOISE) if marker == 0xC4
    )
    assert sorted(own) == sorted(HUFFMAN[4:])


SCAN = segments(NOISE)[-1][2]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        NOISE[:-2],
        NOISE[: len(NOISE) // 2],
        NOISE[100:],
        NOISE[: SCAN + 500] + bytes(500) + NOISE[SCAN + 1000 :],
        NOISE[: SCAN + 500] + NOISE,
        NOISE[:SCAN] + b"\xff\xd9",
        b"\xff\xd8" + bytes(2000) + b"\xff\xd9",
        b"GIF89a" + NOISE,
    ],
)
def test_what_is_not_whole_is_left_out(spoilt):
    assert whole(spoilt) is None


def test_a_dark_picture_has_no_hole():
    black = io.BytesIO()
    Image.new("RGB", (1920, 1080)).save(black, "JPEG")
    assert whole(black.getvalue()) == black.getvalue()


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.integers(0, len(NOISE)), st.integers(0, 400))
def test_anything_is_judged_without_an_error(junk, at, gone):
    spoilt = NOISE[:at] + junk + NOISE[at + gone :]
    for one in (spoilt, junk, b"\xff\xd8" + junk + b"\xff\xd9"):
        got = whole(one)
        assert got is None or (got[:2], got[-2:]) == (b"\xff\xd8", b"\xff\xd9")


def mode(fourcc: str, width: int, height: int, stride: int) -> V4l2Mode:
    """Return a mode with lines of `stride` bytes."""
    size = stride * height * 2
    return V4l2Mode(fourcc=fourcc, width=width, height=height, stride=stride, size=size, rate=30)


# Left half red, right half blue, as ITU-R BT.601 says in studio range.
RED, BLUE = (81, 90, 240), (41, 240, 110)


def yuv(order: str, width: int, height: int, stride: int) -> bytes:
    """Return the two halves in a packed 4:2:2 format, by the letters of its four bytes."""
    line = b""
    for x in range(0, width, 2):
        y, u, v = RED if x < width // 2 else BLUE
        line += bytes({"y": y, "u": u, "v": v}[letter] for letter in order)
    return line.ljust(stride, b"\x55") * height


def planes(width: int, height: int, stride: int, *, swapped: bool) -> bytes:
    """Return the two halves as a plane of brightness and one of colours at half size."""
    half = width // 2
    light = (bytes([RED[0]]) * half + bytes([BLUE[0]]) * half).ljust(stride, b"\x55") * height
    pairs = [(one[2], one[1]) if swapped else (one[1], one[2]) for one in (RED, BLUE)]
    colours = b"".join(bytes(pair) * (half // 2) for pair in pairs).ljust(stride, b"\x55")
    return light + colours * (height // 2)


@pytest.mark.parametrize(
    ("fourcc", "data", "stride"),
    [
        ("YUYV", yuv("yuyv", 64, 32, 128), 128),
        ("YUYV", yuv("yuyv", 64, 32, 160), 160),
        ("UYVY", yuv("uyvy", 64, 32, 128), 128),
        ("YVYU", yuv("yvyu", 64, 32, 128), 128),
        ("NV12", planes(64, 32, 64, swapped=False), 64),
        ("NV12", planes(64, 32, 96, swapped=False), 96),
        ("NV21", planes(64, 32, 64, swapped=True), 64),
        ("RGB3", (b"\xff\0\0" * 32 + b"\0\0\xff" * 32) * 32, 192),
        ("BGR3", (b"\0\0\xff" * 32 + b"\xff\0\0" * 32) * 32, 192),
    ],
)
def test_raw_pictures_are_encoded_in_their_colours(fourcc, data, stride):
    shown = pixels(encoded(data, mode(fourcc, 64, 32, stride)))
    assert shown.shape == (32, 64, 3)
    assert np.abs(shown[16, 8].astype(int) - (255, 0, 0)).max() < 25
    assert np.abs(shown[16, 56].astype(int) - (0, 0, 255)).max() < 25


def test_grey_pictures_are_encoded():
    shown = pixels(encoded(bytes(range(0, 256, 4)) * 32, mode("GREY", 64, 32, 64)))
    assert np.abs(shown[5, :, 1].astype(int) - np.arange(0, 256, 4)).max() < 10


@pytest.mark.parametrize("fourcc", ["YUYV", "NV12", "GREY", "RGB3"])
def test_a_short_raw_picture_is_left_out(fourcc):
    assert encoded(b"\x80" * 900, mode(fourcc, 64, 32, 64)) is None
