"""What can be made of pictures, and with which options."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from hub.plugin import N_, Body, IdField

MOST_SOURCES = 100
_Pixels = Annotated[float, Field(ge=0, le=65_000, allow_inf_nan=False)]
_Place = Annotated[int, Field(ge=0, le=65_000, strict=True)]


class NoOptions(BaseModel):
    """There is nothing to choose."""

    model_config = ConfigDict(extra="forbid")


class MosaicOptions(NoOptions):
    """How pictures are joined."""

    even: bool = Field(default=True, description="Take away the uneven light of the field.")


class FlatOptions(NoOptions):
    """How light is made even and white made white."""

    references: list[IdField] = Field(
        [],
        max_length=20,
        description="A picture of an empty place, or several of different places; none: the"
        " light stays as it is.",
    )
    kept: bool = Field(
        default=False,
        description="By the empty field that is kept of the picture's microscope and objective.",
    )
    white: Literal["none", "background", "average"] = Field(
        "background", description="What is taken for white."
    )
    patch: Annotated[list[_Place], Field(min_length=4, max_length=4)] | None = Field(
        None, description="Left, top, width, height (px) of a place that is white or grey."
    )


class CountOptions(NoOptions):
    """Which objects are counted."""

    looks: Literal["auto", "dark", "bright"] = Field("auto", description="Against the background.")
    threshold: float = Field(
        1.0, ge=0.2, le=3.0, allow_inf_nan=False, description="Factor on the one that is found."
    )
    part: bool = Field(default=True, description="Part objects that touch.")
    borders: bool = Field(default=False, description="Count also those that the border cuts.")
    smallest: _Pixels = Field(0.0, description="Diameter in pixels; 0 for any.")
    largest: _Pixels = Field(0.0, description="Diameter in pixels; 0 for any.")


Process = Literal["stack", "mosaic", "flat-field", "count"]

OPTIONS: dict[str, type[NoOptions]] = {
    "stack": NoOptions,
    "mosaic": MosaicOptions,
    "flat-field": FlatOptions,
    "count": CountOptions,
}
LEAST: dict[str, int] = {"stack": 2, "mosaic": 2, "flat-field": 1, "count": 1}
MOST: dict[str, int] = {
    "stack": MOST_SOURCES,
    "mosaic": MOST_SOURCES,
    "flat-field": 1,
    "count": 1,
}
TITLES: dict[str, str] = {
    "stack": N_("Focus stack"),
    "mosaic": N_("Mosaic"),
    "flat-field": N_("Even light"),
    "count": N_("Counting"),
}


class NewProcess(Body):
    """What to make of which pictures."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"process": "stack", "sources": ["01hx…", "01hy…"], "options": {}}]
        }
    )

    process: Process
    sources: list[IdField] = Field(
        min_length=1,
        max_length=MOST_SOURCES,
        description="Assets; of a stack in the order of their height.",
    )
    options: dict[str, Any] = Field(
        {}, max_length=10, description="See the schemas of the processes' options."
    )
    title: str | None = Field(
        None, min_length=1, max_length=120, description="The first picture's if left out."
    )
