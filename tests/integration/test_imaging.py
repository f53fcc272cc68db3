"""Work on pictures, held against specimens, lights and places that our code did not produce."""

import contextlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.virtual.microscope.cells import in_view
from drivers.virtual.microscope.optics import OBJECTIVES, Stage, State
from drivers.virtual.microscope.view import ViewMaker
from plugins.microscopy.imaging.count import count
from plugins.microscopy.imaging.errors import (
    NoOverlap,
    NoSuchPlace,
    OtherPlace,
    OtherSize,
    TooManyPixels,
    UnreadablePicture,
)
from plugins.microscopy.imaging.flat import flatten, shade_of
from plugins.microscopy.imaging.histogram import histogram, sharpness
from plugins.microscopy.imaging.mosaic import mosaic
from plugins.microscopy.imaging.pictures import read, size_of
from plugins.microscopy.imaging.stack import stack
from tests.drawn_slides import drawn

WIDTH, HEIGHT = 960, 540
SCALE = OBJECTIVES["40x"].scale(WIDTH)
FOCUS = 13.6
COUNTING = {
    "looks": "auto",
    "threshold": 1.0,
    "part": True,
    "borders": False,
    "smallest": 0,
    "largest": 0,
}


@pytest.fixture(scope="module")
def maker() -> ViewMaker:
    return ViewMaker(WIDTH, HEIGHT)


def view(maker: ViewMaker, **state) -> np.ndarray:
    """A view of the virtual slide (BGR), without noise."""
    wanted = State(**{"slide": "tissue", "objective": "40x", "focus": FOCUS, **state})
    return cv2.add(maker.make(wanted, (0, 0)), np.full(4, 8.0))


def keep(path: Path, pixels: np.ndarray, *, noise: float = 1.5, seed: int = 0) -> str:
    seen = pixels.astype(float) + np.random.default_rng(seed).normal(0, noise, pixels.shape)
    cv2.imwrite(str(path), np.clip(seen + 0.5, 0, 255).astype(np.uint8), [1, 92])
    return str(path)


def rms(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(((one.astype(float) - other.astype(float)) ** 2).mean()))


# Focus stacks


@pytest.fixture(scope="module")
def focused(maker, tmp_path_factory):
    """Nine pictures of a specimen that rises to the right; the stage creeps, the picture grows."""
    folder, truth = tmp_path_factory.mktemp("stack"), view(maker)
    heights = np.linspace(0, 8, WIDTH)[None].repeat(HEIGHT, axis=0)
    soft = np.stack([truth, *(cv2.GaussianBlur(truth, (0, 0), 1.2 * n) for n in range(1, 9))])
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    paths = []
    for index in range(9):
        away = np.abs(heights - index)
        low = np.clip(away.astype(int), 0, 7)
        part = (away - low)[..., None]
        seen = soft[low, rows, columns] * (1 - part) + soft[low + 1, rows, columns] * part
        step = index - 4
        grow = 1 + 0.0008 * step
        middle_x, middle_y = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
        move = (1.3 * step, -0.7 * step)
        matrix = np.array(
            [
                [grow, 0, middle_x * (1 - grow) + move[0]],
                [0, grow, middle_y * (1 - grow) + move[1]],
            ]
        )
        size = (WIDTH, HEIGHT)
        seen = cv2.warpAffine(seen, matrix, size, flags=4, borderMode=cv2.BORDER_REFLECT)
        paths.append(keep(folder / f"{index}.jpg", seen, seed=index))
    return paths, truth, heights


