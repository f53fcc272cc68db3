"""Finding the ruling of a stage micrometer in a picture. Runs in a worker.

A ruling is a row of parallel lines at even distances, which may lie anywhere, at any angle, and go
beyond the picture. Its direction shows in the gradients; turned upright, the mean along its lines
is a profile whose period is the division. Places in pictures are pixels from the upper left corner,
the middle of the first pixel at (0.5, 0.5).
"""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from plugins.microscopy.calibration.errors import BadPicture, LinesTooClose, NoRuling
from plugins.microscopy.calibration.profile import Lines, lines, periods

Floats = NDArray[np.float32]

MOST_PIXELS = 40_000_000
_WORKED_ON = 1600  # px: the longer side of what is looked through
_SPREAD_MOST = 0.07  # of a period: lines that stray further are no ruling
_SHARE_LEAST = 0.75
_CLEAR_LEAST = 0.45
_BAND = 0.55  # of the strongest row's gradients: rows that belong to the ruling
_TICKS = 400
_LEAN_MOST = 0.5  # degrees: lines that lean more were not turned upright


@dataclass(frozen=True, slots=True)
class Ruling:
    """A ruling in a picture.

    Attributes:
        period: pixels from line to line.
        error: its relative error, see `Lines.error`.
        lines: how many were seen.
        sure: 0..1, how much of what a ruling would show was seen.
        angle: of its axis in degrees, clockwise from the picture's x axis.
        ends: where the first and the last line cross the axis.
        divisions: from the first to the last.
        ticks: both ends of each line that was seen.
    """

    period: float
    error: float
    lines: int
    sure: float
    angle: float
    ends: list[list[float]]
    divisions: int
    ticks: list[list[list[float]]]


def find_in_file(path: str) -> dict[str, Any]:
    """Find the ruling in a picture file; the work of a worker. Raises as `find`; see `Ruling`."""
    found = find(read(path))
    return {name: getattr(found, name) for name in Ruling.__slots__}


def read(path: str) -> Floats:
    """Return a picture's grey values. Raises `BadPicture`."""
    data = np.frombuffer(Path(path).read_bytes(), np.uint8)
    flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        image = cv2.imdecode(data, flags) if data.size else None
    except cv2.error as error:
        raise BadPicture(str(error)) from None
    if image is None or min(image.shape) < 64 or image.size > MOST_PIXELS:
        raise BadPicture(f"{data.size} bytes give no picture that can be looked through")
    return image.astype(np.float32)


def find(image: Floats) -> Ruling:
    """Find the ruling in the grey values of a picture.

    Raises:
        NoRuling: there is none, or it cannot be told from something else.
        LinesTooClose: its finest lines run into each other.
    """
    factor = max(max(image.shape) / _WORKED_ON, 1.0)
    if factor > 1:
        size = round(image.shape[1] / factor), round(image.shape[0] / factor)
        factor_x, factor_y = image.shape[1] / size[0], image.shape[0] / size[1]
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    else:
        factor_x = factor_y = 1.0
    even = _even(image)
    best: _Seen | None = None
    for angle in _directions(even):
        seen = _look(even, angle)
        if seen is not None and (best is None or seen.sure > best.sure):
            best = seen
    if best is None or best.sure <= 0:
        raise NoRuling("no row of parallel lines at even distances")
    _refuse_coarse(best)
    return _told(best, factor_x, factor_y)


