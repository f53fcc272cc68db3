"""Shapes that are placed by others: what 3MF and glTF have in common."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking.errors import BadModel, EmptyModel
from plugins.printing.checking.mesh import Floats, Mesh, bounded, welded

DEEPEST = 32
_MOST_PLACED = 20_000


@dataclass(frozen=True, slots=True)
class Placed:
    """A shape at a place: its points, its triangles, and where (4 x 4, for columns)."""

    points: Any
    faces: Any
    where: Floats


class Placing:
    """Adds up what is placed, and refuses more than is worked on before any of it is copied."""

    def __init__(self) -> None:
        self._placed: list[Placed] = []
        self._triangles = 0

    def add(self, points: Any, faces: Any, where: Floats) -> None:
        """Put a shape somewhere."""
        self._triangles += len(faces)
        bounded(self._triangles)
        if len(self._placed) >= _MOST_PLACED:
            raise BadModel(f"more than {_MOST_PLACED} shapes are placed")
        if len(faces):
            self._placed.append(Placed(points, faces, where))

    def mesh(self, factor: float) -> Mesh:
        """Return everything as one mesh, `factor` mm to the file's unit."""
        points: list[Any] = []
        faces: list[Any] = []
        known = 0
        for one in self._placed:
            if one.faces.min() < 0 or one.faces.max() >= len(one.points):
                raise BadModel(f"a triangle names point {one.faces.max()} of {len(one.points)}")
            used = np.unique(one.faces)
            placed = one.points[used] @ one.where[:3, :3].T + one.where[:3, 3]
            corners = np.searchsorted(used, one.faces)
            # A mirrored shape is turned inside out by its place; its triangles go the other way.
            mirrored = np.linalg.det(one.where[:3, :3]) < 0
            faces.append(known + (corners[:, ::-1] if mirrored else corners))
            points.append(placed * factor)
            known += len(used)
        if not points:
            raise EmptyModel("nothing is placed")
        return welded(np.concatenate(points), np.concatenate(faces))


def walk(
    roots: list[tuple[Hashable, Floats]],
    children: Callable[[Any], list[tuple[Hashable, Floats]]],
    visit: Callable[[Any, Floats], None],
) -> None:
    """Visit everything below `roots`, with where it is.

    Raises:
        BadModel: it goes deeper or on longer than any model's, as where a part contains itself.
    """
    waiting = [(key, where, 0) for key, where in reversed(roots)]
    visited = 0
    while waiting:
        key, where, depth = waiting.pop()
        visited += 1
        if depth > DEEPEST or visited > 2 * _MOST_PLACED:
            raise BadModel("the parts contain each other")
        visit(key, where)
        below = children(key)
        if len(waiting) + len(below) > 4 * _MOST_PLACED:
            raise BadModel("too many parts")
        waiting += [(child, where @ place, depth + 1) for child, place in reversed(below)]


def matrix(numbers: Any, size: int) -> Floats:
    """Return a finite array of `size` numbers. Raises `BadModel`."""
    found = np.array(numbers, np.float64)
    if found.shape != (size,) or not np.abs(found).max() <= 1e9:
        raise BadModel("a place is no place")
    return found
