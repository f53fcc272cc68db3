"""The light of a mosaic's pictures, told from where they overlap.

Two pictures show the same place of the slide at different places of the field. What they differ by
is the light alone, never the specimen: how bright the field is there (a polynomial, the same for
all pictures) and how bright each picture is as a whole. Both come out of one least squares problem
in logarithms, for each channel.
"""

from typing import Any

import cv2
import numpy as np

from plugins.microscopy.imaging.flat import Shade, terms
from plugins.microscopy.imaging.layout import Link
from plugins.microscopy.imaging.pictures import Size, read

_REDUCE = 8
_SAMPLES = 600  # for each overlap
_NOISE = 0.03  # natural logarithm: what two views of one place differ by
_USUAL_SHADE = 0.3
_USUAL_GAIN = 0.05
_ROUNDS = 3


def light_of(
    sources: list[str], links: list[Link], size: Size, *, even: bool
) -> tuple[Shade | None, Any]:
    """Return the light of the field and a factor for each picture and channel (n x 3).

    Args:
        sources: the pictures.
        links: which of them overlap, and how.
        size: of each picture.
        even: the field may be uneven; else None is returned for its light.

    Raises:
        UnreadablePicture: one is damaged.
    """
    logs = [_log(source, place) for place, source in enumerate(sources, 1)]
    height, width = logs[0].shape[:2]
    columns = terms(width, height)[..., 1:] if even else np.zeros((height, width, 0))
    rows, wanted = [], []
    for link in links:
        across = round(link.x * width / size.width)
        down = round(link.y * height / size.height)
        here = _part(across, down, width, height)
        there = _part(-across, -down, width, height)
        step = max(1, int(np.sqrt(logs[0][here][..., 0].size / _SAMPLES)))
        each = np.s_[::step, ::step]
        # `second` begins at (across, down) in `first`: the same places of the slide.
        part = columns[here][each] - columns[there][each]
        # Named in full: without terms of the field the array is empty, and -1 would say nothing.
        part = part.reshape(part.shape[0] * part.shape[1], columns.shape[2])
        gains = np.zeros((len(part), len(sources)))
        gains[:, link.first], gains[:, link.second] = 1.0, -1.0
        rows.append(np.hstack([part, gains]))
        wanted.append(
            (logs[link.first][here][each] - logs[link.second][there][each]).reshape(-1, 3)
        )
    found = _solved(np.vstack(rows), np.vstack(wanted), columns.shape[2])
    shade = None
    if even:
        field = np.exp(columns @ found[: columns.shape[2]])
        shade = Shade(np.asarray(field / field.mean(axis=(0, 1)), np.float32))
    return shade, np.clip(np.exp(-found[columns.shape[2] :]), 0.5, 2.0)


def _log(source: str, place: int) -> Any:
    small = read(source, place, reduce=_REDUCE).astype(np.float32)
    return np.log(np.maximum(cv2.blur(small, (3, 3)), 1.0))


def _part(across: int, down: int, width: int, height: int) -> Any:
    return np.s_[
        max(down, 0) : height + min(down, 0),
        max(across, 0) : width + min(across, 0),
    ]


def _solved(rows: Any, wanted: Any, shades: int) -> Any:
    """Solve for each channel; what does not fit (edges, a swimmer) counts less and less."""
    usual = np.full(rows.shape[1], _USUAL_GAIN)
    usual[:shades] = _USUAL_SHADE
    prior = np.diag((_NOISE / usual) ** 2)
    found = np.zeros((rows.shape[1], wanted.shape[1]))
    for channel in range(wanted.shape[1]):
        weight = np.ones(len(rows))
        for _ in range(_ROUNDS):
            weighted = rows * weight[:, None]
            normal = weighted.T @ rows + prior
            found[:, channel] = np.linalg.solve(normal, weighted.T @ wanted[:, channel])
            miss = np.abs(wanted[:, channel] - rows @ found[:, channel])
            weight = 1 / np.maximum(miss / _NOISE, 1.0)
    return found
