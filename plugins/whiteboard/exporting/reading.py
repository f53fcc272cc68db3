"""From what stands in a board's documents to what is drawn; what does not fit is not drawn.

The same rules as the page's (`web/src/model/read.ts`, `items.ts`): docs/boards.md.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from plugins.whiteboard.points import BadPoints, Points, unpack

FARTHEST = 1e6
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
_ID = re.compile(r"[A-Za-z0-9_-]{8,32}\Z")
_WIDEST = 400
_LONGEST_TEXT = 2000
_LARGEST_SCALE = 1000
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a page, in page units."""

    x: float
    y: float
    width: float
    height: float

    def grown(self, by: float) -> "Box":
        """Return a box that is larger by so much on each side."""
        return Box(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def around(self, other: "Box") -> "Box":
        """Return the smallest box that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        right = max(self.x + self.width, other.x + other.width)
        bottom = max(self.y + self.height, other.y + other.height)
        return Box(x, y, right - x, bottom - y)


@dataclass(frozen=True, slots=True)
class Move:
    """What was done to an item since it was made: scaled by `scale`, then moved by `x`, `y`."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0

    def place(self, x: float, y: float) -> Place:
        """Return where a place of the item lies now."""
        return x * self.scale + self.x, y * self.scale + self.y


@dataclass(frozen=True, slots=True)
class _Common:
    """What all items have. `time`: milliseconds since the epoch; `author`: name of the document."""

    id: str
    author: str
    page: str
    time: float
    colour: str
    move: Move

    @property
    def order(self) -> tuple[float, str, str]:
        """Sorts items as they are painted."""
        return self.time, self.id, self.author


@dataclass(frozen=True, slots=True)
class Stroke(_Common):
    """A stroke; its points are counted from `x`, `y`.

    `curve`: how the hand presses that drew it; None: what was measured is meant.
    """

    pen: Literal["pen", "marker"]
    width: float
    x: float
    y: float
    device: str
    points: Points
    curve: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Shape(_Common):
    """A line, arrow, rectangle or ellipse."""

    form: str
    width: float
    begin: Place
    end: Place


@dataclass(frozen=True, slots=True)
class Note(_Common):
    """A sticky note."""

    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Picture(_Common):
    """A picture; `asset` is its id."""

    box: Box
    asset: str


Item = Stroke | Shape | Note | Picture


@dataclass(slots=True)
class Page:
    """A page with what lies on it, in the order in which it is painted."""

    id: str
    title: str
    background: Mapping[str, Any] | None
    items: list[Item] = field(default_factory=list)


def read_items(
    author: str, items: Mapping[str, Any], edits: Mapping[str, Any], pages: Iterable[str]
) -> list[Item]:
    """Return the items of an author's document that lie on these pages."""
    wanted = set(pages)
    found = []
    for key, said in items.items():
        page = said.get("page") if isinstance(said, dict) else None
        if isinstance(page, str) and page in wanted and _ID.match(key):
            item = _item(author, key, said, edits.get(key))
            if item is not None:
                found.append(item)
    return found


def _item(author: str, key: str, said: dict[str, Any], edit: Any) -> Item | None:
    time: Any = said.get("time")
    colour = said.get("colour")
    if not _number(time) or not isinstance(colour, str) or not _COLOUR.match(colour):
        return None
    move, text = _edit(edit)
    common: dict[str, Any] = {"id": key, "author": author, "page": said["page"]}
    common |= {"time": float(time), "colour": colour, "move": move}
    match said.get("kind"):
        case "stroke":
            return _stroke(said, common)
        case "shape":
            return _shape(said, common)
        case "note":
            box, words = _box(said), said.get("text") if text is None else text
            if box is None or not isinstance(words, str):
                return None
            return Note(**common, box=box, text=words[:_LONGEST_TEXT])
        case "picture":
            box, asset = _box(said), said.get("asset")
            if box is None or not isinstance(asset, str):
                return None
            return Picture(**common, box=box, asset=asset)
    return None


def _stroke(said: dict[str, Any], common: dict[str, Any]) -> Stroke | None:
    pen = said.get("pen")
    width: Any = said.get("width")
    x: Any = said.get("x")
    y: Any = said.get("y")
    data, device = said.get("points"), said.get("device")
    if pen not in ("pen", "marker") or not _width(width) or not _place(x) or not _place(y):
        return None
    if not isinstance(data, bytes | bytearray):
        return None
    try:
        points = unpack(bytes(data))
    except BadPoints:
        return None
    curve = said.get("curve")
    if curve is not None:
        if not isinstance(curve, list) or len(curve) != 3 or not all(map(_number, curve)):
            return None
        lightest, hardest, softness = curve
        if lightest < 0 or hardest > 1 or hardest - lightest < 0.1 - 1e-9 or abs(softness) > 1:
            return None
        curve = (float(lightest), float(hardest), float(softness))
    device = device if isinstance(device, str) else ""
    place: dict[str, Any] = {"width": float(width), "x": float(x), "y": float(y)}
    return Stroke(**common, **place, pen=pen, device=device, points=points, curve=curve)


def _shape(said: dict[str, Any], common: dict[str, Any]) -> Shape | None:
    form = said.get("form")
    width: Any = said.get("width")
    begin, end = _pair(said.get("from")), _pair(said.get("to"))
    if form not in ("line", "arrow", "rectangle", "ellipse") or not _width(width):
        return None
    if begin is None or end is None:
        return None
    return Shape(**common, form=form, width=float(width), begin=begin, end=end)


def _box(said: dict[str, Any]) -> Box | None:
    numbers: list[Any] = [said.get(key) for key in ("x", "y", "width", "height")]
    if not all(_place(one) for one in numbers):
        return None
    x, y, width, height = map(float, numbers)
    return Box(x, y, width, height) if width > 0 and height > 0 else None


def background_box(background: Mapping[str, Any] | None) -> Box | None:
    """Return where a page's picture lies; None where there is none."""
    if not background or background.get("kind") != "picture":
        return None
    return _box(dict(background))


def _edit(edit: Any) -> tuple[Move, str | None]:
    if not isinstance(edit, dict):
        return Move(), None
    x: Any = edit.get("x")
    y: Any = edit.get("y")
    scale: Any = edit.get("scale")
    text, move = edit.get("text"), Move()
    if _place(x) and _place(y) and _number(scale) and 0 < scale <= _LARGEST_SCALE:
        move = Move(float(x), float(y), float(scale))
    return move, text if isinstance(text, str) else None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _place(value: Any) -> bool:
    return _number(value) and abs(value) <= FARTHEST


def _width(value: Any) -> bool:
    return _number(value) and 0 < value <= _WIDEST


def _pair(value: Any) -> Place | None:
    if not isinstance(value, list) or len(value) != 2 or not all(_place(one) for one in value):
        return None
    return float(value[0]), float(value[1])
