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

from plugins.printing.checking.mesh import Mesh, box, grouped

MOST_TRIANGLES = 100_000
_MOST_POINTS = 65_535
_STEPS = 65_535
_TRIES = 12


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
    cells = 160.0
    for _ in range(_TRIES):
        keys = np.zeros(len(mesh.vertices), np.uint64)
        for axis in range(3):
            keys *= np.uint64(int(cells) + 2)
            keys += ((mesh.vertices[:, axis] - low[axis]) * (cells / extent)).astype(np.uint64)
        order, new = grouped(keys)
        cell = np.empty(len(order), np.int64)
        cell[order] = np.cumsum(new) - 1
        count = int(new.sum())
        faces = cell[mesh.faces]
        faces = faces[
            (faces[:, 0] != faces[:, 1])
            & (faces[:, 1] != faces[:, 2])
            & (faces[:, 2] != faces[:, 0])
        ]
        faces = _once(faces, count)
        if len(faces) <= MOST_TRIANGLES and count <= _MOST_POINTS:
            break
        over = max(len(faces) / MOST_TRIANGLES, count / _MOST_POINTS)
        cells /= max(over, 1.1) ** 0.5 * 1.02
    sums = [np.bincount(cell, mesh.vertices[:, axis], count) for axis in range(3)]
    points = np.stack(sums, axis=1) / np.bincount(cell, minlength=count)[:, None]
    return points, faces


def _once(faces: Any, count: int) -> Any:
    """Leave out triangles that now lie on each other."""
    a, b, c = faces.T
    low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
    middle = a + b + c - low - high
    wide = np.uint64(count)
    keys = (low.astype(np.uint64) * wide + middle.astype(np.uint64)) * wide + high.astype(np.uint64)
    order, new = grouped(keys)
    return faces[np.sort(order[new])]


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
