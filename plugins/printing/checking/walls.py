"""How thick walls are, and whether the surface closes, by rays along three axes.

A wall is measured across: along the axis that its surface faces most, times how squarely it faces
it. Only surfaces that face each other are a wall; the tip of a wedge is none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import Floats, Ints
from plugins.printing.checking.rays import Hits

_FACING = -0.9
"""Cosine between two sides of a wall: within 25 degrees of parallel."""
_THINNEST = 1e-4
_ENOUGH = 4


@dataclass(frozen=True, slots=True)
class Thin:
    """Walls thinner than a limit: the thinnest (mm), their area (mm²), and places (N x 3)."""

    thinnest: float
    area: float
    places: Floats


@dataclass(frozen=True, slots=True)
class Walls:
    """Every place where a ray went through a wall: its thickness, the area it stands for, where."""

    thickness: Floats
    area: Floats
    places: Floats

    def thinner(self, limit: float, least: float = 0.0) -> Thin | None:
        """Return the walls from `least` to below `limit` mm; None where there are next to none."""
        thin = (self.thickness < limit) & (self.thickness >= least)
        if thin.sum() < _ENOUGH:
            return None
        thinnest = float(np.quantile(self.thickness[thin], 0.02))
        return Thin(thinnest, float(self.area[thin].sum()), self.places[thin])


def walls_of(hits: list[Hits], unit: Floats, bodies: Ints) -> Walls:
    """Measure walls.

    Args:
        hits: of rays along each axis.
        unit: each triangle's outward normal, of length 1.
        bodies: each triangle's body.
    """
    found = [_measured(one, unit, bodies) for one in hits]
    return Walls(
        np.concatenate([thickness for thickness, _, _ in found]),
        np.concatenate([area for _, area, _ in found]),
        np.concatenate([places for _, _, places in found]),
    )


def _measured(hits: Hits, unit: Floats, bodies: Ints) -> tuple[Any, Any, Any]:
    body = bodies[hits.face]
    pair = np.flatnonzero(hits.same_ray & (body[1:] == body[:-1]))
    one, other = unit[hits.face[pair]], unit[hits.face[pair + 1]]
    facing = np.einsum("ij,ij->i", one, other)
    squarely = (np.abs(one[:, hits.axis]) + np.abs(other[:, hits.axis])) / 2
    thickness = (hits.depth[pair + 1] - hits.depth[pair]) * squarely
    good = (
        (one[:, hits.axis] < 0)
        & (other[:, hits.axis] > 0)
        & (facing < _FACING)
        & (np.abs(one).argmax(axis=1) == hits.axis)
        & (thickness > _THINNEST)
    )
    pair = pair[good]
    middle = (hits.place[pair] + hits.place[pair + 1]) / 2
    return thickness[good], hits.pitch**2 / squarely[good], middle


def leak(hits: list[Hits]) -> float:
    """Return the share of rays, 0..1, that come out another number of times than they go in.

    Where no ray could be followed, as through a heap of millions of slivers, nothing is known: 1.
    """
    if not any(len(one.ray) for one in hits):
        return 1.0
    worst = 0.0
    for one in hits:
        count = np.bincount(one.ray)
        met = np.count_nonzero(count)
        worst = max(worst, np.count_nonzero(count % 2) / met if met else 0.0)
    return float(worst)
