"""A calibration from places that were touched: least squares, in a worker."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
BETTER = 0.6
"""A map in perspective must be off by less than this part of the affine one, to be chosen."""
STEADY = 0.003
"""What a hand may be off, in fractions: an affine map that is off by less needs no better one."""


def fit(
    seen: list[list[float]], targets: list[list[float]], before: list[float], after: list[float]
) -> dict[str, Any]:
    """Find the map that takes the places that were told to those that were shown.

    Four places give an affine map (six numbers of eight); of five and more one in perspective is
    taken (eight numbers) where it is clearly better.

    Args:
        seen: what the device told, as it is calibrated and mapped now.
        targets: what was shown there, in fractions of the picture.
        before: the matrix of the calibration in force, nine numbers row by row.
        after: that of the mapping which comes after it, likewise.

    Returns:
        `matrix` (nine numbers), `kind`, and `error`: how far the places are off, in fractions: the
        root of the mean square; `worst` of one. None for `matrix` where there is no such map.
    """
    mapping = np.array(after).reshape(3, 3)
    own = _through(np.linalg.inv(mapping @ np.array(before).reshape(3, 3)), np.array(seen))
    wanted = _through(np.linalg.inv(mapping), np.array(targets))
    kind, matrix = "affine", _affine(own, wanted)
    if len(own) > 4 and _off(matrix, own, wanted)[0] > STEADY:
        perspective = _perspective(own, wanted)
        if _off(perspective, own, wanted)[0] < BETTER * _off(matrix, own, wanted)[0]:
            kind, matrix = "perspective", perspective
    error, worst = _off(matrix, own, wanted)
    good = bool(np.isfinite(matrix).all() and np.isfinite([error, worst]).all())
    return {
        "matrix": [float(number) for number in matrix.flat] if good else None,
        "kind": kind,
        "error": error if good else 0.0,
        "worst": worst if good else 0.0,
    }


def _affine(own: Matrix, wanted: Matrix) -> Matrix:
    places = np.column_stack([own, np.ones(len(own))])
    found, *_ = np.linalg.lstsq(places, wanted, rcond=None)
    return np.vstack([found.T, [0, 0, 1]])


def _perspective(own: Matrix, wanted: Matrix) -> Matrix:
    """Solve u (g x + h y + 1) = a x + b y + c, and likewise v, for the eight numbers."""
    rows, values = [], []
    for (x, y), (u, v) in zip(own, wanted, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    found, *_ = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)
    return np.append(found, 1.0).reshape(3, 3)


def _through(matrix: Matrix, places: Matrix) -> Matrix:
    ends = np.column_stack([places, np.ones(len(places))]) @ matrix.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ended: Matrix = ends[:, :2] / ends[:, 2:]
    return ended


def _off(matrix: Matrix, own: Matrix, wanted: Matrix) -> tuple[float, float]:
    off = np.linalg.norm(_through(matrix, own) - wanted, axis=1)
    return float(np.sqrt(np.mean(off**2))), float(off.max())
