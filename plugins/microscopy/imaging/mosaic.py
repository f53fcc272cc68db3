"""Mosaics: from overlapping pictures of a slide one large picture, at the same scale.

The result is made strip by strip, so that its size, not the number of pictures, sets the room that
is needed. Slow changes of brightness are blended over the whole overlap, detail only close to the
seam (two bands of Burt & Adelson's spline, 1983), so that seams vanish and nothing is seen twice.
"""

from collections import OrderedDict
from typing import Any

import cv2
import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.microscopy.imaging.errors import TooManyPixels
from plugins.microscopy.imaging.flat import Shade
from plugins.microscopy.imaging.layout import lay_out
from plugins.microscopy.imaging.light import light_of
from plugins.microscopy.imaging.pictures import (
    MAX_PIXELS,
    MAX_SIDE,
    Floats,
    Size,
    read,
    same_size,
    write,
)

TILE_PIXELS = 24_000_000
_STRIP = 512  # rows
_KEPT = 4  # decoded pictures beside those of the strip in work
_SLOW = 1 / 8  # how much smaller the slow band is
_EVEN_FROM = 3
"""So many overlaps show enough of the field to tell its light from the pictures' brightness."""


def mosaic(sources: list[str], target: str, even: bool = True) -> dict[str, Any]:
    """Join overlapping pictures of one camera and objective.

    Args:
        sources: 2 to 100 JPEG or PNG files, in any order.
        target: the large picture, a JPEG.
        even: take away the uneven light of the field (see `light`).

    Returns:
        `width`, `height`; `places`: left and top of each picture in it, px; `links`: how many pairs
        overlap; `missing`: part of the result that no picture shows.

    Raises:
        UnreadablePicture, TooManyPixels, OtherSize, NoOverlap: the pictures do not do.
    """
    size = same_size(sources, TILE_PIXELS)
    places, links = lay_out(sources, size)
    places = places - places.min(axis=0)
    right, bottom = places.max(axis=0)
    width, height = int(np.ceil(right + size.width)), int(np.ceil(bottom + size.height))
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise TooManyPixels(
            f"the mosaic would have {width} x {height}", which=f"1 … {len(sources)}"
        )
    progress(0.6, N_("Looking at the light"))
    shade, gains = light_of(sources, links, size, even=even and len(links) >= _EVEN_FROM)
    tiles = _Tiles(sources, size, places, shade)
    tiles.gains = gains.astype(np.float32)
    pixels, missing = _joined(tiles, size, Size(width, height))
    progress(0.97, N_("Writing the picture"))
    write(pixels, target)
    return {
        "width": width,
        "height": height,
        "places": [[round(float(x), 2), round(float(y), 2)] for x, y in places],
        "links": len(links),
        "missing": round(missing, 4),
    }


class _Tiles:
    """The pictures, decoded when they are needed and moved by their fraction of a pixel."""

    def __init__(self, sources: list[str], size: Size, places: Any, shade: Shade | None) -> None:
        self.places = places
        self.corners = np.floor(places).astype(int)
        self.gains: Any = np.ones((len(sources), 3), np.float32)
        self._sources = sources
        self._size = size
        self._shade = None if shade is None else shade.correction(size)
        self._kept: OrderedDict[int, tuple[Any, Any]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sources)

    def get(self, index: int, most: int) -> tuple[Any, Any]:
        """Return one picture's pixels and its slow band; keep `most` of them."""
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        pixels = read(self._sources[index], index + 1)
        if self._shade is not None:
            pixels = cv2.multiply(pixels, self._shade, dtype=cv2.CV_8U).astype(np.uint8)
        x, y = self.places[index] - self.corners[index]
        if max(x, y) > 0.02:
            moved = np.array([[1, 0, x], [0, 1, y]])
            pixels = cv2.warpAffine(
                pixels,
                moved,
                (self._size.width, self._size.height),
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REFLECT,
            ).astype(np.uint8)
        small = cv2.resize(pixels, None, fx=_SLOW, fy=_SLOW, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small.astype(np.float32), (0, 0), max(small.shape[1] / 40, 1.0))
        self._kept[index] = pixels, small
        while len(self._kept) > most:
            self._kept.popitem(last=False)
        return self._kept[index]


def _nearness(size: Size) -> Floats:
    """Return how near each pixel is to the middle of its picture: 1 there, almost 0 at the edge."""
    across = 1 - np.abs(np.linspace(-1, 1, size.width, dtype=np.float32))
    down = 1 - np.abs(np.linspace(-1, 1, size.height, dtype=np.float32))
    return np.asarray(np.minimum.outer(down, across) + 1e-3, np.float32)


def _joined(tiles: _Tiles, size: Size, whole: Size) -> tuple[Any, float]:
    near = _nearness(size)
    wide, sharp = near**2, near**12 + 1e-30
    result = np.zeros((whole.height, whole.width, 3), np.uint8)
    missing = 0
    for top in range(0, whole.height, _STRIP):
        progress(0.65 + 0.3 * top / whole.height, N_("Joining the pictures"))
        rows = min(_STRIP, whole.height - top)
        strip = _Strip(rows, whole.width)
        here = [
            index
            for index, (_, at) in enumerate(tiles.corners)
            if at < top + rows and at + size.height > top
        ]
        for index in here:
            pixels, small = tiles.get(index, len(here) + _KEPT)
            left, at = tiles.corners[index]
            strip.add(pixels, small, tiles.gains[index], int(left), int(at) - top, wide, sharp)
        result[top : top + rows] = strip.result()
        missing += strip.missing
    return result, missing / whole.pixels


class _Strip:
    """Some rows of the mosaic."""

    def __init__(self, rows: int, columns: int) -> None:
        self._rows = rows
        self._slow = np.zeros((rows, columns, 3), np.float32)
        self._fast = np.zeros((rows, columns, 3), np.float32)
        self._wide = np.zeros((rows, columns), np.float32)
        self._sharp = np.zeros((rows, columns), np.float32)

    def add(
        self, pixels: Any, small: Any, gain: Any, left: int, at: int, wide: Any, sharp: Any
    ) -> None:
        """Add the rows of a picture whose top is at row `at` of this strip."""
        height, width = pixels.shape[:2]
        width = min(width, self._wide.shape[1] - left)
        first, last = max(-at, 0), min(height, self._rows - at)
        mine = np.s_[first:last, :width]
        there = np.s_[first + at : last + at, left : left + width]
        # The part of the slow band that belongs to these rows, made large again.
        factor_x, factor_y = small.shape[1] / pixels.shape[1], small.shape[0] / height
        matrix = np.array(
            [[factor_x, 0, factor_x / 2 - 0.5], [0, factor_y, (first + 0.5) * factor_y - 0.5]]
        )
        slow = cv2.warpAffine(
            small,
            matrix,
            (width, last - first),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        fast = cv2.subtract(pixels[mine], slow, dtype=cv2.CV_32F)
        self._slow[there] += slow * gain * wide[mine][..., None]
        self._fast[there] += fast * gain * sharp[mine][..., None]
        self._wide[there] += wide[mine]
        self._sharp[there] += sharp[mine]

    @property
    def missing(self) -> int:
        """How many pixels no picture shows."""
        return int(np.count_nonzero(self._wide == 0))

    def result(self) -> Any:
        """Return the pixels, RGB; black where nothing is known."""
        wide = np.maximum(self._wide, 1e-30)[..., None]
        sharp = np.maximum(self._sharp, 1e-30)[..., None]
        joined = self._slow / wide + self._fast / sharp
        joined[self._wide == 0] = 0
        return np.clip(joined + 0.5, 0, 255).astype(np.uint8)