def _even(image: Floats) -> Floats:
    """Return contrast: grey values less those around, divided by them; light may be uneven."""
    around = cv2.GaussianBlur(
        cv2.resize(image, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA),
        (0, 0),
        max(image.shape) / 8 / 10,
        borderType=cv2.BORDER_REFLECT,
    )
    around = cv2.resize(around, image.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return (image / np.maximum(around, 4.0) - 1).astype(np.float32)


def _directions(even: Floats) -> list[float]:
    """Return the angles, degrees, in which brightness changes most: the axis of a ruling is one."""
    soft = cv2.GaussianBlur(even, (0, 0), 1.0)
    gx, gy = cv2.Scharr(soft, cv2.CV_32F, 1, 0), cv2.Scharr(soft, cv2.CV_32F, 0, 1)
    strength = gx * gx + gy * gy
    strong = strength > np.quantile(strength[::4, ::4], 0.8)
    angle = np.degrees(np.arctan2(gy[strong], gx[strong])) % 180
    heights, _ = np.histogram(angle, 180, (0, 180), weights=np.sqrt(strength[strong]))
    ring = np.concatenate([heights[-4:], heights, heights[:4]])
    heights = np.convolve(ring, [1, 2, 3, 4, 5, 4, 3, 2, 1], "valid")
    # A top stands above all beside it: the foot of a steep one is no direction of its own.
    beside = np.stack([np.roll(heights, by) for by in range(-12, 13)]).max(axis=0)
    tops = np.flatnonzero((heights == beside) & (heights > 0))
    tops = tops[np.argsort(-heights[tops], kind="stable")][:3]
    return [_middle(ring[4:-4], int(top)) for top in tops]


def _middle(heights: NDArray[np.float64], top: int) -> float:
    near = np.arange(top - 4, top + 5)
    weight = heights[near % 180]
    total = float(weight.sum())
    return float((weight * (near + 0.5)).sum() / total) if total > 0 else float(top)


@dataclass(frozen=True, slots=True)
class _Upright:
    """The picture turned so that the ruling's axis lies level, on a canvas that holds all of it."""

    angle: float
    contrast: Floats
    inside: Floats
    centre: tuple[float, float]

    def back(self, u: float, v: float) -> tuple[float, float]:
        """Return where in the picture a place of the canvas is."""
        side = self.contrast.shape[0]
        c, s = math.cos(math.radians(self.angle)), math.sin(math.radians(self.angle))
        du, dv = u - side / 2, v - side / 2
        return self.centre[0] + c * du - s * dv, self.centre[1] + s * du + c * dv


def _upright(even: Floats, angle: float) -> _Upright:
    height, width = even.shape
    side = math.ceil(math.hypot(height, width)) + 2
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    # From a pixel's number on the canvas to that in the picture: middles lie half a pixel on.
    du = side / 2 - 0.5
    matrix = np.array(
        [
            [c, -s, width / 2 - 0.5 - c * du + s * du],
            [s, c, height / 2 - 0.5 - s * du - c * du],
        ]
    )
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    turned = cv2.warpAffine(even, matrix, (side, side), flags=flags, borderValue=0.0)
    ones = np.ones_like(even)
    ones[:3], ones[-3:], ones[:, :3], ones[:, -3:] = 0, 0, 0, 0
    flags = cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
    inside = cv2.warpAffine(ones, matrix, (side, side), flags=flags, borderValue=0.0)
    return _Upright(
        angle,
        np.asarray(turned * inside, np.float32),
        np.asarray(inside, np.float32),
        (width / 2, height / 2),
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    upright: _Upright
    lines: Lines
    band: tuple[int, int]
    offset: int
    sure: float
    sign: float


def _look(even: Floats, angle: float) -> _Seen | None:
    """Look for a ruling along one direction; its angle is made better by what is seen.

    Of what is seen on the way that whose lines lean least is the ruling: lines that are smeared
    because they lean may look smoother than sharp ones.
    """
    seen: _Seen | None = None
    least = math.inf
    for step in range(5):
        if step == 3 and seen is None:
            break
        now = _along(_upright(even, angle))
        if now is None:
            break
        turn = _lean(now)
        if now.sure > 0 and abs(turn) < least:
            seen, least = now, abs(turn)
        if abs(turn) < 0.02:
            break
        angle += turn
    return seen if least < _LEAN_MOST else None


def _along(upright: _Upright) -> _Seen | None:
    band = _band(upright)
    if band is None:
        return None
    rows = slice(*band)
    inside = upright.inside[rows]
    held = inside.sum(axis=0)
    used = np.flatnonzero(held > 0.6 * (band[1] - band[0]))
    if used.size < 32:
        return None
    begin, end = int(used[0]), int(used[-1]) + 1
    mean = upright.contrast[rows, begin:end].sum(axis=0) / np.maximum(held[begin:end], 1)
    dark = -(mean - np.median(mean)).astype(np.float64)
    likely = 1.0 if float((dark**3).sum()) >= 0 else -1.0
    best: _Seen | None = None
    for sign in (likely, -likely):
        for period in periods(dark, dark.size / 4):
            found = lines(dark * sign, period)
            if found is None:
                continue
            sure = _sure(dark * sign, found)
            if best is None or sure > best.sure:
                best = _Seen(upright, found, band, begin, sure, sign)
        if best is not None and best.sure > 0:
            break
    return best


def _band(upright: _Upright) -> tuple[int, int] | None:
    """Return the rows in which most lines stand: where brightness changes along the axis alone."""
    gx = cv2.Scharr(upright.contrast, cv2.CV_32F, 1, 0)
    gy = cv2.Scharr(upright.contrast, cv2.CV_32F, 0, 1)
    whole = cv2.erode(upright.inside, np.ones((7, 7), np.uint8))
    lines_there = np.clip(gx * gx - 4 * gy * gy, 0, None) * whole
    strength = np.sqrt(lines_there).sum(axis=1)
    strength = cv2.GaussianBlur(strength.reshape(-1, 1), (0, 0), 3.0).ravel()
    top = int(strength.argmax())
    if strength[top] <= 0:
        return None
    low = np.flatnonzero(strength < _BAND * strength[top])
    first = int(low[low < top].max(initial=-1)) + 1
    last = int(low[low > top].min(initial=strength.size))
    return (first, last) if last - first >= 4 else None


def _sure(profile: NDArray[np.float64], found: Lines) -> float:
    """Return how much of what a ruling shows is there, 0..1; 0 where it is none."""
    spread = found.spread / found.period
    if spread > _SPREAD_MOST or found.share < _SHARE_LEAST:
        return 0.0
    first, last = found.place(found.numbers[0]), found.place(found.numbers[-1])
    begin = max(int(first - found.period / 2), 0)
    part = profile[begin : int(last + found.period / 2) + 1]
    # What repeats from line to line, as a share of all that changes.
    at = ((np.arange(part.size) + begin + 0.5 - found.first) / found.period + 0.5) % 1.0
    bins = np.minimum((at * 12).astype(int), 11)
    mean = np.bincount(bins, part, 12) / np.maximum(np.bincount(bins, minlength=12), 1)
    # Lines are narrower than what is between them: they are the longer tail, dark or bright.
    if float(((mean - mean.mean()) ** 3).sum()) < 0:
        return 0.0
    rest = part - mean[bins]
    varied = float(((part - part.mean()) ** 2).sum())
    clear = 1 - float((rest**2).sum()) / varied if varied > 0 else 0.0
    if clear < _CLEAR_LEAST:
        return 0.0
    many = min((len(found.numbers) - 2) / 10, 1.0)
    return clear * found.share * many * (1 - spread / _SPREAD_MOST / 2)


def _lean(seen: _Seen) -> float:
    """Return by how many degrees the lines lean: their phase moves from row to row."""
    first, last = seen.band
    begin = seen.offset + seen.lines.place(seen.lines.numbers[0]) - seen.lines.period / 2
    end = seen.offset + seen.lines.place(seen.lines.numbers[-1]) + seen.lines.period / 2
    left, right = max(round(begin), 0), min(round(end), seen.upright.contrast.shape[1])
    wave = np.exp(-2j * np.pi * np.arange(left, right) / seen.lines.period)
    phases = (seen.upright.contrast[first:last, left:right] * wave).sum(axis=1)
    steps = phases[1:] * np.conj(phases[:-1])
    turn = float(np.angle(steps.sum())) * seen.lines.period / (2 * np.pi)
    # A line that goes `turn` px to the right (phase back) with each row down leans left to right.
    return math.degrees(math.atan(turn))


def _extents(seen: _Seen) -> list[tuple[int, float, float, float]]:
    """Return number, place on the axis, and upper and lower end of each line, px of the canvas."""
    contrast = -seen.upright.contrast * seen.sign
    half = max(round(seen.lines.period * 0.12), 0)
    found = []
    for number in seen.lines.numbers:
        u = seen.offset + seen.lines.place(number)
        column = contrast[:, max(int(u) - half, 0) : int(u) + half + 1].mean(axis=1)
        dark = column[seen.band[0] : seen.band[1]]
        low = np.flatnonzero(column < 0.4 * float(np.median(dark)))
        middle = (seen.band[0] + seen.band[1]) // 2
        upper = int(low[low < middle].max(initial=-1)) + 1
        lower = int(low[low > middle].min(initial=column.size))
        found.append((number, u, float(upper), float(lower)))
    return found


def _refuse_coarse(seen: _Seen) -> None:
    """Refuse lines of which every other one is longer: those are the fifths, the others are lost.

    On stage micrometers each fifth line is longer than the others, each tenth longer still.
    """
    extents = _extents(seen)
    lengths = {number: lower - upper for number, _, upper, lower in extents}
    if len(lengths) < 6:
        return
    for odd in (0, 1):
        long = [v for n, v in lengths.items() if n % 2 == odd]
        short = [v for n, v in lengths.items() if n % 2 != odd]
        if long and short and np.quantile(long, 0.2) > 1.12 * np.quantile(short, 0.8):
            raise LinesTooClose(f"every other of {len(lengths)} lines is longer")


def _told(seen: _Seen, factor_x: float, factor_y: float) -> Ruling:
    def place(u: float, v: float) -> list[float]:
        x, y = seen.upright.back(u, v)
        return [x * factor_x, y * factor_y]

    axis = (seen.band[0] + seen.band[1]) / 2
    found = seen.lines
    ends = [
        place(seen.offset + found.place(number), axis)
        for number in (found.numbers[0], found.numbers[-1])
    ]
    divisions = found.numbers[-1] - found.numbers[0]
    (x0, y0), (x1, y1) = ends
    return Ruling(
        period=math.hypot(x1 - x0, y1 - y0) / divisions,
        error=found.error,
        lines=len(found.numbers),
        sure=round(min(max(seen.sure, 0.0), 1.0), 3),
        angle=math.degrees(math.atan2(y1 - y0, x1 - x0)),
        ends=ends,
        divisions=divisions,
        ticks=[[place(u, upper), place(u, lower)] for _, u, upper, lower in _extents(seen)][
            :_TICKS
        ],
    )
