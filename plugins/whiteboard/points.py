"""The points of a stroke as bytes: the samples as they came, in columns (docs/boards.md)."""

import struct
import sys
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

PRESSURE, TILT, TWIST = 1, 2, 4
MOST_POINTS = 100_000
_HEAD = struct.Struct("<BBHI")
_VERSION = 1
_MOST_MICROSECONDS = (1 << 32) - 1


class BadPoints(ValueError):
    """The bytes are no points; the text says why."""


class Point(NamedTuple):
    """A sample: seconds since the stroke's `time`, page units from its first point.

    Pressure 0 to 1, tilt and twist in degrees; None where the device does not know.
    """

    time: float
    x: float
    y: float
    pressure: float | None = None
    tilt_x: float | None = None
    tilt_y: float | None = None
    twist: float | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Points in columns, in the units of the wire; a channel that is absent is empty."""

    time: Sequence[int]
    x: Sequence[float]
    y: Sequence[float]
    pressure: Sequence[int] = ()
    tilt_x: Sequence[int] = ()
    tilt_y: Sequence[int] = ()
    twist: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.time)


def pack(points: Sequence[Point]) -> bytes:
    """Return points as bytes. A channel is there where any point has it; time never goes back."""
    channels = 0
    if any(one.pressure is not None for one in points):
        channels |= PRESSURE
    if any(one.tilt_x is not None or one.tilt_y is not None for one in points):
        channels |= TILT
    if any(one.twist is not None for one in points):
        channels |= TWIST
    columns: list[Any] = [
        array("I", _times(points)),
        array("f", (one.x for one in points)),
        array("f", (one.y for one in points)),
    ]
    if channels & PRESSURE:
        columns.append(
            array("H", (_whole((one.pressure or 0) * 65535, 0, 65535) for one in points))
        )
    if channels & TILT:
        columns.append(array("h", (_tilt(one.tilt_x) for one in points)))
        columns.append(array("h", (_tilt(one.tilt_y) for one in points)))
    if channels & TWIST:
        columns.append(array("H", (round((one.twist or 0) * 100) % 36000 for one in points)))
    return _HEAD.pack(_VERSION, channels, 0, len(points)) + b"".join(
        _swapped(one).tobytes() for one in columns
    )


def unpack(data: bytes) -> Points:
    """Return the columns of points. Raises `BadPoints`."""
    if len(data) < _HEAD.size:
        raise BadPoints("no header")
    version, channels, zero, count = _HEAD.unpack_from(data)
    if version != _VERSION or zero or channels & ~(PRESSURE | TILT | TWIST):
        raise BadPoints("another version")
    if not 0 < count <= MOST_POINTS:
        raise BadPoints(f"{count} points")
    kinds = ["I", "f", "f"]
    kinds += ["H"] * bool(channels & PRESSURE) + ["h", "h"] * bool(channels & TILT)
    kinds += ["H"] * bool(channels & TWIST)
    if len(data) != _HEAD.size + count * sum(array(kind).itemsize for kind in kinds):
        raise BadPoints(f"{len(data)} bytes for {count} points")
    at = _HEAD.size
    columns: list[Any] = []
    for kind in kinds:
        column = array(kind)
        size = count * column.itemsize
        column.frombytes(data[at : at + size])
        columns.append(_swapped(column))
        at += size
    time, x, y, *further = columns
    if any(later < earlier for earlier, later in pairwise(time)):
        raise BadPoints("time goes back")
    if not all(-2e6 < value < 2e6 for column in (x, y) for value in column):
        raise BadPoints("far away")  # not a number is none either
    rest = iter(further)
    none = array("H")
    pressure = next(rest) if channels & PRESSURE else none
    tilt_x, tilt_y = (next(rest), next(rest)) if channels & TILT else (none, none)
    twist = next(rest) if channels & TWIST else none
    if any(abs(value) > 9000 for column in (tilt_x, tilt_y) for value in column):
        raise BadPoints("tilt")
    return Points(time, x, y, pressure, tilt_x, tilt_y, twist)


def _times(points: Sequence[Point]) -> Iterable[int]:
    last = 0
    for one in points:
        last = max(last, _whole(one.time * 1e6, 0, _MOST_MICROSECONDS))
        yield last


def _tilt(degrees: float | None) -> int:
    return _whole((degrees or 0) * 100, -9000, 9000)


def _whole(value: float, least: int, most: int) -> int:
    return min(max(round(value), least), most)


def _swapped(column: Any) -> Any:
    """Return a column in the other order of bytes where this computer's is not the wire's."""
    if sys.byteorder == "big":
        column.byteswap()
    return column