def test_a_stack_is_sharp_all_over_and_knows_the_heights(focused, tmp_path):
    paths, truth, heights = focused
    facts = stack(paths, str(tmp_path / "sharp.jpg"), str(tmp_path / "heights.png"))
    made = cv2.imread(str(tmp_path / "sharp.jpg"))
    assert made.shape == (facts["height"], facts["width"], 3)
    assert facts["moved"] == pytest.approx(np.hypot(5.2, 2.8), rel=0.1)
    top, left = facts["top"], facts["left"]
    part = np.s_[top : top + facts["height"], left : left + facts["width"]]
    best_single = min(rms(cv2.imread(path)[part], truth[part]) for path in paths)
    assert rms(made, truth[part]) < 0.45 * best_single
    grey = cv2.imread(str(tmp_path / "heights.png"), 0) / 255 * 8
    assert rms(grey, heights[part]) < 0.4


def test_a_stack_of_equal_pictures_is_that_picture_with_less_noise(maker, tmp_path):
    truth = view(maker)
    paths = [keep(tmp_path / f"{n}.jpg", truth, noise=4, seed=n) for n in range(4)]
    facts = stack(paths, str(tmp_path / "out.jpg"), str(tmp_path / "h.png"))
    part = np.s_[
        facts["top"] : facts["top"] + facts["height"],
        facts["left"] : facts["left"] + facts["width"],
    ]
    made = cv2.imread(str(tmp_path / "out.jpg"))
    assert rms(made, truth[part]) < 0.85 * rms(cv2.imread(paths[0])[part], truth[part])


def test_a_picture_of_another_place_is_named(focused, maker, tmp_path):
    other = keep(tmp_path / "other.jpg", view(maker, stage=Stage(x=900, y=500)))
    with pytest.raises(OtherPlace) as refused:
        stack([*focused[0][:3], other], str(tmp_path / "out.jpg"), str(tmp_path / "h.png"))
    assert refused.value.params == {"which": 4}
    assert not (tmp_path / "out.jpg").exists()


# Mosaics


@pytest.fixture(scope="module")
def tiles(maker, tmp_path_factory):
    """Six pictures of a slide moved by hand, the lamp flickering and the field uneven; where they
    were taken, px; and the same under a steady, even light."""
    folder, rng = tmp_path_factory.mktemp("mosaic"), np.random.default_rng(2)
    paths, places, even = [], [], []
    for index, (row, column) in enumerate([(0, 1), (1, 2), (0, 0), (1, 0), (0, 2), (1, 1)]):
        x = (column - 1) * 0.75 * WIDTH * SCALE + rng.uniform(-8, 8)
        y = (row - 0.5) * 0.75 * HEIGHT * SCALE + rng.uniform(-5, 5)
        height = FOCUS + 0.004 * x - 0.002 * y
        light = 70 + rng.uniform(-6, 6)
        here = {"stage": Stage(x=x, y=y), "focus": height}
        seen = view(maker, **here, light=light, vignetting=0.35)
        paths.append(keep(folder / f"{index}.jpg", seen, seed=index))
        even.append(keep(folder / f"even{index}.jpg", view(maker, **here, vignetting=0)))
        places.append((x / SCALE, y / SCALE))
    return paths, np.array(places), even


def test_a_mosaic_lies_where_the_stage_was_and_its_light_is_even(tiles, tmp_path):
    paths, places, even = tiles
    target = tmp_path / "mosaic.jpg"
    facts = mosaic(paths, str(target))
    found = np.array(facts["places"])
    assert np.abs((found - found[0]) - (places - places[0])).max() < 1.0
    made = cv2.imread(str(target))
    assert made.shape[:2] == (facts["height"], facts["width"])

    truth = _laid([cv2.imread(path) for path in even], found, facts)
    inner = np.s_[60:-60, 60:-60]
    gain = made[inner].mean() / truth[inner].mean()
    slow = _slow(made - truth * gain)[inner]
    uneven = _slow(_laid([cv2.imread(path) for path in paths], found, facts) - truth * gain)[inner]
    assert slow.std() < 0.4 * uneven.std()
    alike = np.corrcoef(made[inner].ravel()[::5], truth[inner].ravel()[::5])[0, 1]
    assert alike > 0.95


def _slow(difference):
    return cv2.GaussianBlur(difference.mean(axis=2), (0, 0), 30)


