"""Slides that are drawn from outlines, as a second truth for counting: nothing was tuned on them.

Each kind looks as something that classes count. Its outlines are polygons of known area, drawn at
four times the picture's size, made small, blurred as by an objective, lit unevenly, and given the
noise of a camera.
"""

from dataclasses import dataclass
from typing import Any, Literal

import cv2
import numpy as np

Kind = Literal["yeast", "starch", "blood", "pollen"]
KINDS: tuple[Kind, ...] = ("yeast", "starch", "blood", "pollen")
_FINE = 4
_POINTS = 180


@dataclass(frozen=True, slots=True)
class Drawn:
    """One object: where its middle is, px, and the diameter of the circle of its area, px."""

    x: float
    y: float
    diameter: float


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind looks: colours are BGR, radii px; `lobes` and `rough` give the outline's form."""

    ground: tuple[int, int, int]
    inside: tuple[int, int, int]
    middle: tuple[int, int, int]
    radii: tuple[float, float]
    long: float
    lobes: int
    rough: float
    blur: float
    noise: float
    lost: float  # of the light, at the corners


_LOOKS: dict[Kind, _Look] = {
    "yeast": _Look(
        (205, 214, 210), (148, 160, 150), (168, 178, 170), (9, 15), 1.35, 0, 0, 1.2, 2.5, 0.25
    ),
    "starch": _Look(
        (26, 24, 30), (168, 176, 182), (205, 212, 215), (14, 34), 1.5, 3, 0.07, 1.0, 3.5, 0.2
    ),
    "blood": _Look(
        (214, 218, 224), (150, 128, 196), (196, 186, 214), (11, 14), 1.08, 0, 0, 0.9, 2.0, 0.15
    ),
    "pollen": _Look(
        (222, 226, 224), (58, 150, 196), (40, 118, 160), (26, 40), 1.1, 14, 0.05, 1.4, 2.0, 0.3
    ),
}


def drawn(
    kind: Kind, seed: int, *, width: int = 1600, height: int = 1200, count: int = 90
) -> tuple[np.ndarray, list[Drawn]]:
    """Return a picture (BGR) and what lies in it; nothing is cut by its border.

    Some of the objects touch another one, none overlap.
    """
    look, rng = _LOOKS[kind], np.random.default_rng([seed, KINDS.index(kind)])
    canvas: Any = np.full((height * _FINE, width * _FINE, 3), look.ground, np.uint8)
    objects = []
    for x, y, outline in _scattered(look, rng, width, height, count):
        fine = np.rint(outline * _FINE).astype(np.int32)
        cv2.fillPoly(canvas, [fine], look.inside)
        # What is paler or darker within, where its outline says nothing of it.
        middle = np.array([x, y])
        inner = np.rint(((outline - middle) * 0.55 + middle) * _FINE)
        cv2.fillPoly(canvas, [inner.astype(np.int32)], look.middle)
        area = abs(float(cv2.contourArea(outline.astype(np.float32))))
        objects.append(Drawn(x, y, 2 * float(np.sqrt(area / np.pi))))
    picture: Any = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    picture = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), look.blur)
    rows, columns = np.mgrid[:height, :width]
    away = np.hypot(columns - 0.46 * width, rows - 0.55 * height) / np.hypot(width / 2, height / 2)
    picture *= (1 - look.lost * away**2)[..., None].astype(np.float32)
    picture += rng.normal(0, look.noise, picture.shape).astype(np.float32)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8), objects


def _scattered(
    look: _Look, rng: np.random.Generator, width: int, height: int, count: int
) -> list[tuple[float, float, np.ndarray]]:
    """Return middles and outlines of up to `count` objects, some of them touching."""
    placed: list[tuple[float, float, np.ndarray]] = []
    reach = look.radii[1] * look.long * (1 + look.rough)
    taken = np.zeros((height, width), np.uint8)
    for _ in range(count * 40):
        outline = _outline(look, rng)
        if placed and rng.random() < 0.2:
            at_x, at_y = _beside(placed[int(rng.integers(len(placed)))], outline, rng)
        else:
            at_x, at_y = rng.uniform(0, width), rng.uniform(0, height)
        if not (reach + 2 < at_x < width - reach - 2 and reach + 2 < at_y < height - reach - 2):
            continue
        moved = outline + np.array([at_x, at_y])
        mask = np.zeros_like(taken)
        cv2.fillPoly(mask, [np.rint(moved).astype(np.int32)], 1)
        if int((taken & mask).sum()) > 2:
            continue
        taken |= mask
        placed.append((at_x, at_y, moved))
        if len(placed) == count:
            break
    return placed


def _outline(look: _Look, rng: np.random.Generator) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
    radius = np.full(_POINTS, rng.uniform(*look.radii))
    if look.lobes:
        radius *= 1 + look.rough * np.cos(look.lobes * angle + rng.uniform(0, 6.3))
        radius *= 1 + look.rough / 2 * np.cos(2 * angle + rng.uniform(0, 6.3))
    stretch = np.sqrt(rng.uniform(1, look.long))
    turn = rng.uniform(0, np.pi)
    x, y = radius * np.cos(angle) * stretch, radius * np.sin(angle) / stretch
    return np.stack(
        [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1
    )


def _beside(
    other: tuple[float, float, np.ndarray], outline: np.ndarray, rng: np.random.Generator
) -> tuple[float, float]:
    """Return where an outline just touches another one, on a side chosen by chance."""
    x, y, there = other
    way = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(way), np.sin(way)])
    apart = float(((there - (x, y)) @ along).max() + (outline @ -along).max())
    return x + apart * float(along[0]), y + apart * float(along[1])
