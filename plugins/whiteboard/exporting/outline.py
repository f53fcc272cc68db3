"""The shape of a stroke: pressure and tilt make the width of a line.

What the page does in `web/src/ink/brush.ts` and `outline.ts`, step by step; both are held to the
same outlines by `tests/contract/outlines.json`.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

_LIGHTEST, _ADDED = 0.4, 1.2
_FLAT, _FLATTEST = 1.5, math.sin(math.radians(70))
_COARSE, _MOST_STEPS = 5, 12
_SHARP = 1.2
Polygon = list[float]
"""Closed, as x, y, x, y …"""


@dataclass(frozen=True, slots=True)
class Ink:
    """Samples in columns. Page units; pressure 0 to 1; tilt in degrees."""

    x: Sequence[float]
    y: Sequence[float]
    pressure: Sequence[float]
    tilt_x: Sequence[float]
    tilt_y: Sequence[float]

    @classmethod
    def of(
        cls,
        x: Sequence[float],
        y: Sequence[float],
        pressure: Sequence[float],
        tilt_x: Sequence[float],
        tilt_y: Sequence[float],
    ) -> "Ink":
        """Return samples as the page has them: in single precision."""
        return cls(*(array("f", column) for column in (x, y, pressure, tilt_x, tilt_y)))


@dataclass(slots=True)
class _Spine:
    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    half: list[float] = field(default_factory=list)

    def put(self, x: float, y: float, half: float) -> None:
        self.x.append(x)
        self.y.append(y)
        self.half.append(half)

    def pop(self) -> None:
        self.x.pop()
        self.y.pop()
        self.half.pop()


def widest(pen: str, width: float) -> float:
    """Return what full pressure makes of a brush; nothing that it draws is wider."""
    return width if pen == "marker" else width * (_LIGHTEST + _ADDED) * (1 + _FLAT)


def meant(curve: tuple[float, float, float] | None, pressure: float) -> float:
    """Return what a hand means by a measured pressure (docs/boards.md, `curve`)."""
    if curve is None:
        return pressure
    lightest, hardest, softness = curve
    part = (pressure - lightest) / (hardest - lightest)
    return float(min(1.0, max(0.0, part)) ** (4.0**-softness))


def half_width(
    pen: str, width: float, pressure: float, tilt: tuple[float, float], along: tuple[float, float]
) -> float:
    """Return half the width of a line at a sample; `along`: its direction as a unit vector."""
    if pen == "marker":
        return width / 2
    force = _LIGHTEST + _ADDED * float(min(1.0, max(0.0, pressure)) ** 0.95) * 0.97
    half = (width / 2) * force
    if tilt == (0, 0):
        return half
    lean_x, lean_y = math.sin(math.radians(tilt[0])), math.sin(math.radians(tilt[1]))
    lean = math.hypot(lean_x, lean_y)
    meant = max(0.0, min(1.0, (lean - 0.5) / (_FLATTEST - 0.5)))
    if meant == 0:
        return half
    cross = abs(lean_x * along[1] - lean_y * along[0]) / lean
    return half * (1 + _FLAT * meant * cross)


def outline(ink: Ink, pen: str, width: float, step: float) -> list[Polygon]:
    """Return the polygons of a stroke, to be filled as one (nonzero).

    Args:
        ink: its samples.
        pen: `pen` or `marker`.
        width: in page units, at half pressure.
        step: how far two points must be apart to be told apart, in page units.
    """
    spine = _smooth(_spine(ink, pen, width, step), step)
    count = len(spine.x)
    if count == 0:
        return []
    pieces, begin = [], 0
    for index in range(1, count - 1):
        if _turns_too_tightly(spine, index):
            pieces.append(_ribbon(spine, begin, index))
            begin = index
    pieces.append(_ribbon(spine, begin, count - 1))
    return pieces


def _spine(ink: Ink, pen: str, width: float, step: float) -> _Spine:
    """Leave out what lies closer together than can be seen; widths change gently on the way."""
    spine = _Spine()
    last = len(ink.x) - 1
    half = last_x = last_y = 0.0
    along = _direction(ink)
    for index in range(last + 1):
        x, y = ink.x[index], ink.y[index]
        by_x, by_y = x - last_x, y - last_y
        far = math.hypot(by_x, by_y)
        if 0 < index < last and far < step:
            continue
        if index > 0 and far > 0:
            along = (by_x / far, by_y / far)
        tilt = (ink.tilt_x[index], ink.tilt_y[index])
        pressed = half_width(pen, width, ink.pressure[index], tilt, along)
        half = pressed if index == 0 else half + (pressed - half) * 0.55
        if 0 < index == last and far < step * 0.5 and len(spine.x) > 1:
            spine.pop()
        spine.put(x, y, half)
        last_x, last_y = x, y
    return spine


def _direction(ink: Ink) -> tuple[float, float]:
    far = min(2, len(ink.x) - 1)
    if far < 0:
        return 0.0, 0.0
    x, y = ink.x[far] - ink.x[0], ink.y[far] - ink.y[0]
    length = math.hypot(x, y) or 1.0
    return x / length, y / length


def _smooth(spine: _Spine, step: float) -> _Spine:
    """Make a curve through the middles of the ways between places."""
    count = len(spine.x)
    if count < 3:
        return spine
    x, y, half = spine.x, spine.y, spine.half
    out = _Spine()
    out.put(x[0], y[0], half[0])
    for at in range(1, count - 1):
        first, final = at == 1, at == count - 2
        ax = x[0] if first else (x[at - 1] + x[at]) / 2
        ay = y[0] if first else (y[at - 1] + y[at]) / 2
        ah = half[0] if first else (half[at - 1] + half[at]) / 2
        bx = x[-1] if final else (x[at] + x[at + 1]) / 2
        by = y[-1] if final else (y[at] + y[at + 1]) / 2
        bh = half[-1] if final else (half[at] + half[at + 1]) / 2
        cx, cy, ch = x[at], y[at], half[at]
        if _turn(spine, at) > _SHARP:
            out.put(cx, cy, ch)
            out.put(bx, by, bh)
            continue
        long = math.hypot(cx - ax, cy - ay) + math.hypot(bx - cx, by - cy)
        # `Math.round` goes up at a half.
        steps = min(_MOST_STEPS, max(1, math.floor(long / (step * _COARSE) + 0.5)))
        for part in range(1, steps + 1):
            s = part / steps
            a, c, b = (1 - s) * (1 - s), 2 * s * (1 - s), s * s
            out.put(a * ax + c * cx + b * bx, a * ay + c * cy + b * by, a * ah + c * ch + b * bh)
    return out


def _turn(spine: _Spine, at: int) -> float:
    """Return the radians by which a line turns at a place."""
    ax, ay = spine.x[at] - spine.x[at - 1], spine.y[at] - spine.y[at - 1]
    bx, by = spine.x[at + 1] - spine.x[at], spine.y[at + 1] - spine.y[at]
    return abs(math.atan2(ax * by - ay * bx, ax * bx + ay * by))


def _turns_too_tightly(spine: _Spine, at: int) -> bool:
    """Tell whether the ribbon would fold over itself here: it is cut then."""
    x, y = spine.x, spine.y
    before = math.hypot(x[at] - x[at - 1], y[at] - y[at - 1])
    after = math.hypot(x[at + 1] - x[at], y[at + 1] - y[at])
    if before == 0 or after == 0:
        return False
    turn = _turn(spine, at)
    return turn > _SHARP or spine.half[at] * math.tan(turn / 2) > min(before, after)


def _ribbon(spine: _Spine, begin: int, end: int) -> Polygon:
    """One side there, a round end, the other side back, a round end."""
    x, y, half = spine.x, spine.y, spine.half
    if end <= begin:
        return _circle(x[begin], y[begin], half[begin])
    normals: list[tuple[float, float]] = []
    for at in range(begin, end + 1):
        before, after = max(begin, at - 1), min(end, at + 1)
        dx, dy = x[after] - x[before], y[after] - y[before]
        long = math.hypot(dx, dy)
        if long > 0:
            normals.append((-dy / long, dx / long))
        else:
            normals.append(normals[-1] if normals else (0.0, 0.0))
    polygon: Polygon = []
    for at in range(begin, end + 1):
        nx, ny = normals[at - begin]
        polygon += (x[at] - nx * half[at], y[at] - ny * half[at])
    nx, ny = normals[-1]
    _cap(polygon, x[end], y[end], half[end], (-nx, -ny))
    for at in range(end, begin - 1, -1):
        nx, ny = normals[at - begin]
        polygon += (x[at] + nx * half[at], y[at] + ny * half[at])
    _cap(polygon, x[begin], y[begin], half[begin], normals[0])
    return polygon


def _cap_steps(half: float) -> int:
    return max(3, min(14, math.floor(half * 2 + 3 + 0.5)))


def _cap(polygon: Polygon, x: float, y: float, half: float, normal: tuple[float, float]) -> None:
    """Add the inner points of half a circle that begins at `normal`."""
    nx, ny = normal
    steps = _cap_steps(half)
    for step in range(1, steps + 1):
        angle = math.pi * step / (steps + 1)
        c, s = math.cos(angle), math.sin(angle)
        polygon += (x + half * (nx * c - ny * s), y + half * (nx * s + ny * c))


def _circle(x: float, y: float, half: float) -> Polygon:
    steps = _cap_steps(half) * 2 + 2
    polygon: Polygon = []
    for step in range(steps):
        angle = 2 * math.pi * step / steps
        polygon += (x + half * math.cos(angle), y + half * math.sin(angle))
    return polygon
