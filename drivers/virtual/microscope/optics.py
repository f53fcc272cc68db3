"""The geometry of the virtual microscope: what is true of every picture it gives.

Lengths are micrometres in the specimen, angles and slopes plain ratios. The stage's position is the
point of the slide in the middle of the picture; x grows to the right of the picture, y downwards.
"""

import math
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

REFERENCE_WIDTH = 1920
CAMERA_PIXEL = 4.0
"""Width of a camera pixel in the image, um, at 1920 to a line (2 um behind a 0.5x relay lens)."""
FOCUS_RANGE = (-250.0, 250.0)
STAGE_RANGE = (-10_000.0, 10_000.0)
WAVELENGTH = 0.55


@dataclass(frozen=True, slots=True)
class Objective:
    """An objective in air: magnification, numerical aperture, height where it is focused."""

    name: str
    magnification: float
    aperture: float
    parfocal: float  # its best focus above that of the 10x, as the nosepiece's tolerance makes it

    @property
    def depth(self) -> float:
        """Depth of field: wave-optical, wavelength / aperture², and that of the camera's pixel."""
        pixel = CAMERA_PIXEL / (self.magnification * self.aperture)
        return WAVELENGTH / self.aperture**2 + pixel

    def scale(self, width: int) -> float:
        """Micrometres to one pixel of a picture that is `width` pixels wide."""
        return CAMERA_PIXEL / self.magnification * REFERENCE_WIDTH / width

    def blur(self, defocus: float, own: float = 0.0) -> float:
        """Standard deviation, um, of the blur at `defocus` um from the best focus.

        The geometric cone's radius is aperture * defocus; a disc of radius r has r / 2 as standard
        deviation along one axis. Diffraction adds its own, 0.21 wavelength / aperture (the Gaussian
        nearest to the Airy disc), as far as the specimen's picture is not that soft already: `own`.
        """
        diffraction = 0.21 * WAVELENGTH / self.aperture
        least = max(diffraction**2 - own**2, 0.0)
        return math.sqrt((defocus * self.aperture / 2) ** 2 + least)


OBJECTIVES = {
    o.name: o
    for o in (
        Objective("4x", 4, 0.10, -6.0),
        Objective("10x", 10, 0.25, 0.0),
        Objective("40x", 40, 0.65, 1.6),
    )
}

Finite = Annotated[float, Field(allow_inf_nan=False)]
StageNumber = Annotated[
    float, Field(allow_inf_nan=False, ge=STAGE_RANGE[0], le=STAGE_RANGE[1], strict=False)
]


class Stage(BaseModel):
    """Position of the stage, um."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    x: StageNumber = 0.0
    y: StageNumber = 0.0


Share = Annotated[Finite, Field(ge=0, le=1, strict=False)]
Gain = Annotated[Finite, Field(ge=0.2, le=1.5, strict=False)]


class White(BaseModel):
    """How much of each colour the lamp gives, as a factor on pixel values; 1, 1, 1 is white."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    r: Gain = 1.0
    g: Gain = 1.0
    b: Gain = 1.0


class State(BaseModel):
    """All that can be set at the microscope.

    `vignetting`: share of the light that is missing half a picture's width from the middle; None
    for what the objective has of itself. `angle`: degrees that the micrometer is turned, clockwise.
    `endless_depth`: everything is sharp, which no microscope can: the truth for focus stacking.
    `tells_objective`, `tells_scale`: whether GET /state says them; most cameras can say neither.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    slide: Literal["tissue", "cells", "micrometer", "thick"] = "tissue"
    objective: Literal["4x", "10x", "40x"] = "10x"
    focus: Annotated[Finite, Field(ge=FOCUS_RANGE[0], le=FOCUS_RANGE[1])] = 0.0
    light: Annotated[Finite, Field(ge=0, le=100)] = 70.0
    stage: Stage = Stage()
    drift: bool = True
    living: bool = True
    angle: Annotated[Finite, Field(ge=-180, le=180)] = 0.0
    vignetting: Share | None = None
    white: White = White()
    endless_depth: bool = False
    tells_objective: bool = True
    tells_scale: bool = True


@dataclass(frozen=True, slots=True)
class Specimen:
    """How the specimen lies: its best focus (of the 10x) at the slide's centre, and its tilt."""

    focus: float = 12.0
    tilt_x: float = 0.004
    tilt_y: float = -0.002
    drift_x: float = 0.020  # um/s: a warming stage; slow, and it turns back
    drift_y: float = 0.011
    drift_turn: float = 600.0
    relief: float = 30.0  # um: how far the parts of the slide `thick` lie above and below its plane
    relief_x: float = 400.0  # um from hill to hill
    relief_y: float = 300.0

    def plane(self, x: float, y: float) -> float:
        """Height of the slide's plane at (x, y), um."""
        return self.focus + self.tilt_x * x + self.tilt_y * y

    def height(self, slide: str, x: float, y: float) -> float:
        """Height of what lies on `slide` at (x, y), um."""
        hill = 0.0
        if slide == "thick":
            across, down = 2 * math.pi * x / self.relief_x, 2 * math.pi * y / self.relief_y
            hill = self.relief * math.sin(across) * math.cos(down)
        return self.plane(x, y) + hill

    def drifted(self, seconds: float) -> tuple[float, float]:
        """How far the stage has crept after so many seconds, um (a triangle in time)."""
        turn = self.drift_turn
        phase = abs((seconds + turn / 2) % (2 * turn) - turn) - turn / 2
        return -self.drift_x * phase, -self.drift_y * phase


def as_shown(drift: tuple[float, float], scale: float) -> tuple[float, float]:
    """Return the drift in whole pixels, as pictures show it, um."""
    return round(drift[0] / scale) * scale, round(drift[1] / scale) * scale
