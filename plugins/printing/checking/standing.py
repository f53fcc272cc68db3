"""How a model stands: what hangs over, what lies flat on the plate, and a better way if any."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import Floats, Ints, Mask, Mesh, along, box
from plugins.printing.checking.rays import spread
from plugins.printing.checking.verdict import Standing

_LAYER = 0.3
"""mm: what is lower lies on the plate or on the first layer."""
_FLAT = 0.05
_DOWN = -0.995
"""Cosine: within 5 degrees of straight down."""
_NEAR = 0.98
"""Cosine: bins so near to straight down may hold triangles that face down."""
_CANDIDATES = 20
_STEPS = 48
"""Parts of a unit normal that are told apart: one is about a degree."""
_BETTER = 0.7
"""Another way is offered where no more than this share of the overhang is left."""
_WORTH = 20.0  # mm²
_ROUND = 64


@dataclass(frozen=True, slots=True)
class Stand:
    """How a model stands as it is, with places.

    Attributes:
        overhang: mm² that hang over too far.
        overhanging: the triangles.
        base: mm² flat on the plate.
        steady: the weight is above what it stands on.
    """

    overhang: float
    overhanging: Ints
    base: float
    steady: bool


def stand_of(mesh: Mesh, unit: Floats, areas: Floats, angle: float, weight: Floats) -> Stand:
    """Tell how a model stands.

    Args:
        mesh: the mesh.
        unit: each triangle's outward normal.
        areas: of each triangle that is not buried in another body, mm².
        angle: degrees from upright that hold without supports.
        weight: its centre of gravity.
    """
    heights = mesh.vertices[:, 2]
    low = heights.min()
    a, b, c = (heights[mesh.faces[:, corner]] for corner in range(3))
    top = np.maximum(np.maximum(a, b), c)
    hangs = (unit[:, 2] < -math.sin(math.radians(angle)) - 1e-3) & (top > low + _LAYER)
    hangs &= areas > 0
    flat = (unit[:, 2] < _DOWN) & (top <= low + _FLAT)
    below = np.flatnonzero(heights <= low + _LAYER)
    return Stand(
        float(areas[hangs].sum()),
        np.flatnonzero(hangs).astype(np.int32),
        float(areas[flat].sum()),
        _above(weight[:2], mesh.vertices[below][:, :2]),
    )


def _above(point: Floats, base: Floats) -> bool:
    """Tell whether a point is within the outline around others: in every direction some is out."""
    angles = np.arange(_ROUND) * (2 * math.pi / _ROUND)
    ways = np.stack([np.cos(angles), np.sin(angles)])
    return bool(((base @ ways).max(axis=0) >= point @ ways - 1e-6).all())


def better(
    mesh: Mesh, unit: Floats, areas: Floats, angle: float, limit: Any
) -> tuple[Standing, Standing | None]:
    """Return how it stands as it is, and the best way to lay it on one of its flat sides.

    Normals are gathered into bins of about a degree, so that each way costs next to nothing.

    Args:
        mesh: the mesh.
        unit: each triangle's outward normal.
        areas: of each triangle that is not buried in another body.
        angle: degrees from upright that hold without supports.
        limit: the printer's volume (x, y, z), which the turned model must not exceed; or None.
    """
    bins = _binned(unit, areas)
    by_size = np.argsort(-bins.areas, kind="stable")[:_CANDIDATES]
    downs = [-np.eye(3)[2], *(s * axis for axis in np.eye(3) for s in (1.0, -1.0))]
    downs += _means(unit, areas, bins, by_size)
    holds = math.sin(math.radians(angle)) + 1e-3
    low, high = box(mesh.vertices)
    # Single precision, counted from the middle: to 0.01 mm at a kilometre, and half the time.
    columns = [
        (mesh.vertices[:, axis] - (low[axis] + high[axis]) / 2).astype(np.float32)
        for axis in range(3)
    ]
    ways = []
    for down in downs:
        deep = _along(columns, down)
        lowest = float(deep.max())
        facing = along(bins.normals, down)
        faces = bins.faces(facing > _NEAR)
        for corner in range(3):
            faces = faces[deep.take(mesh.faces[faces, corner]) >= lowest - _FLAT]
        faces = faces[along(unit[faces], down) > -_DOWN]
        base = float(areas[faces].sum())
        hangs = float(bins.areas[facing > holds].sum())
        height = lowest - float(deep.min())
        ways.append(Standing(_turn(down), max(hangs - base, 0.0), base, height))
    now = ways[0]
    ranked = sorted(ways[1:], key=_rank)
    best = next((way for way in ranked if limit is None or _fits(mesh, way, limit)), now)
    saved = now.overhang - best.overhang
    less = best.overhang <= _BETTER * now.overhang and saved > _WORTH
    wider = saved > -_WORTH and best.base > 2 * now.base + _WORTH
    return now, best if less or wider else None


def _rank(way: Standing) -> tuple[float, float, float]:
    """Least overhang first (a way that stands on nothing costs as much), then how steady it is."""
    unsteady = 0.0 if way.base >= _WORTH else 10 * _WORTH
    steady = way.base / max(way.height, 1e-9)
    return round((way.overhang + unsteady) / _WORTH), -round(steady, 1), way.height


@dataclass(frozen=True, slots=True)
class _Bins:
    """Triangles by where they face, to about a degree.

    Attributes:
        normals: B x 3, of length 1, of the bins that are used.
        areas: mm² in each.
        order: all triangles, those of one bin together.
        begins: where each bin's begin in the order, and where the last one's end.
    """

    normals: Floats
    areas: Floats
    order: Any
    begins: Any

    def faces(self, wanted: Mask) -> Any:
        """Return the triangles of some bins."""
        some = np.flatnonzero(wanted)
        return self.order[spread(self.begins[some], self.begins[some + 1])]


def _binned(unit: Floats, areas: Floats) -> _Bins:
    side = 2 * _STEPS + 1
    bins = np.zeros(len(unit), np.int32)
    for axis in range(3):
        bins *= side
        bins += np.rint(unit[:, axis] * _STEPS).astype(np.int32) + _STEPS
    weights: Any = np.bincount(bins, weights=areas, minlength=side**3)
    used = np.flatnonzero(weights)
    normals = np.stack([used // side**2, used // side % side, used % side], axis=1) - _STEPS
    lengths = np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1)
    # Fewer than 65,536 bins lie around a ball: places among them are sorted by their digits.
    place_of = np.full(side**3, len(used), np.uint16)
    place_of[used] = np.arange(len(used))
    place = place_of.take(bins)
    counts = np.bincount(place, minlength=len(used) + 1)[: len(used)]
    begins = np.concatenate([[0], np.cumsum(counts)])
    order = np.argsort(place, kind="stable")
    return _Bins(normals / lengths, weights[used], order, begins)


def _along(columns: list[Any], way: Floats) -> Any:
    """Return how far points lie along a way; an axis takes no reckoning."""
    total: Any = None
    for column, part in zip(columns, way, strict=True):
        if part:
            total = (
                column * np.float32(part) if total is None else total + column * np.float32(part)
            )
    return total


def _means(unit: Floats, areas: Floats, bins: _Bins, wanted: Any) -> list[Floats]:
    """Return the mean normals of some bins."""
    found = []
    for one in wanted:
        faces = bins.order[bins.begins[one] : bins.begins[one + 1]]
        mean = (unit[faces] * areas[faces, None]).sum(axis=0)
        length = float(np.linalg.norm(mean))
        found.append(mean / length if length > 0 else np.array([0.0, 0.0, -1.0]))
    return found


def _fits(mesh: Mesh, way: Standing, limit: Any) -> bool:
    x, y, z = (float(np.ptp(along(mesh.vertices, row))) for row in way.rotation)
    wide, deep, high = limit
    return bool(z <= high and ((x <= wide and y <= deep) or (y <= wide and x <= deep)))


def _turn(down: Floats) -> list[list[float]]:
    """Return the smallest turn that brings `down` (of length 1) straight down, by Rodrigues."""
    x, y, z = (float(value) for value in down)
    cosine = -z
    if cosine < -0.999999:
        return [[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, -1.0]]
    # The axis is down x (0, 0, -1).
    ax, ay = -y, x
    cross = np.array([[0, 0, ay], [0, 0, -ax], [-ay, ax, 0]])
    turned = np.eye(3) + cross + cross @ cross / (1 + cosine)
    return np.round(turned, 9).tolist()  # type: ignore[no-any-return]
