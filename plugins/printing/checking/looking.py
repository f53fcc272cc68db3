"""Everything about a mesh that findings are made of, reckoned once."""

from dataclasses import dataclass

import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.printing.checking import bodies, rays, topology, walls
from plugins.printing.checking.beside import side_by_side
from plugins.printing.checking.bodies import Bodies
from plugins.printing.checking.errors import EmptyModel
from plugins.printing.checking.mesh import Floats, Mask, Mesh, along, box, volumes
from plugins.printing.checking.rays import Hits
from plugins.printing.checking.topology import Cleaned, Edges

_LEAKS = 0.005
"""Share of rays that come out other than they go in: beyond, nobody knows what is inside."""


@dataclass(frozen=True, slots=True)
class Looked:
    """A mesh that was looked at from all sides.

    Attributes:
        cleaned: its triangles without those that say nothing.
        edges: theirs.
        turned: which of them were turned over so that neighbours go the same way.
        one_sided: which of them cannot be.
        mesh: the triangles, with these turned.
        unit: their outward normals, of length 1 (0 where a triangle has no area).
        areas: mm².
        hits: of rays along each axis.
        bodies: how its bodies lie.
        leak: share of rays for which inside and outside are not told apart.
        weight: the centre of gravity.
        flat: everything lies in one plane.
    """

    cleaned: Cleaned
    edges: Edges
    turned: Mask
    one_sided: Mask
    mesh: Mesh
    unit: Floats
    areas: Floats
    hits: list[Hits]
    bodies: Bodies
    leak: float
    weight: Floats
    flat: bool

    @property
    def watertight(self) -> bool:
        """No edge is open."""
        return len(self.edges.open) == 0

    @property
    def sure(self) -> bool:
        """There is an inside and an outside nearly everywhere."""
        return self.leak <= _LEAKS and not self.one_sided.any() and not self.flat

    @property
    def volume(self) -> float:
        """mm³ of solid bodies, less the hollows in them."""
        signed = np.abs(self.bodies.volumes)
        signed[self.bodies.hollow] *= -1
        return float(signed.sum())

    @property
    def bare(self) -> Floats:
        """Each triangle's area that is not buried in another body or against it, mm²."""
        return self.areas * (1 - self.bodies.buried)

    @property
    def walls(self) -> walls.Walls:
        """Every wall that a ray went through."""
        return walls.walls_of(self.hits, self.unit, self.bodies.labels)


def look(mesh: Mesh) -> Looked:
    """Look at a mesh from all sides. Raises `EmptyModel` where nothing of it has an area."""
    progress(0.25, N_("Looking at the surface"))
    # Where rays meet triangles does not depend on how these hang together.
    with side_by_side(len(mesh.faces)) as beside:
        casting = beside.begin(lambda: _cast(mesh))
        cleaned = topology.cleaned(mesh)
        if len(cleaned.mesh.faces) == 0 or not cleaned.normals.any():
            raise EmptyModel("no triangle has an area")
        edges = cleaned.edges
        fair, normals, turned, one_sided = _fair(cleaned)
        count, labels = topology.bodies_of(len(fair.faces), edges)
        progress(0.4, N_("Looking through the model"))
        # Seldom is one left out; then they are counted otherwise, and cast anew.
        hits = casting() if cleaned.mesh is mesh else _cast(cleaned.mesh)
    under = volumes(fair, normals)
    lying = bodies.look_at(fair, normals, count, labels, under, hits)
    normals *= lying.outward[labels][:, None]
    lengths = np.sqrt(sum(normals[:, axis] ** 2 for axis in range(3)))
    unit = np.asfortranarray(normals / np.maximum(lengths, 1e-300)[:, None])
    return Looked(
        cleaned, edges, turned, one_sided, fair, unit, lengths / 2, hits, lying,
        walls.leak(hits), _weight(fair, under * lying.outward[labels]), _flat(fair, unit, lengths),
    )  # fmt: skip


def _cast(mesh: Mesh) -> list[Hits]:
    return [rays.cast(mesh, axis) for axis in range(3)]


def _fair(cleaned: Cleaned) -> tuple[Mesh, Floats, Mask, Mask]:
    """Return the mesh with neighbours alike: its normals, what was turned for it."""
    mesh, normals, edges = cleaned.mesh, cleaned.normals, cleaned.edges
    faces = len(mesh.faces)
    turned, one_sided = np.zeros(faces, bool), np.zeros(faces, bool)
    if edges.reversed.any():
        turned, one_sided = topology.turned_alike(faces, edges)
        over = mesh.faces.copy()
        over[turned] = over[turned][:, ::-1]
        mesh, normals = mesh.with_faces(over), np.where(turned[:, None], -normals, normals)
    return mesh, normals, turned, one_sided


def _weight(mesh: Mesh, under: Floats) -> Floats:
    """Return the centre of gravity, from the tetrahedra between triangles and the middle."""
    low, high = box(mesh.vertices)
    middle = (low + high) / 2
    total = float(under.sum())
    if total <= 0:
        return middle
    sums = [
        sum(float((column[mesh.faces[:, corner]] * under).sum()) for corner in range(3))
        for column in mesh.vertices.T
    ]
    return np.clip((np.array(sums) + middle * total) / (4 * total), low, high)


def _flat(mesh: Mesh, unit: Floats, weights: Floats) -> bool:
    """Tell whether all triangles face along one line, and lie in one plane."""
    way = unit[int(weights.argmax())]
    low, high = box(mesh.vertices)
    deep = along(mesh.vertices, way)
    return bool(np.ptp(deep) <= 1e-6 * float((high - low).max()))
