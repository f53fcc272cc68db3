"""A page as fills, lines, texts and pictures: the one drawing of SVG, PDF and PNG."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins.whiteboard.exporting import letters
from plugins.whiteboard.exporting.outline import Ink, Polygon, meant, outline, widest
from plugins.whiteboard.exporting.reading import (
    Box,
    Item,
    Move,
    Note,
    Page,
    Picture,
    Place,
    Shape,
    Stroke,
    background_box,
)
from plugins.whiteboard.points import Points

SHEET = Box(0, 0, 1920, 1080)
MARKER_ALPHA = 0.38
PAPER = "#ffffff"
_MARGIN = 20
_FINE = 0.4
_FAINT = 0.22
_NOTE_INK = "#241a02"
_PADDING = 0.09
_SHADOW = 12
_KAPPA = 0.5522847498
_STEPS = {"lines": 48, "squares": 24, "dots": 32}
_RULE, _RULE_ALPHA, _DOT_ALPHA = "#265c7a", 0.22, 0.42
_MOST_RULES = 400
_MOST_DOTS = 20_000

Command = tuple[str, tuple[float, ...]]
"""`M`, `L`, `C` with places, or `Z`."""


@dataclass(frozen=True, slots=True)
class Fill:
    """Polygons that are filled as one (nonzero)."""

    polygons: list[Polygon]
    colour: str
    alpha: float = 1.0


@dataclass(frozen=True, slots=True)
class Way:
    """A way, filled or drawn with round ends."""

    commands: list[Command]
    colour: str
    alpha: float = 1.0
    width: float = 0.0
    """Of the line; 0: filled."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of a note, from the left end of its base line. `length`: how wide it is."""

    text: str
    x: float
    y: float
    size: float
    length: float
    colour: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: a JPEG or PNG file."""

    file: Path
    media_type: str
    box: Box


Part = Fill | Way | Text | Image


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one author has drawn in a row."""

    author: str
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page, drawn. `box`: the part that holds all of it, in page units."""

    title: str
    box: Box
    behind: list[Part]
    drawn: list[Drawn]

    def parts(self) -> Iterable[Part]:
        """Return all parts, the lowest first."""
        yield from self.behind
        for one in self.drawn:
            yield from one.parts


Pictures = Callable[[str], tuple[Path, str] | None]
"""Where an asset's bytes are, and their media type; None where it may not be seen or is gone."""


def draw(
    page: Page,
    pictures: Pictures,
    *,
    faint: frozenset[str] = frozenset(),
    progress: Callable[[float], None] = lambda _fraction: None,
) -> Sheet:
    """Draw a page.

    Args:
        page: what lies on it.
        pictures: where its pictures are.
        faint: documents that are hidden from pupils; teachers see them faintly.
        progress: told how far it is.
    """
    box = SHEET
    behind = background_box(page.background)
    if behind is not None:
        box = box.around(behind)
    for item in page.items:
        box = box.around(_box(item).grown(_MARGIN))
    drawn: list[Drawn] = []
    for number, item in enumerate(page.items):
        if number % 500 == 0:
            progress(number / len(page.items))
        if not drawn or drawn[-1].author != item.author:
            drawn.append(Drawn(item.author, []))
        colour = _blended(item.colour) if item.author in faint else item.colour
        drawn[-1].parts.extend(_parts(item, colour, pictures))
    return Sheet(page.title, box, list(_behind(page.background, box, pictures)), drawn)


def ink_of(stroke: Stroke) -> Ink:
    """Return a stroke's samples on the page, before it was moved."""
    points: Points = stroke.points
    count = len(points)
    return Ink.of(
        [stroke.x + x for x in points.x],
        [stroke.y + y for y in points.y],
        [meant(stroke.curve, p / 65535) for p in points.pressure] or [0.5] * count,
        [t / 100 for t in points.tilt_x] or [0.0] * count,
        [t / 100 for t in points.tilt_y] or [0.0] * count,
    )


def _parts(item: Item, colour: str, pictures: Pictures) -> Iterable[Part]:
    if isinstance(item, Stroke):
        polygons = outline(ink_of(item), item.pen, item.width, _FINE / item.move.scale)
        alpha = MARKER_ALPHA if item.pen == "marker" else 1.0
        yield Fill([_moved(one, item.move) for one in polygons], colour, alpha)
    elif isinstance(item, Shape):
        yield _shape(item, colour)
    elif isinstance(item, Note):
        yield from _note(item, colour)
    else:
        yield _picture(item.asset, _moved_box(item.box, item.move), pictures)


def _shape(shape: Shape, colour: str) -> Way:
    (ax, ay), (bx, by) = shape.move.place(*shape.begin), shape.move.place(*shape.end)
    width = shape.width * shape.move.scale
    if shape.form == "rectangle":
        corners = ((ax, ay), (bx, ay), (bx, by), (ax, by))
        commands: list[Command] = [("ML"[n > 0], one) for n, one in enumerate(corners)]
        return Way([*commands, ("Z", ())], colour, 1.0, width)
    if shape.form == "ellipse":
        middle = ((ax + bx) / 2, (ay + by) / 2)
        return Way(_ellipse(*middle, abs(bx - ax) / 2, abs(by - ay) / 2), colour, 1.0, width)
    commands = [("M", (ax, ay)), ("L", (bx, by))]
    if shape.form == "arrow":
        angle = math.atan2(by - ay, bx - ax)
        long = min(width * 3 + 8 * shape.move.scale, max(math.hypot(bx - ax, by - ay) * 0.6, width))
        for side in (0.48, -0.48):
            end = (bx - long * math.cos(angle + side), by - long * math.sin(angle + side))
            commands += [("M", (bx, by)), ("L", end)]
    return Way(commands, colour, 1.0, width)


