"""3MF: a ZIP with the model as XML.

Source: 3MF Consortium, "Core Specification" 1.3, and "Production Extension" 1.2 (parts in several
files of the same package). The package is looked over before anything is unpacked, nothing is
unpacked to disk, and XML with a DTD (3MF allows none) is refused at once.
"""

import io
import posixpath
import zipfile
import zlib
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

import numpy as np

from plugins.printing.checking.errors import (
    BadModel,
    ModelTooLarge,
    NeedsOtherFiles,
    NotAModel,
    PackedTooTightly,
    TruncatedModel,
    UnsupportedModel,
)
from plugins.printing.checking.mesh import MOST_TRIANGLES, Floats, Mesh, bounded
from plugins.printing.checking.reading.placing import Placing, matrix, walk

_ENTRIES = 2_000
_TOTAL = 400 << 20
_RATIO = 100
_SMALL = 1 << 20
"""Bytes: what unpacks to less may be packed as tightly as it likes."""
_PIECE = 256 << 10
_DEEPEST = 64
_RELATIONS = "_rels/.rels"
_MODEL_TYPE = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_UNITS = {
    "micron": 0.001, "millimeter": 1.0, "centimeter": 10.0, "inch": 25.4, "foot": 304.8,
    "meter": 1000.0,
}  # fmt: skip

Attributes = dict[str, str]
Begin = Callable[[str, Attributes], None]


def read(data: bytes) -> Mesh:
    """Read a 3MF file.

    Raises:
        BadModel: one of its kinds says why it cannot be.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _look_over(package, len(data))
            return _Package(package).mesh()
    except zipfile.BadZipFile as error:
        cut = b"PK\x05\x06" not in data[-(66 << 10) :]
        raise (TruncatedModel if cut else BadModel)(str(error)) from error
    except (zlib.error, expat.ExpatError, EOFError, NotImplementedError, OSError) as error:
        raise BadModel(f"{type(error).__name__}: {error}") from error


def _look_over(package: zipfile.ZipFile, size: int) -> None:
    entries = package.infolist()
    if len(entries) > _ENTRIES:
        raise PackedTooTightly(f"{len(entries)} entries")
    total = sum(entry.file_size for entry in entries)
    if total > _TOTAL:
        raise ModelTooLarge(f"it unpacks to {total} bytes")
    if total > _SMALL and total > _RATIO * size:
        raise PackedTooTightly(f"{size} bytes unpack to {total}")
    for entry in entries:
        if entry.flag_bits & 1:
            raise UnsupportedModel(f"{entry.filename!r} has a password")
        if entry.file_size > _SMALL and entry.file_size > _RATIO * entry.compress_size:
            raise PackedTooTightly(f"{entry.compress_size} bytes unpack to {entry.file_size}")


@dataclass
class _Shape:
    """An object of a model part: a mesh, or others put together."""

    printed: bool
    points: "array[float]" = field(default_factory=lambda: array("d"))
    faces: "array[int]" = field(default_factory=lambda: array("q"))
    parts: list[tuple[tuple[str, str], Floats]] = field(default_factory=list)


class _Package:
    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = {entry.filename.lower().lstrip("/"): entry for entry in package.infolist()}
        self._read: dict[str, _Part] = {}
        self._unpacked = 0
        self._triangles = 0

    def mesh(self) -> Mesh:
        root = self._part(self._root())
        placing = Placing()

        def place(key: tuple[str, str], where: Floats) -> None:
            shape = self._shape(key)
            if shape.printed:
                points = np.frombuffer(shape.points, np.float64).reshape(-1, 3)
                faces = np.frombuffer(shape.faces, np.int64).reshape(-1, 3)
                placing.add(points, faces, where)

        walk(list(root.items), lambda key: list(self._shape(key).parts), place)
        return placing.mesh(root.unit)

    def _root(self) -> str:
        found: list[str] = []

        def begin(tag: str, said: Attributes) -> None:
            if tag == "Relationship" and said.get("Type") == _MODEL_TYPE:
                if said.get("TargetMode", "Internal") != "Internal":
                    raise NeedsOtherFiles("the model is elsewhere")
                found.append(said.get("Target", ""))

        if _RELATIONS not in self._names:
            raise NotAModel("a ZIP that is no 3MF")
        self._parse(_RELATIONS, begin)
        if not found:
            raise NotAModel("a package without a model")
        return found[0]

    def _shape(self, key: tuple[str, str]) -> _Shape:
        path, number = key
        shape = self._part(path).shapes.get(number)
        if shape is None:
            raise BadModel(f"there is no object {number[:40]!r}")
        return shape

    def _part(self, path: str) -> "_Part":
        name = posixpath.normpath(path.lstrip("/")).lower()
        if name not in self._read:
            if name not in self._names:
                raise NeedsOtherFiles(f"{path[:80]!r} is not in the package")
            part = _Part(path, self._count)
            self._parse(name, part.begin)
            self._read[name] = part
        return self._read[name]

    def _count(self) -> None:
        self._triangles += 1
        if self._triangles > MOST_TRIANGLES:
            bounded(self._triangles)

    def _parse(self, name: str, begin: Begin) -> None:
        """Read an entry as XML, piece by piece, bounded by what truly comes out of it."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        depth = 0

        def start(tag: str, said: Attributes) -> None:
            nonlocal depth
            depth += 1
            if depth > _DEEPEST:
                raise BadModel("the XML is too deep")
            begin(tag.rpartition(" ")[2], said)

        def end(_tag: str) -> None:
            nonlocal depth
            depth -= 1

        def refuse(*_: Any) -> None:
            raise PackedTooTightly("XML with a DTD")

        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.StartDoctypeDeclHandler = refuse
        parser.EntityDeclHandler = refuse
        with self._package.open(self._names[name]) as file:
            while piece := file.read(_PIECE):
                self._unpacked += len(piece)
                if self._unpacked > _TOTAL:
                    raise ModelTooLarge(f"more than {_TOTAL} bytes")
                parser.Parse(piece, False)  # noqa: FBT003 - takes it by place only
        parser.Parse(b"", True)  # noqa: FBT003


