"""Wavefront OBJ: lines of points (`v`) and of faces (`f`); everything else is left alone.

Source: Wavefront, "Advanced Visualizer Manual", Appendix B1. Colours and pictures (`mtllib`) are in
other files: they are not printed and never looked for. A shape in another file (`call`) is refused.
"""

import re
from array import array
from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from plugins.printing.checking.errors import (
    BadModel,
    EmptyModel,
    NeedsOtherFiles,
    UnsupportedModel,
)
from plugins.printing.checking.mesh import MOST_TRIANGLES, Mesh, bounded, welded

_LINE = re.compile(rb"^[ \t]*([vf])[ \t]+([^\r\n#]+)", re.MULTILINE)
_CALL = re.compile(rb"^[ \t]*(?:call|csh)[ \t]", re.MULTILINE)
_CURVES = re.compile(rb"^[ \t]*(?:curv2?|surf|cstype)[ \t]", re.MULTILINE)
_TEXTURES = re.compile(rb"/[^ \t]*")
_CORNERS = 10_000
_POINTS = 3 * MOST_TRIANGLES


def read(data: bytes) -> tuple[Mesh, bool]:
    """Read an OBJ file; return also whether it names colours in another file.

    Raises:
        BadModel, EmptyModel, NeedsOtherFiles, UnsupportedModel: why it cannot be.
    """
    if _CALL.search(data):
        raise NeedsOtherFiles("it calls another file")
    if b"\\\n" in data or b"\\\r\n" in data:
        data = data.replace(b"\\\r\n", b" ").replace(b"\\\n", b" ")
    points, places = array("d"), array("q")
    for kind, rest in _lines(data):
        if kind == b"v":
            x, y, z = rest.split()[:3]
            points.extend((float(x), float(y), float(z)))
            if len(points) > 3 * _POINTS:
                bounded(len(points))
        else:
            _face(rest, len(points) // 3, places)
            if len(places) > 3 * MOST_TRIANGLES:
                bounded(len(places))
    if not places:
        if _CURVES.search(data):
            raise UnsupportedModel("curves only")
        raise EmptyModel("no faces")
    faces = np.frombuffer(places, np.int64).reshape(-1, 3)
    vertices = np.frombuffer(points, np.float64).reshape(-1, 3)
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise BadModel(f"a face names point {faces.max() + 1} of {len(vertices)}")
    return welded(vertices, faces), b"mtllib" in data


def _lines(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    for match in _LINE.finditer(data):
        yield match[1], match[2]


def _face(rest: bytes, known: int, places: "array[int]") -> None:
    """Add a polygon as a fan of triangles; places count from 1, from the end where negative."""
    if b"/" in rest:
        rest = _TEXTURES.sub(b"", rest)
    corners = [int(place) for place in rest.split()]
    if len(corners) > _CORNERS:
        raise BadModel(f"a face of {len(corners)} corners")
    if 0 in corners:
        raise BadModel("a face names point 0")
    corners = [place - 1 if place > 0 else known + place for place in corners]
    if len(corners) == 3:
        places.extend(corners)
        return
    for second, third in pairwise(corners[1:]):
        places.extend((corners[0], second, third))
