"""JPEG pictures of which a small part changes: only that part is encoded again.

With restart markers (ITU-T T.81, B.2.4.4 and F.1.1.5.2) every interval of a scan is decodable
alone, so intervals of another picture with the same tables and the same interval can take their
place. A moving thing on a still slide then costs a fraction of encoding 1920x1080 anew.
"""

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

MCU = 16  # pixels to a side of what is coded together, with colour at half resolution
_MARKER = re.compile(rb"\xff[\xd0-\xd7]")
_SOS = b"\xff\xda"
_LONGEST = 24


def interval_for(width: int) -> int:
    """Return how many MCUs to put between restart markers so that a row has a whole number."""
    row = -(-width // MCU)
    return max(n for n in range(1, min(row, _LONGEST) + 1) if row % n == 0)


def encode(image: Image, *, quality: int, interval: int) -> bytes:
    """Encode with 4:2:0 colour, the standard Huffman tables and restart markers."""
    parameters = [
        cv2.IMWRITE_JPEG_QUALITY,
        quality,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
        cv2.IMWRITE_JPEG_RST_INTERVAL,
        interval,
    ]
    return cv2.imencode(".jpg", image, parameters)[1].tobytes()


def _intervals(data: bytes) -> tuple[int, list[int]]:
    """Return where the scan begins, and where each of its intervals ends."""
    head = data.index(_SOS)
    start = head + 2 + int.from_bytes(data[head + 2 : head + 4], "big")
    ends = [found.start() for found in _MARKER.finditer(data, start)]
    return start, [*ends, len(data) - 2]


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle of pixels on the grid of intervals."""

    left: int
    top: int
    right: int
    bottom: int


class PatchableJpeg:
    """A picture that takes patches.

    Args:
        image: the picture, BGR.
        quality: JPEG's, 1..100.
    """

    def __init__(self, image: Image, *, quality: int) -> None:
        self._height, self._width = image.shape[:2]
        self._quality = quality
        self._interval = interval_for(self._width)
        self.data = encode(image, quality=quality, interval=self._interval)
        self._start, self._ends = _intervals(self.data)
        self._per_row = -(-self._width // MCU) // self._interval

    def around(self, left: float, top: float, right: float, bottom: float) -> Patch | None:
        """Return the smallest patch that holds a rectangle; None where it is outside."""
        across, down = self._interval * MCU, MCU
        if right <= 0 or bottom <= 0 or left >= self._width or top >= self._height:
            return None
        return Patch(
            max(int(left // across) * across, 0),
            max(int(top // down) * down, 0),
            min(-(-int(right + 1) // across) * across, self._width),
            min(-(-int(bottom + 1) // down) * down, self._height),
        )

    def patched(self, patch: Patch, image: Image) -> bytes:
        """Return the picture with `image` (of the patch's size) in the place of the patch."""
        part = encode(image, quality=self._quality, interval=self._interval)
        begin, ends = _intervals(part)
        across = self._interval * MCU
        first_column = patch.left // across
        columns = -(-(patch.right - patch.left) // across)
        pieces: list[bytes] = []
        done = 0
        for row in range(-(-(patch.bottom - patch.top) // MCU)):
            first = (patch.top // MCU + row) * self._per_row + first_column
            pieces.append(self.data[done : self._beginning(first)])
            for column in range(columns):
                index = row * columns + column
                pieces.append(part[begin if index == 0 else ends[index - 1] + 2 : ends[index]])
                if column < columns - 1:
                    pieces.append(bytes((0xFF, 0xD0 + (first + column) % 8)))
            done = self._ends[first + columns - 1]
        pieces.append(self.data[done:])
        return b"".join(pieces)

    def _beginning(self, interval: int) -> int:
        return self._start if interval == 0 else self._ends[interval - 1] + 2
