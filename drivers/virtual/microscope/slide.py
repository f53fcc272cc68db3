"""A slide as the microscope sees it: a specimen that is sharp everywhere, at any scale."""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.virtual.microscope.quilt import SLIDES

Image = NDArray[np.uint8]


class Slide(Protocol):
    """What lies under the objective.

    Attributes:
        scale: micrometres to a pixel of what it is made of; 0 where it is drawn at any scale.
        softness: um, standard deviation of the blur that it has of its own.
    """

    @property
    def scale(self) -> float:
        """See the class."""
        ...

    @property
    def softness(self) -> float:
        """See the class."""
        ...

    def area(
        self, x: float, y: float, width: int, height: int, scale: float, angle: float
    ) -> Image:
        """Return what lies around (x, y) um at `scale` um/px, seen perfectly sharp.

        Micrographs are not turned by `angle` (degrees): what they show has no direction.
        """
        ...

    def coarser(self, scale: float) -> "Slide":
        """Return the slide reduced to about `scale` um/px, so that nothing aliases."""
        ...


@dataclass(frozen=True, slots=True)
class Micrograph:
    """A specimen that repeats at its edges: BGR pixels and the micrometres to one of them."""

    pixels: Image
    scale: float
    softness: float  # um, standard deviation of the blur that the micrograph has of its own

    def area(
        self, x: float, y: float, width: int, height: int, scale: float, _angle: float = 0.0
    ) -> Image:
        """Return what lies around (x, y) um at `scale` um/px, seen perfectly sharp."""
        ratio = scale / self.scale
        rows, columns = self.pixels.shape[:2]
        span_x, span_y = width * ratio, height * ratio
        left = x / self.scale - span_x / 2
        top = y / self.scale - span_y / 2
        x0, y0 = int(np.floor(left)) - 2, int(np.floor(top)) - 2
        across = np.arange(x0, x0 + int(span_x) + 6) % columns
        down = np.arange(y0, y0 + int(span_y) + 6) % rows
        crop = self.pixels[down][:, across]
        matrix = np.array([[ratio, 0, left - x0], [0, ratio, top - y0]])
        # Pixel centres lie at half a pixel: (u + 1/2) * ratio + left - 1/2.
        matrix[:, 2] += ratio / 2 - 0.5
        how = cv2.INTER_LINEAR if ratio >= 0.9 else cv2.INTER_CUBIC
        flags = how | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(
            crop, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
        ).astype(np.uint8)

    def coarser(self, scale: float) -> "Micrograph":
        """Return the slide reduced to about `scale` um/px, so that nothing aliases."""
        if scale < 1.3 * self.scale:
            return self
        rows, columns = self.pixels.shape[:2]
        width = round(columns * self.scale / scale)
        factor = columns / width
        size = width, round(rows / factor)
        pixels = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
        return Micrograph(pixels.astype(np.uint8), self.scale * factor, self.softness)


def read(name: str) -> Image:
    """Return a picture of the folder `slides`."""
    image = cv2.imread(str(SLIDES / name), cv2.IMREAD_COLOR)
    if image is None:
        raise FileNotFoundError(f"{name} is missing beside {__name__}")
    return image.astype(np.uint8)
