"""What the camera sees: the view, its noise, and what moves in it.

A view is made once and kept while nothing but noise and the swimmer change. Noise comes from a few
pictures encoded beforehand, taken in turn; the swimmer is patched into them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from drivers.virtual.microscope.jpeg import PatchableJpeg
from drivers.virtual.microscope.optics import OBJECTIVES, State, as_shown
from drivers.virtual.microscope.swimmer import Swimmer, pose
from drivers.virtual.microscope.view import PEDESTAL, ViewMaker

Image = NDArray[np.uint8]

QUALITY = 80
VARIANTS = 8
_NOISE = 1.5  # standard deviation of brightness, of 255
_COLOUR_NOISE = 0.7
_LEAP = 64  # px between the noises of two variants at least
_UNSEEN = {"living": True, "drift": True, "tells_objective": True, "tells_scale": True}
_REACH = 0.38  # of the field, how far the swimmer goes


class SlideScene:
    """A slide under the microscope.

    Args:
        size: width and height of the pictures.
        seed: of the noise.
    """

    def __init__(self, size: tuple[int, int], *, seed: int) -> None:
        self.width, self.height = size
        self._random = np.random.default_rng(seed)
        self._maker = ViewMaker(*size)
        self._noise = self._make_noise()
        self._key: object = None
        self._view: Image = np.zeros((self.height, self.width, 3), np.uint8)
        self._variants: list[tuple[PatchableJpeg, Image]] = []
        self._turn = 0
        self._anchor: tuple[str, float, float] = ("", 0.0, 0.0)

    def picture(self, state: State, drift: tuple[float, float], seconds: float) -> bytes:
        """Return the JPEG picture of this moment."""
        scale = OBJECTIVES[state.objective].scale(self.width)
        drift = as_shown(drift, scale)
        key = state.model_copy(update=_UNSEEN), drift
        if key != self._key:
            self._view = self._maker.make(state, drift)
            self._variants = []
            self._key = key
        jpeg, noise = self._next_variant()
        if not state.living or state.slide == "micrometer":  # nothing lives on a ruling
            return jpeg.data
        x, y = state.stage.x + drift[0], state.stage.y + drift[1]
        return self._with_swimmer(jpeg, noise, state, x, y, scale, seconds)

    def _next_variant(self) -> tuple[PatchableJpeg, Image]:
        if len(self._variants) < VARIANTS:
            noise = self._some_noise()
            jpeg = PatchableJpeg(cv2.add(self._view, noise).astype(np.uint8), quality=QUALITY)
            self._variants.append((jpeg, noise))
            return jpeg, noise
        # Never the same twice in a row, and no order that the eye could learn.
        self._turn = (self._turn + int(self._random.integers(1, VARIANTS))) % VARIANTS
        return self._variants[self._turn]

    def _with_swimmer(
        self,
        jpeg: PatchableJpeg,
        noise: Image,
        state: State,
        x: float,
        y: float,
        scale: float,
        seconds: float,
    ) -> bytes:
        field_x, field_y = self.width * scale, self.height * scale
        name, ax, ay = self._anchor
        if name != state.objective or abs(ax - x) > 0.5 * field_x or abs(ay - y) > 0.5 * field_y:
            self._anchor = (state.objective, x, y)
            _, ax, ay = self._anchor
        where = pose(seconds, (ax, ay), (_REACH * field_x, _REACH * field_y))
        sigma = self._maker.blur(state, where.x, where.y)
        swimmer = Swimmer(where, scale, sigma, glowing=state.slide == "cells")
        across, down = swimmer.box()
        middle_x = (where.x - x) / scale + self.width / 2
        middle_y = (where.y - y) / scale + self.height / 2
        patch = jpeg.around(middle_x - across, middle_y - down, middle_x + across, middle_y + down)
        if patch is None:
            return jpeg.data
        part = np.s_[patch.top : patch.bottom, patch.left : patch.right]
        drawn = swimmer.draw(self._view[part], middle_x - patch.left, middle_y - patch.top)
        return jpeg.patched(patch, cv2.add(drawn, noise[part]).astype(np.uint8))

    def _make_noise(self) -> Image:
        height, width = self.height + 4 * _LEAP, self.width + 4 * _LEAP
        grey = self._random.standard_normal((height, width, 1), np.float32) * _NOISE
        colour = self._random.standard_normal((height, width, 3), np.float32) * _COLOUR_NOISE
        return np.clip(grey + colour + PEDESTAL + 0.5, 0, 2 * PEDESTAL).astype(np.uint8)

    def _some_noise(self) -> Image:
        top, left = (int(n) for n in self._random.integers(0, 4 * _LEAP, 2))
        return self._noise[top : top + self.height, left : left + self.width]
