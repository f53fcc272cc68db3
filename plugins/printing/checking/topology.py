"""How triangles hang together: edges, bodies, which way round they go."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking.mesh import Floats, Ints, Mask, Mesh, crossed, grouped


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A mesh without triangles that say nothing.

    Attributes:
        mesh: the triangles that are kept.
        kept: which of the original's they are.
        normals: theirs, as `crossed` gives them.
        degenerate: places (in the original) of triangles with two equal corners or in one line.
        duplicate: places of triangles that lie on an equal one.
    """

    mesh: Mesh
    kept: Ints
    normals: Floats
    degenerate: Ints
    duplicate: Ints


def cleaned(mesh: Mesh) -> Cleaned:
    """Set degenerate and duplicate triangles aside.

    Of triangles that lie on each other one is kept. Where parts touch face to face none is: their
    two sides cancel, and what is left is the outside of both.

    A triangle whose corners are three points in one line is counted but kept where its edges join
    others: without it the surface would be torn.
    """
    a, b, c = mesh.faces.T
    collapsed = (a == b) | (b == c) | (c == a)
    normals = crossed(mesh)
    flat = np.einsum("ij,ij->i", normals, normals) == 0
    again, cancelling = _duplicates(mesh)
    duplicate = again & ~collapsed
    if cancelling.any():
        without = mesh.with_faces(mesh.faces[~(collapsed | again | cancelling)])
        once = mesh.with_faces(mesh.faces[~(collapsed | again)])
        if len(without.faces) and _open_edges(without) < _open_edges(once):
            duplicate = (again | cancelling) & ~collapsed
    kept = np.flatnonzero(~(collapsed | duplicate)).astype(np.int32)
    if len(kept) < len(mesh.faces):
        rest, normals = mesh.with_faces(mesh.faces[kept]), normals[kept]
    else:
        rest = mesh
    return Cleaned(
        rest,
        kept,
        normals,
        np.flatnonzero(collapsed | flat).astype(np.int32),
        np.flatnonzero(duplicate).astype(np.int32),
    )


def _open_edges(mesh: Mesh) -> int:
    return len(edges_of(mesh).open)


def _duplicates(mesh: Mesh) -> tuple[Mask, Mask]:
    """Tell which triangles have the corners of an earlier one, whichever way round.

    And which have as many others on them that go round the other way as go round theirs.
    """
    count = np.uint64(len(mesh.vertices))
    a, b, c = (column.astype(np.uint64) for column in mesh.faces.T)
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    # Three places do not fit into one number: those that agree in two are looked at in full.
    order, new = grouped(low * count + high)
    middle = (a + b + c - low - high)[order]
    again = np.zeros(len(a), bool)
    cancelling = np.zeros(len(a), bool)
    if new.all():
        return again, cancelling
    group = np.cumsum(new) - 1
    together = np.lexsort((order, middle, group))
    same = (np.diff(group[together]) == 0) & (np.diff(middle[together]) == 0)
    sorted_faces = order[together]
    again[sorted_faces[1:][same]] = True
    number = np.cumsum(np.concatenate([[True], ~same])) - 1
    # Going round three places, an even order falls once and an odd one twice.
    a, b, c = mesh.faces[sorted_faces].T
    way = np.where((a > b).astype(int) + (b > c) + (c > a) == 1, 1, -1)
    net = np.bincount(number, weights=way) == 0
    cancelling[sorted_faces[net[number]]] = True
    return again, cancelling


@dataclass(frozen=True, slots=True)
class Edges:
    """The edges of a mesh by how many triangles meet there.

    Attributes:
        open: E x 2 points; an odd number of triangles meets here (one, at the rim of a hole).
        crowded: E x 2 points; more than two triangles meet here.
        against: E x 2 points; two triangles meet here and go round opposite ways.
        pairs: P x 2 triangles that meet at an edge of just two.
        reversed: which pairs go round opposite ways.
        crowd: C x 2: of crowded edges, the edge's number and a triangle that meets there.
        ways: of the open edges that one triangle has alone, its points in the triangle's order.
    """

    open: Ints
    crowded: Ints
    against: Ints
    pairs: Ints
    reversed: Mask
    crowd: Ints
    ways: Ints


