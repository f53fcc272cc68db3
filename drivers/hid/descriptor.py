"""Parses report descriptors (HID 1.11, sections 5 and 6.2.2): which bits of which report mean what.

What a device says is untrusted: every count is bounded, whatever does not fit is `BadDescriptor`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from drivers.hid.errors import BadDescriptor

MOST_BYTES = 8192
MOST_FIELDS = 12288
MOST_BITS = 65536
MOST_COLLECTIONS = 1024
DEEPEST = 32

Direction = Literal["input", "output", "feature"]
_DIRECTIONS: dict[int, Direction] = {0x8: "input", 0x9: "output", 0xB: "feature"}
_CONSTANT, _VARIABLE, _RELATIVE = 1, 2, 4
_LONG = 0xFE

_METRES = 0x11
_INCHES = 0x13
_DEGREES = 0x14
_RADIANS = 0x12


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: its usage, its type (0 physical, 1 application, 2 logical), what it is in.

    Attributes:
        number: counts the collections, so that two alike ones are two.
    """

    number: int
    usage: int
    type: int
    parent: "Collection | None" = None

    @property
    def application(self) -> "Collection":
        """The outermost collection that it is in, or itself."""
        return self if self.parent is None else self.parent.application


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a report.

    Attributes:
        usage: what it means; of an array, its first possible usage.
        offset, size: bits, from the beginning of the report without its number.
        minimum, maximum: logical; what is outside is no value ("null").
        low, high: physical, what minimum and maximum mean; `unit`, `exponent` say in what.
        array: it holds the number of a usage; `usages` are those that it can hold, from minimum on.
        constant, relative: it says nothing; it says a change.
    """

    usage: int
    offset: int
    size: int
    minimum: int
    maximum: int
    low: int
    high: int
    unit: int
    exponent: int
    constant: bool
    relative: bool
    array: bool
    usages: tuple[int, ...]
    collection: Collection | None

    @property
    def signed(self) -> bool:
        """Whether the bits are a two's complement."""
        return self.minimum < 0

    def value(self, report: int) -> int:
        """Return the value in a report's bits (`Report.bits`), as the device says it."""
        raw = report >> self.offset & ((1 << self.size) - 1)
        if self.minimum < 0 and raw >> (self.size - 1):
            raw -= 1 << self.size
        return raw

    @property
    def millimetres(self) -> float | None:
        """How long the whole range is, where the unit is one of length."""
        per_unit = {_METRES: 10.0, _INCHES: 25.4}.get(self.unit)
        if per_unit is None:
            return None
        length = abs(self.high - self.low) * per_unit * 10.0**self.exponent
        return length if length > 0 else None

    @property
    def resolution(self) -> float:
        """Units a millimetre, or a radian; 0 where unknown (as hidinput_calc_abs_res)."""
        span = self.maximum - self.minimum
        if self.unit in (_DEGREES, _RADIANS):
            range_ = (self.high - self.low) * 10.0**self.exponent
            if self.unit == _DEGREES:
                range_ *= 0.017453292519943295
            return span / range_ if range_ > 0 else 0.0
        length = self.millimetres
        return 0.0 if length is None else span / length


@dataclass(slots=True)
class Report:
    """One report: its number (0 where the device numbers none) and its fields in order."""

    number: int
    direction: Direction
    fields: list[Field] = field(default_factory=list)
    bits: int = 0

    @property
    def size(self) -> int:
        """Bytes, without the number."""
        return (self.bits + 7) // 8


@dataclass(slots=True)
class Descriptor:
    """What a report descriptor says.

    Attributes:
        numbered: reports begin with their number.
        reports: by direction and number.
    """

    numbered: bool = False
    reports: dict[tuple[Direction, int], Report] = field(default_factory=dict)
    applications: list[Collection] = field(default_factory=list)

    def input(self, data: bytes) -> tuple[Report, int] | None:
        """Return which input report this is, and its bits; None where there is no such one.

        Bytes that are missing are zeros, as the kernel has it.
        """
        number = 0
        if self.numbered:
            if not data:
                return None
            number, data = data[0], data[1:]
        report = self.reports.get(("input", number))
        if report is None:
            return None
        return report, int.from_bytes(data[: report.size], "little")


@dataclass(frozen=True, slots=True)
class _Globals:
    page: int = 0
    minimum: int = 0
    maximum: int = 0
    low: int = 0
    high: int = 0
    exponent: int = 0
    unit: int = 0
    size: int = 0
    count: int = 0
    number: int = 0


@dataclass(slots=True)
class _Locals:
    usages: list[int] = field(default_factory=list)
    first: int | None = None
    last: int | None = None


def parse(data: bytes) -> Descriptor:
    """Parse a report descriptor.

    Raises:
        BadDescriptor: it is cut, nested too deep, too large, or contradicts itself.
    """
    return _Parser().parse(data)


