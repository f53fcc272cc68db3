"""Mending a mesh where it is safe: nothing is guessed that a pupil would see.

Triangles that say nothing go, points that are next to each other at a gap are joined, holes that
are flat or small are closed, and the surface is turned outward.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking import topology
from plugins.printing.checking.errors import NothingToRepair
from plugins.printing.checking.holes import filled
from plugins.printing.checking.looking import Looked, look
from plugins.printing.checking.mesh import Mesh, welded

_NEAR = 1e-5
"""Of the model's length: points at gaps that are nearer than this are the same point."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, by code, and how often.

    `removed-degenerate`, `removed-duplicate`, `joined-points`, `closed-holes`, `turned-faces`,
    `turned-bodies`.
    """

    code: str
    count: int


def would_help(looked: Looked) -> bool:
    """Tell, cheaply, whether there is anything to mend."""
    return bool(
        len(looked.cleaned.degenerate)
        or len(looked.cleaned.duplicate)
        or not looked.watertight
        or looked.turned.any()
        or looked.bodies.inverted
    ) and not (looked.flat or looked.one_sided.any())


def repaired(looked: Looked) -> tuple[Mesh, list[Done], int]:
    """Return the mended mesh, what was done, and how many edges are still open.

    Raises:
        NothingToRepair: nothing was done, or it would be no better than before.
    """
    done = {
        "removed-degenerate": len(looked.cleaned.degenerate),
        "removed-duplicate": len(looked.cleaned.duplicate),
    }
    mesh = looked.mesh
    edges = looked.edges
    if len(edges.open):
        mesh, done["joined-points"] = _joined(mesh, edges.open)
        mesh, done["closed-holes"] = filled(mesh, topology.edges_of(mesh).ways)
    after = look(mesh)
    done["turned-faces"] = int(looked.turned.sum()) + int(after.turned.sum())
    done["turned-bodies"] = len(after.bodies.inverted) if after.sure else 0
    faces = after.mesh.faces.copy()
    if after.sure:
        over = after.bodies.faces(after.bodies.inverted)
        faces[over] = faces[over][:, ::-1]
    left = len(after.edges.open)
    if not any(done.values()) or left > len(edges.open):
        raise NothingToRepair(f"{left} open edges would be left")
    return (
        after.mesh.with_faces(faces),
        [Done(code, count) for code, count in done.items() if count],
        left,
    )


def _joined(mesh: Mesh, rim: Any) -> tuple[Mesh, int]:
    """Join points of open edges that all but touch each other."""
    from scipy.spatial import cKDTree  # type: ignore[import-untyped] # noqa: PLC0415 - seldom used

    points = np.unique(rim)
    extent = float(np.ptp(mesh.vertices, axis=0).max())
    pairs = cKDTree(mesh.vertices[points]).query_pairs(_NEAR * extent, output_type="ndarray")
    if len(pairs) == 0:
        return mesh, 0
    _, labels = topology.connected(len(points), pairs)
    first = np.full(int(labels.max()) + 1, -1)
    first[labels[::-1]] = points[::-1]
    place = np.arange(len(mesh.vertices))
    place[points] = first[labels]
    joined = int((place != np.arange(len(place))).sum())
    faces = place[mesh.faces]
    whole = (faces != np.roll(faces, 1, axis=1)).all(axis=1)
    return welded(mesh.vertices, faces[whole]), joined
