"""A small ciliate that swims through the picture, so that all see that the picture is live."""

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.virtual.microscope.view import blurred

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

LENGTH = 48.0  # um, about that of Tetrahymena
_WIDTH = 22.0
_CANVAS = (60.0, 34.0)  # um: the body, its cilia and room for blur
_FINEST = 0.1  # um/px of the drawing
_STROKE = 6.0  # Hz, the body's roll


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the swimmer is, um of the slide, where it heads (radians), and how it is rolled."""

    x: float
    y: float
    heading: float
    roll: float


def pose(seconds: float, anchor: tuple[float, float], reach: tuple[float, float]) -> Pose:
    """Return where it swims `reach` um about `anchor`: never the same round twice in a lesson."""
    a, b = 2 * math.pi * seconds / 23.0, 2 * math.pi * seconds / 17.3
    x = anchor[0] + reach[0] * (0.75 * math.sin(a) + 0.25 * math.sin(2.7 * b))
    y = anchor[1] + reach[1] * (0.75 * math.cos(b) + 0.25 * math.sin(2.3 * a))
    dx = reach[0] * (0.75 * math.cos(a) / 23.0 + 0.25 * 2.7 * math.cos(2.7 * b) / 17.3)
    dy = reach[1] * (-0.75 * math.sin(b) / 17.3 + 0.25 * 2.3 * math.cos(2.3 * a) / 23.0)
    wobble = 0.09 * math.sin(2 * math.pi * _STROKE / 4 * seconds)
    return Pose(x, y, math.atan2(dy, dx) + wobble, math.sin(2 * math.pi * _STROKE / 5 * seconds))


@lru_cache(maxsize=1)
def _drawing() -> Floats:
    """Return how much light the body lets through, 1 around it, drawn swimming to the right."""
    width, height = (round(side / _FINEST) for side in _CANVAS)
    rng = np.random.default_rng(11)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u = (x - width / 2) * _FINEST / (LENGTH / 2)
    v = (y - height / 2) * _FINEST / (_WIDTH / 2)
    shape = np.sqrt(np.clip(1 - u**2, 1e-4, 1)) * (1 - 0.22 * u)  # pear: narrower in front
    edge = (np.abs(v) / shape - 1) * shape * _WIDTH / 2  # um outside the membrane, about
    edge = np.where(np.abs(u) < 1, edge, 5).astype(np.float32)
    inside = 1 / (1 + np.exp(edge / 0.25))
    grains = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 7)
    grains = grains / grains.std()
    light = 1 - inside * (0.28 + 0.07 * grains)
    light -= 0.5 * np.exp(-((edge / 0.7) ** 2))  # membrane
    light += 0.10 * np.exp(-(((edge - 1.3) / 0.9) ** 2)) * (np.abs(u) < 0.99)  # its bright rim
    angle = np.arctan2(v, u)
    cilia = np.exp(-(((edge - 1.6) / 1.0) ** 2)) * (0.5 + 0.5 * np.cos(angle * 90 + 2 * edge))
    light -= 0.13 * cilia
    for at, size, depth in (((-0.05, 0.05), 0.30, 0.20), ((-0.66, 0.1), 0.17, -0.24)):
        r = np.hypot((u - at[0]) * LENGTH / _WIDTH, v - at[1]) / size  # nucleus, vacuole
        light -= depth / (1 + np.exp(np.minimum((r - 1) * 9, 50))) * inside
    for _ in range(26):  # food vacuoles
        at_u, at_v = rng.uniform(-0.75, 0.7), rng.uniform(-0.55, 0.55)
        r = np.hypot((u - at_u) * LENGTH / _WIDTH, v - at_v) / rng.uniform(0.05, 0.11)
        light -= rng.uniform(0.05, 0.18) * np.exp(-(r**4)) * inside
    return np.asarray(np.clip(light, 0.2, 1.25), np.float32)


@lru_cache(maxsize=4)
def _sprite(scale: float, sigma: float) -> tuple[Floats, float]:
    """Return the drawing at about `scale` um/px, out of focus by `sigma` px, and its true scale."""
    drawing = _drawing()
    factor = max(min(_FINEST / scale, 1.0), 0.02)
    size = max(round(drawing.shape[1] * factor), 8), max(round(drawing.shape[0] * factor), 5)
    small = cv2.resize(drawing, size, interpolation=cv2.INTER_AREA)
    margin = math.ceil(3 * sigma) + 2
    room = cv2.copyMakeBorder(small, *(margin,) * 4, cv2.BORDER_CONSTANT, value=(1.0,))
    return np.asarray(blurred(room, sigma), np.float32), _FINEST * drawing.shape[1] / size[0]


class Swimmer:
    """Draws the swimmer into part of a view."""

    def __init__(self, where: Pose, scale: float, sigma: float, *, glowing: bool) -> None:
        self._pose = where
        self._sprite, self._sprite_scale = _sprite(scale, min(round(sigma * 2) / 2, 60.0))
        self._scale = scale
        self._glowing = glowing

    def box(self) -> tuple[float, float]:
        """Half of the width and height, px, that hold it."""
        height, width = self._sprite.shape
        grow = self._sprite_scale / self._scale
        c, s = abs(math.cos(self._pose.heading)), abs(math.sin(self._pose.heading))
        return (width * c + height * s) * grow / 2 + 1, (width * s + height * c) * grow / 2 + 1

    def draw(self, part: Image, x: float, y: float) -> Image:
        """Return `part` with the swimmer's middle at (x, y) px."""
        height, width = self._sprite.shape
        grow = self._sprite_scale / self._scale
        matrix = cv2.getRotationMatrix2D(
            (width / 2 - 0.5, height / 2 - 0.5), -math.degrees(self._pose.heading), grow
        )
        roll = np.array([[1, 0, 0], [0, 1 - 0.12 * abs(self._pose.roll), 0], [0, 0, 1]])
        roll[1, 2] = (height / 2 - 0.5) * (1 - roll[1, 1])
        matrix = matrix @ roll
        matrix[:, 2] += x - width / 2 + 0.5, y - height / 2 + 0.5
        light = cv2.warpAffine(
            self._sprite, matrix, (part.shape[1], part.shape[0]), borderValue=(1.0,)
        )
        if self._glowing:
            glow = (1 - light) * 190.0
            return cv2.add(part, cv2.merge([glow] * 3), dtype=cv2.CV_8U).astype(np.uint8)
        return cv2.multiply(part, cv2.merge([light] * 3), dtype=cv2.CV_8U).astype(np.uint8)
