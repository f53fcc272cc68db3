"""What fingers do, in words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Gestures that are told."""

    TAP = "tap"
    DOUBLE_TAP = "double-tap"
    LONG_PRESS = "long-press"
    DRAG = "drag"
    PINCH = "pinch"
    ROTATE = "rotate"
    SWIPE = "swipe"


class Stage(StrEnum):
    """Of a gesture that lasts: it begins once, changes, and ends once. Others are `once`."""

    ONCE = "once"
    BEGIN = "begin"
    CHANGE = "change"
    END = "end"


class Finger(NamedTuple):
    """One report of one contact: its id, whether it is down, and where (mm), and when (s)."""

    id: int
    down: bool
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Gesture:
    """A gesture, or how one that lasts goes on.

    Attributes:
        x, y: millimetres on the table: where it is now, of several fingers their middle.
        dx, dy: millimetres since it began.
        scale: of a pinch, how much the fingers have spread since it began; above 1: apart.
        angle: of a rotation, degrees clockwise since it began.
        speed: millimetres a second, of a swipe.
        fingers: the ids of the contacts, in the order in which they came.
    """

    kind: Kind
    stage: Stage
    time: float
    x: float
    y: float
    fingers: tuple[int, ...]
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    angle: float = 0.0
    speed: float = 0.0
