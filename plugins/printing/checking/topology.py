"""How triangles hang together: edges, bodies, which way round they go."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.printing.checking.alike import first_alike
from plugins.printing.checking.mesh import Floats, Ints, Mask, Mesh, crossed


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A mesh without triangles that say nothing.

    Attributes:
        mesh: the triangles that are kept.
        kept: which of the original's they are.
        normals: theirs, as `crossed` gives them.
        edges: theirs.
        degenerate: places (in the original) of triangles with two equal corners or in one line.
        duplicate: places of triangles that lie on an equal one.
    """

    mesh: Mesh
    kept: Ints
    normals: Floats
    edges: "Edges"
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
    flat = (normals[:, 0] == 0) & (normals[:, 1] == 0) & (normals[:, 2] == 0)
    kept = np.flatnonzero(~collapsed).astype(np.int32)
    whole = len(kept) == len(mesh.faces)
    once = mesh if whole else mesh.with_faces(mesh.faces[kept])
    edges = edges_of(once)
    duplicate = np.zeros(len(mesh.faces), bool)
    suspected = _suspected(once, edges)
    if len(suspected):
        again, cancelling = _duplicates(once, suspected)
        once, edges, left = _without(once, edges, again, cancelling)
        duplicate[kept[~left]] = True
        kept = kept[left]
    return Cleaned(
        once,
        kept,
        normals if len(kept) == len(mesh.faces) else normals[kept],
        edges,
        np.flatnonzero(collapsed | flat).astype(np.int32),
        np.flatnonzero(duplicate).astype(np.int32),
    )


def _without(
    mesh: Mesh, edges: "Edges", again: Mask, cancelling: Mask
) -> tuple[Mesh, "Edges", Mask]:
    """Leave out duplicates, and those that cancel where that leaves fewer edges open."""
    left = ~again
    if not again.any():
        return mesh, edges, left
    once = mesh.with_faces(mesh.faces[left])
    edges = edges_of(once)
    neither = left & ~cancelling
    if cancelling.any() and neither.any():
        without = mesh.with_faces(mesh.faces[neither])
        fewer = edges_of(without)
        if len(fewer.open) < len(edges.open):
            return without, fewer, neither
    return once, edges, left


def _suspected(mesh: Mesh, edges: "Edges") -> Ints:
    """Return the triangles that may have the corners of others.

    Such ones have all their edges in common: more than two triangles meet at one of these, or two
    that have the third corner in common as well.
    """
    corners = mesh.faces.sum(axis=1, dtype=np.int64)
    one, other = edges.pairs.T
    alike = np.flatnonzero(corners[one] == corners[other])
    found = [edges.crowd[:, 1], one[alike], other[alike]]
    return np.unique(np.concatenate(found)).astype(np.int32)


def _duplicates(mesh: Mesh, suspected: Ints) -> tuple[Mask, Mask]:
    """Tell which triangles have the corners of an earlier one, whichever way round.

    And which have as many others on them that go round the other way as go round theirs.
    """
    again = np.zeros(len(mesh.faces), bool)
    cancelling = np.zeros(len(mesh.faces), bool)
    faces = mesh.faces[suspected]
    first = first_alike(*np.sort(faces, axis=1).T)
    again[suspected[first != np.arange(len(first))]] = True
    # Going round three places, an even order falls once and an odd one twice.
    a, b, c = faces.T
    way = np.where((a > b).astype(int) + (b > c) + (c > a) == 1, 1, -1)
    net = np.bincount(first, weights=way, minlength=len(first))
    cancelling[suspected[net[first] == 0]] = True
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
    low, high = np.minimum(start, end), np.maximum(start, end)
    first = first_alike(low, high, close=True)
    count = np.bincount(first, minlength=len(first))
    edge = np.flatnonzero(count)
    uses = count[edge]
    last = np.empty(len(first), np.int32)
    # Of assignments to one place the last one holds.
    last[first] = np.arange(len(first), dtype=np.int32)
    two = edge[uses == 2]
    mate = last[two]
    same_way = start[two] == start[mate]

    def points(edges: Any) -> Ints:
        return np.stack([low[edges], high[edges]], axis=1)

    crowded = edge[uses > 2]
    many = np.flatnonzero(count[first] > 2) if len(crowded) else crowded
    alone = edge[uses == 1]
    pairs = np.empty((len(two), 2), np.int32)
    pairs[:, 0], pairs[:, 1] = two.astype(np.int32) // 3, mate // 3
    return Edges(
        open=points(edge[uses % 2 == 1]),
        crowded=points(crowded),
        against=points(two[same_way]),
        pairs=pairs,
        reversed=same_way,
        crowd=np.stack([first[many], many // 3], axis=1),
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
