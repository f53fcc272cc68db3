"""What the contracts of pens and touches have in common.

Places are fractions of the active area, 0..1 from its left and upper edge; millimetres are measured
from there, too.
"""

from enum import IntEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LARGEST = 10_000.0

Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Millimetres = Annotated[float, Field(ge=-LARGEST, le=2 * LARGEST, allow_inf_nan=False)]
Length = Annotated[float, Field(gt=0, le=LARGEST, allow_inf_nan=False)]
Seconds = Annotated[
    float,
    Field(
        ge=0,
        allow_inf_nan=False,
        description="When, in seconds since 1970 (UTC) by this computer's clock; never goes back"
        " while the device is connected.",
    ),
]


class Size(BaseModel):
    """How large the active area is."""

    model_config = ConfigDict(frozen=True)

    width: Length = Field(description="Millimetres.")
    height: Length = Field(description="Millimetres.")


class Rotation(IntEnum):
    """How far the device is turned, in degrees clockwise."""

    NONE = 0
    RIGHT = 90
    OVER = 180
    LEFT = 270
