"""The slides: large seamless specimens of real micrographs (sources: slides/README.md)."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.virtual.microscope.quilt import SLIDES, Plan, compose

Image = NDArray[np.uint8]

TISSUE_SCALE = 0.4  # um/px; given to the picture by us: nuclei of about 10 um
CELLS_SCALE = 0.107  # um/px; as its authors recorded it
_CELL = (428, 374, 118)  # centre and radius, with its halo, in cell.png
_CELLS_SIZE = 4096
_CELLS = 160


@dataclass(frozen=True, slots=True)
class Slide:
    """A specimen that repeats at its edges: BGR pixels and the micrometres to one of them."""

    pixels: Image
    scale: float
    softness: float  # um, standard deviation of the blur that the micrograph has of its own

    def area(self, x: float, y: float, width: int, height: int, scale: float) -> Image:
        """Return what lies around (x, y) um at `scale` um/px, seen perfectly sharp."""
        ratio = scale / self.scale
        rows, columns = self.pixels.shape[:2]
        span_x, span_y = width * ratio, height * ratio
        left = x / self.scale - span_x / 2
        top = y / self.scale - span_y / 2
        x0, y0 = int(np.floor(left)) - 2, int(np.floor(top)) - 2
        across = np.arange(x0, x0 + int(span_x) + 6) % columns
        down = np.arange(y0, y0 + int(span_y) + 6) % rows
        crop = self.pixels[down][:, across]
        matrix = np.array([[ratio, 0, left - x0], [0, ratio, top - y0]])
        # Pixel centres lie at half a pixel: (u + 1/2) * ratio + left - 1/2.
        matrix[:, 2] += ratio / 2 - 0.5
        how = cv2.INTER_LINEAR if ratio >= 0.9 else cv2.INTER_CUBIC
        flags = how | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(
            crop, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.uint8)

    def coarser(self, scale: float) -> "Slide":
        """Return the slide reduced to about `scale` um/px, so that nothing aliases."""
        if scale < 1.3 * self.scale:
            return self
        rows, columns = self.pixels.shape[:2]
        width = round(columns * self.scale / scale)
        factor = columns / width
        size = width, round(rows / factor)
        pixels = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
        return Slide(pixels.astype(np.uint8), self.scale * factor, self.softness)


def _read(name: str) -> Image:
    image = cv2.imread(str(SLIDES / name), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{name} is missing beside {__name__}")
    return image.astype(np.uint8)


@cache
def tissue() -> Slide:
    """Return glandular tissue, stained with DAB (brown) and haematoxylin (blue)."""
    return Slide(compose(_read("ihc.png"), Plan.load(SLIDES / "tissue.json")), TISSUE_SCALE, 0.35)


@cache
def cells() -> Slide:
    """Return single cells floating in a liquid, in phase contrast."""
    rng = np.random.default_rng(5)
    picture = _read("cell.png")[..., 0].astype(np.float32)
    x, y, radius = _CELL
    calm = cv2.GaussianBlur(picture[:300], (0, 0), 1.0)
    level = float(np.median(calm))
    grain = (calm - cv2.GaussianBlur(calm, (0, 0), 12))[20:276, 20:532]
    mirrored = np.hstack([grain, grain[:, ::-1]])
    field = np.tile(np.vstack([mirrored, mirrored[::-1]]), (8, 4)) + level
    side = 2 * radius + 40
    patch = cv2.getRectSubPix(picture, (side, side), (float(x), float(y))) - level
    there = np.hypot(*(np.mgrid[:side, :side] - side / 2 + 0.5))
    patch *= np.clip((radius + 14 - there) / 28, 0, 1).astype(np.float32)
    for left, top in _scattered(rng, _CELLS, _CELLS_SIZE, 0.7 * radius * 1.4):
        turn = cv2.getRotationMatrix2D(
            (side / 2, side / 2), rng.uniform(0, 360), rng.uniform(0.72, 1.15)
        )
        cell = cv2.warpAffine(patch, turn, (side, side), flags=cv2.INTER_CUBIC)
        rows = np.arange(top, top + side) % _CELLS_SIZE
        columns = np.arange(left, left + side) % _CELLS_SIZE
        field[np.ix_(rows, columns)] += cell * rng.uniform(0.85, 1.05)
    grey = np.clip(field * 1.15, 0, 255).astype(np.uint8)
    return Slide(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.uint8), CELLS_SCALE, 0.25)


def _scattered(
    rng: np.random.Generator, count: int, size: int, apart: float
) -> list[tuple[int, int]]:
    """Return up to `count` places, in loose groups, none nearer to another than `apart`."""
    places: list[tuple[int, int]] = []
    for _ in range(count * 20):
        if places and rng.random() < 0.45:
            near = places[int(rng.integers(len(places)))]
            step = rng.normal(0, 2.2 * apart, 2)
            place = int(near[0] + step[0]) % size, int(near[1] + step[1]) % size
        else:
            place = int(rng.integers(size)), int(rng.integers(size))
        gaps = [(abs(place[0] - x), abs(place[1] - y)) for x, y in places]
        if all(np.hypot(min(a, size - a), min(b, size - b)) > apart for a, b in gaps):
            places.append(place)
        if len(places) == count:
            break
    return places


SLIDES_BY_NAME = {"tissue": tissue, "cells": cells}
