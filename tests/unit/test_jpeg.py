"""The outer form of JPEGs: what is whole is taken, what is not is refused, whatever the bytes."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from plugins.microscopy.jpeg import MAX_PAYLOAD, BrokenPicture, scan, segment


def picture(size=(32, 24), **options) -> bytes:
    out = io.BytesIO()
    noise = Image.effect_noise(size, 80).convert("RGB")
    noise.save(out, "JPEG", **options)
    return out.getvalue()


PICTURES = {
    "plain": picture(),
    "progressive": picture(progressive=True),
    "restarts": picture((128, 96), restart_marker_blocks=2),
    "grey": picture((1, 1)),
    "own metadata": picture(exif=Image.Exif().tobytes(), comment=b"by the camera"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_whole_picture_is_taken_with_its_size(name):
    data = PICTURES[name]
    found = scan(data)
    assert (found.width, found.height) == Image.open(io.BytesIO(data)).size
    assert found.segments[0].start == 2
    for before, after in zip(found.segments, found.segments[1:], strict=False):
        assert before.end == after.start


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_cut_anywhere_is_refused(name):
    data = PICTURES[name]
    for end in {*range(0, len(data), 7), len(data) - 1, len(data) - 2}:
        with pytest.raises(BrokenPicture):
            scan(data[:end])


def test_fill_bytes_before_a_marker_are_allowed():
    data = PICTURES["plain"]
    assert scan(data[:2] + b"\xff\xff" + data[2:]).width == 32
    assert scan(data[:-2] + b"\xff" + data[-2:]).width == 32


def test_a_thumbnail_inside_a_segment_is_not_taken_for_the_picture():
    data = PICTURES["plain"]
    inside = segment(0xE1, b"thumbnail" + picture((8, 8)))
    assert (scan(data[:2] + inside + data[2:]).width) == 32


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"\xff\xd8",
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\x00\x01\xff\xd9",
        b"\xff\xd8\xff\xe0\xff\xff\xff\xd9",
        b"\xff\xd8\xff\xc0\x00\x02\xff\xd9",
        b"\xff\xd8\xff\xd8\xff\xd9",
        PICTURES["plain"] + b"\x00",
        PICTURES["plain"] + PICTURES["plain"],
        PICTURES["plain"].replace(b"\xff\xc0\x00\x11\x08\x00\x18", b"\xff\xc0\x00\x11\x08\x00\x00"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data):
    with pytest.raises(BrokenPicture):
        scan(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused_but_never_crash(data):
    for candidate in (data, b"\xff\xd8" + data, b"\xff\xd8" + data + b"\xff\xd9"):
        try:
            found = scan(candidate)
        except BrokenPicture:
            continue
        assert found.width > 0


@given(
    name=st.sampled_from(sorted(PICTURES)),
    edits=st.lists(st.tuples(st.integers(2, 400), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_picture_with_wrong_bytes_is_taken_or_refused_but_never_crashes(name, edits):
    data = bytearray(PICTURES[name])
    for at, value in edits:
        data[min(at, len(data) - 1)] = value
    try:
        found = scan(bytes(data))
    except BrokenPicture:
        return
    assert found.segments[-1].end < len(data)


def test_a_segment_holds_what_its_length_can_say_and_no_more():
    assert len(segment(0xE1, bytes(MAX_PAYLOAD))) == MAX_PAYLOAD + 4
    with pytest.raises(ValueError, match="do not fit"):
        segment(0xE1, bytes(MAX_PAYLOAD + 1))
