"""Letters as strokes of a pen, so that what virtual pupils write can be read."""

import math
from itertools import pairwise

Point = tuple[float, float]
Stroke = list[Point]


def _arc(from_: float, to: float, across: float = 0.5, down: float = 0.5) -> Stroke:
    """Return a part of an ellipse about the middle of the letter, degrees clockwise from right."""
    steps = 24
    angles = (math.radians(from_ + (to - from_) * i / steps) for i in range(steps + 1))
    return [(0.5 + across * math.cos(a), 0.5 + down * math.sin(a)) for a in angles]


_BAR = [(0.0, 0.0), (0.0, 1.0)]
LETTERS: dict[str, list[Stroke]] = {
    "А": [[(0.0, 1.0), (0.5, 0.0), (1.0, 1.0)], [(0.22, 0.6), (0.78, 0.6)]],
    "Е": [[(0.9, 0.0), (0.0, 0.0), (0.0, 1.0), (0.9, 1.0)], [(0.0, 0.5), (0.75, 0.5)]],
    "К": [_BAR, [(0.9, 0.0), (0.0, 0.55), (0.95, 1.0)]],
    "Л": [[(0.0, 1.0), (0.5, 0.0), (1.0, 1.0)]],
    "М": [[(0.0, 1.0), (0.0, 0.0), (0.5, 0.65), (1.0, 0.0), (1.0, 1.0)]],
    "О": [_arc(-90, 270)],
    "П": [[(0.0, 1.0), (0.0, 0.0), (0.9, 0.0), (0.9, 1.0)]],
    "С": [_arc(-50, -310)],
    "Т": [[(0.0, 0.0), (1.0, 0.0)], [(0.5, 0.0), (0.5, 1.0)]],
    "Ә": [[(0.0, 0.5), (1.0, 0.5)], _arc(-150, 180)],
}
WORDS = ("СӘЛЕМ", "МЕКТЕП", "АТОМ", "АЛМА")


def strokes_of(word: str, width: float, height: float, margin: float = 20.0) -> list[Stroke]:
    """Return a word's strokes in millimetres, filling an area of this size.

    Raises:
        KeyError: a letter is not known.
    """
    step = (width - 2 * margin) / len(word)
    wide, high = step * 0.72, min(step * 1.1, height - 2 * margin)
    top = (height - high) / 2
    return [
        [(margin + index * step + x * wide, top + y * high) for x, y in stroke]
        for index, letter in enumerate(word)
        for stroke in LETTERS[letter]
    ]


def walk(stroke: Stroke, step: float) -> Stroke:
    """Return points along a stroke, `step` millimetres apart, its ends and corners among them."""
    points = [stroke[0]]
    for (x0, y0), (x1, y1) in pairwise(stroke):
        length = math.hypot(x1 - x0, y1 - y0)
        count = max(math.ceil(length / step), 1)
        points += [
            (x0 + (x1 - x0) * i / count, y0 + (y1 - y0) * i / count) for i in range(1, count + 1)
        ]
    return points