def _laid(pictures, places, facts):
    """Pictures laid down one upon the other where they belong, nothing done to their light."""
    canvas = np.full((facts["height"], facts["width"], 3), 128.0)
    for picture, (x, y) in zip(pictures, places, strict=True):
        left, top = round(x), round(y)
        room = canvas[top : top + HEIGHT, left : left + WIDTH]
        room[:] = picture[: room.shape[0], : room.shape[1]]
    return canvas


def test_pictures_that_do_not_overlap_are_named(tiles, maker, tmp_path):
    far = keep(tmp_path / "far.jpg", view(maker, stage=Stage(x=500, y=450), focus=14.7))
    with pytest.raises(NoOverlap) as refused:
        mosaic([*tiles[0], far], str(tmp_path / "out.jpg"))
    assert refused.value.params == {"which": "7"}


def test_pictures_of_nothing_overlap_with_nothing(tmp_path):
    grey = np.full((200, 300, 3), 120, np.uint8)
    paths = [keep(tmp_path / f"{n}.jpg", grey, seed=n) for n in range(3)]
    with pytest.raises(NoOverlap) as refused:
        mosaic(paths, str(tmp_path / "out.jpg"))
    assert refused.value.params == {"which": "1, 2, 3"}


# Light and white


def test_an_empty_picture_evens_the_light_of_another(maker, tmp_path):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    away = np.hypot((columns - 500) / WIDTH, (rows - 250) / WIDTH)
    lamp = (1 - 0.9 * away**2)[..., None] * np.array([0.8, 0.95, 1.0])
    blank = keep(tmp_path / "blank.jpg", 220 * lamp)
    specimen = np.full((HEIGHT, WIDTH, 3), 200.0)
    specimen[100:200, 100:800] = 90
    seen = keep(tmp_path / "seen.jpg", specimen * lamp, seed=1)
    facts = flatten(seen, str(tmp_path / "out.jpg"), [blank], "background")
    made = cv2.imread(str(tmp_path / "out.jpg")).astype(float)
    green = lamp[..., 1]
    assert facts["falloff"] == pytest.approx(1 - green.min() / green.max(), abs=0.08)
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[90:210, 90:810] = False
    ground = cv2.blur(made, (15, 15))[outside]
    assert ground.std(axis=0).max() / ground.mean() < 0.012  # it was 0.07 to 0.1
    assert np.ptp(ground.mean(axis=0)) < 2  # grey is grey now


