"""Closing holes: those that are flat, whatever their size, and small ones.

A hole's rim is walked against the way of the triangles beside it, so that what closes it faces the
way they do, and is cut into triangles by clipping ears (Meisters, 1975) in its own plane.
"""

from collections import defaultdict
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import MOST_TRIANGLES, Floats, Mesh

_LONGEST = 2_000
_MOST = 20_000
_FLAT = 0.1
"""Depth of a flat hole against its width."""
_SMALL = 0.05
"""Width of a small hole against the model's."""


def filled(mesh: Mesh, ways: Any) -> tuple[Mesh, int]:
    """Close the holes that can be closed safely; return the mesh and how many were closed.

    Args:
        mesh: the mesh.
        ways: E x 2, its open edges, each in the way of its triangle.
    """
    extent = float(np.ptp(mesh.vertices, axis=0).max())
    added: list[tuple[int, int, int]] = []
    closed = 0
    taken = _edges_between(mesh, ways)
    for rim in _rims(ways):
        points = mesh.vertices[rim]
        if not _safe(points, extent):
            continue
        patch = _ears(points, rim, taken)
        if patch is not None and len(mesh.faces) + len(added) + len(patch) <= MOST_TRIANGLES:
            added += [(rim[a], rim[b], rim[c]) for a, b, c in patch]
            closed += 1
    if not added:
        return mesh, 0
    return mesh.with_faces(np.concatenate([mesh.faces, np.array(added, np.int32)])), closed


def _edges_between(mesh: Mesh, ways: Any) -> set[tuple[int, int]]:
    """Return the mesh's edges between points of rims: no patch may use them a second time."""
    at_rim = np.zeros(len(mesh.vertices), bool)
    at_rim[ways.ravel()] = True
    found: set[tuple[int, int]] = set()
    for one, other in ((0, 1), (1, 2), (2, 0)):
        a, b = mesh.faces[:, one], mesh.faces[:, other]
        both = at_rim[a] & at_rim[b]
        low, high = np.minimum(a[both], b[both]), np.maximum(a[both], b[both])
        found.update(zip(low.tolist(), high.tolist(), strict=True))
    return found


def _rims(ways: Any) -> list[list[int]]:
    """Walk the rims that close; where two meet in a point, each is walked by itself."""
    follows: dict[int, list[int]] = defaultdict(list)
    for start, end in ways.tolist():
        follows[end].append(start)
    found: list[list[int]] = []
    for first in list(follows):
        path: list[int] = []
        place: dict[int, int] = {}
        at = first
        while len(found) < _MOST:
            if at in place:
                # The walk has come round: what lies between is a rim.
                rim = path[place[at] :]
                del path[place[at] :]
                for point in rim:
                    del place[point]
                if 3 <= len(rim) <= _LONGEST:
                    found.append(rim)
            if not follows.get(at):
                break
            place[at] = len(path)
            path.append(at)
            at = follows[at].pop()
    return found


def _safe(points: Floats, extent: float) -> bool:
    width = float(np.ptp(points, axis=0).max())
    spread = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return width <= _SMALL * extent or bool(spread[2] <= _FLAT * spread[0])


def _ears(
    points: Floats, rim: list[int], taken: set[tuple[int, int]]
) -> list[tuple[int, int, int]] | None:
    """Cut a polygon into triangles; None where it crosses itself. Its cuts become `taken`."""
    flat = _in_plane(points)
    left = list(range(len(flat)))
    cuts: set[tuple[int, int]] = set()

    def cut(n: int) -> tuple[int, int]:
        ends = rim[left[n - 1]], rim[left[(n + 1) % len(left)]]
        return min(ends), max(ends)

    made: list[tuple[int, int, int]] = []
    while len(left) > 3:
        ears = (n for n in range(len(left)) if _is_ear(flat, left, n))
        ear = next((n for n in ears if cut(n) not in taken and cut(n) not in cuts), None)
        if ear is None:
            return None
        cuts.add(cut(ear))
        made.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    taken |= cuts
    return [*made, (left[0], left[1], left[2])]


def _in_plane(points: Floats) -> Floats:
    """Return the polygon in its own plane, going round to the left (Newell's normal)."""
    after = np.roll(points, -1, axis=0)
    normal = np.cross(points, after).sum(axis=0)
    length = float(np.linalg.norm(normal))
    normal = normal / length if length > 0 else np.array([0.0, 0.0, 1.0])
    side = np.eye(3)[int(np.abs(normal).argmin())]
    right = np.cross(side, normal)
    right /= np.linalg.norm(right)
    middle = points.mean(axis=0)
    return np.stack([(points - middle) @ right, (points - middle) @ np.cross(normal, right)], 1)


def _is_ear(flat: Floats, left: list[int], n: int) -> bool:
    a, b, c = flat[left[n - 1]], flat[left[n]], flat[left[(n + 1) % len(left)]]
    if _side(a, b, c) <= 0:
        return False
    rest = flat[[p for p in left if p not in (left[n - 1], left[n], left[(n + 1) % len(left)])]]
    inside = (_sides(a, b, rest) >= 0) & (_sides(b, c, rest) >= 0) & (_sides(c, a, rest) >= 0)
    return not bool(inside.any())


def _side(a: Any, b: Any, c: Any) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _sides(a: Any, b: Any, points: Floats) -> Any:
    return (b[0] - a[0]) * (points[:, 1] - a[1]) - (b[1] - a[1]) * (points[:, 0] - a[0])
