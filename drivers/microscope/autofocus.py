"""Autofocus by the sharpness of the picture: from coarse to fine, with nothing known beforehand.

Imported only while focusing: it needs OpenCV, and an idle driver stays light without.
"""

from collections.abc import Awaitable, Callable
from typing import ClassVar

import cv2
import numpy as np

from hub.device import N_, DeviceError

FIRST = 17  # heights of the first look over the whole travel
NEXT = 9  # heights of each closer look
CLOSER = 5  # closer looks at most: each a quarter as wide
FINEST = 0.1  # um between heights that are worth telling apart
_FLAT = 0.02  # a look whose best is no better than this above its worst tells no more
_FAINT = 2e-4  # contrast (variance by squared brightness) that noise alone can have
_NEAR = 0.10  # neighbours of the peak that are so near to it make a good parabola
_LOOKS = (8, 4, 2)  # by how much pictures are reduced, for each look and all that follow the last


class NothingToFocus(DeviceError):
    """No height gives a sharper picture than another."""

    code = "nothing-to-focus"
    status = 409
    title = N_("There is nothing to focus on.")
    hint = N_("Put the specimen under the objective, switch the light on, and try again.")


class BadPicture(DeviceError):
    """A picture that cannot be decoded came while focusing."""

    code = "bad-picture"
    title = N_("The picture could not be read.")
    hint = N_("Try again. If it happens again, look at the cable.")
    retryable: ClassVar[bool] = True


_REDUCED = {
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}


def sharpness(picture: bytes, reduce: int) -> float:
    """Return how sharp a JPEG picture is: higher is sharper, comparable at equal `reduce` only.

    Strongly reduced pictures are judged by contrast, which grows from far away; others by their
    mean squared gradient (Tenengrad), which peaks narrowly. Both relative to the brightness.

    Raises:
        BadPicture: it cannot be decoded.
    """
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), _REDUCED[reduce])
    if image is None or min(image.shape[:2]) < 8:
        raise BadPicture(f"{len(picture)} bytes that are no picture")
    grey = cv2.GaussianBlur(image.astype(np.float32), (0, 0), 1.0)
    brightness = max(float(grey.mean()), 1.0)
    if reduce >= 8:
        return float(grey.var()) / brightness**2
    x = cv2.Sobel(grey, cv2.CV_32F, 1, 0)
    y = cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float(cv2.mean(x * x + y * y)[0]) / brightness**2


async def search(
    judge: Callable[[float, int], Awaitable[float]],
    low: float,
    high: float,
    progress: Callable[[float], Awaitable[None]],
) -> float:
    """Return the height, um, between `low` and `high` where the picture is sharpest.

    Args:
        judge: moves the focus to a height and returns the sharpness there at a reduction.
        low: the lower end of the focus's travel.
        high: its upper end.
        progress: told how far the search is, 0..1.

    Raises:
        NothingToFocus: the picture is the same at every height.
    """
    total = FIRST + CLOSER * NEXT
    done = 0
    best = (low + high) / 2
    half = (high - low) / 2
    for look in range(1 + CLOSER):
        count = FIRST if look == 0 else NEXT
        heights = np.clip(np.linspace(best - half, best + half, count), low, high)
        reduce = _LOOKS[min(look, len(_LOOKS) - 1)]
        scores = []
        for height in heights:
            scores.append(await judge(float(height), reduce))
            done += 1
            await progress(done / total)
        worst, finest = min(scores), max(scores)
        if look == 0 and finest - worst < _FAINT:
            raise NothingToFocus(f"contrast {worst:.4g} to {finest:.4g} at all heights")
        if finest - worst <= _FLAT * finest:
            break
        best, drop = _peak(heights.tolist(), scores)
        if look > 0 and drop <= _NEAR:
            break
        step = 2 * half / (count - 1)
        if step <= FINEST:
            break
        half = 1.5 * step
    return best


def _peak(heights: list[float], scores: list[float]) -> tuple[float, float]:
    """Return the height of the peak, and by which part its lower neighbour is less sharp.

    The peak is the top of a parabola through the best height and its neighbours.
    """
    i = int(np.argmax(scores))
    if not 0 < i < len(scores) - 1:
        return heights[i], 1.0
    left, top, right = scores[i - 1 : i + 2]
    bend = left - 2 * top + right
    drop = (top - min(left, right)) / top
    if bend >= 0:
        return heights[i], drop
    shift = 0.5 * (left - right) / bend
    return heights[i] + shift * (heights[i + 1] - heights[i]), drop
