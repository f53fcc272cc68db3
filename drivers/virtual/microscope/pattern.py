"""Test pictures of a fixed size with a counter, for measuring the way of a picture to its viewers.

Each picture carries a JPEG comment `frame=N time=T`: its number and when it was made, in seconds of
CLOCK_MONOTONIC, which all processes of a computer share.
"""

import time

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.virtual.microscope.jpeg import PatchableJpeg, encode, interval_for
from drivers.virtual.microscope.optics import State

Image = NDArray[np.uint8]

PATTERNS = {"250k": 250_000}
"""Names of the sizes, and bytes of a picture within a few percent."""
QUALITY = 85
_TEXT = (48, 40, 700, 120)  # left, top, width, height


class PatternScene:
    """Bars, a ramp and noise, encoded once; only the counter is drawn anew.

    Args:
        size: width and height of the pictures.
        nbytes: bytes of a picture, about.
    """

    def __init__(self, size: tuple[int, int], *, nbytes: int) -> None:
        self.width, self.height = size
        self._number = 0
        self._image = self._of_size(nbytes)
        self._jpeg = PatchableJpeg(self._image, quality=QUALITY)
        left, top, width, height = _TEXT
        self._patch = self._jpeg.around(left, top, left + width, top + height)

    def picture(self, _state: State, _drift: tuple[float, float], _seconds: float) -> bytes:
        """Return the next picture."""
        self._number += 1
        now = time.monotonic()
        data = self._jpeg.data
        if self._patch is not None:
            patch = self._patch
            part = self._image[patch.top : patch.bottom, patch.left : patch.right].copy()
            text = f"{self._number:07d}  {now % 1000:07.3f}"
            at = (_TEXT[0] - patch.left, _TEXT[1] + 80 - patch.top)
            cv2.rectangle(part, (at[0] - 20, at[1] - 70), (at[0] + 680, at[1] + 26), (0, 0, 0), -1)
            cv2.putText(part, text, at, cv2.FONT_HERSHEY_SIMPLEX, 1.9, (255, 255, 255), 4)
            data = self._jpeg.patched(patch, part)
        comment = f"frame={self._number} time={now:.6f}".encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        return data[:2] + segment + data[2:]

    def _of_size(self, nbytes: int) -> Image:
        """Find the amount of noise that makes pictures of `nbytes`."""
        rng = np.random.default_rng(1)
        x, y = np.meshgrid(np.arange(self.width), np.arange(self.height))
        bars = np.array([[200] * 3, [0, 200, 200], [200, 200, 0], [0, 200, 0], [200, 0, 200]])
        image = bars[x * len(bars) // self.width].astype(np.float32)
        ramp = y > self.height * 3 // 4
        image[ramp] = (x[ramp] * 255 / self.width)[:, None]
        noise = rng.standard_normal((self.height, self.width, 1), np.float32)
        low, high = 0.0, 40.0
        interval = interval_for(self.width)
        for _ in range(8):
            noisy = np.clip(image + noise * (low + high) / 2, 0, 255).astype(np.uint8)
            if len(encode(noisy, quality=QUALITY, interval=interval)) < nbytes:
                low = (low + high) / 2
            else:
                high = (low + high) / 2
        return noisy
