"""Several bodies: apart, touching, pushed into each other, one inside another, hanging in the air.

Along each ray it is counted how deep it is in each body. Bodies beyond the largest
`MOST_LOOKED_AT` are counted only.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import Floats, Ints, Mesh
from plugins.printing.checking.rays import Hits
from plugins.printing.checking.topology import connected

MOST_LOOKED_AT = 24
_TOUCH = 0.02  # mm
_ON_PLATE = 0.2
"""mm above the lowest point: a body that begins there is still on the plate."""
_NEIGHBOURS = 6
"""So many triangles far it is looked for one that a ray met."""
_INSIDE, _PARTLY = 0.98, 0.02


@dataclass(frozen=True, slots=True)
class Bodies:
    """Bodies and how they lie to each other.

    Attributes:
        count: of all.
        labels: each triangle's body.
        volumes: each body's, mm³, negative where its surface faces inward.
        inverted: bodies that are inside out (a hollow inside another body is not).
        hollow: bodies that are hollows inside others.
        inside: solid bodies inside others.
        touching: pairs that touch.
        overlapping: pairs that are pushed into each other.
        floating: bodies that nothing holds.
        buried: share of each triangle that lies in another solid body or against it, 0..1.
    """

    count: int
    labels: Ints
    volumes: Floats
    buried: Floats
    inverted: list[int] = field(default_factory=list)
    hollow: list[int] = field(default_factory=list)
    inside: list[int] = field(default_factory=list)
    touching: list[tuple[int, int]] = field(default_factory=list)
    overlapping: list[tuple[int, int]] = field(default_factory=list)
    floating: list[int] = field(default_factory=list)

    @property
    def outward(self) -> Floats:
        """Each body's factor on its normals: -1 where it is inside out."""
        factors = np.ones(self.count)
        factors[self.inverted] = -1
        return factors

    @property
    def apart(self) -> int:
        """How many parts lie apart, those together that touch or are pushed into each other."""
        pairs = np.array([*self.touching, *self.overlapping], np.int32).reshape(-1, 2)
        found, _ = connected(self.count, pairs)
        return found - len(self.hollow) - len(self.inside)

    def faces(self, wanted: list[int]) -> Ints:
        """Return the triangles of some bodies."""
        return np.flatnonzero(np.isin(self.labels, wanted)).astype(np.int32)


def look_at(
    mesh: Mesh, normals: Floats, count: int, labels: Ints, under: Floats, hits: list[Hits]
) -> Bodies:
    """Tell how bodies lie to each other.

    Args:
        mesh: the mesh.
        normals: of `crossed`, neighbours alike.
        count: of bodies.
        labels: each triangle's body.
        under: each triangle's volume, of `volumes`.
        hits: of rays along three axes.
    """
    volumes: Any = np.bincount(labels, weights=under, minlength=count)
    if count == 1:
        nothing = np.zeros(len(labels))
        return Bodies(1, labels, volumes, nothing, inverted=[0] if volumes[0] < 0 else [])
    area = np.bincount(labels, weights=np.linalg.norm(normals, axis=1), minlength=count)
    largest = np.argsort(-area, kind="stable")[:MOST_LOOKED_AT]
    inside, touching, buried = _relations(mesh, normals, labels, volumes, largest, hits)
    within = inside >= _INSIDE
    # Two bodies in the same place are in each other; the larger one holds the smaller.
    within &= ~(within.T & (np.arange(len(largest))[:, None] < np.arange(len(largest))[None, :]))
    partly = (inside >= _PARTLY) & ~within
    partly = (partly | partly.T) & ~within & ~within.T
    contact = touching & ~partly & ~within & ~within.T
    held = within.any(axis=1)
    negative = volumes[largest] < 0
    return Bodies(
        count,
        labels,
        volumes,
        _spread_out(mesh, *buried),
        inverted=largest[negative & ~held].tolist(),
        hollow=largest[negative & held].tolist(),
        inside=largest[~negative & held].tolist(),
        touching=_pairs(contact, largest),
        overlapping=_pairs(partly, largest),
        floating=_floating(mesh, labels, largest, contact | partly | within | within.T),
    )


