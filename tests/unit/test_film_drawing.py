"""What stands on a film's pictures: words of the language that was chosen, and a true scale bar."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from plugins.microscopy.film.drawing import Drawing
from plugins.microscopy.film.plan import Plan, Segment
from plugins.microscopy.film.storyboard import Words
from plugins.microscopy.fonts import REGULAR, font_file

WIDTH, HEIGHT = 1920, 1080


def plan(*segments: Segment) -> Plan:
    return Plan(
        target="t",
        folder="f",
        font=str(font_file(REGULAR)),
        language="kk",
        segments=list(segments),
        ffmpeg="ffmpeg",
    )


def luma(flat: np.ndarray) -> np.ndarray:
    return np.asarray(flat[: WIDTH * HEIGHT]).reshape(HEIGHT, WIDTH).astype(int)


def grey(folder: Path, width: int, height: int) -> Segment:
    file = folder / "grey.png"
    Image.new("RGB", (width, height), (90, 90, 90)).save(file)
    return Segment(kind="still", file=str(file), width=width, height=height, seconds=1)


def test_words_are_those_of_the_language_or_of_the_first_that_has_some() -> None:
    words = Words(kk="Жасуша", ru="Клетка")
    assert [words.of(one) for one in ("kk", "ru", "en")] == ["Жасуша", "Клетка", "Жасуша"]
    assert Words(en="Cell").of("kk") == "Cell"
    assert Words().of("kk") == ""


@pytest.mark.parametrize(
    ("width", "height", "scale", "length"),
    [
        # Shown 1920 px wide, a picture of 960 px has half the micrometres to a pixel.
        (960, 540, 0.5, 100 / 0.25),
        (1920, 1080, 0.5, 200 / 0.5),
        (4000, 2250, 0.1, 50 / (0.1 * 4000 / 1920)),
        # An upright picture is shown 607.5 px wide; its bar is below it, not below the whole.
        (1080, 1920, 2.0, 200 / (2.0 * 1080 / 607.5)),
    ],
)
def test_the_bar_is_as_long_as_it_says(tmp_path, width, height, scale, length) -> None:
    segment = grey(tmp_path, width, height)
    without = luma(Drawing(plan(segment)).still(segment))
    segment.scale = scale
    shown = luma(Drawing(plan(segment)).still(segment))
    changed = np.argwhere(np.abs(shown - without) > 40)
    white = shown >= 230
    longest = max(run(row) for row in white)
    assert longest == pytest.approx(length, abs=2)
    left, right = changed[:, 1].min(), changed[:, 1].max()
    fitted = min(WIDTH, WIDTH * (HEIGHT / WIDTH) * (width / height))
    assert (WIDTH - fitted) / 2 - 2 <= left
    assert right <= (WIDTH + fitted) / 2 + 2


def run(row: np.ndarray) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(int), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def test_title_and_caption_are_drawn_and_nothing_where_there_are_none(tmp_path) -> None:
    segment = grey(tmp_path, 1920, 1080)
    bare = luma(Drawing(plan(segment)).still(segment))
    assert np.ptp(bare) <= 1
    segment.title, segment.caption = "Пияз қабығы", "Жасуша қабырғасы"
    shown = luma(Drawing(plan(segment)).still(segment))
    top, bottom = shown[: HEIGHT // 4], shown[3 * HEIGHT // 4 :]
    assert top.max() >= 230
    assert bottom.max() >= 230
    assert np.array_equal(shown[HEIGHT // 4 : 3 * HEIGHT // 4], bare[HEIGHT // 4 : 3 * HEIGHT // 4])
