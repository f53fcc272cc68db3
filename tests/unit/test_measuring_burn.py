"""What is burned into an exported picture, by its pixels."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from plugins.microscopy import fonts
from plugins.microscopy.measuring.burn import COLOURS, burn
from plugins.microscopy.measuring.drawing import drawing, scale_bar
from plugins.microscopy.measuring.layers import Layer
from plugins.microscopy.measuring.shapes import KINDS, POINTS, Shape

GREY = (90, 90, 90)
WHITE = (255, 255, 255)


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "source.png"
    Image.new("RGB", (960, 640), GREY).save(file)
    return file


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(COLOURS[colour][1:]))


def burned(source, *shapes, scale=None, language="en", bar=True, name="out.png", width=960):
    layer = Layer("a", "p", "", shared=True, revision=1, changed=0.0, shapes=shapes)
    plan = drawing([layer], scale=scale, width=width, language=language, bar=bar)
    target = source.with_name(name)
    size = burn(str(source), str(target), plan)
    with Image.open(target) as opened:
        assert opened.size == (size["width"], size["height"])
        return np.asarray(opened.convert("RGB"))


def touched(picture) -> tuple[int, int, int, int]:
    """The box of all that is not the grey of the source: left, top, right, bottom."""
    down, across = np.nonzero((picture != GREY).any(axis=2))
    return across.min(), down.min(), across.max(), down.max()


def test_a_line_lies_where_it_was_drawn_and_nothing_else_is_touched(source):
    picture = burned(source, Shape("a", "arrow", ((100, 300), (700, 300)), "", "red"))
    assert tuple(picture[300, 400]) == rgb("red")
    assert tuple(picture[300, 698]) == rgb("red"), "the arrow's head"
    left, top, right, bottom = touched(picture)
    assert abs(left - 100) <= 4
    assert abs(right - 700) <= 4
    assert top >= 300 - 12
    assert bottom <= 300 + 12


def test_every_kind_is_drawn_at_each_of_its_points(source):
    for kind in KINDS:
        points = ((200, 150), (500, 150), (520, 400), (220, 420))[: min(4, POINTS[kind][1])]
        picture = burned(source, Shape("a", kind, points, "", "green"))
        for x, y in points:
            near = picture[y - 8 : y + 9, x - 8 : x + 9].reshape(-1, 3)
            assert (near == rgb("green")).all(axis=1).any(), (kind, x, y)


def test_the_scale_bar_is_as_long_as_it_says(source):
    picture = burned(source, scale=0.5)
    row = next(r for r in picture[::-1] if (r == WHITE).all(axis=1).sum() > 50)
    white = np.nonzero((row == WHITE).all(axis=1))[0]
    # At 0.5 um to a pixel, 28 % of 960 pixels are 134 um: the bar says 100 um.
    assert len(white) == white[-1] - white[0] + 1 == 200
    assert touched(picture)[2] <= white[-1] + 3


def test_without_a_scale_there_is_no_bar(source):
    assert (burned(source, scale=None) == GREY).all()
    assert (burned(source, scale=0.5, bar=False) == GREY).all()


@pytest.mark.parametrize(
    ("scale", "longest", "length"),
    [
        (1, 100, 100),
        (0.5, 269, 100),
        (0.25, 199, 20),
        (0.0049, 100, 0.2),
        (10, 640, 5000),
        (2, 1, 2),
    ],
)
def test_scale_bars_are_round_and_fit(scale, longest, length):
    bar = scale_bar(scale, longest)
    assert bar.length == pytest.approx(length)
    assert bar.pixels * scale == pytest.approx(bar.length)
    assert bar.pixels <= longest * (1 + 1e-6)


def test_kazakh_letters_are_drawn_and_not_boxes(source):
    letters = {}
    for letter in "қңүәіөұғһҚҢҮ\uffff":
        picture = burned(source, Shape("a", "label", ((480, 320),), letter, "white"))
        letters[letter] = hashlib.sha256(picture.tobytes()).hexdigest()
    assert len(set(letters.values())) == len(letters), "each letter looks different, also from none"


def test_words_at_the_edge_are_moved_inside(source):
    text = "Жасуша қабығы"
    inside = burned(source, Shape("a", "label", ((480, 320),), text, "white"))
    drawn = (inside == WHITE).all(axis=2).sum()
    for corner in ((0, 0), (959, 0), (0, 639), (959, 639)):
        picture = burned(source, Shape("a", "label", (corner,), text, "white"))
        assert (picture == WHITE).all(axis=2).sum() > 0.85 * drawn
    away = burned(source, Shape("a", "label", ((-200, 900),), text, "white"))
    assert (away == WHITE).all(axis=2).sum() > 0.8 * drawn


def test_a_picture_that_lies_on_its_side_is_turned_upright_first(tmp_path):
    file = tmp_path / "phone.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (640, 960), GREY).save(file, exif=exif, quality=95)
    picture = burned(file, Shape("a", "arrow", ((100, 300), (900, 300)), "", "white"))
    assert picture.shape == (640, 960, 3)
    assert tuple(picture[300, 500]) == WHITE


def test_a_jpeg_copy_and_an_untouched_source(source):
    before = source.read_bytes()
    picture = burned(source, Shape("a", "length", ((100, 300), (700, 300))), name="copy.jpg")
    assert np.abs(picture[300, 400].astype(int) - rgb("yellow")).max() < 30
    assert source.read_bytes() == before


def test_without_letters_it_says_which_package_is_missing(source, tmp_path, monkeypatch):
    monkeypatch.setattr(fonts, "FOLDER", tmp_path)
    with pytest.raises(fonts.NoFont) as caught:
        burned(source, Shape("a", "label", ((4, 4),), "x"))
    assert "fonts-dejavu-core" in caught.value.hint