def _note(note: Note, colour: str) -> Iterable[Part]:
    box, scale = _moved_box(note.box, note.move), note.move.scale
    radius = min(box.width, box.height) * 0.04
    shadow = Box(box.x, box.y + 3 * scale, box.width, box.height).grown(1.5 * scale)
    yield Way(_rounded(shadow, radius), "#14221f", 0.14)
    yield Way(_rounded(box, radius), colour)
    room = 1 - 2 * _PADDING
    size, lines = letters.laid(note.text, note.box.width * room, note.box.height * room)
    left, top = box.x + box.width * _PADDING, box.y + box.height * _PADDING
    for number, line in enumerate(lines):
        if line:
            y = top + size * scale * (0.95 + number * letters.LINE)
            long = letters.wide(line, size) * scale
            yield Text(line, left, y, size * scale, long, _NOTE_INK)


def _picture(asset: str, box: Box, pictures: Pictures) -> Part:
    found = pictures(asset)
    if found is None:
        return Way(_rounded(box, 0), "#14221f", 0.08)
    return Image(found[0], found[1], box)


def _behind(background: Mapping[str, Any] | None, box: Box, pictures: Pictures) -> Iterable[Part]:
    kind = (background or {}).get("kind")
    place = background_box(background)
    if background is not None and place is not None:
        yield _picture(str(background.get("asset")), place, pictures)
    if kind not in _STEPS:
        return
    step = _STEPS[kind]
    most = _MOST_DOTS if kind == "dots" else _MOST_RULES
    while _count(box, step, kind) > most:
        step *= 4  # from afar every line would be a grey haze
    across, down = _multiples(box.x, box.width, step), _multiples(box.y, box.height, step)
    right, bottom = box.x + box.width, box.y + box.height
    commands: list[Command] = []
    if kind == "dots":
        for x in across:
            for y in down:
                spot = (x + step / 2, y + step / 2)
                commands += [("M", spot), ("L", (spot[0] + 0.01, spot[1]))]
        yield Way(commands, _RULE, _DOT_ALPHA, 3.2)
        return
    for y in down:
        commands += [("M", (box.x, y + 0.5)), ("L", (right, y + 0.5))]
    if kind == "squares":
        for x in across:
            commands += [("M", (x + 0.5, box.y)), ("L", (x + 0.5, bottom))]
    yield Way(commands, _RULE, _RULE_ALPHA, 1.0)


def _count(box: Box, step: float, kind: Any) -> float:
    across, down = box.width / step, box.height / step
    return across * down if kind == "dots" else across + down


def _multiples(begin: float, length: float, step: float) -> list[float]:
    first = math.floor(begin / step)
    return [n * step for n in range(first, math.ceil((begin + length) / step))]


def _box(item: Item) -> Box:
    """Return where an item lies, its width and its move included."""
    if isinstance(item, Note):
        bare = item.box.grown(_SHADOW)
    elif isinstance(item, Picture):
        bare = item.box
    elif isinstance(item, Shape):
        (ax, ay), (bx, by) = item.begin, item.end
        bare = Box(min(ax, bx), min(ay, by), abs(ax - bx), abs(ay - by))
        bare = bare.grown(item.width * 3 + 8 if item.form == "arrow" else item.width / 2)
    else:
        x, y = min(item.points.x), min(item.points.y)
        wide, high = max(item.points.x) - x, max(item.points.y) - y
        bare = Box(item.x + x, item.y + y, wide, high).grown(widest(item.pen, item.width) / 2)
    return _moved_box(bare, item.move)


def _moved_box(box: Box, move: Move) -> Box:
    return Box(*move.place(box.x, box.y), box.width * move.scale, box.height * move.scale)


def _moved(polygon: Polygon, move: Move) -> Polygon:
    if move == Move():
        return polygon
    place = (move.x, move.y)
    return [value * move.scale + place[number & 1] for number, value in enumerate(polygon)]


def _rounded(box: Box, radius: float) -> list[Command]:
    x, y, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
    r, k = radius, radius * (1 - _KAPPA)
    if r == 0:
        corners: tuple[Place, ...] = ((x, y), (right, y), (right, bottom), (x, bottom))
        return [*(("ML"[n > 0], one) for n, one in enumerate(corners)), ("Z", ())]
    return [
        ("M", (x + r, y)),
        ("L", (right - r, y)),
        ("C", (right - k, y, right, y + k, right, y + r)),
        ("L", (right, bottom - r)),
        ("C", (right, bottom - k, right - k, bottom, right - r, bottom)),
        ("L", (x + r, bottom)),
        ("C", (x + k, bottom, x, bottom - k, x, bottom - r)),
        ("L", (x, y + r)),
        ("C", (x, y + k, x + k, y, x + r, y)),
        ("Z", ()),
    ]


def _ellipse(x: float, y: float, rx: float, ry: float) -> list[Command]:
    kx, ky = rx * _KAPPA, ry * _KAPPA
    return [
        ("M", (x + rx, y)),
        ("C", (x + rx, y + ky, x + kx, y + ry, x, y + ry)),
        ("C", (x - kx, y + ry, x - rx, y + ky, x - rx, y)),
        ("C", (x - rx, y - ky, x - kx, y - ry, x, y - ry)),
        ("C", (x + kx, y - ry, x + rx, y - ky, x + rx, y)),
        ("Z", ()),
    ]


def _blended(colour: str) -> str:
    """Return a colour nearly as light as paper."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - (255 - part) * _FAINT):02x}" for part in parts)
