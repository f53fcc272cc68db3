"""The plugin's settings: the table `[plugins.virtualcamera]`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class VirtualCameraSettings(BaseModel):
    """What an engineer may set.

    Attributes:
        nodes: the device nodes that are written to; empty: all that v4l2loopback makes.
        width, height: of the picture in pixels, both even. A microscope's picture is fitted in.
        rate: pictures a second.
        minutes: after which it goes off by itself where no lesson runs.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    nodes: tuple[Annotated[str, Field(pattern=r"^/dev/video\d{1,3}$")], ...] = Field(
        (), max_length=8
    )
    width: int = Field(1280, ge=160, le=1920, multiple_of=2)
    height: int = Field(720, ge=120, le=1080, multiple_of=2)
    rate: int = Field(15, ge=1, le=30)
    minutes: int = Field(120, ge=1, le=720)
