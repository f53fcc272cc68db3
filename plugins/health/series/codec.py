"""How values lie in the database: columns of plain numbers, compressed.

A column is little-endian and is stored after the one before it, so that times (which rise evenly)
and values (which hardly change) are compressed well. The first byte is the version of the layout.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

VERSION = 1
_LEVEL = 6
# What is unpacked is our own, and never larger than a day of minutes; a damaged page must not take
# the memory.
_LARGEST = 1 << 20


class Damaged(ValueError):
    """Bytes that this module did not write."""


class Point(NamedTuple):
    """One value, as it was measured.

    Attributes:
        time: seconds since the epoch.
        value: in the series' unit.
    """

    time: float
    value: float


@dataclass(slots=True)
class Bucket:
    """What was measured in one stretch of time.

    Attributes:
        start: seconds since the epoch, where the stretch begins.
        count: of values. total: their sum.
        least, most, last: of the values.
    """

    start: int
    count: int
    total: float
    least: float
    most: float
    last: float

    @classmethod
    def of(cls, start: int, value: float) -> "Bucket":
        """Return the bucket of one value."""
        return cls(start, 1, value, value, value, value)

    def add(self, later: "Bucket") -> None:
        """Take in what was measured after it."""
        self.count += later.count
        self.total += later.total
        self.least = min(self.least, later.least)
        self.most = max(self.most, later.most)
        self.last = later.last

    @property
    def mean(self) -> float:
        """The mean of its values."""
        return self.total / self.count


def pack_points(start: int, points: Sequence[Point]) -> bytes:
    """Return points as bytes; times are kept to the millisecond, relative to `start`."""
    return _pack(
        len(points),
        array("i", [round((point.time - start) * 1000) for point in points]),
        array("d", [point.value for point in points]),
    )


def unpack_points(start: int, data: bytes) -> list[Point]:
    """Return the points of such bytes.

    Raises:
        Damaged: they are others.
    """
    times, values = _unpack(data, "id")
    return [Point(start + time / 1000, value) for time, value in zip(times, values, strict=True)]


def pack_buckets(start: int, buckets: Sequence[Bucket]) -> bytes:
    """Return buckets as bytes; where they begin is relative to `start`, in whole seconds."""
    return _pack(len(buckets), *_columns(start, buckets))


def append_buckets(start: int, data: bytes, later: Sequence[Bucket]) -> bytes | None:
    """Return such bytes with later buckets behind; None where some are not later.

    It is what folding does hour by hour, several times as fast as by `unpack_buckets`.

    Raises:
        Damaged: the bytes are others.
    """
    columns = _unpack(data, "iidddd")
    if columns[0] and later and columns[0][-1] >= later[0].start - start:
        return None
    for column, more in zip(columns, _columns(start, later), strict=True):
        column.extend(more)
    return _pack(len(columns[0]), *columns)


def _columns(start: int, buckets: Sequence[Bucket]) -> "list[array[Any]]":
    return [
        array("i", [bucket.start - start for bucket in buckets]),
        array("i", [bucket.count for bucket in buckets]),
        *(
            array("d", [getattr(bucket, name) for bucket in buckets])
            for name in ("total", "least", "most", "last")
        ),
    ]


def unpack_buckets(start: int, data: bytes) -> list[Bucket]:
    """Return the buckets of such bytes.

    Raises:
        Damaged: they are others.
    """
    columns = _unpack(data, "iidddd")
    return [
        Bucket(start + int(at), int(count), *rest)
        for at, count, *rest in zip(*columns, strict=True)
    ]


def pack_minute(values: Sequence[tuple[int, float, float]]) -> bytes:
    """Return what was measured of all series in a short while: series, time, value of each."""
    return _pack(
        len(values),
        array("i", [series for series, _, _ in values]),
        array("d", [time for _, time, _ in values]),
        array("d", [value for _, _, value in values]),
    )


def unpack_minute(
    data: bytes, wanted: Collection[int] | None = None
) -> Iterable[tuple[int, Point]]:
    """Return the series and point of each value in such bytes.

    Args:
        data: such bytes.
        wanted: series that are looked for; left out: all.

    Raises:
        Damaged: they are others.
    """
    series, times, values = _unpack(data, "idd")
    return [
        (int(one), Point(time, value))
        for one, time, value in zip(series, times, values, strict=True)
        if wanted is None or one in wanted
    ]


def _pack(count: int, *columns: "array[Any]") -> bytes:
    body = b"".join(_little(column).tobytes() for column in columns)
    return struct.pack("<BI", VERSION, count) + zlib.compress(body, _LEVEL)


def _unpack(data: bytes, columns: str) -> "list[array[Any]]":
    try:
        version, count = struct.unpack_from("<BI", data)
    except struct.error as error:
        raise Damaged(str(error)) from error
    if version != VERSION:
        raise Damaged(f"layout {version}")
    sizes = [count * array(kind).itemsize for kind in columns]
    if sum(sizes) > _LARGEST:
        raise Damaged(f"{count} rows")
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(data[5:], sum(sizes) + 1)
    except zlib.error as error:
        raise Damaged(str(error)) from error
    if len(body) != sum(sizes):
        raise Damaged(f"{len(body)} bytes for {count} rows")
    found, at = [], 0
    for kind, size in zip(columns, sizes, strict=True):
        column: array[Any] = array(kind)
        column.frombytes(body[at : at + size])
        found.append(_little(column))
        at += size
    return found


def _little(column: "array[Any]") -> "array[Any]":
    if sys.byteorder == "big":
        column = array(column.typecode, column)
        column.byteswap()
    return column
