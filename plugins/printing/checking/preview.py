"""The mesh that a browser shows: a small GLB in the model's own millimetres.

At most `MOST_TRIANGLES` triangles and 65,535 points, so that places fit into 16 bits: about 1 MB.
Finer models are made coarser by joining the points of each cell of a grid (Rossignac and Borrel,
1993). Coordinates are 16-bit steps of the bounding box (KHR_mesh_quantization): 3 µm in 200 mm.
"""

import json
import os
import struct
from pathlib import Path
from typing import Any

import numpy as np

from plugins.printing.checking.alike import first_alike
from plugins.printing.checking.mesh import Mesh, box

MOST_TRIANGLES = 100_000
_MOST_POINTS = 65_535
_STEPS = 65_535
_TRIES = 16
_MOST_CELLS = 160.0
_NEARLY = 1.05
"""Of what is shown at most: with so many points, their triangles are counted."""


def preview(mesh: Mesh, target: str) -> dict[str, Any]:
    """Write the preview of a mesh as GLB, Z up as in the model, and sync it.

    Returns:
        `triangles` shown, `bytes`, and whether they are `reduced`.
    """
    points, faces = mesh.vertices, mesh.faces
    reduced = len(faces) > MOST_TRIANGLES or len(points) > _MOST_POINTS
    if reduced:
        points, faces = _coarser(mesh)
    data = _glb(points, faces)
    with Path(target).open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return {"triangles": len(faces), "bytes": len(data), "reduced": reduced}


def _coarser(mesh: Mesh) -> tuple[Any, Any]:
    low, high = box(mesh.vertices)
    extent = float((high - low).max()) or 1.0
    # Parts of the whole; what lies at its very end is in the last cell.
    parts = [(mesh.vertices[:, axis] - low[axis]) / extent for axis in range(3)]
    cells = _MOST_CELLS
    for _ in range(_TRIES):
        cell, count = _gathered(parts, int(cells))
        # A surface has about two triangles for each point.
        over = max(count / _MOST_POINTS, 2 * count / MOST_TRIANGLES)
        if over <= _NEARLY:
            faces = _once(cell.take(mesh.faces))
            over = max(len(faces) / MOST_TRIANGLES, count / _MOST_POINTS)
            if over <= 1:
                break
        cells /= max(over, 1.1) ** 0.5 * 1.02
    sums = [np.bincount(cell, mesh.vertices[:, axis], count) for axis in range(3)]
    points = np.stack(sums, axis=1) / np.bincount(cell, minlength=count)[:, None]
    return points, faces


def _gathered(parts: list[Any], cells: int) -> tuple[Any, int]:
    """Return each point's cell of a grid, numbered, and how many are used."""
    key: Any = np.zeros(len(parts[0]), np.intp)
    for part in parts:
        key *= cells + 1
        key += (part * cells).astype(np.int32)
    used = np.zeros((cells + 1) ** 3, bool)
    used[key] = True
    places = np.flatnonzero(used)
    number = np.empty(len(used), np.int32)
    number[places] = np.arange(len(places), dtype=np.int32)
    return number.take(key), len(places)


def _once(faces: Any) -> Any:
    """Leave out triangles that now are none, or lie on each other."""
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    first = first_alike(*np.sort(faces, axis=1).T)
    return faces[first == np.arange(len(first))]


def _glb(points: Any, faces: Any) -> bytes:
    used, faces = np.unique(faces, return_inverse=True)
    faces = faces.reshape(-1, 3)
    points = points[used]
    low = points.min(axis=0)
    step = np.maximum((points.max(axis=0) - low) / _STEPS, 1e-9)
    places = np.zeros((len(points), 4), np.uint16)
    places[:, :3] = np.round((points - low) / step)
    body: bytes
    indices: bytes
    body, indices = places.tobytes(), faces.astype(np.uint16).tobytes()
    view = {"buffer": 0, "byteOffset": 0, "byteLength": len(body), "byteStride": 8, "target": 34962}
    index = {"buffer": 0, "byteOffset": len(body), "byteLength": len(indices), "target": 34963}
    part = {"attributes": {"POSITION": 0}, "indices": 1}
    document = {
        "asset": {"version": "2.0"},
        "extensionsUsed": ["KHR_mesh_quantization"],
        "extensionsRequired": ["KHR_mesh_quantization"],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "scale": step.tolist(), "translation": low.tolist()}],
        "meshes": [{"primitives": [part]}],
        "accessors": [
            {
                "bufferView": 0, "componentType": 5123, "count": len(points), "type": "VEC3",
                "min": places[:, :3].min(axis=0).tolist(),
                "max": places[:, :3].max(axis=0).tolist(),
            },
            {"bufferView": 1, "componentType": 5123, "count": faces.size, "type": "SCALAR"},
        ],
        "bufferViews": [view, index],
        "buffers": [{"byteLength": len(body) + len(indices)}],
    }  # fmt: skip
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    block = body + indices
    block += bytes(-len(block) % 4)
    size = 12 + 8 + len(text) + 8 + len(block)
    head = struct.pack("<4sII", b"glTF", 2, size) + struct.pack("<II", len(text), 0x4E4F534A)
    return head + text + struct.pack("<II", len(block), 0x004E4942) + block
