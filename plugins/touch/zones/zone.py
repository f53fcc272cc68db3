"""Zones: rectangles of a table, each with a side at which its pupils stand."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

MOST_ZONES = 8


class Side(StrEnum):
    """The edge of the table at which the pupils of a zone stand."""

    BOTTOM = "bottom"
    TOP = "top"
    LEFT = "left"
    RIGHT = "right"


class Layout(StrEnum):
    """How a table is divided."""

    WHOLE = "whole"
    HALVES = "halves"
    QUARTERS = "quarters"
    OWN = "own"


class Zone(NamedTuple):
    """A part of a table.

    Attributes:
        number: from 1 on; also the user that programs are told by TUIO 2.0.
        x, y, width, height: fractions of the table, from its left and upper edge.
        side: where its pupils stand; they read from there.
        seat: the name of the seat of whoever works here, None for nobody in particular.
    """

    number: int
    x: float
    y: float
    width: float
    height: float
    side: Side = Side.BOTTOM
    seat: str | None = None

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a place on the table is in the zone; its edges are."""
        return self.x <= x <= self.x + self.width and self.y <= y <= self.y + self.height

    def within(self, x: float, y: float) -> tuple[float, float]:
        """Return a place on the table as the zone's pupils see it: 0..1 from their upper left."""
        return turned((x - self.x) / self.width, (y - self.y) / self.height, self.side)


def turned(across: float, down: float, side: Side) -> tuple[float, float]:
    """Return a place in a unit square as it is seen from one of its sides."""
    match side:
        case Side.BOTTOM:
            return across, down
        case Side.TOP:
            return 1.0 - across, 1.0 - down
        case Side.LEFT:
            return down, 1.0 - across
        case Side.RIGHT:
            return 1.0 - down, across


def turned_step(dx: float, dy: float, side: Side) -> tuple[float, float]:
    """Return a movement on the table as it is seen from one of its sides."""
    match side:
        case Side.BOTTOM:
            return dx, dy
        case Side.TOP:
            return -dx, -dy
        case Side.LEFT:
            return dy, -dx
        case Side.RIGHT:
            return -dy, dx


def zone_at(zones: Sequence[Zone], x: float, y: float) -> Zone | None:
    """Return the zone that holds a place; of several (a common edge) the first."""
    return next((zone for zone in zones if zone.holds(x, y)), None)


def overlap(one: Zone, other: Zone) -> bool:
    """Tell whether two zones have more in common than an edge."""
    tiny = 1e-9
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > tiny and down > tiny


def ready_made(layout: Layout) -> tuple[Zone, ...]:
    """Return the zones of a layout; ValueError for own ones.

    Halves are the lower and the upper one: two pairs that face each other. Quarters go round from
    the lower left one: lower left, lower right, upper right, upper left.
    """
    match layout:
        case Layout.WHOLE:
            return (Zone(1, 0.0, 0.0, 1.0, 1.0),)
        case Layout.HALVES:
            return (
                Zone(1, 0.0, 0.5, 1.0, 0.5),
                Zone(2, 0.0, 0.0, 1.0, 0.5, Side.TOP),
            )
        case Layout.QUARTERS:
            return (
                Zone(1, 0.0, 0.5, 0.5, 0.5),
                Zone(2, 0.5, 0.5, 0.5, 0.5),
                Zone(3, 0.5, 0.0, 0.5, 0.5, Side.TOP),
                Zone(4, 0.0, 0.0, 0.5, 0.5, Side.TOP),
            )
        case Layout.OWN:
            raise ValueError("own zones are given")