def test_light_is_told_from_several_pictures_of_different_places(maker, tmp_path):
    paths = []
    for index in range(8):
        stage = Stage(x=240.0 * (index % 4), y=170.0 * (index // 4))
        seen = view(maker, slide="cells", stage=stage, vignetting=0.4, focus=FOCUS)
        paths.append(keep(tmp_path / f"{index}.jpg", seen, seed=index))
    field = shade_of(paths).field.mean(axis=2)
    lost = 1 - field[field.shape[0] // 2, 1] / field.max()
    assert lost == pytest.approx(0.4, abs=0.1)


def test_a_patch_that_is_white_in_truth_becomes_white(tmp_path):
    cast = np.full((120, 160, 3), (120.0, 160.0, 200.0))
    cast[40:80, 40:80] = (60, 80, 100)
    seen = keep(tmp_path / "cast.jpg", cast)
    facts = flatten(seen, str(tmp_path / "out.jpg"), [], "none", [90, 10, 40, 40])
    red, green, blue = facts["gains"]
    assert (red, green, blue) == pytest.approx((0.8, 1.0, 4 / 3), rel=0.01)
    made = cv2.imread(str(tmp_path / "out.jpg"))[50:70, 50:70].reshape(-1, 3).mean(axis=0)
    assert np.ptp(made) < 2
    with pytest.raises(NoSuchPlace):
        flatten(seen, str(tmp_path / "out.jpg"), [], "none", [150, 10, 40, 40])


# Counting


@pytest.mark.parametrize(
    ("objective", "focus", "sizes"),
    # At 4x a cell is twelve pixels wide, and the objective blurs it by more than one.
    [("4x", 6.0, 0.06), ("10x", 12.0, 0.03), ("40x", FOCUS, 0.04)],
)
def test_all_cells_are_counted_and_sized(objective, focus, sizes, tmp_path):
    width, height = 1920, 1080
    scale = OBJECTIVES[objective].scale(width)
    seen = view(ViewMaker(width, height), slide="cells", objective=objective, focus=focus)
    found = count(keep(tmp_path / "cells.jpg", seen), COUNTING)
    truth = [
        (x / scale, y / scale, d / scale)
        for x, y, d in in_view(0, 0, width * scale, height * scale)
        if x > d / 2 and y > d / 2 and x < width * scale - d / 2 and y < height * scale - d / 2
    ]
    assert len(found["objects"]) == pytest.approx(len(truth), abs=max(1, 0.01 * len(truth)))
    assert found["looks"] == "bright"
    sized = ratios(found["objects"], truth)
    assert len(sized) >= 0.99 * len(truth)
    assert np.mean(sized) == pytest.approx(1.0, abs=sizes)


def ratios(found: list[dict], truth: list[tuple[float, float, float]]) -> list[float]:
    """The diameter found of each object that is found, to its true one."""
    places = np.array([(one["x"], one["y"]) for one in found])
    sized = []
    for x, y, diameter in truth:
        away = np.hypot(*(places - (x, y)).T)
        if away.min() < diameter / 4:
            sized.append(found[int(away.argmin())]["diameter"] / diameter)
    return sized


# What counting takes for granted was chosen by the cells above; nothing was chosen by these.
@pytest.mark.parametrize(
    ("kind", "sizes"), [("yeast", 0.02), ("starch", 0.02), ("blood", 0.08), ("pollen", 0.02)]
)
def test_objects_of_slides_that_it_was_not_made_for_are_counted_and_sized(kind, sizes, tmp_path):
    picture, truth = drawn(kind, 1)
    path = str(tmp_path / "drawn.jpg")
    cv2.imwrite(path, picture, [1, 90])
    found = count(path, COUNTING)["objects"]
    assert len(found) == pytest.approx(len(truth), abs=0.02 * len(truth))
    sized = ratios(found, [(one.x, one.y, one.diameter) for one in truth])
    assert len(sized) >= 0.98 * len(truth)
    assert np.mean(sized) == pytest.approx(1.0, abs=sizes)


def test_discs_of_known_size_that_touch_are_parted(tmp_path):
    picture = np.full((400, 600, 3), 210, np.uint8)
    discs = [(100, 100, 40), (172, 100, 36), (300, 200, 50), (360, 260, 40), (500, 330, 25)]
    for x, y, radius in discs:
        cv2.circle(picture, (x * 16, y * 16), radius * 16, (120, 60, 140), -1, cv2.LINE_AA, 4)
    found = count(keep(tmp_path / "discs.png", picture), COUNTING)["objects"]
    assert len(found) == len(discs)
    for x, y, radius in discs:
        one = min(found, key=lambda o: np.hypot(o["x"] - x, o["y"] - y))
        assert one["diameter"] == pytest.approx(2 * radius, rel=0.05)
        assert one["feret"] == pytest.approx(2 * radius, rel=0.08)


def test_size_and_border_say_what_counts(tmp_path):
    picture = np.full((300, 400, 3), 40, np.uint8)
    for x, y, radius in [(100, 100, 30), (200, 100, 10), (0, 200, 30)]:
        cv2.circle(picture, (x, y), radius, (200, 200, 200), -1)
    path = keep(tmp_path / "discs.png", picture)
    assert len(count(path, COUNTING)["objects"]) == 2
    assert len(count(path, {**COUNTING, "borders": True})["objects"]) == 3
    assert len(count(path, {**COUNTING, "smallest": 30})["objects"]) == 1
    assert len(count(path, {**COUNTING, "largest": 30})["objects"]) == 1


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2), (64, 64)])
def test_there_is_nothing_in_a_picture_of_nothing(level, size, tmp_path):
    path = str(tmp_path / "nothing.png")
    cv2.imwrite(path, np.full((*size, 3), level, np.uint8))
    assert count(path, COUNTING)["objects"] == []


