"""What shapes measure, with units that are never guessed, and what the values have in common.

Values keep one unit whatever their size, so that a table can be worked on: micrometres and square
micrometres where the picture's scale is known, pixels where it is not, degrees, and figures without
a unit. `for_people` turns what is large into millimetres. Units are UCUM's, and `px`.
"""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from plugins.microscopy.measuring import geometry
from plugins.microscopy.measuring.shapes import KINDS, Kind, Shape

_MILLIMETRES = {"um": ("mm", 1e3), "um2": ("mm2", 1e6)}
_DIGITS = 4
_DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """What a shape measures; None where it measures nothing, or nothing that is known.

    Attributes:
        unit: of `value`: um, um2, px, px2, deg, 1; empty for labels and arrows.
        perimeter: of an area, in um or px.
        crossing: the outline crosses or touches itself, so its area is not known.
    """

    value: float | None = None
    unit: str = ""
    perimeter: float | None = None
    crossing: bool = False


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the values of one kind have in common.

    `deviation` is the sample's standard deviation, None where there are fewer than two values.
    """

    kind: Kind
    unit: str
    n: int
    mean: float
    deviation: float | None
    least: float
    most: float


def measured(shape: Shape, scale: float | None) -> Measured:
    """Measure a shape.

    Args:
        shape: what is drawn.
        scale: micrometres to a pixel; None where it is not known.
    """
    points, unit, per = shape.points, "px", 1.0
    if scale is not None:
        unit, per = "um", scale
    if shape.kind in ("length", "polyline"):
        return Measured(geometry.length(points) * per, unit)
    if shape.kind == "angle":
        return Measured(geometry.angle(*points), "deg")
    if shape.kind == "count":
        return Measured(float(len(points)), "1")
    if shape.kind == "area":
        crossing = geometry.crosses(points)
        value = None if crossing else geometry.area(points) * per * per
        return Measured(value, f"{unit}2", geometry.perimeter(points) * per, crossing)
    return Measured()


def summed_up(found: Iterable[tuple[Shape, Measured]]) -> list[Statistics]:
    """Return the statistics of each kind of which something is measured."""
    values: dict[Kind, list[float]] = {}
    units: dict[Kind, str] = {}
    for shape, each in found:
        if each.value is not None:
            values.setdefault(shape.kind, []).append(each.value)
            units[shape.kind] = each.unit
    return [_statistics(kind, units[kind], values[kind]) for kind in KINDS if kind in values]


def _statistics(kind: Kind, unit: str, values: list[float]) -> Statistics:
    deviation = statistics.stdev(values) if len(values) > 1 else None
    mean = statistics.fmean(values)
    return Statistics(kind, unit, len(values), mean, deviation, min(values), max(values))


def for_people(value: float, unit: str) -> tuple[float, str]:
    """Return a value in millimetres from 1000 micrometres on, and anything else as it is."""
    larger, many = _MILLIMETRES.get(unit, ("", 1.0))
    return (value / many, larger) if larger and value >= many else (value, unit)


def rounded(value: float) -> str:
    """Return a value with four digits that count, at most three behind the point."""
    if value == 0 or not math.isfinite(value):
        return "0"
    before = math.floor(math.log10(abs(value))) + 1
    text = f"{value:.{max(0, min(_DECIMALS, _DIGITS - before))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
