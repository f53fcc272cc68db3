"""Axes of input devices as fractions, millimetres, degrees; whatever the device says of them."""

import math
from dataclasses import dataclass

from drivers.input.values import LARGEST, Size
from hub.device.transports import Axis

_SMALLEST = 5.0
"""Millimetres: an active area that is smaller is a resolution in another unit."""


@dataclass(frozen=True, slots=True)
class Range:
    """An axis that has a range.

    Attributes:
        minimum, maximum: what the device says at most; minimum is the smaller.
        resolution: units a millimetre (of angles: a radian), 0 where unknown.
    """

    minimum: int
    maximum: int
    resolution: float = 0.0

    @classmethod
    def of(cls, axis: Axis | None) -> "Range | None":
        """Return an axis' range, None where there is no axis or it has no range (min = max)."""
        if axis is None or axis.maximum <= axis.minimum:
            return None
        return cls(axis.minimum, axis.maximum, float(max(axis.resolution, 0)))

    def fraction(self, value: int) -> float:
        """Return where a value lies, 0..1."""
        share = (value - self.minimum) / (self.maximum - self.minimum)
        return min(max(share, 0.0), 1.0)

    @property
    def length(self) -> float | None:
        """Millimetres from end to end, None where the device does not say."""
        if self.resolution <= 0:
            return None
        length = (self.maximum - self.minimum) / self.resolution
        return length if _SMALLEST <= length <= LARGEST else None

    def degrees(self, value: int) -> float:
        """Return an angle of tilt, -90..90.

        With a resolution it is in units a radian. Without one it is degrees where the range is that
        of degrees, else the range is taken as -60..60, what pens can be held at.
        """
        if self.resolution > 0:
            angle = math.degrees(value / self.resolution)
        elif self.minimum >= -90 and self.maximum <= 90 and self.minimum < 0:
            angle = float(value)
        else:
            angle = 120.0 * self.fraction(value) - 60.0
        return min(max(angle, -90.0), 90.0)

    def turn(self, value: int) -> float:
        """Return an angle of twist, 0..360 without 360."""
        if self.resolution > 0:
            angle = math.degrees(value / self.resolution)
        else:
            angle = 360.0 * self.fraction(value)
        return round(angle, 3) % 360.0


def size_of(x: Range, y: Range, width: float | None, height: float | None) -> Size | None:
    """Return the active area's size: what was set, else what the device says."""
    wide, high = width or x.length, height or y.length
    if wide is None or high is None:
        return None
    return Size(width=round(wide, 2), height=round(high, 2))
