"""Focus stacking: from pictures at several heights of the focus one that is sharp all over.

The pictures are laid upon each other, then fused in a Laplacian pyramid (Burt & Adelson 1983; Burt
1984, "The pyramid as a structure for efficient computation"): at each size of detail and each place
the pictures count by how much detail they have there. Where none has any, they are averaged, which
takes noise away rather than choosing the noisiest.
"""

import itertools
from typing import Any

import cv2
import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.microscopy.imaging.align import Placement, placed, prepared
from plugins.microscopy.imaging.errors import OtherPlace
from plugins.microscopy.imaging.pictures import (
    Floats,
    Size,
    read,
    read_grey,
    same_size,
    write,
)

MAX_PIXELS = 24_000_000
"""Of one picture: the pyramids take some 60 bytes for each."""

_ALIKE = 0.35
"""The least correlation between neighbours in a stack; pictures of other places have about 0."""
_WINDOW = (5, 5)
_SOFT = 0.35
"""Energy of a detail, squared grey levels, below which it is noise."""
_COARSEST = 16
_NARROW = 400  # px: width at which pictures are laid upon each other


def stack(sources: list[str], target: str, heights: str) -> dict[str, Any]:
    """Fuse pictures of one place at several heights of the focus.

    Args:
        sources: 2 to 100 JPEG or PNG files in the order of their height.
        target: the sharp picture, a JPEG.
        heights: a grey PNG of the same size: which picture is sharpest there, black the first one,
            white the last one.

    Returns:
        `width`, `height`, and `left`, `top`: where the result begins in the middle picture;
        `moved`: how far the pictures lay apart at most, px.

    Raises:
        UnreadablePicture, TooManyPixels, OtherSize, OtherPlace: the pictures do not do.
    """
    size = same_size(sources, MAX_PIXELS)
    placements = _placements(sources, size)
    fusion = _Fusion(size, len(sources))
    for place, (source, placement) in enumerate(zip(sources, placements, strict=True), 1):
        progress(0.2 + 0.75 * (place - 1) / len(sources), N_("Joining the sharp parts"))
        fusion.add(placement.warped(read(source, place), size))
    sharp, height = fusion.result()
    left, top, right, bottom = _common(placements, size)
    write(sharp[top:bottom, left:right], target)
    write(height[top:bottom, left:right], heights, form="png")
    moved = max(float(np.hypot(p.x, p.y)) for p in placements)
    return {
        "width": right - left,
        "height": bottom - top,
        "left": left,
        "top": top,
        "moved": round(moved, 3),
    }


def _placements(sources: list[str], size: Size) -> list[Placement]:
    """Return how each picture lies upon the one in the middle, led along from its neighbour."""
    reduce = 1
    while size.width // (2 * reduce) >= _NARROW and reduce < 8:
        reduce *= 2
    middle = len(sources) // 2
    found = [Placement()] * len(sources)
    upwards = range(middle, len(sources))
    downwards = range(middle, -1, -1)
    pairs = [*itertools.pairwise(upwards), *itertools.pairwise(downwards)]
    structure: dict[int, Floats] = {}

    def of(index: int) -> Floats:
        if index not in structure:
            structure[index] = prepared(read_grey(sources[index], index + 1, reduce=reduce))
        return structure[index]

    for done, (known, new) in enumerate(pairs):
        progress(0.2 * done / len(pairs), N_("Laying the pictures upon each other"))
        step, likeness = placed(of(known), of(new), size)
        if likeness < _ALIKE:
            raise OtherPlace(f"correlation {likeness:.2f}", which=new + 1)
        found[new] = step.after(found[known])
        if known != middle:
            del structure[known]
    if _overlap(found, size) < 0.25:
        worst = max(range(len(found)), key=lambda i: abs(found[i].x) + abs(found[i].y))
        raise OtherPlace("they have too little in common", which=worst + 1)
    return found


def _common(placements: list[Placement], size: Size) -> tuple[int, int, int, int]:
    """Return the part of the middle picture that all pictures show: left, top, right, bottom."""
    left, top, right, bottom = 0.0, 0.0, float(size.width), float(size.height)
    for placement in placements:
        back = placement.inverse()
        (x0, y0), (x1, y1) = (
            back.matrix(size) @ corner
            for corner in ((0, 0, 1), (size.width - 1, size.height - 1, 1))
        )
        left, top = max(left, x0), max(top, y0)
        right, bottom = min(right, x1 + 1), min(bottom, y1 + 1)
    edges = (
        np.ceil(left - 0.25),
        np.ceil(top - 0.25),
        np.floor(right + 0.25),
        np.floor(bottom + 0.25),
    )
    return tuple(int(edge) for edge in edges)  # type: ignore[return-value]


def _overlap(placements: list[Placement], size: Size) -> float:
    left, top, right, bottom = _common(placements, size)
    return max(right - left, 0) * max(bottom - top, 0) / size.pixels


class _Fusion:
    """Adds pictures up, one after the other, so that a hundred take no more room than two."""

    def __init__(self, size: Size, count: int) -> None:
        self._count = count
        self._added = 0
        self._sums: list[Floats] = []
        self._weights: list[Floats] = []
        self._base: Any = 0
        self._index: Any = 0
        self._trust: Any = 0
        self._size = size
        self._depth = 1
        while min(size.width, size.height) >> (self._depth + 1) >= _COARSEST:
            self._depth += 1

    def add(self, pixels: Any) -> None:
        """Add the next picture, laid upon the others."""
        level: Any = pixels.astype(np.float32)
        for depth in range(self._depth):
            coarser = cv2.pyrDown(level)
            height, width = level.shape[:2]
            detail = level - cv2.pyrUp(coarser, dstsize=(width, height))
            weight = self._weighed(detail, depth)
            detail *= weight[..., None]
            if depth == len(self._sums):
                self._sums.append(detail)
                self._weights.append(weight)
            else:
                self._sums[depth] += detail
                self._weights[depth] += weight
            level = coarser
        self._base = self._base + level
        self._added += 1

    def _weighed(self, detail: Any, depth: int) -> Floats:
        grey = cv2.cvtColor(detail, cv2.COLOR_RGB2GRAY)
        energy = cv2.sqrBoxFilter(grey, cv2.CV_32F, _WINDOW)
        weight = cv2.pow(energy + _SOFT, 4)
        if depth == min(1, self._depth - 1):
            self._index = self._index + weight * self._added
            self._trust = self._trust + weight
        return np.asarray(weight, np.float32)

    def result(self) -> tuple[Any, Any]:
        """Return the sharp picture (RGB) and the heights (grey, 0 the first, 255 the last)."""
        level = self._base / self._count
        for total, weight in zip(reversed(self._sums), reversed(self._weights), strict=True):
            height, width = weight.shape
            level = cv2.pyrUp(level, dstsize=(width, height)) + total / weight[..., None]
        return np.clip(level + 0.5, 0, 255).astype(np.uint8), self._heights()

    def _heights(self) -> Any:
        # Bare places borrow the height of their surroundings, which have something to go by.
        trust = cv2.sqrt(cv2.sqrt(self._trust))
        trust = np.maximum(trust - trust.min() * 1.5, 1e-3)
        index = self._index / self._trust
        spread = max(self._size.width / 160, 2.0)
        smooth = cv2.GaussianBlur(index * trust, (0, 0), spread)
        smooth = smooth / cv2.GaussianBlur(trust, (0, 0), spread)
        grey = smooth * (255 / max(self._count - 1, 1))
        full = cv2.resize(grey.astype(np.float32), (self._size.width, self._size.height))
        return np.clip(full + 0.5, 0, 255).astype(np.uint8)
