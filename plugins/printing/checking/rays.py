"""Rays through a mesh, thousands side by side along one axis: every surface that they meet.

Each triangle is drawn, row by row, onto a grid of rays; what a ray meets is sorted by depth. Rays
and triangles meet by the half-open rule, so that a ray through an edge meets one neighbour only.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import Floats, Ints, Mask, Mesh, box

GRID = 256
"""Rays along the longer side."""
_MOST_ROWS = 6_000_000
_MOST_HITS = 6_000_000


@dataclass(frozen=True, slots=True)
class Drawn:
    """Where triangles cover the points of a grid.

    Attributes:
        point: which point of the grid, counted row by row.
        depth: how deep there.
        face: which triangle.
    """

    point: Ints
    depth: Floats
    face: Ints


@dataclass(frozen=True, slots=True)
class Hits:
    """What rays along one axis meet, sorted by ray and then by depth.

    Attributes:
        axis: 0, 1 or 2.
        pitch: mm between rays.
        ray: each hit's ray.
        depth: mm along the axis.
        face: the triangle.
        place: H x 3, mm.
    """

    axis: int
    pitch: float
    ray: Ints
    depth: Floats
    face: Ints
    place: Floats

    @property
    def same_ray(self) -> Mask:
        """Of each hit but the last, whether the next one is on its ray."""
        return np.asarray(self.ray[1:] == self.ray[:-1])


def cast(mesh: Mesh, axis: int, grid: int = GRID) -> Hits:
    """Cast rays along an axis through a whole mesh; fewer where it would be too much work."""
    across, down = (axis + 1) % 3, (axis + 2) % 3
    low, high = box(mesh.vertices)
    longer = max(high[across] - low[across], high[down] - low[down])
    while True:
        pitch = max(longer / grid, 1e-9)
        # Rays keep off the edges that lie on round numbers, as most in a pupil's model do.
        x = (mesh.vertices[:, across] - low[across]) / pitch - 0.4142
        y = (mesh.vertices[:, down] - low[down]) / pitch - 0.3819
        drawn = draw(x, y, mesh.vertices[:, axis], mesh.faces, grid + 2)
        if drawn is not None or grid <= 8:
            break
        grid //= 2
    if drawn is None:
        none = np.empty(0, np.int32)
        return Hits(axis, pitch, none, np.empty(0), none, np.empty((0, 3)))
    order = np.lexsort((drawn.depth, drawn.point))
    ray, depth, face = drawn.point[order], drawn.depth[order], drawn.face[order]
    place = np.empty((len(ray), 3))
    place[:, axis] = depth
    place[:, across] = (ray % (grid + 2) + 0.4142) * pitch + low[across]
    place[:, down] = (ray // (grid + 2) + 0.3819) * pitch + low[down]
    return Hits(axis, pitch, ray, depth, face, place)


def draw(x: Any, y: Any, z: Any, faces: Ints, width: int) -> Drawn | None:
    """Draw triangles onto a grid of `width` columns; grid points lie at whole numbers from 0.

    Args:
        x: of each point, in columns of the grid.
        y: of each point, in rows.
        z: of each point, its depth.
        faces: the triangles.
        width: columns of the grid; every triangle must lie within.

    Returns:
        What covers what; None where it would be more work than is done.
    """
    seen = _covering(x, y, faces)
    if len(seen) == 0:
        return Drawn(seen, np.empty(0), seen)
    corners = _from_top(faces[seen], y)
    first = np.ceil(y[corners[0]]).astype(np.int64)
    rows = np.ceil(y[corners[2]]).astype(np.int64) - first
    if rows.sum() > _MOST_ROWS:
        return None
    xs, ys, zs = ([values[c] for c in corners] for values in (x, y, z))
    which, row = _spread(rows)
    row += first[which]
    x0, x1, x2 = (values[which] for values in xs)
    y0, y1, y2 = (values[which] for values in ys)
    long = x0 + (row - y0) * ((x2 - x0) / (y2 - y0))
    upper = row < y1
    with np.errstate(divide="ignore", invalid="ignore"):
        # Only the half that is taken has height.
        above = x0 + (row - y0) * ((x1 - x0) / (y1 - y0))
        below = x1 + (row - y1) * ((x2 - x1) / (y2 - y1))
    short = np.where(upper, above, below)
    left = np.ceil(np.minimum(long, short)).astype(np.int64)
    columns = np.ceil(np.maximum(long, short)).astype(np.int64) - left
    if columns.sum() > _MOST_HITS:
        return None
    span, column = _spread(columns)
    column += left[span]
    which, row = which[span], row[span]
    depth = _depth(xs, ys, zs, which, column, row)
    point = (row * width + column).astype(np.int32)
    return Drawn(point, depth, seen[which])


def _from_top(corners: Ints, y: Any) -> list[Any]:
    """Return each triangle's corners, the one of the lowest row first."""
    a, b, c = corners.T
    for _ in range(2):
        lower = y[b] < y[a]
        a, b = np.where(lower, b, a), np.where(lower, a, b)
        lower = y[c] < y[b]
        b, c = np.where(lower, c, b), np.where(lower, b, c)
    return [a, b, c]


def _covering(x: Any, y: Any, faces: Ints) -> Ints:
    """Return the triangles that a row and a column of the grid go through."""
    seen: Any = None
    columns = [faces[:, corner].astype(np.intp) for corner in range(3)]
    # Steps of a grid fit into 16 bits, of which more stay near the processor.
    for values in (np.ceil(y).astype(np.int16), np.ceil(x).astype(np.int16)):
        a, b, c = (values.take(column) for column in columns)
        across = (a != b) | (b != c)
        seen = across if seen is None else seen & across
    return np.flatnonzero(seen).astype(np.int32)


def spread(begins: Any, ends: Any) -> Any:
    """Return all whole numbers from each beginning to before its end, one range after another."""
    counts = ends - begins
    after = np.cumsum(counts)
    return np.arange(after[-1] if len(after) else 0) + np.repeat(begins - after + counts, counts)


def _spread(counts: Any) -> tuple[Any, Any]:
    """Return, for `counts[i]` entries of each i, its i and its number among them."""
    which = np.repeat(np.arange(len(counts)), counts)
    begins = np.cumsum(counts) - counts
    return which, np.arange(len(which)) - begins[which]


def _depth(xs: Any, ys: Any, zs: Any, which: Any, column: Any, row: Any) -> Any:
    """Return the depth of triangles' planes, kept within each triangle's own: slivers are rough."""
    ux, uy, uz = (v[1] - v[0] for v in (xs, ys, zs))
    vx, vy, vz = (v[2] - v[0] for v in (xs, ys, zs))
    area = ux * vy - uy * vx
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        by_x, by_y = (uz * vy - vz * uy) / area, (ux * vz - vx * uz) / area
    steep = ~(np.isfinite(by_x) & np.isfinite(by_y))
    by_x[steep] = by_y[steep] = 0
    low, high = np.minimum(np.minimum(*zs[:2]), zs[2]), np.maximum(np.maximum(*zs[:2]), zs[2])
    depth = zs[0][which] + by_x[which] * (column - xs[0][which])
    depth += by_y[which] * (row - ys[0][which])
    return np.clip(depth, low[which], high[which])