class _Part:
    """One `.model` file of the package: its objects, and what of them is to be built."""

    def __init__(self, path: str, count: Callable[[], None]) -> None:
        self._path, self._count = path, count
        self._shape = _Shape(printed=False)
        self._keep: dict[str, Begin] = {
            "vertex": self._vertex,
            "triangle": self._triangle,
            "component": self._component,
            "object": self._object,
            "item": self._item,
            "model": self._model,
        }
        self.unit = 1.0
        self.shapes: dict[str, _Shape] = {}
        self.items: list[tuple[tuple[str, str], Floats]] = []

    def begin(self, tag: str, said: Attributes) -> None:
        keep = self._keep.get(tag)
        if keep is not None:
            keep(tag, said)

    def _vertex(self, _tag: str, said: Attributes) -> None:
        points = self._shape.points
        points.extend((float(said["x"]), float(said["y"]), float(said["z"])))
        if len(points) > 9 * MOST_TRIANGLES:
            bounded(len(points))

    def _triangle(self, _tag: str, said: Attributes) -> None:
        self._count()
        self._shape.faces.extend((int(said["v1"]), int(said["v2"]), int(said["v3"])))

    def _object(self, _tag: str, said: Attributes) -> None:
        self._shape = _Shape(printed=said.get("type", "model") in ("model", "solidsupport"))
        self.shapes[said["id"]] = self._shape

    def _component(self, _tag: str, said: Attributes) -> None:
        self._shape.parts.append(self._placed(said))

    def _item(self, _tag: str, said: Attributes) -> None:
        self.items.append(self._placed(said))

    def _model(self, _tag: str, said: Attributes) -> None:
        needed = said.get("requiredextensions", "").split()
        if not set(needed) <= {"p", "m"}:
            raise UnsupportedModel(f"it needs {needed[:5]}")
        self.unit = _UNITS[said.get("unit", "millimeter")]

    def _placed(self, said: Attributes) -> tuple[tuple[str, str], Floats]:
        path = next((v for k, v in said.items() if k.rpartition(" ")[2] == "path"), self._path)
        where = np.eye(4)
        if "transform" in said:
            numbers = [float(number) for number in said["transform"].split()]
            # Three columns of a matrix for rows; ours is for columns.
            where[:3, :] = matrix(numbers, 12).reshape(4, 3).T
        return (path, said["objectid"]), where
