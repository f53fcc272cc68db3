"""PLY: a header of text that declares elements, then they, as text or binary.

Source: Greg Turk, "The PLY Polygon File Format", 1994.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from plugins.printing.checking.errors import (
    BadModel,
    EmptyModel,
    TruncatedModel,
    UnsupportedModel,
)
from plugins.printing.checking.mesh import MOST_TRIANGLES, Mesh, bounded, welded

_TYPES = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2",
    "ushort": "u2", "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_ORDERS = {"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"}
_HEADER = 64 << 10
_PROPERTIES = 64
_CORNERS = 10_000
_INDICES = ("vertex_indices", "vertex_index")


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    type: str
    count: str = ""

    @property
    def smallest(self) -> int:
        return np.dtype(self.count or self.type).itemsize


@dataclass(frozen=True, slots=True)
class _Element:
    name: str
    count: int
    properties: list[_Property]

    def smallest(self, *, text: bool) -> int:
        """Return the fewest bytes that the whole element takes."""
        each = sum(2 if text else one.smallest for one in self.properties)
        return self.count * each - (1 if text and self.count else 0)


def read(data: bytes) -> Mesh:
    """Read a PLY file.

    Raises:
        BadModel, EmptyModel, TruncatedModel, UnsupportedModel: why it cannot be.
    """
    order, elements, body = _header(data)
    if sum(one.smallest(text=not order) for one in elements) > len(body):
        raise TruncatedModel(f"{len(body)} bytes for {[(e.name, e.count) for e in elements]}")
    names = [one.name for one in elements]
    if "vertex" not in names or "face" not in names or elements[names.index("face")].count == 0:
        raise EmptyModel(f"elements {names}")
    # What stands behind the faces (edges, materials) is not printed.
    wanted = elements[: max(names.index("vertex"), names.index("face")) + 1]
    for one in wanted:
        bounded(0 if one.name == "vertex" else one.count)
        if one.count > 3 * MOST_TRIANGLES:
            bounded(one.count)
    reader = _Binary(body, order) if order else _Text(body)
    points, faces = None, None
    for one in wanted:
        if one.name == "vertex":
            points = reader.points(one)
        elif one.name == "face":
            faces = reader.faces(one)
        else:
            reader.skip(one)
    if points is None or faces is None or len(faces) == 0:
        raise EmptyModel("no faces")
    if faces.min() < 0 or faces.max() >= len(points):
        raise BadModel(f"a face names point {faces.max()} of {len(points)}")
    return welded(points, faces)


def _header(data: bytes) -> tuple[str, list[_Element], memoryview]:
    end = re.search(rb"^end_header[ \t]*\r?\n", data[:_HEADER], re.MULTILINE)
    if end is None:
        raise TruncatedModel("the header does not end")
    order: str | None = None
    elements: list[_Element] = []
    for line in data[: end.start()].decode("ascii", "replace").splitlines()[1:]:
        match line.split():
            case ["format", name, _] if name in _ORDERS:
                order = _ORDERS[name]
            case ["element", name, count] if count.isdecimal() and len(elements) < _PROPERTIES:
                elements.append(_Element(name, int(count), []))
            case ["property", "list", count, kind, name] if elements and count in _TYPES:
                elements[-1].properties.append(_Property(name, _TYPES[kind], _TYPES[count]))
            case ["property", kind, name] if elements and kind in _TYPES:
                elements[-1].properties.append(_Property(name, _TYPES[kind]))
            case [] | ["comment" | "obj_info", *_]:
                pass
            case _:
                raise BadModel(f"the header says {line[:80]!r}")
    if order is None or any(not 0 < len(one.properties) <= _PROPERTIES for one in elements):
        raise BadModel("the header lacks a format or properties")
    return order, elements, memoryview(data)[end.end() :]


def _scalars(element: _Element) -> list[str]:
    if any(one.count for one in element.properties):
        raise UnsupportedModel(f"a list in {element.name}")
    names = [one.name for one in element.properties]
    if len(set(names)) != len(names):
        raise BadModel(f"{element.name} has a property twice")
    return names


def _axes(element: _Element) -> list[int]:
    names = _scalars(element)
    return [names.index(axis) for axis in "xyz"]


def _indices(element: _Element) -> int:
    """Return which property holds the corners."""
    lists = [place for place, one in enumerate(element.properties) if one.name in _INDICES]
    if len(lists) != 1 or not element.properties[lists[0]].count:
        raise UnsupportedModel("faces without corners")
    return lists[0]


class _Fans:
    """Polygons, kept as fans of triangles."""

    def __init__(self) -> None:
        self._places: list[tuple[int, int, int]] = []

    def add(self, corners: list[int]) -> None:
        if len(corners) > _CORNERS:
            raise BadModel(f"a face of {len(corners)} corners")
        first = corners[0] if corners else 0
        pairs = pairwise(corners[1:])
        self._places += [(first, second, third) for second, third in pairs]
        bounded(len(self._places))

    def all(self) -> Any:
        return np.array(self._places, np.int64).reshape(-1, 3)


class _Binary:
    def __init__(self, body: memoryview, order: str) -> None:
        self._body, self._order, self._at = body, order, 0

    def _take(self, dtype: Any, count: int) -> Any:
        size = np.dtype(dtype).itemsize * count
        if self._at + size > len(self._body):
            raise TruncatedModel(f"{size} bytes at {self._at} of {len(self._body)}")
        taken = np.frombuffer(self._body, dtype, count, self._at)
        self._at += size
        return taken

    def _dtype(self, element: _Element) -> Any:
        names = _scalars(element)
        types = [self._order + one.type for one in element.properties]
        return np.dtype(list(zip(names, types, strict=True)))

    def points(self, element: _Element) -> Any:
        _axes(element)
        rows = self._take(self._dtype(element), element.count)
        return np.stack([rows[axis].astype(np.float64) for axis in "xyz"], axis=1)

    def skip(self, element: _Element) -> None:
        self._take(self._dtype(element), element.count)

    def faces(self, element: _Element) -> Any:
        place = _indices(element)
        fields: list[tuple[str, str] | tuple[str, str, int]] = []
        for at, one in enumerate(element.properties):
            if at == place:
                fields += [("n", self._order + one.count), ("c", self._order + one.type, 3)]
            elif one.count:
                return self._any_faces(element, place)
            else:
                fields.append((f"p{at}", self._order + one.type))
        triangles = np.dtype(fields)
        if self._at + triangles.itemsize * element.count <= len(self._body):
            rows = np.frombuffer(self._body, triangles, element.count, self._at)
            if (rows["n"] == 3).all():
                self._at += triangles.itemsize * element.count
                return rows["c"].astype(np.int64)
        return self._any_faces(element, place)

    def _any_faces(self, element: _Element, place: int) -> Any:
        fans = _Fans()
        for _ in range(element.count):
            for at, one in enumerate(element.properties):
                count = 1
                if one.count:
                    count = int(self._take(self._order + one.count, 1)[0])
                    if not 0 <= count <= _CORNERS:
                        raise BadModel(f"a list of {count}")
                values = self._take(self._order + one.type, count)
                if at == place:
                    fans.add([int(value) for value in values])
        return fans.all()


class _Text:
    def __init__(self, body: memoryview) -> None:
        self._words = bytes(body).split()
        self._at = 0

    def _take(self, count: int) -> list[bytes]:
        words = self._words[self._at : self._at + count]
        if len(words) < count:
            raise TruncatedModel(f"{count} numbers wanted, {len(words)} there")
        self._at += count
        return words

    def points(self, element: _Element) -> Any:
        axes = _axes(element)
        width = len(element.properties)
        words = self._take(width * element.count)
        columns = [[float(word) for word in words[axis::width]] for axis in axes]
        return np.array(columns, np.float64).T

    def skip(self, element: _Element) -> None:
        self._take(len(_scalars(element)) * element.count)

    def faces(self, element: _Element) -> Any:
        place = _indices(element)
        fans = _Fans()
        for _ in range(element.count):
            for at, one in enumerate(element.properties):
                count = int(self._take(1)[0]) if one.count else 1
                if not 0 <= count <= _CORNERS:
                    raise BadModel(f"a list of {count}")
                words = self._take(count)
                if at == place:
                    fans.add([int(word) for word in words])
        return fans.all()
