"""The slide of single cells, and where each of them lies."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from drivers.virtual.microscope.slide import Micrograph, read

CELLS_SCALE = 0.107  # um/px; as its authors recorded it
_CELL = (428, 374, 118)  # centre and radius, with its halo, in cell.png
_BODY = (428.2, 374.3, 62.0)
"""Centre and radius of the cell without its halo: of the contour at the grey value 110, midway
between the liquid (67) and the cell just inside its edge (155)."""
_SIZE = 4096
_CELLS = 160


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: place on the repeating slide and diameter, um; how it is turned and how bright."""

    x: float
    y: float
    diameter: float
    left: int
    top: int
    turn: float
    grow: float
    bright: float


PERIOD = _SIZE * CELLS_SCALE
"""Micrometres after which the slide begins anew, across and down."""
_SIDE = 2 * _CELL[2] + 40


@cache
def places() -> tuple[Cell, ...]:
    """Return the cells of one period of the slide."""
    rng = np.random.default_rng(5)
    found = _scattered(rng, _CELLS, _SIZE, 0.7 * _CELL[2] * 1.4)
    return tuple(_cell(rng, left, top) for left, top in found)


def _cell(rng: np.random.Generator, left: int, top: int) -> Cell:
    turn, grow = rng.uniform(0, 360), rng.uniform(0.72, 1.15)
    # The body's centre in the patch, pixel centres at whole numbers, as `_turned` moves it.
    middle = (_SIDE - 1) / 2
    at = _matrix(turn, grow) @ (middle + _BODY[0] - _CELL[0], middle + _BODY[1] - _CELL[1], 1.0)
    return Cell(
        (left + at[0] + 0.5) % _SIZE * CELLS_SCALE,
        (top + at[1] + 0.5) % _SIZE * CELLS_SCALE,
        2 * _BODY[2] * grow * CELLS_SCALE,
        left,
        top,
        turn,
        grow,
        rng.uniform(0.85, 1.05),
    )


def _matrix(turn: float, grow: float) -> np.ndarray:
    return cv2.getRotationMatrix2D((_SIDE / 2, _SIDE / 2), turn, grow)


def in_view(x: float, y: float, width: float, height: float) -> list[tuple[float, float, float]]:
    """Return x, y and diameter (um) of each cell that a view of the slide touches.

    The view lies around (x, y), `width` and `height` um large; places are measured from its
    upper left corner.
    """
    left, top = x - width / 2, y - height / 2
    return [
        (at_x, at_y, cell.diameter)
        for cell in places()
        for at_x in _repeated(cell.x - left, cell.diameter / 2, width)
        for at_y in _repeated(cell.y - top, cell.diameter / 2, height)
    ]


def _repeated(place: float, radius: float, span: float) -> list[float]:
    first = (place + radius) % PERIOD - radius
    count = int(max(np.ceil((span + radius - first) / PERIOD), 0))
    return [float(first + i * PERIOD) for i in range(count)]


@cache
def cells() -> Micrograph:
    """Return single cells floating in a liquid, in phase contrast."""
    picture = read("cell.png")[..., 0].astype(np.float32)
    x, y, radius = _CELL
    calm = cv2.GaussianBlur(picture[:300], (0, 0), 1.0)
    level = float(np.median(calm))
    grain = (calm - cv2.GaussianBlur(calm, (0, 0), 12))[20:276, 20:532]
    mirrored = np.hstack([grain, grain[:, ::-1]])
    field = np.tile(np.vstack([mirrored, mirrored[::-1]]), (8, 4)) + level
    patch = cv2.getRectSubPix(picture, (_SIDE, _SIDE), (float(x), float(y))) - level
    there = np.hypot(*(np.mgrid[:_SIDE, :_SIDE] - _SIDE / 2 + 0.5))
    patch *= np.clip((radius + 14 - there) / 28, 0, 1).astype(np.float32)
    for cell in places():
        turned = cv2.warpAffine(
            patch, _matrix(cell.turn, cell.grow), (_SIDE, _SIDE), flags=cv2.INTER_CUBIC
        )
        rows = np.arange(cell.top, cell.top + _SIDE) % _SIZE
        columns = np.arange(cell.left, cell.left + _SIDE) % _SIZE
        field[np.ix_(rows, columns)] += turned * cell.bright
    grey = np.clip(field * 1.15, 0, 255).astype(np.uint8)
    return Micrograph(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8), CELLS_SCALE, 0.25)


def _scattered(
    rng: np.random.Generator, count: int, size: int, apart: float
) -> list[tuple[int, int]]:
    """Return up to `count` places, in loose groups, none nearer to another than `apart`."""
    places: list[tuple[int, int]] = []
    for _ in range(count * 20):
        if places and rng.random() < 0.45:
            near = places[int(rng.integers(len(places)))]
            step = rng.normal(0, 2.2 * apart, 2)
            place = int(near[0] + step[0]) % size, int(near[1] + step[1]) % size
        else:
            place = int(rng.integers(size)), int(rng.integers(size))
        gaps = [(abs(place[0] - x), abs(place[1] - y)) for x, y in places]
        if all(np.hypot(min(a, size - a), min(b, size - b)) > apart for a, b in gaps):
            places.append(place)
        if len(places) == count:
            break
    return places
