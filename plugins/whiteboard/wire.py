"""The messages of a board's WebSocket (docs/boards.md), in lib0's encoding.

Numbers are those of https://github.com/dmonad/lib0 `encoding.js`: seven bits a byte, the lowest
first, the eighth set where more follow; texts and arrays begin with their length in bytes.
"""

import json
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, NamedTuple

BEGINS, ENDS, GIVEN_UP = 1, 2, 4
_MOST_BITS = 53


class Kind(IntEnum):
    """The first number of a message."""

    SYNC = 0
    ACK = 1
    LIVE = 2
    PROBLEM = 3
    STATE = 4
    VIEW = 5


class Sync(IntEnum):
    """Of a message of y-protocols/sync."""

    STEP_1 = 0
    STEP_2 = 1
    UPDATE = 2


class Garbled(ValueError):
    """The bytes are no message."""


class LiveEntry(NamedTuple):
    """A part of a stroke that is being drawn. `raw`: the entry as it came."""

    document: str
    stroke: str
    flags: int
    first: int
    described: str
    points: bytes
    raw: bytes


def number(value: int) -> bytes:
    """Return a varUint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def array(data: bytes) -> bytes:
    """Return a varUint8Array."""
    return number(len(data)) + data


def text(value: str) -> bytes:
    """Return a varString."""
    return array(value.encode())


def sync(document: str, step: Sync, data: bytes) -> bytes:
    """Return a sync message."""
    return bytes((Kind.SYNC,)) + text(document) + bytes((step,)) + array(data)


def ack(document: str, count: int) -> bytes:
    """Return an acknowledgement."""
    return bytes((Kind.ACK,)) + text(document) + number(count)


def said(kind: Kind, value: Any) -> bytes:
    """Return a message that is JSON."""
    return bytes((kind,)) + text(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def live_entry(
    document: str, stroke: str, flags: int, first: int, described: Any, points: bytes
) -> bytes:
    """Return an entry of a live message; `described` is left out where it does not begin."""
    head = text(document) + text(stroke) + number(flags) + number(first)
    if flags & BEGINS:
        head += text(json.dumps(described, ensure_ascii=False, separators=(",", ":")))
    return head + array(points)


class Reader:
    """Reads a message; whatever does not fit raises `Garbled`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def ended(self) -> bool:
        """Tell whether all is read."""
        return self._at >= len(self._data)

    def number(self) -> int:
        """Read a varUint."""
        value = shift = 0
        while True:
            if self.ended or shift > _MOST_BITS:
                raise Garbled("a number does not end")
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def array(self, most: int) -> bytes:
        """Read a varUint8Array of at most so many bytes."""
        size = self.number()
        if size > most or self._at + size > len(self._data):
            raise Garbled(f"{size} bytes are too many")
        self._at += size
        return self._data[self._at - size : self._at]

    def text(self, most: int) -> str:
        """Read a varString of at most so many bytes."""
        try:
            return self.array(most).decode()
        except UnicodeDecodeError:
            raise Garbled("no UTF-8") from None

    def json(self, most: int) -> Any:
        """Read JSON."""
        try:
            return json.loads(self.text(most))
        except (ValueError, RecursionError):
            raise Garbled("no JSON") from None

    def live(self, longest_name: int, longest: int) -> Iterator[LiveEntry]:
        """Read the entries of a live message."""
        while not self.ended:
            began = self._at
            document, stroke = self.text(longest_name), self.text(64)
            flags, first = self.number(), self.number()
            described = self.text(2048) if flags & BEGINS else ""
            points = self.array(longest)
            raw = self._data[began : self._at]
            yield LiveEntry(document, stroke, flags, first, described, points, raw)
