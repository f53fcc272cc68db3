"""What a picture is, told from its bytes alone, whatever those bytes are."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hub.assets import BadPicture, Inspected, PictureTooLarge, inspect
from hub.errors import HubError, Unsupported


def picture(kind: str, width: int, height: int, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height)).save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int, height: int, *, marker: int = 0xC0, components: int = 3) -> bytes:
    """The smallest that has the form of a JPEG."""
    parts = b"".join(bytes([n, 0x11, 0]) for n in range(1, components + 1))
    sof = struct.pack(">BHHB", 8, height, width, components) + parts
    scan = bytes([components]) + b"".join(bytes([n, 0]) for n in range(1, components + 1))
    return b"".join(
        [
            b"\xff\xd8",
            bytes([0xFF, marker]) + struct.pack(">H", len(sof) + 2) + sof,
            b"\xff\xda" + struct.pack(">H", len(scan) + 5) + scan + b"\x00\x3f\x00",
            b"\x12\x34\xff\xd9",
        ]
    )


def png(width: int, height: int, *, depth: int = 8, colour: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), chunk(b"IDAT", b"x"), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(1, 1), (640, 480), (16384, 7)])
@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "L", {}),
        ("JPEG", "CMYK", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("JPEG", "RGB", {"exif": b"Exif\x00\x00" + b"\xff\xd9" * 100}),
        ("PNG", "RGB", {}),
        ("PNG", "RGBA", {}),
        ("PNG", "1", {}),
        ("PNG", "P", {}),
        ("PNG", "I;16", {}),
    ],
)
def test_real_pictures_are_told(
    kind: str, mode: str, options: dict[str, object], size: tuple[int, int]
) -> None:
    found = inspect(picture(kind, *size, mode, **options))
    assert found == Inspected(f"image/{kind.lower()}", *size)


def test_a_file_is_told_as_its_bytes_are(tmp_path: Path) -> None:
    file = tmp_path / "leaf"
    file.write_bytes(picture("PNG", 30, 20))
    assert inspect(file) == Inspected("image/png", 30, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<html><script>alert(1)</script></html>",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"\xff\xd8",
        b"\x89PNG\r\n",
    ],
)
def test_what_is_neither_jpeg_nor_png_is_not_taken(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(Unsupported):
        inspect(data)
    file = tmp_path / "file"
    file.write_bytes(data)
    with pytest.raises(Unsupported):
        inspect(file)


@pytest.mark.parametrize("make", [jpeg, png])
def test_a_picture_of_fifty_thousand_pixels_a_side_is_too_large(make) -> None:
    for width, height in ((50_000, 50_000), (16385, 1), (1, 16385), (10_001, 10_000)):
        with pytest.raises(PictureTooLarge):
            inspect(make(width, height))
    assert inspect(make(10_000, 10_000)).width == 10_000
    assert inspect(make(16384, 6000)).width == 16384


def test_a_png_may_not_claim_more_than_any_number_says() -> None:
    with pytest.raises(PictureTooLarge):
        inspect(png(2**32 - 1, 2**32 - 1))


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (0, 0)])
@pytest.mark.parametrize("make", [jpeg, png])
def test_a_picture_without_pixels_is_broken(make, size: tuple[int, int]) -> None:
    with pytest.raises(BadPicture):
        inspect(make(*size))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_cut_picture_is_broken_wherever_it_was_cut(kind: str) -> None:
    data = picture(kind, 64, 48)
    for end in range(8, len(data) - 1):
        with pytest.raises(BadPicture):
            inspect(data[:end])


def test_what_follows_the_end_of_a_picture_does_not_matter() -> None:
    for kind in ("JPEG", "PNG"):
        data = picture(kind, 64, 48)
        assert inspect(data + bytes(1000)).width == 64


@pytest.mark.parametrize(
    "data",
    [
        jpeg(10, 10, components=2),
        jpeg(10, 10, marker=0xC4),
        jpeg(10, 10)[:2] + b"\xff\xd9" + jpeg(10, 10)[2:],
        b"\xff\xd8\xff\xe0\x00\x00" + jpeg(10, 10)[2:],
        b"\xff\xd8\xff\xe0\xff\xff" + jpeg(10, 10)[2:],
        b"\xff\xd8" + b"\xff" * 1000,
        png(10, 10, depth=3),
        png(10, 10, colour=5),
        png(10, 10).replace(b"IHDR", b"IHDX"),
        png(10, 10).replace(b"IDAT", b"tEXt"),
        png(10, 10)[:16] + b"\x00\x00\x00\x0b" + png(10, 10)[20:],
    ],
)
def test_a_picture_that_breaks_the_rules_is_refused(data: bytes) -> None:
    with pytest.raises(BadPicture):
        inspect(data)


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=400)
    | st.binary(max_size=400).map(lambda tail: b"\xff\xd8\xff" + tail)
    | st.binary(max_size=400).map(lambda tail: b"\x89PNG\r\n\x1a\n" + tail)
)
def test_hostile_bytes_end_in_a_clear_answer(data: bytes) -> None:
    try:
        found = inspect(data)
    except HubError:
        return
    assert 1 <= found.width <= 16384
    assert 1 <= found.height <= 16384


@pytest.mark.slow
@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_real_picture_with_changed_bytes_ends_in_a_clear_answer(data: st.DataObject) -> None:
    made = bytearray(picture(data.draw(st.sampled_from(["JPEG", "PNG"])), 33, 21))
    for _ in range(data.draw(st.integers(1, 6))):
        made[data.draw(st.integers(0, len(made) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = inspect(bytes(made))
    except HubError:
        return
    assert found.width * found.height <= 100_000_000


@pytest.mark.slow
@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=12))
def test_any_row_of_segments_ends_in_a_clear_answer(segments: list[tuple[int, bytes]]) -> None:
    rows = (bytes([0xFF, kind]) + struct.pack(">H", len(b) + 2) + b for kind, b in segments)
    try:
        inspect(b"\xff\xd8" + b"".join(rows) + jpeg(10, 10)[2:])
    except HubError:
        return
