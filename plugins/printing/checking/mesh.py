"""A mesh: points in millimetres, and triangles between them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from plugins.printing.checking.alike import first_alike, numbered
from plugins.printing.checking.errors import AbsurdCoordinates, EmptyModel, TooManyTriangles

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

MOST_TRIANGLES = 2_000_000
"""As many as a binary STL of 98 MB holds; what follows needs 500 bytes for each."""
LARGEST = 1e6
"""mm from the origin, a kilometre: no model is there, and single precision is spent."""


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
    columns = [points[:, axis] + 0.0 for axis in range(3)]
    # Numbered as they come in the file: neighbours stay near each other in memory.
    first, place = numbered(first_alike(*columns))
    # By columns: nearly all that follows asks for one coordinate of all points.
    vertices = np.empty((len(first), 3), order="F")
    for axis, column in enumerate(columns):
        vertices[:, axis] = column.take(first)
    corners = place.reshape(-1, 3) if faces is None else place[faces]
    return Mesh(vertices, np.ascontiguousarray(corners, np.int32))


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
