"""Lengths, angles and areas of what is drawn on a picture, in pixels and degrees."""

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]


def length(points: Sequence[Point]) -> float:
    """Return the length of the line through the points, in pixels."""
    return math.fsum(math.dist(a, b) for a, b in pairwise(points))


def perimeter(points: Sequence[Point]) -> float:
    """Return the length of the closed outline through the points, in pixels."""
    return length([*points, points[0]]) if points else 0.0


def angle(first: Point, vertex: Point, second: Point) -> float | None:
    """Return the angle at `vertex` in degrees, 0 to 180; None where an arm has no length."""
    ax, ay = first[0] - vertex[0], first[1] - vertex[1]
    bx, by = second[0] - vertex[0], second[1] - vertex[1]
    if (ax == 0 and ay == 0) or (bx == 0 and by == 0):
        return None
    # The arc cosine loses half of the digits near 0 and 180 degrees; this loses none.
    return math.degrees(math.atan2(abs(ax * by - ay * bx), ax * bx + ay * by))


def area(points: Sequence[Point]) -> float:
    """Return the area within the outline, in square pixels, by the shoelace formula.

    It means something only where the outline does not cross itself: ask `crosses`.
    """
    if len(points) < 3:
        return 0.0
    # Seen from the first point the products are small, and nothing is lost in their difference.
    x0, y0 = points[0]
    twice = math.fsum(
        (ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in pairwise(points)
    )
    return abs(twice) / 2


def crosses(points: Sequence[Point]) -> bool:
    """Tell whether the closed outline crosses or touches itself; then its area is not known."""
    corners = [p for p, before in zip(points, [*points[-1:], *points], strict=False) if p != before]
    edges = list(zip(corners, [*corners[1:], *corners[:1]], strict=True))
    count = len(edges)
    if count < 4:
        return False
    boxes = [(min(a[0], b[0]), max(a[0], b[0]), min(a[1], b[1]), max(a[1], b[1])) for a, b in edges]
    # From left to right, each edge against those that begin before it ends.
    order = sorted(range(count), key=lambda index: boxes[index][0])
    for place, one in enumerate(order):
        _, right, top, bottom = boxes[one]
        for other in order[place + 1 :]:
            box = boxes[other]
            if box[0] > right:
                break
            if box[2] > bottom or box[3] < top or (one - other) % count in (1, count - 1):
                continue
            if _meet(*edges[one], *edges[other]):
                return True
    return False


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Tell whether two segments whose boxes overlap have a point in common."""
    return _side(a, b, c) * _side(a, b, d) <= 0 and _side(c, d, a) * _side(c, d, b) <= 0


def _side(a: Point, b: Point, p: Point) -> int:
    turn = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
    return (turn > 0) - (turn < 0)
