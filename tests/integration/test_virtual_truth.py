"""What GET /truth says is what the pictures show, found here by other means than they are drawn."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from drivers.virtual.microscope.optics import OBJECTIVES, Specimen, State
from drivers.virtual.microscope.scene import SlideScene
from drivers.virtual.microscope.truth import truth
from drivers.virtual.microscope.view import ViewMaker

SIZE = (960, 540)


def focused(objective: str = "10x", **more: object) -> State:
    height = Specimen().focus + OBJECTIVES[objective].parfocal
    known = {"focus": height, "drift": False, "living": False, **more}
    return State(objective=objective, **known)


@pytest.fixture(scope="module")
def maker() -> ViewMaker:
    return ViewMaker(*SIZE)


def of(state: State, size: tuple[int, int] = SIZE) -> dict:
    return truth(state, Specimen(), (0.0, 0.0), size)


def dark_runs(row: np.ndarray) -> list[float]:
    """Middles of the dark runs of a row of grey values, px from its beginning, to subpixels."""
    ink = row.max() - row.astype(float)
    dark = ink > ink.max() / 2
    starts = np.flatnonzero(np.diff(dark.astype(int)) == 1) + 1
    ends = np.flatnonzero(np.diff(dark.astype(int)) == -1) + 1
    ends = ends[ends > starts[0]]
    runs = [np.arange(s - 2, e + 2) for s, e in zip(starts, ends, strict=False)]
    return [float((ink[r] * (r + 0.5)).sum() / ink[r].sum()) for r in runs if r[-1] < row.size]


@pytest.mark.parametrize(("objective", "lines"), [("4x", 101), ("10x", 76), ("40x", 19)])
@pytest.mark.parametrize("angle", [0, 90])
def test_the_micrometers_lines_lie_ten_micrometres_apart(
    objective: str, lines: int, angle: int
) -> None:
    size = (1920, 1080)
    state = focused(objective, slide="micrometer", angle=angle, vignetting=0.0)
    picture = cv2.cvtColor(ViewMaker(*size).make(state, (0, 0)), cv2.COLOR_BGR2GRAY)
    row = picture[size[1] // 2] if angle == 0 else picture[:, size[0] // 2]
    middles = np.array(dark_runs(row))
    scale = of(state, size)["scale"]
    in_view = min(lines, 2 * int(row.size * scale / 20) + 1)
    assert abs(len(middles) - in_view) <= 1
    assert np.diff(middles) * scale == pytest.approx(10.0, abs=0.15)
    whole = (middles[-1] - middles[0]) * scale / (len(middles) - 1)
    assert whole == pytest.approx(10.0, rel=2e-3)


@pytest.mark.parametrize("angle", [-151.0, -37.5, 3.0, 45.0, 118.0])
def test_the_micrometers_ends_are_where_the_truth_says(angle: float) -> None:
    state = focused("4x", slide="micrometer", angle=angle, vignetting=0.0)
    said = of(state)["micrometer"]["ends"]
    # A line through both ends, looked at along the way: 101 lines, the first and last at the ends.
    (x0, y0), (x1, y1) = said
    assert np.hypot(x1 - x0, y1 - y0) * of(state)["scale"] == pytest.approx(1000.0)
    if not all(20 < x < SIZE[0] - 20 and 20 < y < SIZE[1] - 20 for x, y in said):
        pytest.skip("the ends are outside of the picture")
    grey = cv2.cvtColor(ViewMaker(*SIZE).make(state, (0, 0)), cv2.COLOR_BGR2GRAY)
    step = np.linspace(-0.02, 1.02, 4000)
    points = [np.float32(a + (b - a) * step - 0.5) for a, b in ((x0, x1), (y0, y1))]
    along = cv2.remap(grey.astype(np.float32), points[0][None], points[1][None], cv2.INTER_CUBIC)[0]
    middles = np.array(dark_runs(along)) / 4000 * 1.04 - 0.02
    assert len(middles) == 101
    assert middles[0] == pytest.approx(0.0, abs=1e-3)
    assert middles[-1] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("objective", ["10x", "40x"])
def test_cells_are_where_the_truth_says_and_as_large(maker: ViewMaker, objective: str) -> None:
    state = focused(objective, slide="cells", vignetting=0.0, stage={"x": 37.0, "y": -80.0})
    grey = cv2.cvtColor(maker.make(state, (0, 0)), cv2.COLOR_BGR2GRAY)
    said = of(state)["cells"]
    scale = of(state)["scale"]
    dark = float(np.median(grey))
    _, bright = cv2.threshold(grey, dark * 1.55, 255, cv2.THRESH_BINARY)
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    assert len(said) >= len(contours) > 3
    alone = 0
    for contour in contours:
        x, y, w, h = cv2.boundingRect(contour)
        if x < 2 or y < 2 or x + w > SIZE[0] - 2 or y + h > SIZE[1] - 2:
            continue
        inside = [c for c in said if x <= c["x"] <= x + w and y <= c["y"] <= y + h]
        assert inside
        if len(inside) > 1:
            continue
        alone += 1
        (cell,) = inside
        assert (x + w / 2, y + h / 2) == pytest.approx((cell["x"], cell["y"]), abs=1.5)
        assert (w + h) / 2 * scale == pytest.approx(cell["diameter"], rel=0.12)
    assert alone > (20 if objective == "10x" else 1)


def test_a_hill_is_sharp_in_its_own_plane_and_not_in_the_valleys(maker: ViewMaker) -> None:
    state = focused("10x", slide="thick")
    heights = of(state)["heights"]
    assert heights["amplitude"] > 2 * of(state)["depth_of_field"]
    # The top of a hill and the bottom of the valley beside it, in um and pixels.
    scale = of(state)["scale"]
    hill = (SIZE[0] / 2 + heights["period_x"] / 4 / scale, SIZE[1] / 2)
    valley = (SIZE[0] / 2 - heights["period_x"] / 4 / scale, SIZE[1] / 2)

    def detail(at: tuple[float, float], focus: float) -> float:
        picture = maker.make(state.model_copy(update={"focus": focus}), (0, 0))
        x, y = (int(v) for v in at)
        part = cv2.cvtColor(picture[y - 30 : y + 30, x - 30 : x + 30], cv2.COLOR_BGR2GRAY)
        return float(cv2.Laplacian(part, cv2.CV_32F).var())

    level, amplitude = heights["level"], heights["amplitude"]
    assert detail(hill, level + amplitude) > 3 * detail(hill, level - amplitude)
    assert detail(valley, level - amplitude) > 3 * detail(valley, level + amplitude)


@pytest.mark.parametrize("slide", ["tissue", "thick"])
def test_the_places_of_the_heights_follow_the_law(slide: str) -> None:
    state = focused("40x", slide=slide, stage={"x": 100.0, "y": -30.0})
    said = of(state)
    law = said["heights"]
    for place in law["places"]:
        x = said["centre"]["x"] + (place["x"] - SIZE[0] / 2) * said["scale"]
        y = said["centre"]["y"] + (place["y"] - SIZE[1] / 2) * said["scale"]
        hills = np.sin(2 * np.pi * x / law["period_x"]) * np.cos(2 * np.pi * y / law["period_y"])
        focus = law["level"] + law["tilt_x"] * x + law["tilt_y"] * y + law["amplitude"] * hills
        assert place["focus"] == pytest.approx(focus)


def test_endless_depth_shows_the_thick_slide_sharp_everywhere(maker: ViewMaker) -> None:
    thick = maker.make(focused("10x", slide="thick", endless_depth=True), (0, 0))
    tissue = maker.make(focused("10x", slide="tissue", endless_depth=True), (0, 0))
    assert np.array_equal(thick, tissue)


@pytest.mark.parametrize("strength", [0.0, 0.3, 0.9])
def test_vignetting_and_a_cast_divide_out_as_the_truth_says(
    maker: ViewMaker, strength: float
) -> None:
    white = {"r": 1.0, "g": 0.9, "b": 0.6}
    plain = focused(slide="micrometer", vignetting=0.0, stage={"x": 5000.0, "y": 0.0})
    spoilt = plain.model_copy(update={"vignetting": strength, "white": State(white=white).white})
    law = of(spoilt)["vignetting"]
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    r = np.hypot(x - law["x"], y - law["y"]) / law["radius"]
    for channel, colour in enumerate("bgr"):
        lost = law["strength"] * law["tint"][colour] * r ** law["exponent"]
        factor = white[colour] * np.maximum(1 - lost, 0.05)
        # `make` leaves out the pedestal, which noise adds.
        want = (maker.make(plain, (0, 0))[..., channel] + 8.0) * factor
        got = maker.make(spoilt, (0, 0))[..., channel] + 8.0
        assert np.abs(got - np.maximum(want, 8)).max() < 1.5


def test_the_truth_of_a_drifting_stage_is_that_of_the_picture() -> None:
    scene = SlideScene((640, 360), seed=1)
    state = focused(slide="micrometer", angle=0.0, vignetting=0.0, objective="4x")
    scale = 3.0
    drift = (2.4 * scale, 0.0)
    data = scene.picture(state, drift, 0.0)
    grey = np.asarray(Image.open(io.BytesIO(data)).convert("L"))
    dark = np.flatnonzero(grey[180] < np.median(grey) - 20)
    said = truth(state, Specimen(), drift, (640, 360))
    assert said["centre"]["x"] == pytest.approx(2 * scale)
    assert said["micrometer"]["ends"][0][0] == pytest.approx(dark[0] + 0.5, abs=1.5)


def test_what_it_does_not_tell_is_still_true() -> None:
    state = focused("4x", tells_scale=False, tells_objective=False)
    assert of(state)["objective"] == "4x"
    assert of(state)["scale"] == pytest.approx(4.0 / 4 * 1920 / SIZE[0])
