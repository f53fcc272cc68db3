"""A mesh: points in millimetres, and triangles between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plugins.printing.checking.errors import AbsurdCoordinates, EmptyModel, TooManyTriangles

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

MOST_TRIANGLES = 2_000_000
"""As many as a binary STL of 98 MB holds; what follows needs 500 bytes for each."""
LARGEST = 1e6
"""mm from the origin, a kilometre: no model is there, and single precision is spent."""

_MIX = tuple(np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


@dataclass(frozen=True, slots=True)
class Mesh:
    """Points (V x 3, mm, no two alike) and triangles (F x 3, their places among the points)."""

    vertices: Floats
    faces: Ints

    @property
    def corners(self) -> Floats:
        """F x 3 x 3: the points of each triangle."""
        return self.vertices[self.faces]

    def with_faces(self, faces: Any) -> "Mesh":
        """Return the same points with other triangles."""
        return Mesh(self.vertices, np.ascontiguousarray(faces, np.int32))


def bounded(count: int) -> None:
    """Refuse more triangles than are worked on, before anything is laid out for them."""
    if count > MOST_TRIANGLES:
        raise TooManyTriangles(f"{count} triangles", most=MOST_TRIANGLES)


def welded(points: Any, faces: Any = None) -> Mesh:
    """Join points that are exactly alike.

    Args:
        points: N x 3, single or double precision, mm.
        faces: F x 3 places among the points; without, each three points are a triangle.

    Raises:
        EmptyModel, TooManyTriangles, AbsurdCoordinates: it is no model.
    """
    count = len(points) // 3 if faces is None else len(faces)
    bounded(count)
    if count == 0 or len(points) == 0:
        raise EmptyModel("no triangles")
    # Written so that NaN fails; -0.0 becomes 0.0, which has other bits.
    if not np.abs(points).max() <= LARGEST:
        raise AbsurdCoordinates(f"the farthest is {np.abs(points).max()}")
    points = np.ascontiguousarray(points + 0.0)
    first, place = _alike(points)
    # By columns: nearly all that follows asks for one coordinate of all points.
    vertices = np.asfortranarray(points[first], np.float64)
    corners = place.reshape(-1, 3) if faces is None else place[faces]
    return Mesh(vertices, np.ascontiguousarray(corners, np.int32))


def _alike(points: Any) -> tuple[Any, Ints]:
    """Return where each different point stands first, in that order, and each point's place."""
    words = points.view(np.uint32)
    key = np.zeros(len(points), np.uint64)
    for column in range(words.shape[1]):
        key += words[:, column]
        key *= _MIX[column % 3]
        key ^= key >> np.uint64(29)
    bits = np.uint64(_bits(len(points)))
    order, new = grouped(key >> bits)
    # Two different points may share a hash; then they are told apart the slow way.
    same = np.ones(len(points) - 1, bool)
    places = order.astype(np.intp)
    for axis in range(3):
        along = np.ascontiguousarray(points[:, axis])[places]
        same &= along[1:] == along[:-1]
    if (same == new[1:]).any():
        _, first, found = np.unique(points, axis=0, return_index=True, return_inverse=True)
        return first, np.asarray(found, np.int32)
    group = np.cumsum(new, dtype=np.int32) - 1
    starts = order[new]
    # Numbered as they come in the file: neighbours stay near each other in memory.
    rank = np.empty(len(starts), np.int32)
    by_place = np.argsort(starts)
    rank[by_place] = np.arange(len(starts), dtype=np.int32)
    place: Ints = np.empty(len(points), np.int32)
    place[order] = rank[group]
    return starts[by_place], place


def grouped(keys: Any) -> tuple[Any, Mask]:
    """Sort unsigned 64-bit keys; equal ones stay in their order.

    Returns:
        The places in sorted order, and which of them begin a new key.
    """
    bits = _bits(len(keys))
    if len(keys) and int(keys.max()) < 1 << (64 - bits):
        # Sorting the numbers themselves is twice as fast as sorting places by them.
        packed = keys << np.uint64(bits)
        packed |= np.arange(len(keys), dtype=np.uint64)
        packed.sort()
        order: Any = (packed & np.uint64((1 << bits) - 1)).astype(np.int32)
        packed >>= np.uint64(bits)
        along = packed
    else:
        order = np.argsort(keys, kind="stable").astype(np.int32)
        along = keys[order]
    new = np.ones(len(keys), bool)
    np.not_equal(along[1:], along[:-1], out=new[1:])
    return order, new


def _bits(count: int) -> int:
    return max(1, (count - 1).bit_length())


def box(points: Any) -> tuple[Floats, Floats]:
    """Return the lowest and the highest of each coordinate."""
    columns = [points[:, axis] for axis in range(3)]
    return np.array([c.min() for c in columns]), np.array([c.max() for c in columns])


def along(points: Any, direction: Any) -> Floats:
    """Return how far points lie along a direction.

    Without matrix products: their threads cost more than they save on rows of three.
    """
    x, y, z = (float(part) for part in direction)
    return np.asarray(points[:, 0] * x + points[:, 1] * y + points[:, 2] * z)


def turned(points: Any, rotation: Any) -> Floats:
    """Return points turned by a 3 x 3 matrix for columns."""
    return np.stack([along(points, row) for row in np.asarray(rotation)], axis=1)


def crossed(mesh: Mesh) -> Floats:
    """Return each triangle's normal, as long as twice its area (F x 3, mm²)."""
    x, y, z = (mesh.vertices[:, axis][mesh.faces].T for axis in range(3))
    ux, uy, uz = x[1] - x[0], y[1] - y[0], z[1] - z[0]
    vx, vy, vz = x[2] - x[0], y[2] - y[0], z[2] - z[0]
    normals = np.empty((len(mesh.faces), 3), order="F")
    normals[:, 0] = uy * vz - uz * vy
    normals[:, 1] = uz * vx - ux * vz
    normals[:, 2] = ux * vy - uy * vx
    return normals


def volumes(mesh: Mesh, normals: Floats) -> Floats:
    """Return the signed volume under each triangle as seen from the middle (F, mm³).

    Args:
        mesh: the mesh.
        normals: of `crossed`.
    """
    low, high = box(mesh.vertices)
    total = np.zeros(len(mesh.faces))
    for axis in range(3):
        column = mesh.vertices[:, axis] - (low[axis] + high[axis]) / 2
        total += column[mesh.faces[:, 0]] * normals[:, axis]
    return total / 6