# Histogram, sharpness


def test_levels_are_counted(tmp_path):
    picture = np.zeros((10, 10, 3), np.uint8)
    picture[:5] = (255, 10, 20)  # blue, green, red
    cv2.imwrite(str(tmp_path / "p.png"), picture)
    found = histogram(str(tmp_path / "p.png"))
    assert (found["blue"][255], found["green"][10], found["red"][20]) == (50, 50, 50)
    assert found["clipped"] == {"dark": 0.5, "bright": 0.5}
    assert sum(found["grey"]) == found["pixels"] == 100


def test_sharpness_is_greatest_at_the_best_focus_whatever_the_light(maker):
    def score(focus: float, light: float = 70) -> float:
        seen = view(maker, focus=focus, light=light).astype(float)
        seen += np.random.default_rng(1).normal(0, 1.5, seen.shape)
        return sharpness(np.clip(seen, 0, 255).astype(np.uint8))

    scores = {focus: score(FOCUS + focus) for focus in (-6, -3, 0, 3, 6)}
    assert max(scores, key=scores.get) == 0
    assert scores[-6] < scores[-3] < scores[0] > scores[3] > scores[6]
    assert score(FOCUS, 50) == pytest.approx(scores[0], rel=0.2)


# Bad input


def test_damaged_and_foreign_pictures_are_named(focused, maker, tmp_path):
    paths = focused[0]
    whole = Path(paths[0]).read_bytes()
    cut, other, big = tmp_path / "cut.jpg", tmp_path / "other.jpg", tmp_path / "big.png"
    cut.write_bytes(whole[: len(whole) // 2])
    cv2.imwrite(str(other), np.zeros((20, 30, 3), np.uint8))
    cv2.imwrite(str(big), np.zeros((10_001, 10_000), np.uint8))
    out, heights = str(tmp_path / "out.jpg"), str(tmp_path / "h.png")
    for bad, error, more in (
        (str(cut), UnreadablePicture, []),
        (str(tmp_path / "gone.jpg"), UnreadablePicture, []),
        (str(other), OtherSize, []),
        (str(big), TooManyPixels, []),
    ):
        with pytest.raises(error) as refused:
            stack([paths[0], bad, *more], out, heights)
        assert refused.value.params == {"which": 2}
    assert not Path(out).exists()


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_do_harm(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes.jpg"
    for head in (b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n"):
        path.write_bytes(head + data)
        with pytest.raises((UnreadablePicture, TooManyPixels)):
            read(str(path))


@given(st.integers(0, 600), st.integers(0, 255))
@settings(max_examples=150, deadline=None)
def test_a_picture_with_a_changed_byte_is_read_or_refused(tiny_jpeg, tmp_path_factory, at, value):
    changed = bytearray(tiny_jpeg)
    changed[at % len(changed)] = value
    path = tmp_path_factory.getbasetemp() / "changed.jpg"
    path.write_bytes(changed)
    with contextlib.suppress(UnreadablePicture, TooManyPixels):
        assert read(str(path)).ndim == 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_read_as_browsers_show_them(orientation, tmp_path):
    from PIL import Image, ImageOps

    picture = Image.new("RGB", (40, 20), "white")
    picture.paste("red", (0, 0, 10, 10))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "turned.png"
    picture.save(path, exif=exif)
    with Image.open(path) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
    assert np.array_equal(read(str(path)), expected)
    size = size_of(str(path))
    assert (size.height, size.width) == expected.shape[:2]
