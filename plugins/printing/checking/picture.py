"""A picture of a model without a graphics card: from above, at a corner, lit from the left."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from plugins.printing.checking.mesh import Floats, Mesh, along
from plugins.printing.checking.rays import draw

SIZE = 512
_FINER = 2
"""Each pixel is the mean of 2 x 2, so that edges are smooth."""
_MARGIN = 0.05
_RIGHT = np.array([0.7660, 0.6428, 0.0])
_TOWARDS = np.array([0.5567, -0.6634, 0.5000])
_LIGHT = np.array([0.10, -0.55, 0.83])
_BASE = np.array([86.0, 146.0, 214.0])
_INSIDE = np.array([214.0, 120.0, 96.0])
"""Where one looks at the inner side: there is a hole."""


def thumbnail(mesh: Mesh, unit: Floats, target: str, *, closed: bool = False) -> dict[str, Any]:
    """Write a PNG with a clear ground, `SIZE` pixels square, and sync it.

    Args:
        mesh: the mesh.
        unit: each triangle's outward normal.
        target: where.
        closed: the surface is, so that its far side need not be drawn.

    Returns:
        `width`, `height`.
    """
    ways = _RIGHT, -np.cross(_TOWARDS, _RIGHT), -_TOWARDS
    x, y, z = (along(mesh.vertices, way) for way in ways)
    x -= (x.min() + x.max()) / 2
    y -= (y.min() + y.max()) / 2
    extent = 2 * max(float(x.max()), float(y.max()), 1e-9)
    facing = np.flatnonzero(along(unit, _TOWARDS) > 0) if closed else np.arange(len(unit))
    faces = mesh.faces[facing]
    size = SIZE * _FINER
    while True:
        scale = size * (1 - 2 * _MARGIN) / extent
        drawn = draw(x * scale + size / 2, y * scale + size / 2, z, faces, size)
        if drawn is not None or size <= 64:
            break
        size //= 2
    face = np.full(size * size, -1)
    deep = np.full(size * size, np.inf)
    if drawn is not None:
        # The nearest is written last.
        order = np.argsort(-drawn.depth)
        face[drawn.point[order]] = facing[drawn.face[order]]
        deep[drawn.point[order]] = drawn.depth[order]
    _write(_shaded(face, deep.reshape(size, size), unit, extent), size, target)
    return {"width": SIZE, "height": SIZE}


def _shaded(face: Any, deep: Any, unit: Floats, extent: float) -> Any:
    """Return size x size x 4, 0..255, colours multiplied by how much they cover."""
    size = len(deep)
    covered = face >= 0
    normals = unit[face[covered]]
    facing = normals @ _TOWARDS
    normals = np.where(facing[:, None] < 0, -normals, normals)
    light = 0.32 + 0.68 * np.clip(normals @ _LIGHT, 0, 1)
    colour = np.where(facing[:, None] < -0.02, _INSIDE, _BASE) * light[:, None]
    pixels: Any = np.zeros((size * size, 4))
    pixels[covered, :3] = np.clip(colour + 30 * light[:, None] ** 4, 0, 255)
    pixels[covered, 3] = 255
    pixels = pixels.reshape(size, size, 4)
    # A line where something stands before something else makes shapes easy to read.
    edge = np.zeros((size, size), bool)
    near = np.where(np.isfinite(deep), deep, deep[np.isfinite(deep)].max(initial=0) + extent)
    edge[:, 1:] |= np.abs(near[:, 1:] - near[:, :-1]) > 0.03 * extent
    edge[1:] |= np.abs(near[1:] - near[:-1]) > 0.03 * extent
    pixels[edge & (pixels[..., 3] > 0), :3] *= 0.55
    return pixels


def _write(pixels: Any, size: int, target: str) -> None:
    if size >= SIZE:
        step = size // SIZE
        pixels = pixels.reshape(SIZE, step, SIZE, step, 4).mean(axis=(1, 3))
    cover = np.maximum(pixels[..., 3:] / 255, 1e-6)
    pixels[..., :3] = np.minimum(pixels[..., :3] / cover, 255)
    picture = Image.fromarray(np.round(pixels).astype(np.uint8), "RGBA")
    if picture.width != SIZE:
        picture = picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    with Path(target).open("wb") as file:
        picture.save(file, "PNG", compress_level=6)
        file.flush()
        os.fsync(file.fileno())
