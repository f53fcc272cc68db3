"""Parting objects that touch.

Where the distance to the outline has a summit there is the middle of an object. Two summits belong
to two objects when the pass between them is clearly lower than the smaller one: the outline has a
waist there. The cut is the radical axis of the two inscribed circles, which for round objects runs
through the very points where their outlines meet.
"""

from typing import Any

import cv2
import numpy as np

from plugins.microscopy.imaging.errors import TooManyObjects
from plugins.microscopy.imaging.pictures import Floats, Pixels

MOST_SUMMITS = 20_000
_WAIST = 0.1
"""Objects are parted where their waist is that much narrower than the smaller one of them."""
_LEAST_RADIUS = 1.5  # px
_NEIGHBOURHOOD = 7  # px: summits that are nearer to each other are one
_STEPS = 24  # along the way from summit to summit


def parted(mask: Pixels) -> Any:
    """Return labels of objects, 0 the background.

    Args:
        mask: 1 where there are objects.

    Raises:
        TooManyObjects: it is a mask of noise.
    """
    parts: Any = cv2.connectedComponents(mask)[1]
    # Beyond the picture's edge an object goes on: its outline is not there.
    framed = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    distance = cv2.distanceTransform(framed, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    rows, columns, radii = _summits(distance.astype(np.float32), parts)
    owners = parts[rows, columns]
    several = np.bincount(owners, minlength=int(parts.max()) + 1) > 1
    if not several.any():
        return parts
    return _cut(parts, several, rows, columns, radii)


def _summits(distance: Floats, parts: Any) -> tuple[Any, Any, Any]:
    smooth: Any = cv2.GaussianBlur(distance, (0, 0), 1.0)
    around = cv2.dilate(smooth, np.ones((_NEIGHBOURHOOD, _NEIGHBOURHOOD), np.uint8))
    rows, columns = np.nonzero((smooth >= around) & (distance > _LEAST_RADIUS))
    if len(rows) > MOST_SUMMITS:
        raise TooManyObjects(f"{len(rows)} summits")
    order = np.argsort(-smooth[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    radii, owners = smooth[rows, columns], parts[rows, columns]
    kept: dict[int, list[int]] = {}
    along = np.linspace(0, 1, _STEPS)
    for index in range(len(rows)):
        mine = kept.setdefault(int(owners[index]), [])
        if not mine or _apart(index, np.array(mine), rows, columns, radii, smooth, along):
            mine.append(index)
    chosen = np.array(sorted(i for mine in kept.values() for i in mine), int)
    return rows[chosen], columns[chosen], radii[chosen]


def _apart(
    index: int, others: Any, rows: Any, columns: Any, radii: Any, smooth: Floats, along: Any
) -> bool:
    """Tell whether there is a waist between a summit and each of the higher ones nearby."""
    across, down = columns[others] - columns[index], rows[others] - rows[index]
    near = np.hypot(across, down) < radii[others] + 1.5 * radii[index]
    if not near.any():
        return True
    ways_y = np.rint(rows[index] + along[:, None] * down[near]).astype(int)
    ways_x = np.rint(columns[index] + along[:, None] * across[near]).astype(int)
    passes = smooth[ways_y, ways_x].min(axis=0)
    return bool((passes < (1 - _WAIST) * radii[index]).all())


def _cut(parts: Any, several: Any, rows: Any, columns: Any, radii: Any) -> Any:
    height, width = parts.shape
    labels = np.where(several[parts], 0, parts).astype(np.int32)
    nearest = np.full(parts.shape, np.inf, np.float32)
    following = int(parts.max())
    for row, column, radius in zip(rows, columns, radii, strict=True):
        part = parts[row, column]
        if not several[part]:
            continue
        following += 1
        reach = int(3 * radius) + 2
        top, bottom = max(row - reach, 0), min(row + reach + 1, height)
        left, right = max(column - reach, 0), min(column + reach + 1, width)
        here = np.s_[top:bottom, left:right]
        down = np.arange(top, bottom, dtype=np.float32)[:, None] - row
        across = np.arange(left, right, dtype=np.float32) - column
        power = down**2 + across**2 - radius**2
        better = (parts[here] == part) & (power < nearest[here])
        nearest[here][better] = power[better]
        labels[here][better] = following
    return _rest(labels, several[parts])


def _rest(labels: Any, wanted: Any) -> Any:
    """Give what no circle reached to the object next to it."""
    lost = wanted & (labels == 0)
    if not lost.any():
        return labels
    _, zones = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    owner = np.zeros(int(zones.max()) + 1, np.int32)
    owner[zones[labels > 0]] = labels[labels > 0]
    labels[lost] = owner[zones[lost]]
    return labels
