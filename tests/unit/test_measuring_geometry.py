"""Lengths, angles and areas against figures whose truth is known from elsewhere."""

import math
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.microscopy.measuring.geometry import angle, area, crosses, length, perimeter

PIXEL = st.integers(0, 1_638_400).map(lambda n: n / 100)
POINT = st.tuples(PIXEL, PIXEL)
TURN = st.floats(0, 2 * math.pi)


def turned(points, by, shift=(0.0, 0.0)):
    cos, sin = math.cos(by), math.sin(by)
    return [(x * cos - y * sin + shift[0], x * sin + y * cos + shift[1]) for x, y in points]


@st.composite
def star_shaped(draw):
    """An outline seen whole from (0, 0): its corners in the order of their directions."""
    count = draw(st.integers(3, 40))
    # No gap between neighbours reaches half a turn, so the middle is inside.
    jitter = draw(st.lists(st.floats(0.05, 0.45), min_size=count, max_size=count))
    radii = draw(st.lists(st.floats(5, 500), min_size=count, max_size=count))
    angles = [2 * math.pi * (i + j) / count for i, j in enumerate(jitter)]
    return [(r * math.cos(a), r * math.sin(a)) for r, a in zip(radii, angles, strict=True)]


def crosses_exactly(points):
    """The same question in fractions, every edge against every other, by solving for the meeting."""
    exact = [(Fraction(x), Fraction(y)) for x, y in points]
    corners = [p for p, q in zip(exact, [*exact[-1:], *exact], strict=False) if p != q]
    count = len(corners)
    if count < 4:
        return False
    edges = [(corners[i], corners[(i + 1) % count]) for i in range(count)]
    for i, j in combinations(range(count), 2):
        if (j - i) in (1, count - 1):
            continue
        (ax, ay), (bx, by) = edges[i]
        (cx, cy), (dx, dy) = edges[j]
        det = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
        if det:
            t = ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)) / det
            u = ((cx - ax) * (by - ay) - (cy - ay) * (bx - ax)) / det
            if 0 <= t <= 1 and 0 <= u <= 1:
                return True
        elif (cx - ax) * (by - ay) == (cy - ay) * (bx - ax):
            along = sorted([ax, bx] if ax != bx else [ay, by])
            other = sorted([cx, dx] if ax != bx else [cy, dy])
            if along[0] <= other[1] and other[0] <= along[1]:
                return True
    return False


def test_known_figures():
    assert length([(0, 0), (3, 4)]) == 5
    assert length([(0, 0), (3, 4), (3, 10)]) == 11
    assert perimeter([(0, 0), (3, 0), (3, 4)]) == 12
    assert area([(0, 0), (3, 0), (3, 4)]) == 6
    assert area([(10, 10), (10, 14), (13, 14), (13, 10)]) == 12
    assert angle((1, 0), (0, 0), (0, 5)) == 90
    assert angle((1, 0), (0, 0), (-2, 0)) == 180
    assert angle((1, 0), (0, 0), (7, 0)) == 0
    assert angle((1, 0), (0, 0), (1, math.sqrt(3))) == pytest.approx(60, abs=1e-12)
    assert angle((0, 0), (0, 0), (1, 1)) is None


@pytest.mark.parametrize("corners", [3, 4, 5, 6, 17, 300])
def test_regular_polygons_have_the_area_and_outline_of_the_textbook(corners):
    radius = 1234.5
    points = [
        (
            5000 + radius * math.cos(2 * math.pi * i / corners),
            4000 + radius * math.sin(2 * math.pi * i / corners),
        )
        for i in range(corners)
    ]
    by_book = corners / 2 * radius**2 * math.sin(2 * math.pi / corners)
    assert area(points) == pytest.approx(by_book, rel=1e-12)
    assert perimeter(points) == pytest.approx(
        2 * corners * radius * math.sin(math.pi / corners), rel=1e-12
    )
    assert not crosses(points)


@given(star_shaped(), TURN, POINT)
def test_an_outlines_area_is_that_of_its_triangles_wherever_and_however_it_lies(points, by, shift):
    triangles = math.fsum(
        math.hypot(*a)
        * math.hypot(*b)
        * math.sin(math.atan2(b[1], b[0]) - math.atan2(a[1], a[0]))
        / 2
        for a, b in zip(points, [*points[1:], points[0]], strict=True)
    )
    moved = turned(points, by, shift)
    assert area(moved) == pytest.approx(triangles, rel=1e-9, abs=1e-6)
    assert area(moved[::-1]) == pytest.approx(triangles, rel=1e-9, abs=1e-6)
    assert not crosses(moved)


@given(POINT, POINT, POINT, TURN, POINT)
def test_lengths_and_angles_do_not_change_when_the_slide_is_turned(a, b, c, by, shift):
    moved = turned([a, b, c], by, shift)
    assert length(moved) == pytest.approx(length([a, b, c]), rel=1e-9, abs=1e-6)
    before = angle(a, b, c)
    if before is not None and min(math.dist(a, b), math.dist(b, c)) > 1:
        assert angle(*moved) == pytest.approx(before, abs=1e-5)
        assert before == pytest.approx(angle(c, b, a), abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=3, max_size=9))
def test_whether_an_outline_crosses_itself_agrees_with_exact_arithmetic(points):
    given_points = [(float(x), float(y)) for x, y in points]
    assert crosses(given_points) == crosses_exactly(given_points)


def test_crossing_outlines():
    assert crosses([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert not crosses([(0, 0), (10, 0), (10, 10), (0, 10)])
    assert not crosses([(0, 0), (0, 0), (10, 0), (10, 10), (10, 10), (0, 10), (0, 0)])
    assert crosses([(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)]), "a corner on an edge"
