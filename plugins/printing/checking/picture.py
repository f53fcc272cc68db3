"""A picture of a model without a graphics card: from above, at a corner, lit from the left."""

import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from plugins.printing.checking.mesh import Floats, Mesh, along
from plugins.printing.checking.rays import Drawn, draw

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
_STEPS = 2**31
"""Of depth, which are told apart."""


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
    deep = np.full(size * size, np.inf, np.float32)
    if drawn is not None:
        nearest = _nearest(drawn, size)
        point = drawn.point[nearest]
        face[point] = facing[drawn.face[nearest]]
        deep[point] = drawn.depth[nearest]
    _write(_shaded(face, deep.reshape(size, size), unit, extent), size, target)
    return {"width": SIZE, "height": SIZE}


def _nearest(drawn: Drawn, size: int) -> Any:
    """Return which hits are the nearest of their pixels."""
    low = float(drawn.depth.min(initial=0.0))
    steps = _STEPS / max(float(drawn.depth.max(initial=0.0)) - low, 1e-9)
    # The depth in the upper half of a number, the hit in the lower one: the least is the nearest.
    hits = ((drawn.depth - low) * steps).astype(np.uint64) << np.uint64(32)
    hits |= np.arange(len(hits), dtype=np.uint64)
    least = np.full(size * size, np.iinfo(np.uint64).max)
    np.minimum.at(least, drawn.point, hits)
    met = least[least != np.iinfo(np.uint64).max]
    return (met & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _shaded(face: Any, deep: Any, unit: Floats, extent: float) -> Any:
    """Return size x size x 4, 0..255, colours multiplied by how much they cover."""
    size = len(deep)
    covered = face >= 0
    normals = unit[face[covered]].astype(np.float32)
    facing, lit = along(normals, _TOWARDS), along(normals, _LIGHT)
    light = 0.32 + 0.68 * np.clip(np.where(facing < 0, -lit, lit), 0, 1)
    inner, shine = facing < -0.02, 30 * light**4
    pixels: Any = np.zeros((size * size, 4), np.float32)
    for channel in range(3):
        colour = np.where(inner, _INSIDE[channel], _BASE[channel]) * light
        pixels[covered, channel] = np.clip(colour + shine, 0, 255)
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
        parts = [pixels[a::step, b::step] for a in range(step) for b in range(step)]
        pixels = sum(parts[1:], start=parts[0]) / len(parts)
    cover = np.maximum(pixels[..., 3:] / 255, 1e-6)
    pixels[..., :3] = np.minimum(pixels[..., :3] / cover, 255)
    picture = Image.fromarray(np.round(pixels).astype(np.uint8), "RGBA")
    if picture.width != SIZE:
        picture = picture.resize((SIZE, SIZE), Image.Resampling.BILINEAR)
    with Path(target).open("wb") as file:
        picture.save(file, "PNG", compress_level=4)
        file.flush()
        os.fsync(file.fileno())
