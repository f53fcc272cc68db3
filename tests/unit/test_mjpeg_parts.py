"""Pictures are cut out of a multipart body, whatever a camera or a bad cable makes of it."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from drivers.microscope.mjpeg import JpegParts


def jpeg(body: bytes = b"\x12\x34", *, app: bytes = b"JFIF\0") -> bytes:
    """The bones of a JPEG picture: one segment, one scan."""
    scan = body.replace(b"\xff", b"\xff\x00")
    if scan.endswith(b"\xff"):
        scan += b"\x00"
    segment = b"\xff\xe0" + (len(app) + 2).to_bytes(2, "big") + app
    return b"\xff\xd8" + segment + b"\xff\xda\x00\x04\x01\x02" + scan + b"\xff\xd9"


def real(colour: str = "navy", size: tuple[int, int] = (64, 48), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", **options)
    return out.getvalue()


def part(
    picture: bytes,
    *,
    boundary: bytes = b"--frame",
    length: int | None = -1,
    newline: bytes = b"\r\n",
) -> bytes:
    lines = [boundary, b"Content-Type: image/jpeg"]
    if length is not None:
        lines.append(b"Content-Length: %d" % (len(picture) if length < 0 else length))
    return newline.join([*lines, b"", b""]) + picture + newline


def cut(data: bytes, *, chunk: int = 0, limit: int = 1 << 20) -> list[bytes]:
    parts = JpegParts(limit=limit)
    step = chunk or max(len(data), 1)
    return [frame for at in range(0, len(data), step) for frame in parts.feed(data[at : at + step])]


PICTURES = [real("navy"), real("teal", (200, 100)), real("white", (31, 7))]


@pytest.mark.parametrize("length", [-1, None, 0, 7, 100_000, 999_999_999])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
@pytest.mark.parametrize("boundary", [b"--frame", b"frame", b"----x y'()", b""])
def test_every_picture_comes_out_byte_for_byte(
    length: int | None, newline: bytes, boundary: bytes
) -> None:
    body = b"".join(
        part(p, boundary=boundary, length=length, newline=newline) for p in PICTURES * 3
    )
    assert cut(body + bytes(100_000)) == PICTURES * 3


def test_a_picture_comes_out_as_soon_as_its_last_byte_is_there() -> None:
    parts = JpegParts()
    body = part(PICTURES[0])
    assert parts.feed(body[:-3]) == []
    assert parts.feed(body[-3:-2]) == [PICTURES[0]]


def test_bare_pictures_without_any_boundary_come_out() -> None:
    assert cut(b"".join(PICTURES)) == PICTURES


def test_a_preamble_and_parts_that_are_no_pictures_are_passed_over() -> None:
    text = b"--frame\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    assert cut(b"ignore this" * 500 + text + part(PICTURES[0]) + text) == PICTURES[:1]


def test_the_thumbnail_inside_a_picture_is_not_taken_for_the_picture() -> None:
    thumbnail = real("red", (8, 8))
    picture = jpeg(b"picture" * 50, app=b"Exif\0\0" + thumbnail)
    assert cut(part(picture, length=None) * 2) == [picture] * 2
    assert cut(part(picture, length=12) * 2) == [picture] * 2


def test_progressive_pictures_with_restart_markers_come_out() -> None:
    picture = real("olive", (300, 200), progressive=True, restart_marker_blocks=3)
    assert cut(part(picture, length=None)) == [picture]


@pytest.mark.parametrize("length", [-1, None])
@pytest.mark.parametrize("keep", [3, 20, 400, -40, -1])
def test_a_truncated_picture_is_dropped_and_the_next_one_kept(
    length: int | None, keep: int
) -> None:
    parts = JpegParts()
    spoilt, good = PICTURES[1][:keep], PICTURES[0]
    body = part(good) + part(spoilt, length=length) + part(good) * 3
    frames = parts.feed(body)
    assert set(frames) == {good}
    assert len(frames) >= 3
    assert parts.counts.truncated + parts.counts.garbage >= 1


def test_a_picture_that_never_ends_costs_no_more_memory_than_the_limit() -> None:
    parts = JpegParts(limit=10_000)
    frames = parts.feed(part(jpeg(b"start"), length=None)[:-4])
    for _ in range(200):
        frames += parts.feed(b"\x55" * 997)
        assert parts.pending <= 10_000 + 997
    assert frames == []
    assert parts.counts.oversize == 1
    assert parts.feed(part(PICTURES[0])) == [PICTURES[0]]


def test_a_camera_that_lies_about_lengths_is_not_believed_for_long() -> None:
    parts = JpegParts()
    small, body = jpeg(b"small"), b""
    for _ in range(10):
        parts.feed(part(small, length=len(small) + 30))
    body = part(small, length=len(small) + 30)
    assert parts.feed(body[:-2]) == [small]
    assert parts.counts.wrong_lengths == 4


entropy = st.binary(max_size=60)
pieces = st.one_of(
    st.builds(lambda b, length: part(jpeg(b), length=length), entropy, st.integers(-1, 300)),
    st.builds(lambda b, keep: part(jpeg(b)[:keep]), entropy, st.integers(0, 80)),
    st.builds(lambda b: part(jpeg(b), length=None, newline=b"\n"), entropy),
    st.builds(jpeg, entropy),
    st.binary(max_size=80),
    st.lists(
        st.sampled_from([b"\xff", b"\xd8", b"\xd9", b"\xda", b"\x00", b"\x02", b"--frame\r\n"]),
        max_size=30,
    ).map(b"".join),
)
bodies = st.lists(pieces, max_size=12).map(b"".join)


@given(body=bodies, sizes=st.lists(st.integers(1, 90), min_size=1, max_size=20))
def test_the_same_bytes_give_the_same_pictures_however_they_arrive(
    body: bytes, sizes: list[int]
) -> None:
    whole = JpegParts(limit=400)
    expected = whole.feed(body)
    parts = JpegParts(limit=400)
    frames: list[bytes] = []
    at = turn = 0
    while at < len(body):
        size = sizes[turn % len(sizes)]
        frames += parts.feed(body[at : at + size])
        at, turn = at + size, turn + 1
        assert parts.pending <= 400 + 1024 + max(sizes)
    assert frames == expected
    assert parts.counts == whole.counts


@given(body=bodies)
def test_what_comes_out_is_a_piece_of_what_came_in_and_looks_like_a_picture(body: bytes) -> None:
    for frame in cut(body):
        assert frame in body
        assert frame.startswith(b"\xff\xd8\xff")
        assert frame.endswith(b"\xff\xd9")


@given(noise=st.binary(max_size=3000), picture=st.sampled_from(PICTURES))
def test_after_any_noise_the_pictures_come_again(noise: bytes, picture: bytes) -> None:
    parts = JpegParts(limit=20_000)
    parts.feed(noise)
    frames: list[bytes] = []
    # A length in the noise may swallow the pictures within the limit, not for ever.
    for _ in range(60_000 // len(picture)):
        frames += parts.feed(part(picture))
    assert picture in frames[-2:]
