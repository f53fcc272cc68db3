"""What shapes measure: units, statistics and the table."""

import csv
import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.microscopy.measuring.layers import Layer
from plugins.microscopy.measuring.shapes import Shape
from plugins.microscopy.measuring.sheet import sheet
from plugins.microscopy.measuring.values import for_people, measured, rounded, summed_up
from plugins.microscopy.measuring.words import value_text

SQUARE = ((0.0, 0.0), (40.0, 0.0), (40.0, 40.0), (0.0, 40.0))
BOWTIE = ((0.0, 0.0), (40.0, 40.0), (40.0, 0.0), (0.0, 40.0))


def line(to: float, **more: str) -> Shape:
    return Shape(more.get("id", "s1"), "length", ((0.0, 0.0), (to, 0.0)), more.get("text", ""))


def layer(*shapes: Shape, name: str = "Әлия") -> Layer:
    return Layer("a1", "p1", name, shared=True, revision=1, changed=0.0, shapes=shapes)


def test_a_known_scale_gives_micrometres_and_an_unknown_one_pixels():
    assert (measured(line(80), 0.25).value, measured(line(80), 0.25).unit) == (20, "um")
    assert (measured(line(80), None).value, measured(line(80), None).unit) == (80, "px")
    inside = measured(Shape("a", "area", SQUARE), 0.5)
    assert (inside.value, inside.unit, inside.perimeter) == (400, "um2", 80)
    inside = measured(Shape("a", "area", SQUARE), None)
    assert (inside.value, inside.unit, inside.perimeter) == (1600, "px2", 160)
    corner = measured(Shape("a", "angle", SQUARE[:3]), None)
    assert (corner.value, corner.unit) == (90, "deg")
    many = measured(Shape("a", "count", SQUARE), 0.5)
    assert (many.value, many.unit) == (4, "1")
    assert measured(Shape("a", "arrow", SQUARE[:2]), 0.5).value is None


def test_an_outline_that_crosses_itself_has_no_area():
    crossed = measured(Shape("a", "area", BOWTIE), 0.5)
    assert crossed.value is None
    assert crossed.crossing
    assert summed_up([(Shape("a", "area", BOWTIE), crossed)]) == []


@given(st.lists(st.floats(0.01, 20_000), min_size=1, max_size=50))
def test_mean_and_deviation_are_those_that_numpy_finds(lengths):
    shapes = [line(each) for each in lengths]
    (one,) = summed_up((shape, measured(shape, 0.5)) for shape in shapes)
    truth = np.array(lengths) * 0.5
    assert one.n == len(lengths)
    assert one.mean == pytest.approx(truth.mean(), rel=1e-12)
    assert (one.least, one.most) == (pytest.approx(truth.min()), pytest.approx(truth.max()))
    if len(lengths) == 1:
        assert one.deviation is None
    else:
        assert one.deviation == pytest.approx(truth.std(ddof=1), rel=1e-6, abs=1e-9)


def test_people_read_millimetres_from_a_thousand_micrometres_on():
    assert for_people(999.9, "um") == (999.9, "um")
    assert for_people(1000, "um") == (1, "mm")
    assert for_people(999_999, "um2") == (999_999, "um2")
    assert for_people(2_500_000, "um2") == (2.5, "mm2")
    assert for_people(5000, "px") == (5000, "px")
    assert value_text(1234.5, "um", "en") == "1.234\N{NO-BREAK SPACE}mm"
    assert value_text(12.5, "um", "ru") == "12,5\N{NO-BREAK SPACE}мкм"
    assert value_text(45, "deg", "kk") == "45°"
    assert value_text(12, "1", "kk") == "12"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.12345, "0.123"), (1.23456, "1.235"), (12.3456, "12.35"), (123.456, "123.5"),
     (1234.56, "1235"), (20, "20"), (100, "100"), (math.pi * 100, "314.2")],
)  # fmt: skip
def test_figures_have_four_digits_that_count(value, text):
    assert rounded(value) == text


def rows(content: bytes, delimiter: str) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_the_table_opens_in_a_program_and_in_excel():
    layers = [layer(line(10, id="s1", text="Жасуша, 1"), line(21, id="s2"))]
    plain = sheet(layers, 0.5, decimal="point", language="en")
    assert not plain.startswith(b"\xef\xbb\xbf")
    found = rows(plain, ",")
    assert found[0] == ["No.", "Kind", "Text", "Value", "Unit", "Perimeter", "Unit", "Who"]
    assert found[1] == ["1", "Length", "Жасуша, 1", "5", "µm", "", "", "Әлия"]
    assert found[2][3:5] == ["10.5", "µm"]
    assert found[5] == ["Length", "2", "7.75", "3.889087", "5", "10.5", "µm"]
    excel = sheet(layers, 0.5, decimal="comma", language="ru")
    assert excel.startswith(b"\xef\xbb\xbf")
    found = rows(excel, ";")
    assert found[0][1] == "Вид"
    assert found[2][3:5] == ["10,5", "мкм"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "＝1", '=HYPERLINK("x")'])
def test_no_text_becomes_a_formula(text):
    shape = Shape("l1", "label", ((1.0, 1.0),), text)
    for decimal, delimiter in (("point", ","), ("comma", ";")):
        content = sheet([layer(shape, name=text)], None, decimal=decimal, language="en")
        row = rows(content, delimiter)[1]
        assert row[2] == row[7] == "'" + text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_whatever_is_written_stays_in_its_own_field(text):
    shape = Shape("l1", "label", ((1.0, 1.0),), text)
    row = rows(sheet([layer(shape)], None, decimal="comma", language="kk"), ";")[1]
    assert len(row) == 8
    assert row[2].removeprefix("'") == text.removeprefix("'")
