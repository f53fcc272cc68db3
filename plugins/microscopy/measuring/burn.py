"""Draws shapes and a scale bar into a copy of a picture. Runs in a worker process."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from plugins.microscopy.fonts import font

Point = tuple[float, float]

COLOURS = {
    "yellow": "#ffd84a",
    "orange": "#ff9440",
    "red": "#ff5e57",
    "green": "#5fe08a",
    "blue": "#5cb8ff",
    "white": "#ffffff",
}
DARK = "#101615"
MOST_PIXELS = 100_000_000
_QUALITY = 92


def burn(source: str, target: str, drawing: dict[str, Any]) -> dict[str, int]:
    """Write a copy of a picture with what is drawn on it; the picture itself is only read.

    Args:
        source: a JPEG or PNG file.
        target: where the copy goes: JPEG where its name ends so, else PNG.
        drawing: as `measuring.drawing.drawing` returns it.

    Returns:
        `width` and `height` of the copy: it lies upright, as browsers show the picture.

    Raises:
        NoFont: there are no letters to write with.
    """
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(source, formats=("JPEG", "PNG")) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    pen = _Pen(picture)
    for shape in drawing["shapes"]:
        points = [(float(x), float(y)) for x, y in shape["points"]]
        pen.shape(shape["kind"], points, COLOURS[shape["colour"]], shape["words"])
    if drawing["bar"] is not None:
        pen.bar(drawing["bar"]["pixels"], drawing["bar"]["words"])
    if Path(target).suffix.lower() in (".jpg", ".jpeg"):
        picture.save(target, "JPEG", quality=_QUALITY, subsampling=0)
    else:
        picture.save(target, "PNG")
    return {"width": picture.width, "height": picture.height}


class _Pen:
    """Draws with lines and letters that fit the picture's size, each on a dark edge."""

    def __init__(self, picture: Image.Image) -> None:
        self._draw = ImageDraw.Draw(picture)
        self._size = picture.size
        side = max(picture.size)
        self.width = max(2, round(side / 480))
        self.edge = max(1, round(self.width / 2))
        self._height = max(13, round(side / 52))
        self._letters: ImageFont.FreeTypeFont | None = None

    def shape(self, kind: str, points: list[Point], colour: str, words: str) -> None:
        if kind == "area":
            self._line([*points, points[0]], colour)
            self._words(words, _middle(points), colour)
        elif kind == "angle":
            self._line(points, colour)
            self._words(words, _off(points[1], _middle(points), 2.2 * self._height), colour)
        elif kind == "count":
            for number, point in enumerate(points, 1):
                self._dot(point, colour)
                self._words(str(number), _right(point, self._height), colour)
            self._words(words, _right(points[0], 2.6 * self._height), colour)
        elif kind == "label":
            self._dot(points[0], colour)
            self._words(words, (points[0][0], points[0][1] - self._height), colour)
        elif kind == "arrow":
            self._arrow(points[0], points[1], colour)
            tail, head = points
            self._words(words, _off(tail, head, -self._height), colour)
        else:
            self._line(points, colour)
            ends = (points[0], points[-1])
            for point in ends:
                self._dot(point, colour)
            middle = _middle(ends) if len(points) == 2 else points[-1]
            self._words(words, (middle[0], middle[1] - self._height), colour)

    def bar(self, pixels: float, words: str) -> None:
        """Draw the scale bar into the lower left corner, its words above it."""
        left = self._height
        bottom = self._size[1] - self._height
        thick = max(4, round(self._height / 3))
        box = (left, bottom - thick, left + round(pixels) - 1, bottom - 1)
        edge = self.edge
        around = (box[0] - edge, box[1] - edge, box[2] + edge, box[3] + edge)
        self._draw.rectangle(around, fill=DARK)
        self._draw.rectangle(box, fill=COLOURS["white"])
        above = (left + pixels / 2, bottom - thick - 0.9 * self._height)
        self._words(words, above, COLOURS["white"])

    def _line(self, points: list[Point], colour: str) -> None:
        self._draw.line(points, fill=DARK, width=self.width + 2 * self.edge, joint="curve")
        self._draw.line(points, fill=colour, width=self.width, joint="curve")

    def _dot(self, point: Point, colour: str) -> None:
        radius = 1.6 * self.width
        self._draw.circle(point, radius + self.edge, fill=DARK)
        self._draw.circle(point, radius, fill=colour)

    def _arrow(self, tail: Point, head: Point, colour: str) -> None:
        away = math.dist(tail, head)
        if away == 0:
            self._dot(head, colour)
            return
        along = ((head[0] - tail[0]) / away, (head[1] - tail[1]) / away)
        size = min(6 * self.width, away)
        foot = (head[0] - along[0] * size, head[1] - along[1] * size)
        wings = [
            (foot[0] - along[1] * size / 2, foot[1] + along[0] * size / 2),
            (foot[0] + along[1] * size / 2, foot[1] - along[0] * size / 2),
        ]
        self._line([tail, foot], colour)
        self._draw.polygon([head, *wings], fill=colour, outline=DARK, width=self.edge)

    def _words(self, words: str, middle: Point, colour: str) -> None:
        if not words:
            return
        if self._letters is None:
            self._letters = font(self._height)
        left, top, right, bottom = self._draw.textbbox(
            (0, 0), words, font=self._letters, stroke_width=self.edge
        )
        across, down = (right - left) / 2, (bottom - top) / 2
        # What lies at the edge is moved inside, so that it can be read.
        x = min(max(middle[0], across), max(across, self._size[0] - across))
        y = min(max(middle[1], down), max(down, self._size[1] - down))
        self._draw.text(
            (x - across - left, y - down - top),
            words,
            font=self._letters,
            fill=colour,
            stroke_width=self.edge,
            stroke_fill=DARK,
        )


def _middle(points: list[Point] | tuple[Point, ...]) -> Point:
    return (
        math.fsum(x for x, _ in points) / len(points),
        math.fsum(y for _, y in points) / len(points),
    )


def _off(start: Point, towards: Point, by: float) -> Point:
    away = math.dist(start, towards) or 1.0
    return (
        start[0] + (towards[0] - start[0]) / away * by,
        start[1] + (towards[1] - start[1]) / away * by,
    )


def _right(point: Point, by: float) -> Point:
    return (point[0] + by, point[1])
