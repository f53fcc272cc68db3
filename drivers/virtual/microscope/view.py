"""One still view of the slide through an objective: blur, light, vignetting."""

import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.virtual.microscope.optics import OBJECTIVES, Specimen, State, White
from drivers.virtual.microscope.slide import Slide
from drivers.virtual.microscope.specimen import SLIDES_BY_NAME

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

PEDESTAL = 8
"""Taken off each pixel of a view and given back by the noise, whose mean it is."""
REFERENCE_LIGHT = 70.0
_EVEN = 0.35  # px: blurs that differ by less look the same
_GRID = (17, 11)  # places where the blur is reckoned
_HILLY_GRID = (160, 90)
_MOST_STEPS = 9
_VIGNETTE = {"4x": 0.32, "10x": 0.20, "40x": 0.14}
_LOST_AT_EDGE_TINT = (1.05, 1.0, 0.97)  # blue falls off first


def blurred(image: Any, sigma: float) -> Any:
    """Blur by a Gaussian of any width, wide ones at a lower resolution where it costs nothing."""
    if sigma < 0.3:
        return image
    reduce = 1
    while sigma / reduce > 4 and min(image.shape[:2]) // (2 * reduce) >= 8:
        reduce *= 2
    if reduce == 1:
        return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT)
    height, width = image.shape[:2]
    size = max(width // reduce, 1), max(height // reduce, 1)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), sigma / reduce, borderType=cv2.BORDER_REFLECT)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def gain(light: float) -> float:
    """Factor on pixel values for a lamp at `light` percent, after the camera's gamma of 2.2."""
    return float((light / REFERENCE_LIGHT) ** (1 / 2.2))


@lru_cache(maxsize=6)
def _slide(name: str, scale: float) -> Slide:
    return SLIDES_BY_NAME[name]().coarser(scale)


@dataclass(frozen=True, slots=True)
class Vignette:
    """How light falls off, and its colour: factors on pixel values, after the camera's gamma.

    A pixel at (x, y) keeps `1 - strength * tint * r ** exponent` of its value, where r is 1 half a
    picture's width from (`x`, `y`), all px, for each of blue, green and red; never less than 0.05.
    """

    strength: float
    x: float
    y: float
    radius: float
    white: White
    exponent: float = 2.8

    @classmethod
    def of(cls, state: State, width: int, height: int) -> "Vignette":
        """Return that of a picture of this size."""
        own = _VIGNETTE[state.objective] if state.vignetting is None else state.vignetting
        return cls(own, width * 0.49 + 0.5, height * 0.52 + 0.5, width / 2, state.white)

    def truth(self) -> dict[str, Any]:
        """Return it as numbers, in words that say what they mean."""
        blue, green, red = _LOST_AT_EDGE_TINT
        return {
            "law": "value * white * max(1 - strength * tint * (r / radius) ** exponent, 0.05)",
            "strength": self.strength,
            "x": self.x,
            "y": self.y,
            "radius": self.radius,
            "exponent": self.exponent,
            "tint": {"r": red, "g": green, "b": blue},
        }


@lru_cache(maxsize=6)
def _shade(vignette: Vignette, width: int, height: int) -> Floats:
    x = (np.arange(width, dtype=np.float32) + 0.5 - vignette.x) / vignette.radius
    y = (np.arange(height, dtype=np.float32) + 0.5 - vignette.y) / vignette.radius
    lost = vignette.strength * (x[None] ** 2 + y[:, None] ** 2) ** (vignette.exponent / 2)
    white = vignette.white
    channels = [
        np.clip(1 - tint * lost, 0.05, 1) * gain
        for tint, gain in zip(_LOST_AT_EDGE_TINT, (white.b, white.g, white.r), strict=True)
    ]
    return np.stack(channels, axis=2).astype(np.float32)


def _u8(image: Any) -> Image:
    return np.asarray(image, np.uint8)


class ViewMaker:
    """Makes views of a fixed size."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._specimen = Specimen()

    def make(self, state: State, drift: tuple[float, float]) -> Image:
        """Return the view, `PEDESTAL` darker than it is: noise adds it again."""
        objective = OBJECTIVES[state.objective]
        scale = objective.scale(self._width)
        x, y = state.stage.x + drift[0], state.stage.y + drift[1]
        slide = _slide(state.slide, scale)
        image = slide.area(x, y, self._width, self._height, scale, state.angle)
        if slide.scale > 1.5 * scale:
            image = _crisper(image, slide.scale / scale)
        if not state.endless_depth:
            image = self._defocused(image, state, x, y, slide.softness)
        shade = _shade(Vignette.of(state, self._width, self._height), self._width, self._height)
        shade = shade * gain(state.light)
        lit = cv2.multiply(image, shade, dtype=cv2.CV_8U)
        return _u8(cv2.subtract(lit, np.full(4, PEDESTAL, np.float64)))

    def blur(self, state: State, x: float, y: float, softness: float = 0.0) -> float:
        """Standard deviation, px, of the blur of what lies at (x, y) um."""
        objective = OBJECTIVES[state.objective]
        height = self._specimen.height(state.slide, x, y) + objective.parfocal
        return objective.blur(state.focus - height, softness) / objective.scale(self._width)

    def _defocused(self, image: Image, state: State, x: float, y: float, softness: float) -> Image:
        """Blur the view, one side more than the other where the specimen's tilt shows."""
        scale = OBJECTIVES[state.objective].scale(self._width)
        grid = _HILLY_GRID if state.slide == "thick" else _GRID
        across = _middles(grid[0]) * self._width * scale + x
        down = _middles(grid[1]) * self._height * scale + y
        sigma = np.array([[self.blur(state, i, j, softness) for i in across] for j in down])
        least, most = float(sigma.min()), float(sigma.max())
        if most - least < max(_EVEN, 0.1 * most):
            return _u8(blurred(image, (least + most) / 2))
        wanted = cv2.resize(sigma.astype(np.float32), (self._width, self._height))
        return _u8(_blurred_by(image, np.asarray(wanted, np.float32), _steps(least, most)))


def _middles(count: int) -> NDArray[np.float64]:
    """Return the middles of `count` equal parts of -0.5 .. 0.5: where cv2.resize sees them."""
    return (np.arange(count) + 0.5) / count - 0.5


def _steps(least: float, most: float) -> list[float]:
    """Return blurs from `least` to `most`, so near to each other that between two one can blend."""
    count = 1 + max(round((most - least) / max(_EVEN, 0.6 * least)), 1)
    count = min(count, _MOST_STEPS)
    # Fine blurs are told apart most easily: the steps grow with the blur.
    return [least + (most - least) * (i / (count - 1)) ** 2 for i in range(count)]


def _blurred_by(image: Image, sigma: Floats, steps: list[float]) -> Any:
    """Blur each pixel by its own `sigma`, px, mixed of the two nearest of the steps."""
    result = blurred(image, steps[0])
    for low, high in itertools.pairwise(steps):
        weight = np.clip((sigma - np.float32(low)) / np.float32(high - low), 0, 1)
        result = cv2.blendLinear(result, blurred(image, high), 1 - weight, weight)
    return result


@lru_cache(maxsize=1)
def _grain(width: int, height: int) -> Floats:
    """Fine structure as of chromatin and fibres, about 0.3 um; mean 0, deviation 1."""
    rng = np.random.default_rng(3)
    noise = rng.normal(0, 1, (height, width)).astype(np.float32)
    fine = cv2.GaussianBlur(noise, (0, 0), 2.2) - cv2.GaussianBlur(noise, (0, 0), 6)
    return np.asarray(fine / fine.std(), np.float32)


def _crisper(image: Image, magnified: float) -> Image:
    """Give a magnified micrograph the edges and the fine grain that its pixels could not hold."""
    soft = cv2.GaussianBlur(image, (0, 0), 0.8 * magnified)
    crisp = cv2.addWeighted(image, 2.1, soft, -1.1, 0)
    height, width = image.shape[:2]
    darkness = 255 - cv2.cvtColor(crisp, cv2.COLOR_BGR2GRAY)
    grain = cv2.multiply(_grain(width, height), darkness, scale=0.055, dtype=cv2.CV_32F)
    return cv2.add(crisp, cv2.merge([grain, grain, grain]), dtype=cv2.CV_8U).astype(np.uint8)
