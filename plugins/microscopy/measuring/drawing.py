"""What is burned into a picture when it is exported: shapes with their words, and a scale bar."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from plugins.microscopy.measuring.layers import Layer
from plugins.microscopy.measuring.shapes import Shape
from plugins.microscopy.measuring.values import measured
from plugins.microscopy.measuring.words import value_text

BAR = 0.28
"""The scale bar's greatest width, as a part of the picture's."""


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A round length, 1, 2 or 5 of a decade: in micrometres and in pixels of the picture."""

    length: float
    pixels: float


def scale_bar(scale: float, longest: float) -> ScaleBar:
    """Return the longest round scale bar of at most `longest` pixels.

    Args:
        scale: micrometres to a pixel.
        longest: in pixels of the picture.
    """
    most = scale * longest
    decade = 10.0 ** math.floor(math.log10(most) + 1e-9)
    lead = most / decade * (1 + 1e-9)
    length = (5 if lead >= 5 else 2 if lead >= 2 else 1) * decade
    return ScaleBar(length, length / scale)


def drawing(
    layers: Iterable[Layer],
    *,
    scale: float | None,
    width: int,
    language: str,
    bar: bool = True,
) -> dict[str, Any]:
    """Return what `burn` draws, JSON-ready, for a worker.

    Args:
        layers: those to be drawn.
        scale: micrometres to a pixel; without it there is no bar, and values are in pixels.
        width: of the picture, in pixels.
        language: of units and figures.
        bar: whether a scale bar is wanted.
    """
    shown = None
    if bar and scale is not None:
        found = scale_bar(scale, width * BAR)
        shown = {"pixels": found.pixels, "words": value_text(found.length, "um", language)}
    shapes = [_shape(shape, scale, language) for layer in layers for shape in layer.shapes]
    return {"shapes": shapes, "bar": shown}


def _shape(shape: Shape, scale: float | None, language: str) -> dict[str, Any]:
    found = measured(shape, scale)
    words = [shape.text] if shape.text else []
    if found.value is not None:
        words.append(value_text(found.value, found.unit, language))
    return {
        "kind": shape.kind,
        "points": [list(point) for point in shape.points],
        "colour": shape.colour,
        "words": "  ".join(words),
    }
