"""Even light and true white.

A microscope's field is brighter in the middle, and its lamp has a colour. Both multiply what the
specimen lets through, also behind a camera's gamma, so that dividing takes them away again.
"""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np

from hub.errors import N_
from hub.worker import progress
from plugins.microscopy.imaging.errors import (
    FieldNotEmpty,
    FieldTooBright,
    FieldTooDark,
    NoSuchPlace,
)
from plugins.microscopy.imaging.pictures import Floats, Pixels, Size, read, size_of, write

White = Literal["none", "background", "average"]

_GRID = 96  # px: width at which light is reckoned
_ORDER = 4
_DARKEST = 0.15
"""Places darker than this part of the brightest are not made brighter further: they are noise."""
_CLIPPED, _MOST_CLIPPED = 253, 0.005
"""A level at its end hides how bright the place is; so much of the field may have it."""
_LEAST_LIGHT = 40
_DETAIL, _MOST_DETAIL = 0.05, 0.1
"""By how much a place may differ from the light around it; dust on so much of the field may."""
_BACKGROUND = 0.95
"""The background of a picture in bright field is among its brightest pixels."""


@dataclass(frozen=True, slots=True)
class Shade:
    """How bright the field is, each channel's mean 1, at a small size."""

    field: Floats

    def correction(self, size: Size) -> Floats:
        """Return what to multiply pixels (RGB) by, so that the field is even."""
        small = 1 / np.maximum(self.field, _DARKEST)
        full = cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(full, np.float32)


def shade_of(sources: list[str]) -> Shade:
    """Return the light that pictures have in common.

    Args:
        sources: one picture of an empty place, or several of different places; the more, the less
            of the specimen is taken for light.

    Raises:
        UnreadablePicture: one is damaged.
    """
    logs = []
    for place, source in enumerate(sources, 1):
        logs.append(_levels(read(source, place, reduce=8)))
    common = np.median(np.stack(logs), axis=0) if len(logs) > 2 else np.mean(logs, axis=0)
    field = np.exp(_smooth(common))
    return Shade(np.asarray(field / field.mean(axis=(0, 1)), np.float32))


def look_at_field(source: str) -> dict[str, Any]:
    """Look whether a picture shows an empty, well lit place.

    Returns:
        `width`, `height`, and `falloff` as `flatten` does.

    Raises:
        UnreadablePicture, TooManyPixels: the picture does not do.
        FieldTooBright, FieldTooDark, FieldNotEmpty: it tells nothing of the light.
    """
    size = size_of(source)
    small: Any = read(source, reduce=8)
    bright = float((small.max(axis=2) >= _CLIPPED).mean())
    if bright > _MOST_CLIPPED:
        raise FieldTooBright(f"{bright:.0%} of it")
    middle = float(np.median(small.max(axis=2)))
    if middle < _LEAST_LIGHT:
        raise FieldTooDark(f"level {middle:.0f} of 255")
    level = _levels(small)
    light = _smooth(level)
    strange = float((np.abs(level - light).max(axis=2) > _DETAIL).mean())
    if strange > _MOST_DETAIL:
        raise FieldNotEmpty(f"{strange:.0%} of it")
    field = np.exp(light).mean(axis=2)
    falloff = 1 - float(field.min() / field.max())
    return {"width": size.width, "height": size.height, "falloff": round(falloff, 4)}


def _levels(pixels: Any) -> Any:
    """Return the logarithm of a picture's levels, small, the middle of each channel 0."""
    height = max(2, round(_GRID * pixels.shape[0] / pixels.shape[1]))
    small: Any = cv2.resize(pixels, (_GRID, height), interpolation=cv2.INTER_AREA)
    level = np.log(np.maximum(small.astype(np.float32), 1.0))
    return level - np.median(level, axis=(0, 1))


