"""How one picture lies upon another: moved, and slightly larger or smaller (focus breathing)."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from plugins.microscopy.imaging.pictures import Floats, Size

_STEPS = 25
_SMALL_STEP = 0.005  # px: no more is gained
_BORDER = 0.06  # of the picture: what enters or leaves there is not compared
_LARGEST_SCALE = 0.08


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a point of the reference lies in the picture: `c + scale * (p - c) + (x, y)`.

    `c` is the middle of the picture; lengths are pixels of the full picture.
    """

    scale: float = 1.0
    x: float = 0.0
    y: float = 0.0

    def after(self, first: "Placement") -> "Placement":
        """Return the placement that leads through `first`, then through this one."""
        return Placement(
            self.scale * first.scale,
            self.scale * first.x + self.x,
            self.scale * first.y + self.y,
        )

    def inverse(self) -> "Placement":
        """Return the way back."""
        return Placement(1 / self.scale, -self.x / self.scale, -self.y / self.scale)

    def matrix(self, size: Size) -> Any:
        """Return the 2 x 3 matrix that leads from the reference's pixels to the picture's."""
        middle_x, middle_y = (size.width - 1) / 2, (size.height - 1) / 2
        return np.array(
            [
                [self.scale, 0, middle_x - self.scale * middle_x + self.x],
                [0, self.scale, middle_y - self.scale * middle_y + self.y],
            ]
        )

    def warped(self, pixels: Any, size: Size, how: int = cv2.INTER_CUBIC) -> Any:
        """Return the picture laid upon the reference, interpolated by one of OpenCV's ways."""
        if self == Placement():
            return pixels
        flags = how | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(
            pixels,
            self.matrix(size),
            (size.width, size.height),
            flags=flags,
            borderMode=cv2.BORDER_REFLECT,
        )


def prepared(grey: Floats) -> Floats:
    """Return a picture's structure alone: uneven light and fine noise taken away."""
    fine = cv2.GaussianBlur(grey, (0, 0), 1.0)
    return (fine - cv2.GaussianBlur(grey, (0, 0), max(grey.shape[1] / 24, 4.0))).astype(np.float32)


def placed(reference: Floats, picture: Floats, full: Size) -> tuple[Placement, float]:
    """Find how `picture` lies upon `reference`, both `prepared` and of one size.

    Args:
        reference: structure of the reference, at any reduction.
        picture: likewise.
        full: size of the full pictures, in whose pixels the answer is.

    Returns:
        the placement, and how alike the two are then: their correlation, -1..1.
    """
    height, width = reference.shape
    window = cv2.createHanningWindow((width, height), cv2.CV_32F)
    # Given the window, OpenCV 5.0 multiplies its arguments by it in place.
    (shift_x, shift_y), _ = cv2.phaseCorrelate(reference * window, picture * window)
    best = _refined(reference, picture, Placement(1.0, shift_x, shift_y))
    if best[1] < 0.5:  # the peak was a false one, or there was no need for it
        best = max(best, _refined(reference, picture, Placement()), key=lambda found: found[1])
    found, likeness = best
    return (
        Placement(found.scale, found.x * full.width / width, found.y * full.height / height),
        likeness,
    )


def _refined(reference: Floats, picture: Floats, start: Placement) -> tuple[Placement, float]:
    """Improve a placement by Gauss-Newton on brightness (inverse compositional: Baker 2004).

    Neighbours in a stack differ in blur, on one side of a tilted specimen more than on the other;
    that would pass for growth. To first order a change of blur adds the picture's Laplacian, so
    that is fitted as well, with its slopes, and the placement is free of it.
    """
    height, width = reference.shape
    inner = np.s_[
        int(height * _BORDER) : height - int(height * _BORDER),
        int(width * _BORDER) : width - int(width * _BORDER),
    ]
    if reference[inner].size < 64:
        return start, _likeness(reference, picture)
    slope_x = cv2.Sobel(reference, cv2.CV_32F, 1, 0, scale=1 / 8)[inner]
    slope_y = cv2.Sobel(reference, cv2.CV_32F, 0, 1, scale=1 / 8)[inner]
    across = (np.arange(width, dtype=np.float32) - (width - 1) / 2)[inner[1]]
    down = (np.arange(height, dtype=np.float32) - (height - 1) / 2)[inner[0], None]
    growth = slope_x * across + slope_y * down
    wanted = reference[inner]
    softer = cv2.Laplacian(reference, cv2.CV_32F)[inner]
    uneven = softer * (across / width), softer * (down / height)
    terms = (growth, slope_x, slope_y, softer, *uneven, wanted)
    columns = np.stack([term.ravel() for term in terms])
    normal = columns @ columns.T
    normal += np.diag(np.diag(normal)) * 1e-6 + np.eye(len(terms)) * 1e-6
    size, now = Size(width, height), start
    for _ in range(_STEPS):
        # OpenCV's cubic (a = -0.75) moves slopes by up to 0.04 px; the linear one does not.
        laid = now.warped(picture, size, cv2.INTER_LINEAR)[inner]
        growing, x, y = np.linalg.solve(normal, columns @ (laid - wanted).ravel())[:3]
        step = Placement(1 + float(growing), float(x), float(y)).inverse()
        now = now.after(step)
        if not abs(now.scale - 1) < _LARGEST_SCALE:
            return start, _likeness(wanted, start.warped(picture, size)[inner])
        if abs(growing) * width / 2 + abs(x) + abs(y) < _SMALL_STEP:
            break
    return now, _likeness(wanted, now.warped(picture, size)[inner])


def _likeness(one: Any, other: Any) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    # Two pictures of nothing are as alike as can be.
    return 1.0 if size < 1e-3 else float((one * other).sum() / size)
