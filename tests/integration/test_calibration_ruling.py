"""The ruling finder, held against rulings that this test draws by geometry of its own."""

import math

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.microscopy.calibration.errors import BadPicture, LinesTooClose, NoRuling
from plugins.microscopy.calibration.ruling import find, read

WIDTH, HEIGHT = 640, 480
FINE = 5.0  # px: under it, lines may be sampled like spaces (of 4 px, two dark and two bright)
OFTEN = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def drawn(
    period: float,
    angle: float,
    *,
    lines: int = 101,
    shift: float = 0.3,
    dark: float = 90.0,
    uneven: float = 0.0,
    noise: float = 0.0,
    blur: float = 0.7,
    seed: int = 1,
    only: int = 1,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> np.ndarray:
    """A ruling as polygons with fixed-point corners, filled four times as large, then reduced."""
    finer = 4
    image = np.full((size[1] * finer, size[0] * finer), 200, np.uint8)
    along = np.array([math.cos(math.radians(angle)), math.sin(math.radians(angle))])
    beside = np.array([-along[1], along[0]])
    middle = np.array(size, float) / 2
    half = max(0.11 * period, 0.4)
    for number in range(-(lines // 2), lines - lines // 2):
        if number % only:
            continue
        long = 90.0 if number % 10 == 0 else 65.0 if number % 5 == 0 else 42.0
        at = middle + along * (number + shift) * period
        corners = [
            at + along * half * a + beside * long * b
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        points = np.round((np.array(corners) * finer - 0.5) * 256).astype(np.int32)
        cv2.fillConvexPoly(image, points, int(200 - dark), cv2.LINE_8, 8)
    reduced = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    reduced = cv2.GaussianBlur(reduced, (0, 0), blur)
    y, x = np.mgrid[: size[1], : size[0]].astype(np.float32)
    reduced *= 1 - uneven * ((x / size[0] - 0.3) ** 2 + (y / size[1] - 0.6) ** 2)
    grain = np.random.default_rng(seed).normal(0, 1, reduced.shape).astype(np.float32)
    return np.clip(reduced + noise * grain, 0, 255).round().astype(np.float32)


@OFTEN
@given(
    period=st.floats(4.0, 60.0),
    angle=st.floats(-90.0, 90.0),
    shift=st.floats(-0.5, 0.5),
    dark=st.floats(50.0, 160.0),
    uneven=st.floats(0.0, 0.9),
    noise=st.floats(0.0, 4.0),
    seed=st.integers(0, 1000),
)
def test_it_finds_the_period_at_any_angle_in_any_light(
    period: float,
    angle: float,
    shift: float,
    dark: float,
    uneven: float,
    noise: float,
    seed: int,
) -> None:
    image = drawn(period, angle, shift=shift, dark=dark, uneven=uneven, noise=noise, seed=seed)
    found = find(image)
    assert found.period == pytest.approx(period, rel=0.01)
    assert abs(found.period / period - 1) < 3 * found.error
    turned = (found.angle - angle + 90) % 180 - 90
    assert abs(turned) < 1.5
    assert math.dist(*found.ends) == pytest.approx(found.divisions * period, rel=0.01)
    for end in found.ends:
        # Each end lies on a line: a whole number of periods from the ruling's own line 0. Of a
        # fine ruling it may lie on a space: the period is the same.
        at = np.array(end) - (WIDTH / 2, HEIGHT / 2)
        steps = at @ [math.cos(math.radians(angle)), math.sin(math.radians(angle))] / period - shift
        parts = 1 if period >= FINE else 2
        assert abs(steps * parts - round(steps * parts)) < 0.15 * parts


@pytest.mark.parametrize("lines", [9, 14])
def test_part_of_a_ruling_is_enough(lines: int) -> None:
    found = find(drawn(22.0, 31.0, lines=lines))
    assert found.lines == lines
    assert found.period == pytest.approx(22.0, rel=0.005)


def test_a_dark_field_with_bright_lines() -> None:
    assert find(255 - drawn(14.0, 12.0)).period == pytest.approx(14.0, rel=0.005)


def test_a_picture_of_twelve_megapixels_is_looked_through_smaller() -> None:
    image = drawn(40.0, 3.0, size=(4000, 3000))
    assert find(image).period == pytest.approx(40.0, rel=0.005)


def test_every_fifth_line_alone_is_not_taken_for_the_divisions() -> None:
    with pytest.raises(LinesTooClose):
        find(drawn(7.0, 20.0, only=5, lines=121))


@pytest.mark.parametrize("seed", range(4))
def test_noise_and_blobs_are_no_ruling(seed: int) -> None:
    rng = np.random.default_rng(seed)
    noise = rng.normal(128, 40, (HEIGHT, WIDTH)).astype(np.float32)
    for picture in (noise, cv2.GaussianBlur(noise, (0, 0), 4), cv2.GaussianBlur(noise, (0, 0), 15)):
        with pytest.raises(NoRuling):
            find(np.clip(picture, 0, 255))


@pytest.mark.parametrize("level", [0.0, 128.0, 255.0])
def test_an_empty_picture_has_no_ruling(level: float) -> None:
    with pytest.raises(NoRuling):
        find(np.full((HEIGHT, WIDTH), level, np.float32))


def test_a_single_line_or_a_few_are_no_ruling() -> None:
    for lines in (1, 3, 4):
        with pytest.raises(NoRuling):
            find(drawn(25.0, 10.0, lines=lines))


def test_lines_at_uneven_distances_are_no_ruling() -> None:
    rng = np.random.default_rng(2)
    image = np.full((HEIGHT, WIDTH), 200, np.float32)
    for x in rng.uniform(10, WIDTH - 10, 24):
        image[100:380, int(x) : int(x) + 4] = 60
    with pytest.raises(NoRuling):
        find(image)


@pytest.mark.parametrize(
    "content", [b"", b"no picture", b"\xff\xd8\xff\xd9", b"\xff\xd8" + bytes(999)]
)
def test_what_is_no_picture_is_refused(tmp_path, content: bytes) -> None:
    file = tmp_path / "frame"
    file.write_bytes(content)
    with pytest.raises(BadPicture):
        read(str(file))
