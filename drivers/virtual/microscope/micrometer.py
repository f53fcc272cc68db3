"""The stage micrometer: 1 mm in 100 divisions of 10 um, drawn exactly at any scale and angle."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

DIVISION = 10.0
DIVISIONS = 100
LINE = 2.0  # um, width of each line
LENGTHS = {10: 120.0, 5: 90.0, 1: 60.0}
"""Length, um, of each tenth line, of each fifth, and of the others."""
_GLASS = (214, 218, 216)  # BGR
_INK = 30.0


def _covered(edge: Any, scale: float) -> Any:
    """Share of a pixel that lies beyond an edge `edge` um from the pixel's middle."""
    return np.clip(edge / np.float32(scale) + np.float32(0.5), 0, 1)


class Micrometer:
    """The ruling on its glass; its middle lies at (0, 0), its lines across the axis."""

    scale = 0.0
    softness = 0.0

    def coarser(self, _scale: float) -> "Micrometer":
        """Return itself: it is drawn anew at each scale."""
        return self

    def area(
        self, x: float, y: float, width: int, height: int, scale: float, angle: float
    ) -> Image:
        """Return what lies around (x, y) um; the axis is turned by `angle` degrees, clockwise.

        A pixel is as dark as the share of it that a line covers, so that positions are true to
        small parts of a pixel.
        """
        c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        across = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) * scale + x
        down = ((np.arange(height, dtype=np.float32) + 0.5 - height / 2) * scale + y)[:, None]
        along, beside = c * across + s * down, -s * across + c * down
        ink = np.zeros((height, width), np.float32)
        for nth, length in LENGTHS.items():
            lines = _lines(along, nth * DIVISION, scale)
            ends = _covered(np.float32(length / 2) - np.abs(beside), scale)
            np.maximum(ink, lines * ends, out=ink)
        half = np.float32(DIVISION * DIVISIONS / 2 + DIVISION / 2)
        ink *= np.abs(along) < half
        glass = np.array(_GLASS, np.float32)
        return np.asarray(glass - ink[..., None] * (glass - _INK) + 0.5, np.uint8)


def _lines(along: Floats, period: float, scale: float) -> Floats:
    """Share of each pixel that lines at the whole multiples of `period` cover."""
    step = np.float32(period)
    from_line = along - np.round(along / step) * step
    half = np.float32(LINE / 2)
    covered = _covered(from_line + half, scale) - _covered(from_line - half, scale)
    return np.asarray(covered, np.float32)


def line_ends(
    x: float, y: float, width: int, height: int, scale: float, angle: float
) -> list[list[float]]:
    """Return where in a picture the first and the last line cross the axis, px.

    The picture's upper left corner is (0, 0), the middle of its first pixel (0.5, 0.5). The ends
    may lie outside.
    """
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    reach = DIVISION * DIVISIONS / 2
    return [
        [(c * end - x) / scale + width / 2, (s * end - y) / scale + height / 2]
        for end in (-reach, reach)
    ]
