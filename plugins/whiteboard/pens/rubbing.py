"""What the other end of a pen rubs out: the strokes of one document that its path touches."""

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import pycrdt

from plugins.whiteboard.documents.document import EDITS, ITEMS, Document
from plugins.whiteboard.points import BadPoints, unpack

RADIUS = 10.0
"""Page units around the path of an eraser."""
_A_TURN = 100
Place = tuple[float, float]


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box", by: float) -> bool:
        return (
            self.left - by <= other.right
            and other.left <= self.right + by
            and self.top - by <= other.bottom
            and other.top <= self.bottom + by
        )


@dataclass(frozen=True, slots=True)
class _Line:
    """A stroke as it was drawn: where it lies before it was moved."""

    page: str
    half: float
    x: Sequence[float]
    y: Sequence[float]
    box: _Box


@dataclass(slots=True)
class Lines:
    """The strokes of one document, each read once.

    Args:
        document: loaded.
    """

    document: Document
    _known: dict[str, _Line | None] = field(default_factory=dict)

    async def touched(self, page: str, path: Sequence[Place]) -> list[str]:
        """Return the ids of the strokes on a page that an eraser on this path touches."""
        await self._read()
        edits = self.document.root(EDITS)
        return [
            key
            for key, line in self._known.items()
            if line is not None and line.page == page and _touches(line, edits.get(key), path)
        ]

    async def _read(self) -> None:
        items = self.document.doc.get(ITEMS, type=pycrdt.Map)
        keys = set(items.keys())
        for gone in [key for key in self._known if key not in keys]:
            del self._known[gone]
        for number, key in enumerate(keys - self._known.keys()):
            self._known[key] = _line(items.get(key))
            if number % _A_TURN == _A_TURN - 1:  # a board of many thousand strokes holds nobody up
                await asyncio.sleep(0)


def take(keys: Sequence[str]) -> Any:
    """Return the change that takes items off, as `Room.change` wants it."""

    def work(doc: "pycrdt.Doc[Any]") -> None:
        for root in (ITEMS, EDITS):
            there = doc.get(root, type=pycrdt.Map)
            for key in set(there.keys()).intersection(keys):
                del there[key]

    return work


def _line(item: Any) -> _Line | None:
    if not isinstance(item, dict) or item.get("kind") != "stroke":
        return None
    try:
        points = unpack(bytes(item["points"]))
        x0, y0, width = float(item["x"]), float(item["y"]), float(item["width"])
    except (BadPoints, KeyError, TypeError, ValueError):
        return None  # it is drawn by nobody
    x = array("d", (x0 + one for one in points.x))
    y = array("d", (y0 + one for one in points.y))
    return _Line(str(item.get("page")), width / 2, x, y, _Box(min(x), min(y), max(x), max(y)))


def _touches(line: _Line, edit: Any, path: Sequence[Place]) -> bool:
    by_x, by_y, scale = _move(edit)
    # In the stroke's own measure, as if it had never been moved.
    own = [((x - by_x) / scale, (y - by_y) / scale) for x, y in path]
    reach = RADIUS / scale + line.half
    xs, ys = [x for x, _ in own], [y for _, y in own]
    if not line.box.meets(_Box(min(xs), min(ys), max(xs), max(ys)), reach):
        return False
    ways = list(pairwise(own)) or [(own[0], own[0])]
    places = list(zip(line.x, line.y, strict=True))
    parts = list(pairwise(places)) or [(places[0], places[0])]
    return any(_near(*way, *part, reach) for way in ways for part in parts)


def _move(edit: Any) -> tuple[float, float, float]:
    if isinstance(edit, dict):
        x, y, scale = (edit.get(name) for name in ("x", "y", "scale"))
        if all(isinstance(one, int | float) for one in (x, y, scale)) and 0 < scale <= 1000:  # type: ignore[operator]
            return float(x), float(y), float(scale)  # type: ignore[arg-type]
    return 0.0, 0.0, 1.0


def _near(a: Place, b: Place, c: Place, d: Place, reach: float) -> bool:
    """Tell whether two ways come nearer to each other than `reach`."""
    if min(a[0], b[0]) - reach > max(c[0], d[0]) or min(c[0], d[0]) - reach > max(a[0], b[0]):
        return False
    if min(a[1], b[1]) - reach > max(c[1], d[1]) or min(c[1], d[1]) - reach > max(a[1], b[1]):
        return False
    if _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
        return True
    ends = (_off(a, c, d), _off(b, c, d), _off(c, a, b), _off(d, a, b))
    return min(ends) <= reach * reach


def _side(a: Place, b: Place, c: Place) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _off(p: Place, a: Place, b: Place) -> float:
    """Return the square of how far a place is from a way."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    long = dx * dx + dy * dy
    along = 0.0
    if long > 0:
        along = min(max(((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / long, 0.0), 1.0)
    x, y = p[0] - a[0] - along * dx, p[1] - a[1] - along * dy
    return x * x + y * y
