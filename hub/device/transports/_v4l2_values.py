"""What a camera says of itself through Video for Linux. All of it is untrusted: bounded here."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SMALLEST, LARGEST = 16, 8192
"""Pixels of a side that are believed: cameras announce sizes of 0 and 16384 and mean neither."""
SLOWEST, FASTEST = 0.05, 1000.0
"""Frames a second that are believed: 1/0 is announced too."""
MOST_FORMATS, MOST_SIZES, MOST_INTERVALS = 32, 64, 32
MOST_CONTROLS, MOST_CHOICES = 200, 64
MOST_PICTURE = 64 * 1024 * 1024

Whole = Annotated[int, Field(ge=-(2**63), lt=2**64)]
Text = Annotated[str, Field(max_length=64)]
Side = Annotated[int, Field(ge=SMALLEST, le=LARGEST)]
Interval = tuple[Annotated[int, Field(ge=1, lt=2**32)], Annotated[int, Field(ge=1, lt=2**32)]]
ControlKind = Literal["integer", "boolean", "menu", "button", "other"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class V4l2Identity(_Model):
    """What QUERYCAP says: names, and whether it gives pictures through buffers."""

    driver: Text
    card: Text
    bus: Text
    capture: bool


class V4l2Size(_Model):
    """A size in pixels and the intervals between its frames, in seconds as fractions."""

    width: Side
    height: Side
    intervals: Annotated[list[Interval], Field(max_length=MOST_INTERVALS)] = []

    @property
    def rates(self) -> list[float]:
        """Frames a second, the most first; empty where the camera does not say."""
        return sorted((den / num for num, den in self.intervals), reverse=True)


class V4l2Format(_Model):
    """A pixel format that the camera offers, by its four letters."""

    fourcc: Text
    name: Text
    compressed: bool
    sizes: Annotated[list[V4l2Size], Field(max_length=MOST_SIZES)] = []


class V4l2Mode(_Model):
    """What the camera does: read back after it was asked for.

    Attributes:
        stride: bytes from one line of a raw picture to the next.
        size: bytes of the largest picture.
        rate: frames a second, 0 where the camera does not say.
    """

    fourcc: Text
    width: Side
    height: Side
    stride: Annotated[int, Field(ge=0, le=MOST_PICTURE)]
    size: Annotated[int, Field(ge=1, le=MOST_PICTURE)]
    rate: Annotated[float, Field(ge=0, le=FASTEST)]


class V4l2Control(_Model):
    """A control of the camera.

    Attributes:
        choices: of a menu, by the value that stands for each.
        inactive: it has no effect now, such as the exposure while it is automatic.
        readable: False for what can only be set.
    """

    id: Annotated[int, Field(ge=0, lt=2**32)]
    name: Text
    kind: ControlKind
    minimum: Whole
    maximum: Whole
    step: Whole
    default: Whole
    choices: Annotated[dict[int, Text], Field(max_length=MOST_CHOICES)] = {}
    inactive: bool = False
    read_only: bool = False
    readable: bool = True


class Holder(_Model):
    """A program that has the camera open."""

    pid: Annotated[int, Field(ge=0, lt=2**32)]
    name: Text
