"""Whether a model fits the printer, turned if need be, and whether its unit was mistaken."""

import math
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import Floats, Mesh, box, turned
from plugins.printing.checking.verdict import Triple, UnitOffer

_EASE = 1e-3  # mm: a model of just the printer's size fits
_SMALL = 5.0
"""mm: a model that is nowhere longer was hardly meant so."""
_LEAST = 10.0
"""mm: what was meant is at least as long as this."""
_PLAUSIBLE = 400.0
"""mm: the longest that is thought likely where no printer is known."""
_UNITS = (("inch", 25.4), ("metre", 1000.0), ("centimetre", 10.0))
_SIDES = (
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
    [[0, 0, 1], [0, 1, 0], [-1, 0, 0]],
)
"""Turns that bring each of the three axes upright."""


def turn_to_fit(mesh: Mesh, volume: Triple, *, any_side: bool) -> list[list[float]] | None:
    """Return a turn by which the model fits into `volume`; None where there is none.

    The least turn is taken: none, a quarter where it stands, any angle, then other sides.
    """
    limit = np.array(volume) + _EASE
    for side in _SIDES if any_side else _SIDES[:1]:
        points = turned(mesh.vertices, side)
        low, high = box(points)
        size = high - low
        if size[2] > limit[2]:
            continue
        for angle in _angles(points, size, limit):
            whole = _around(angle) @ np.array(side, float)
            return np.round(whole, 9).tolist()  # type: ignore[no-any-return]
    return None


def _angles(points: Floats, size: Floats, limit: Floats) -> list[float]:
    """Return the first angle around the upright axis by which the outline fits."""
    if (size[:2] <= limit[:2]).all():
        return [0.0]
    if (size[1::-1] <= limit[:2]).all():
        return [math.pi / 2]
    if (
        min(size[:2]) > max(limit[:2]) * math.sqrt(2)
        or max(size[:2]) > math.hypot(*limit[:2]) * 1.5
    ):
        return []
    outline = _outline(points[:, :2])
    for degrees in range(1, 180):
        spun = outline @ _around(math.radians(degrees))[:2, :2].T
        if (np.ptp(spun, axis=0) <= limit[:2]).all():
            return [math.radians(degrees)]
    return []


def _outline(points: Any) -> Any:
    """Return the outermost points in each whole degree: all that turning by degrees asks for."""
    x, y = points.T
    angles = (math.radians(degrees) for degrees in range(360))
    furthest = {int((x * math.cos(angle) + y * math.sin(angle)).argmax()) for angle in angles}
    return points[sorted(furthest)]


def _around(angle: float) -> Floats:
    c, s = math.cos(angle), math.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def unit_offers(size: Triple, volume: Triple | None) -> list[UnitOffer]:
    """Return what the model was perhaps drawn in: where it is tiny, or does not fit.

    Args:
        size: of the model, mm, as it was read.
        volume: the printer's, or None.
    """
    longest = max(size)
    most = max(volume) if volume else _PLAUSIBLE
    if longest < _SMALL:
        factors = list(_UNITS)
    elif longest > most:
        factors = [(unit, 1 / factor) for unit, factor in _UNITS]
    else:
        return []
    room = sorted(volume) if volume else [_PLAUSIBLE] * 3
    offers = []
    for unit, factor in factors:
        then = tuple(round(side * factor, 3) for side in size)
        fits = all(a <= b + _EASE for a, b in zip(sorted(then), room, strict=True))
        if fits and max(then) >= _LEAST:
            offers.append(UnitOffer(unit, factor, (then[0], then[1], then[2])))
    # Centimetres only where nothing better explains it: few programs write them.
    rest = [offer for offer in offers if offer.unit != "centimetre"]
    return rest or offers
