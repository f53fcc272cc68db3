"""The virtual microscope's pictures are true to what it says of them."""

import io
import itertools

import cv2
import numpy as np
import pytest
from PIL import Image

from drivers.virtual.microscope.faults import Misbehaviour
from drivers.virtual.microscope.jpeg import PatchableJpeg
from drivers.virtual.microscope.optics import OBJECTIVES, Specimen, Stage, State
from drivers.virtual.microscope.pattern import PatternScene
from drivers.virtual.microscope.scene import SlideScene
from drivers.virtual.microscope.truth import truth
from drivers.virtual.microscope.view import ViewMaker

SIZE = (640, 360)


def decoded(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def focused(objective: str, **more: object) -> State:
    height = Specimen().focus + OBJECTIVES[objective].parfocal
    return State(objective=objective, focus=height, drift=False, living=False, **more)


@pytest.fixture(scope="module")
def maker() -> ViewMaker:
    return ViewMaker(*SIZE)


def shift(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """How far the picture moved, in pixels, by phase correlation."""
    grey = [cv2.cvtColor(i, cv2.COLOR_BGR2GRAY).astype(np.float32) for i in (first, second)]
    (x, y), _ = cv2.phaseCorrelate(*grey, cv2.createHanningWindow(SIZE, cv2.CV_32F))
    return x, y


@pytest.mark.parametrize("slide", ["tissue", "cells"])
@pytest.mark.parametrize("objective", OBJECTIVES)
def test_moving_the_stage_moves_the_picture_by_its_scale(
    maker: ViewMaker, objective: str, slide: str
) -> None:
    scale = truth(focused(objective), Specimen(), (0, 0), SIZE)["scale"]
    here = maker.make(focused(objective, slide=slide), (0, 0))
    moved = Stage(x=20 * scale, y=-9 * scale)
    there = maker.make(focused(objective, slide=slide, stage=moved), (0, 0))
    assert shift(here, there) == pytest.approx((-20, 9), abs=0.1)


@pytest.mark.parametrize(("coarse", "fine"), [("4x", "10x"), ("10x", "40x")])
def test_a_stronger_objective_magnifies_by_the_ratio_of_the_scales(
    maker: ViewMaker, coarse: str, fine: str
) -> None:
    scales = truth(focused(coarse), Specimen(), (0, 0), SIZE)["scales"]
    ratio = scales[coarse] / scales[fine]
    weak = maker.make(focused(coarse), (0, 0))
    strong = maker.make(focused(fine), (0, 0))
    small = cv2.resize(strong, None, fx=1 / ratio, fy=1 / ratio, interpolation=cv2.INTER_AREA)
    found = cv2.matchTemplate(weak, small, cv2.TM_CCOEFF_NORMED)
    _, best, _, (x, y) = cv2.minMaxLoc(found)
    assert best > 0.8
    middle = x + small.shape[1] / 2, y + small.shape[0] / 2
    assert middle == pytest.approx((SIZE[0] / 2, SIZE[1] / 2), abs=1.5)


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_the_picture_is_sharpest_at_the_best_focus_and_soft_a_depth_of_field_away(
    maker: ViewMaker, objective: str
) -> None:
    def detail(defocus: float) -> float:
        state = focused(objective)
        state = state.model_copy(update={"focus": state.focus + defocus})
        return float(cv2.Laplacian(maker.make(state, (0, 0)), cv2.CV_32F).var())

    depth = OBJECTIVES[objective].depth
    at = [detail(d * depth) for d in (-4, -2, 0, 2, 4)]
    assert at[0] < at[1] < at[2] > at[3] > at[4]


def test_light_makes_the_picture_brighter_and_none_makes_it_black(maker: ViewMaker) -> None:
    means = [maker.make(focused("10x", light=p), (0, 0)).mean() for p in (0, 10, 40, 70, 100)]
    assert means == sorted(means)
    assert means[0] == 0


def test_corners_are_darker_than_the_middle(maker: ViewMaker) -> None:
    picture = maker.make(focused("4x"), (0, 0)).astype(float)
    assert picture[:40, :40].mean() < 0.9 * picture[160:200, 300:340].mean() + 20


@pytest.mark.parametrize("size", [(640, 360), (1920, 1080), (100, 64), (1000, 333)])
def test_a_patched_picture_decodes_to_the_picture_with_the_patch(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    image = cv2.resize(rng.integers(0, 255, (9, 16, 3), np.uint8), size)
    jpeg = PatchableJpeg(image, quality=90)
    patch = jpeg.around(size[0] * 0.4, size[1] * 0.3, size[0] * 0.45, size[1] * 0.99)
    assert patch is not None
    changed = image.copy()
    part = np.s_[patch.top : patch.bottom, patch.left : patch.right]
    changed[part] = 255 - changed[part]
    got = decoded(jpeg.patched(patch, np.ascontiguousarray(changed[part])))
    want = decoded(PatchableJpeg(changed, quality=90).data)
    assert np.abs(got.astype(int) - want).max() <= 40  # colour bleeds over the patch's edge
    assert np.abs(got.astype(int) - want).mean() < 0.3


def test_noise_changes_from_picture_to_picture_of_a_still_slide() -> None:
    scene = SlideScene((160, 96), seed=3)
    pictures = [scene.picture(focused("10x"), (0.0, 0.0), 0.0) for _ in range(30)]
    assert all(a != b for a, b in itertools.pairwise(pictures))


def test_something_alive_moves_in_the_picture() -> None:
    scene = SlideScene(SIZE, seed=3)
    state = focused("40x").model_copy(update={"living": True})
    first, later = (decoded(scene.picture(state, (0.0, 0.0), t)).astype(int) for t in (1.0, 4.0))
    assert np.abs(first - later).max() > 40


def test_the_test_pattern_has_its_size_its_number_and_its_time() -> None:
    scene = PatternScene((1920, 1080), nbytes=250_000)
    state = State()
    pictures = [scene.picture(state, (0.0, 0.0), 0.0) for _ in range(3)]
    assert all(abs(len(p) - 250_000) < 15_000 for p in pictures)
    assert [p.split(b"frame=")[1].split()[0] for p in pictures] == [b"1", b"2", b"3"]
    assert decoded(pictures[2]).shape == (1080, 1920, 3)


def test_drift_is_slow_and_turns_back() -> None:
    specimen = Specimen()
    assert specimen.drifted(0.0) == (0.0, 0.0)
    walk = [specimen.drifted(float(t))[0] for t in range(0, 3000, 5)]
    steps = np.diff(walk)
    assert np.abs(steps).max() <= specimen.drift_x * 5 + 1e-9
    assert max(map(abs, walk)) <= specimen.drift_x * specimen.drift_turn
    assert steps.min() < 0 < steps.max()


def test_counted_faults_spoil_so_many_parts_and_no_more() -> None:
    wrong = Misbehaviour(seed=1)
    wrong.post({"truncate": 2})
    picture = bytes(range(256)) * 4
    spoilt = [picture not in wrong.part(picture) for _ in range(4)]
    assert spoilt == [True, True, False, False]