def edges_of(mesh: Mesh) -> Edges:
    """Sort a mesh's edges."""
    faces = mesh.faces
    start = faces.ravel()
    end = faces[:, [1, 2, 0]].ravel()
    count = np.uint64(len(mesh.vertices))
    low, high = np.minimum(start, end), np.maximum(start, end)
    order, new = grouped(low.astype(np.uint64) * count + high.astype(np.uint64))
    first = np.flatnonzero(new)
    uses = np.diff(first, append=len(order))
    two = order[first[uses == 2][:, None] + np.array([0, 1])].reshape(-1, 2)
    same_way = start[two[:, 0]] == start[two[:, 1]]

    def points(edges: Any) -> Ints:
        return np.stack([low[edges], high[edges]], axis=1)

    each = np.repeat(np.arange(len(first)), uses)
    many = uses[each] > 2
    alone = order[first[uses == 1]]
    return Edges(
        open=points(order[first[uses % 2 == 1]]),
        crowded=points(order[first[uses > 2]]),
        against=points(two[same_way, 0]),
        pairs=np.asarray(two // 3, np.int32),
        reversed=same_way,
        crowd=np.stack([each[many], order[many] // 3], axis=1),
        ways=np.stack([start[alone], end[alone]], axis=1),
    )


def bodies_of(count: int, edges: Edges) -> tuple[int, Ints]:
    """Return how many bodies there are, and the body of each of `count` triangles.

    Bodies hang together by edges of just two triangles. What touches at a crowded edge is another
    body where it closes there by itself, and the same where it does not.
    """
    found, labels = connected(count, edges.pairs)
    if len(edges.crowd):
        edge, body = edges.crowd[:, 0], labels[edges.crowd[:, 1]]
        (edge, body), uses = np.unique(np.stack([edge, body]), axis=1, return_counts=True)
        edge, body = edge[uses % 2 == 1], body[uses % 2 == 1]
        meet = edge[1:] == edge[:-1]
        found, together = connected(found, np.stack([body[:-1][meet], body[1:][meet]], axis=1))
        labels = together[labels]
    return found, labels


def connected(count: int, pairs: Ints) -> tuple[int, Ints]:
    """Return how many parts `count` things that hang together by pairs make, and each one's.

    Parts are numbered as their first things come. SciPy does the same, no faster, and takes half a
    second to load, for which a pupil would wait.
    """
    label: Any = np.arange(count, dtype=np.int32)
    one, other = (np.ascontiguousarray(pairs[:, side], np.int32) for side in (0, 1))
    while len(one):
        low, high = np.minimum(one, other), np.maximum(one, other)
        np.minimum.at(label, high, low)
        while not np.array_equal(further := label[label], label):
            label = further
        one, other = label[low], label[high]
        apart = one != other
        one, other = one[apart], other[apart]
    first = label == np.arange(count)
    number = np.cumsum(first, dtype=np.int32) - 1
    return int(first.sum()), number[label]


def turned_alike(count: int, edges: Edges) -> tuple[Mask, Mask]:
    """Find which triangles to turn over so that neighbours go round the same way.

    Each triangle stands twice in a graph, as it is and turned over; neighbours join accordingly.
    A body whose two halves hang together has no two sides (a Möbius strip).

    Returns:
        Which of `count` triangles to turn over, the fewer of each body; and which cannot be.
    """
    a, b = edges.pairs.T.astype(np.int64)
    other = np.where(edges.reversed, count, 0)
    rows = np.concatenate([a, a + count])
    columns = np.concatenate([b + other, b + count - other])
    found, labels = connected(2 * count, np.stack([rows, columns], axis=1))
    plain, turned = labels[:count], labels[count:]
    one_sided = plain == turned
    # Of the two halves of a body, the one with more triangles as they are is taken.
    size = np.bincount(plain, minlength=found)
    mate = np.empty(found, np.int64)
    mate[plain], mate[turned] = turned, plain
    worse = (size[plain] < size[mate[plain]]) | (
        (size[plain] == size[mate[plain]]) & (plain > turned)
    )
    return worse & ~one_sided, one_sided
