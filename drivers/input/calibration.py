"""Where a pen or finger is on what is seen beneath it: a plane seen in perspective."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Coefficient = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
_LEAST = 0.05
"""Of what is divided by, at every corner: below this the area would be folded over."""


class Calibration(BaseModel):
    """From the device's own area to the picture beneath it, both in fractions.

    `[x, y, w] = matrix * [own x, own y, 1]`, row by row; the place is x/w, y/w. The matrix of an
    affine map has 0, 0, 1 in its last row.
    """

    model_config = ConfigDict(frozen=True)

    matrix: tuple[
        Coefficient, Coefficient, Coefficient,
        Coefficient, Coefficient, Coefficient,
        Coefficient, Coefficient, Coefficient,
    ] = Field((1, 0, 0, 0, 1, 0, 0, 0, 1), description="Nine numbers, row by row.")  # fmt: skip
    points: int = Field(
        0, ge=0, le=100, description="How many places were touched for it; 0 where none were."
    )
    error: float | None = Field(
        None,
        ge=0,
        le=10,
        allow_inf_nan=False,
        description="How far the touched places are off after it, in fractions (mean square).",
    )

    @model_validator(mode="after")
    def _is_a_map(self) -> Self:
        a, b, _, d, e, _, g, h, i = self.matrix
        if min(i, g + i, h + i, g + h + i) < _LEAST:
            raise ValueError("the area would be folded over")
        if abs(a * e - b * d) < 1e-4:
            raise ValueError("the area would have no width or no height")
        return self

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a place of the device is on the picture; outside it the nearest edge."""
        if self.points == 0:
            return x, y
        a, b, c, d, e, f, g, h, i = self.matrix
        w = g * x + h * y + i
        return (
            min(max((a * x + b * y + c) / w, 0.0), 1.0),
            min(max((d * x + e * y + f) / w, 0.0), 1.0),
        )
