"""GLB, the binary form of glTF 2.0: a JSON description and one block of numbers.

Source: Khronos, "glTF 2.0 Specification", sections 3.5 (nodes), 3.6 (data) and 4.4 (GLB). glTF is
in metres with Y up; a model for printing is in millimetres with Z up.
"""

import json
from typing import Any

import numpy as np

from plugins.printing.checking.errors import (
    BadModel,
    EmptyModel,
    NeedsOtherFiles,
    TruncatedModel,
    UnsupportedModel,
)
from plugins.printing.checking.mesh import MOST_TRIANGLES, Floats, Mesh, bounded
from plugins.printing.checking.reading.placing import Placing, matrix, walk

_JSON = 0x4E4F534A
_BIN = 0x004E4942
_LARGEST_JSON = 16 << 20
_TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_COUNTS = {"SCALAR": 1, "VEC3": 3}
_TRIANGLES = 4
_SHAPES_ALONE = ("KHR_materials", "KHR_texture", "KHR_mesh_quantization", "EXT_texture")
"""Extensions with which the shape is read as ever."""
_MM = 1000.0
_UPRIGHT = np.array([[1.0, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]])


def read(data: bytes) -> tuple[Mesh, bool]:
    """Read a GLB file; return also whether it names pictures in other files.

    Raises:
        BadModel, EmptyModel, NeedsOtherFiles, TruncatedModel, UnsupportedModel: why it cannot be.
    """
    document, block = _chunks(data)
    required = [str(name) for name in _list(document, "extensionsRequired")]
    if not all(name.startswith(_SHAPES_ALONE) for name in required):
        raise UnsupportedModel(f"it needs {required[:5]}")
    if any("uri" in buffer for buffer in _list(document, "buffers")):
        raise NeedsOtherFiles("a buffer in another file")
    pictures = [str(one.get("uri", "data:")) for one in _list(document, "images")]
    reader = _Reader(document, block)
    walk(reader.roots(), reader.children, reader.place)
    left_out = not all(uri.startswith("data:") for uri in pictures)
    return reader.placing.mesh(_MM), left_out


def _chunks(data: bytes) -> tuple[dict[str, Any], memoryview]:
    version, length = (int.from_bytes(data[at : at + 4], "little") for at in (4, 8))
    if version != 2:
        raise UnsupportedModel(f"glTF version {version}")
    if length > len(data) or len(data) < 20:
        raise TruncatedModel(f"{length} bytes announced, {len(data)} there")
    found: dict[int, memoryview] = {}
    at = 12
    while at + 8 <= length and len(found) < 8:
        size, kind = (int.from_bytes(data[at + o : at + o + 4], "little") for o in (0, 4))
        if at + 8 + size > length:
            raise TruncatedModel(f"a chunk of {size} bytes at {at} of {length}")
        found.setdefault(kind, memoryview(data)[at + 8 : at + 8 + size])
        at += 8 + size
    text = found.get(_JSON, memoryview(b""))
    if len(text) > _LARGEST_JSON:
        raise UnsupportedModel(f"a description of {len(text)} bytes")
    document = json.loads(bytes(text))
    if not isinstance(document, dict):
        raise BadModel("the description is no object")
    return document, found.get(_BIN, memoryview(b""))


def _list(holder: dict[str, Any], name: str) -> list[Any]:
    found = holder.get(name, [])
    if not isinstance(found, list):
        raise BadModel(f"{name} is no list")
    return found


def _one(items: list[Any], place: Any) -> dict[str, Any]:
    found = items[_whole(place)]
    if not isinstance(found, dict):
        raise BadModel(f"{place} is no object")
    return found


def _whole(number: Any) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise BadModel(f"{str(number)[:40]} is no place")
    return number


class _Reader:
    def __init__(self, document: dict[str, Any], block: memoryview) -> None:
        self._document, self._block = document, block
        self._nodes = _list(document, "nodes")
        self._meshes: dict[int, list[tuple[Any, Any]]] = {}
        self.placing = Placing()

    def roots(self) -> list[tuple[Any, Floats]]:
        scenes = _list(self._document, "scenes")
        if not scenes:
            raise EmptyModel("no scene")
        scene = _one(scenes, self._document.get("scene", 0))
        return [(n, _UPRIGHT @ self._where(n)) for n in map(_whole, _list(scene, "nodes"))]

    def children(self, node: int) -> list[tuple[Any, Floats]]:
        below = _list(_one(self._nodes, node), "children")
        return [(child, self._where(child)) for child in map(_whole, below)]

    def place(self, node: int, where: Floats) -> None:
        number = _one(self._nodes, node).get("mesh")
        if number is None:
            return
        number = _whole(number)
        if number not in self._meshes:
            mesh = _one(_list(self._document, "meshes"), number)
            parts = (self._part(part) for part in _list(mesh, "primitives"))
            self._meshes[number] = [part for part in parts if part is not None]
        for points, faces in self._meshes[number]:
            self.placing.add(points, faces, where)

    def _where(self, number: int) -> Floats:
        node = _one(self._nodes, number)
        if "matrix" in node:
            return matrix(node["matrix"], 16).reshape(4, 4).T
        x, y, z, w = matrix(node.get("rotation", [0, 0, 0, 1]), 4)
        turned = np.array(
            [
                [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
            ]
        )
        where = np.eye(4)
        where[:3, :3] = turned * matrix(node.get("scale", [1, 1, 1]), 3)
        where[:3, 3] = matrix(node.get("translation", [0, 0, 0]), 3)
        return where

    def _part(self, part: dict[str, Any]) -> tuple[Any, Any] | None:
        if part.get("mode", _TRIANGLES) != _TRIANGLES:
            return None  # points, lines and strips: no surface that is printed
        points = self._numbers(part["attributes"]["POSITION"], "VEC3").astype(np.float64)
        if "indices" in part:
            flat = self._numbers(part["indices"], "SCALAR").astype(np.int64).ravel()
        else:
            flat = np.arange(len(points))
        flat = flat[: len(flat) // 3 * 3]
        bounded(len(flat) // 3)
        return points, flat.reshape(-1, 3)

    def _numbers(self, number: Any, kind: str) -> Any:
        """Return what an accessor names, held against the block's true size."""
        accessor = _one(_list(self._document, "accessors"), number)
        if accessor.get("type") != kind or "sparse" in accessor or "bufferView" not in accessor:
            raise UnsupportedModel(f"an accessor of {str(accessor.get('type'))[:20]}")
        view = _one(_list(self._document, "bufferViews"), accessor["bufferView"])
        dtype = np.dtype(_TYPES[accessor["componentType"]])
        count, width = _whole(accessor["count"]), _COUNTS[kind]
        if count > 3 * MOST_TRIANGLES:
            bounded(count)
        stride = _whole(view.get("byteStride", 0)) or dtype.itemsize * width
        start = _whole(view.get("byteOffset", 0)) + _whole(accessor.get("byteOffset", 0))
        if stride < dtype.itemsize * width or _whole(view.get("buffer", 0)) != 0:
            raise BadModel("a strange buffer view")
        end = start + stride * (count - 1) + dtype.itemsize * width
        if count and end > len(self._block):
            raise TruncatedModel(f"numbers up to {end} of {len(self._block)} bytes")
        if count == 0:
            return np.empty((0, width), dtype)
        found = np.ndarray(
            (count, width), dtype, self._block, start, (stride, dtype.itemsize)
        ).copy()
        if accessor.get("normalized") and dtype.kind in "iu":
            found = np.maximum(found.astype(np.float64) / np.iinfo(dtype).max, -1)
        return found