def _relations(
    mesh: Mesh, normals: Floats, labels: Ints, volumes: Floats, largest: Any, hits: list[Hits]
) -> tuple[Any, Any, tuple[Any, Any]]:
    """Return which share of each body's surface lies in each other one, and which pairs touch.

    And how many rays met each triangle, and how many of them where it is buried: in another body
    that is no hollow, or against it.
    """
    many = len(largest)
    rays, below = np.zeros(len(labels)), np.zeros(len(labels))
    number = np.full(len(volumes), -1)
    number[largest] = np.arange(many)
    sign = np.where(volumes < 0, -1.0, 1.0)
    met, deep = np.zeros(many), np.zeros((many, many))
    touching = _sharing(mesh, number[labels], many)
    for one in hits:
        body = number[labels[one.face]]
        out = normals[one.face, one.axis] * sign[labels[one.face]] > 0
        # Where one body ends and another begins at the same depth, the first ends first.
        order = np.lexsort((~out, np.round(one.depth / _TOUCH * 4), one.ray))
        order = order[body[order] >= 0]
        body, out, ray, depth = body[order], out[order], one.ray[order], one.depth[order]
        solid = volumes[largest] >= 0
        buried = np.zeros(len(order), bool)
        step = np.where(out, -1, 1)
        met += np.bincount(body, minlength=many)
        begins = np.maximum.accumulate(
            np.where(np.diff(ray, prepend=-1) != 0, np.arange(len(ray)), 0)
        )
        for other in range(many):
            own = np.where(body == other, step, 0)
            before = np.cumsum(own) - own
            within = before - before[begins] > 0
            deep[:, other] += np.bincount(body[within], minlength=many)
            if solid[other]:
                buried |= within & (body != other)
        next_to = (np.diff(ray) == 0) & (np.diff(depth) <= _TOUCH) & (body[1:] != body[:-1])
        next_to &= out[:-1] & ~out[1:]
        touching[body[:-1][next_to], body[1:][next_to]] = True
        buried[:-1] |= next_to
        buried[1:] |= next_to
        # A hollow lies in a body, and yet its ceiling hangs over nothing.
        buried &= solid[body]
        face = one.face[order]
        rays += np.bincount(face, minlength=len(labels))
        below += np.bincount(face[buried], minlength=len(labels))
    np.fill_diagonal(deep, 0)
    return deep / np.maximum(met, 1)[:, None], touching | touching.T, (rays, below)


def _spread_out(mesh: Mesh, rays: Any, below: Any) -> Floats:
    """Return which share of each triangle is buried; those that no ray met are as their neighbours.

    Args:
        mesh: the mesh.
        rays: how many met each triangle.
        below: how many of them where it is buried.
    """
    share: Floats = below / np.maximum(rays, 1)
    if not below.any():
        return share
    known = rays > 0
    for _ in range(_NEIGHBOURS):
        if known.all():
            break
        corners = mesh.faces[known].ravel()
        points = len(mesh.vertices)
        met = np.bincount(corners, minlength=points)
        total = np.bincount(corners, np.repeat(share[known], 3), points)
        unknown = np.flatnonzero(~known)
        around = met[mesh.faces[unknown]].sum(axis=1)
        sums = total[mesh.faces[unknown]].sum(axis=1)
        reached = around > 0
        share[unknown[reached]] = sums[reached] / around[reached]
        known[unknown[reached]] = True
    return share


def _sharing(mesh: Mesh, numbers: Any, many: int) -> Any:
    """Tell which bodies have a point in common."""
    touching = np.zeros((many, many), bool)
    looked = numbers >= 0
    faces, numbers = mesh.faces[looked], numbers[looked]
    of_point = np.full(len(mesh.vertices), -1)
    of_point[faces.ravel()] = np.repeat(numbers, 3)
    found = of_point[faces]
    other = found != numbers[:, None]
    touching[found[other], np.repeat(numbers[:, None], 3, axis=1)[other]] = True
    return touching


def _pairs(related: Any, largest: Any) -> list[tuple[int, int]]:
    rows, columns = np.nonzero(np.triu(related | related.T, 1))
    return [(int(largest[a]), int(largest[b])) for a, b in zip(rows, columns, strict=True)]


def _floating(mesh: Mesh, labels: Ints, largest: Any, joined: Any) -> list[int]:
    heights = mesh.vertices[:, 2]
    lowest = np.full(int(labels.max()) + 1, np.inf)
    np.minimum.at(lowest, labels, heights[mesh.faces].min(axis=1))
    held = lowest[largest] <= heights[mesh.faces].min() + _ON_PLATE
    joined = joined | joined.T
    for _ in largest:
        held |= (joined & held[None, :]).any(axis=1)
    return [int(body) for body in largest[~held]]
