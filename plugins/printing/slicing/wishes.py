"""What a person chooses for a print; everything else stands in profiles."""

from typing import Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

MOST_COPIES = 20

Quality = Literal["draft", "normal", "fine"]
QUALITIES: Final[tuple[Quality, ...]] = get_args(Quality)


class SliceWishes(BaseModel):
    """How a model shall be printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    material: str = Field("pla", max_length=40, description="One of the profile's materials.")
    quality: Quality = "normal"
    infill: int = Field(15, ge=0, le=100, description="Percent of the inside that is plastic.")
    supports: bool = Field(default=False, description="Build supports below what hangs over.")
    brim: bool = Field(default=False, description="A rim on the plate that holds small parts.")
    scale: float = Field(1.0, gt=0.001, le=1000.0, allow_inf_nan=False)
    copies: int = Field(1, ge=1, le=MOST_COPIES)