def terms(width: int, height: int) -> Any:
    """Return the terms of a polynomial over the field, height x width x terms, constant first."""
    tall = height / width
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-tall, tall, height))
    powers = [(i, j) for i in range(_ORDER + 1) for j in range(_ORDER + 1) if i + j <= _ORDER]
    return np.stack([x**i * y**j for i, j in powers], axis=2)


def _smooth(level: Any) -> Any:
    """Fit a polynomial to each channel, leaving out what does not belong to the light."""
    height, width = level.shape[:2]
    columns = terms(width, height).reshape(height * width, -1)
    fitted = np.empty_like(level)
    for channel in range(level.shape[2]):
        wanted = level[..., channel].ravel()
        use = np.ones(wanted.shape, bool)
        for _ in range(4):
            factors = np.linalg.lstsq(columns[use], wanted[use], rcond=None)[0]
            miss = wanted - columns @ factors
            spread = 1.4826 * np.median(np.abs(miss[use])) + 1e-4
            use = np.abs(miss) < 3 * spread
        fitted[..., channel] = (columns @ factors).reshape(height, width)
    return fitted


def flatten(
    source: str,
    target: str,
    references: list[str],
    white: White = "none",
    patch: list[int] | None = None,
) -> dict[str, Any]:
    """Make a picture's light even and its white white.

    Args:
        source: the picture.
        target: the mended picture, a JPEG.
        references: pictures of the same field, empty or of several places; none for no even light.
        white: by the picture's background (bright field), its average ("grey world"), or not.
        patch: left, top, width and height, px, of a place that is white or grey in truth; it is
            used rather than `white`.

    Returns:
        `width`, `height`; `gains`: by what red, green and blue were multiplied; `falloff`: how much
        darker the darkest place of the field was than its brightest, 0..1.

    Raises:
        UnreadablePicture, TooManyPixels: a picture does not do.
        NoSuchPlace: the patch is not in the picture.
    """
    size = size_of(source)
    pixels = read(source)
    falloff = 0.0
    if references:
        progress(0.2, N_("Looking at the light"))
        shade = shade_of(references)
        grey = shade.field.mean(axis=2)
        falloff = 1 - float(grey.min() / grey.max())
        pixels = cv2.multiply(pixels, shade.correction(size), dtype=cv2.CV_8U).astype(np.uint8)
    progress(0.6, N_("Finding the white"))
    gains = white_gains(pixels, white, patch)
    if gains != (1.0, 1.0, 1.0):
        table = np.arange(256)[None, :, None] * np.array(gains)
        pixels = cv2.LUT(pixels, np.clip(table + 0.5, 0, 255).astype(np.uint8)).astype(np.uint8)
    write(pixels, target)
    return {
        "width": size.width,
        "height": size.height,
        "gains": [round(gain, 4) for gain in gains],
        "falloff": round(falloff, 4),
    }


def white_gains(
    pixels: Pixels, white: White, patch: list[int] | None
) -> tuple[float, float, float]:
    """Return what to multiply red, green and blue by; the brightness as a whole stays."""
    if patch is not None:
        left, top, width, height = patch
        if left < 0 or top < 0 or width < 1 or height < 1:
            raise NoSuchPlace(f"{patch}")
        part = pixels[top : top + height, left : left + width]
        if part.shape[:2] != (height, width):
            raise NoSuchPlace(f"{patch}")
        level = part.reshape(-1, 3).mean(axis=0)
    elif white == "average":
        level = pixels.reshape(-1, 3).mean(axis=0)
    elif white == "background":
        level = _background(pixels)
    else:
        return 1.0, 1.0, 1.0
    level = np.maximum(level, 1.0)
    red, green, blue = np.clip(level.mean() / level, 0.25, 4.0)
    return float(red), float(green), float(blue)


def _background(pixels: Pixels) -> Any:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    bright = grey >= np.quantile(grey[::4, ::4], _BACKGROUND)
    return np.median(pixels[bright], axis=0)