def _items(data: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield type, tag, size, unsigned and signed value of each item."""
    if len(data) > MOST_BYTES:
        raise BadDescriptor(f"{len(data)} bytes are more than a descriptor has")
    at = 0
    while at < len(data):
        prefix = data[at]
        at += 1
        if prefix == _LONG:  # long items are reserved: skipped
            if at + 2 > len(data):
                raise BadDescriptor("it ends within a long item")
            at += 2 + data[at]
            continue
        size = (0, 1, 2, 4)[prefix & 3]
        raw = data[at : at + size]
        if len(raw) < size:
            raise BadDescriptor(f"it ends within the item at {at - 1}")
        at += size
        yield (
            prefix >> 2 & 3,
            prefix >> 4,
            size,
            int.from_bytes(raw, "little"),
            int.from_bytes(raw, "little", signed=True),
        )


class _Parser:
    def __init__(self) -> None:
        self._result = Descriptor()
        self._globals = _Globals()
        self._stack: list[_Globals] = []
        self._locals = _Locals()
        self._open: Collection | None = None
        self._depth = self._collections = self._fields = 0

    def parse(self, data: bytes) -> Descriptor:
        for type_, tag, size, unsigned, signed in _items(data):
            if type_ == 0:
                self._main(tag, unsigned)
                self._locals = _Locals()
            elif type_ == 1:
                self._global(tag, unsigned, signed)
            elif type_ == 2:
                self._local(tag, size, unsigned)
        if self._open is not None:
            raise BadDescriptor("a collection is not closed")
        return self._result

    def _main(self, tag: int, value: int) -> None:
        if tag in _DIRECTIONS:
            self._add(_DIRECTIONS[tag], value)
        elif tag == 0xA:
            self._depth += 1
            self._collections += 1
            if self._depth > DEEPEST or self._collections > MOST_COLLECTIONS:
                raise BadDescriptor("too many collections")
            usages = self._usages(1)
            usage = usages[0] if usages else 0
            self._open = Collection(self._collections, usage, value, self._open)
            if self._open.parent is None:
                self._result.applications.append(self._open)
        elif tag == 0xC:
            if self._open is None:
                raise BadDescriptor("a collection is closed that was not opened")
            self._depth -= 1
            self._open = self._open.parent

    def _global(self, tag: int, unsigned: int, signed: int) -> None:  # noqa: C901 - a table of tags
        now = self._globals
        match tag:
            case 0x0:
                now = replace(now, page=unsigned & 0xFFFF)
            case 0x1:
                now = replace(now, minimum=signed)
            case 0x2:
                # Maxima are written without a sign bit where the minimum has none.
                now = replace(now, maximum=unsigned if now.minimum >= 0 else signed)
            case 0x3:
                now = replace(now, low=signed)
            case 0x4:
                now = replace(now, high=unsigned if now.low >= 0 else signed)
            case 0x5:
                nibble = unsigned & 0xF
                now = replace(now, exponent=nibble - 16 if nibble > 7 else nibble)
            case 0x6:
                now = replace(now, unit=unsigned)
            case 0x7:
                now = replace(now, size=unsigned)
            case 0x8:
                if not 0 < unsigned < 256:
                    raise BadDescriptor(f"a report with the number {unsigned}")
                self._result.numbered = True
                now = replace(now, number=unsigned)
            case 0x9:
                now = replace(now, count=unsigned)
            case 0xA:
                if len(self._stack) >= DEEPEST:
                    raise BadDescriptor("too much is pushed")
                self._stack.append(now)
            case 0xB:
                if not self._stack:
                    raise BadDescriptor("more is popped than was pushed")
                now = self._stack.pop()
            case _:
                raise BadDescriptor(f"a global item {tag:#x}")
        self._globals = now

    def _local(self, tag: int, size: int, value: int) -> None:
        whole = value if size == 4 else self._globals.page << 16 | value
        if tag == 0x0:
            if len(self._locals.usages) < MOST_FIELDS:
                self._locals.usages.append(whole)
        elif tag == 0x1:
            self._locals.first = whole
        elif tag == 0x2:
            self._locals.last = whole
        if self._locals.first is not None and self._locals.last is not None:
            first, last = self._locals.first, self._locals.last
            self._locals.first = self._locals.last = None
            room = MOST_FIELDS - len(self._locals.usages)
            self._locals.usages += range(first, min(last + 1, first + room))

    def _usages(self, count: int) -> tuple[int, ...]:
        return tuple(self._locals.usages[:count])

    def _add(self, direction: Direction, flags: int) -> None:
        now = self._globals
        report = self._result.reports.setdefault(
            (direction, now.number), Report(now.number, direction)
        )
        if now.size * now.count + report.bits > MOST_BITS or now.count > MOST_BITS:
            raise BadDescriptor(f"the report {now.number} is too large")
        constant, variable = bool(flags & _CONSTANT), bool(flags & _VARIABLE)
        usages = self._locals.usages
        if not usages or now.size == 0 or (constant and not variable):
            report.bits += now.size * now.count  # filling
            return
        if now.size > 64:
            report.bits += now.size * now.count
            return
        self._fields += now.count
        if self._fields > MOST_FIELDS:
            raise BadDescriptor("too many fields")
        low, high = (now.low, now.high) if now.low or now.high else (now.minimum, now.maximum)
        for index in range(now.count):
            report.fields.append(
                Field(
                    usage=usages[min(index, len(usages) - 1)] if variable else usages[0],
                    offset=report.bits,
                    size=now.size,
                    minimum=now.minimum,
                    maximum=now.maximum,
                    low=low,
                    high=high,
                    unit=now.unit,
                    exponent=now.exponent,
                    constant=constant,
                    relative=bool(flags & _RELATIVE),
                    array=not variable,
                    usages=() if variable else tuple(usages),
                    collection=self._open,
                )
            )
            report.bits += now.size
