"""What a tablet's reports say, from what changed while somebody did as they were asked.

Only layouts that cheap tablets have are looked for: whole bytes, the low one first, for places and
pressure; single bits for tip, buttons and nearness; signed bytes for tilt. What does not fit is
said (`NotUnderstood`) instead of guessed.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from hub.device import N_, WrongDevice

Reports = Sequence[bytes]
_LEAST_SPAN = 256
_LEAST_PRESSURE = 64
_LEAST_TILT = 20
_SMOOTH = 0.6
"""A value that goes one way has a span as long as its way; one that jumps has a much longer way."""


class NotUnderstood(WrongDevice):
    """The reports do not show what they say."""

    code = "reports-not-understood"
    title = N_("What this tablet reports could not be understood.")
    hint = N_("Do each step slowly and once only; where that does not help, record the tablet.")


@dataclass(slots=True)
class Steps:
    """The reports of each step; `away` ends with the pen out of reach."""

    hover: Reports = ()
    across: Reports = ()
    down: Reports = ()
    press: Reports = ()
    button_1: Reports = ()
    button_2: Reports = ()
    away: Reports = ()
    lean_across: Reports = ()
    lean_down: Reports = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A value in the report: its first bit, how many bits, the largest (and least) it may be."""

    bit: int
    bits: int
    maximum: int
    minimum: int = 0


@dataclass(slots=True)
class Layout:
    """What was found out; bits are counted from the report's first byte, its number."""

    number: int
    length: int
    parts: dict[str, Part] = field(default_factory=dict)
    near_inverted: bool = False


def find_layout(steps: Steps) -> Layout:
    """Find out the layout. Raises `NotUnderstood` with what is missing."""
    number, length = _the_report(steps)

    def of(reports: Reports) -> list[bytes]:
        return [one for one in reports if one[:1] == bytes([number]) and len(one) == length]

    layout = Layout(number, length)
    taken: set[int] = set()
    largest = [*of(steps.across), *of(steps.down)]
    for name, step in (("x", steps.across), ("y", steps.down)):
        at = _going_word(of(step), taken, _LEAST_SPAN)
        if at is None:
            raise NotUnderstood(f"nothing in report {number} follows the pen for {name}")
        most = max(_word(one, at) for one in largest)
        layout.parts[name] = Part(at * 8, 16, most)
        taken |= {at, at + 1}
    pressed = of(steps.press)
    at = _going_word(pressed, taken, _LEAST_PRESSURE)
    if at is not None:
        most = max(_word(one, at) for one in pressed)
        layout.parts["pressure"] = Part(at * 8, 16, (1 << most.bit_length()) - 1)
        taken |= {at, at + 1}
    for name, step in (("tilt_x", steps.lean_across), ("tilt_y", steps.lean_down)):
        tilt = _going_byte(of(step), taken)
        if tilt is not None:
            layout.parts[name] = Part(tilt * 8, 8, 60, -60)
            taken.add(tilt)
    _find_bits(layout, steps, of, taken)
    return layout


def _find_bits(
    layout: Layout, steps: Steps, of: Callable[[Reports], list[bytes]], taken: set[int]
) -> None:
    hover, free = of(steps.hover), [n for n in range(1, layout.length) if n not in taken]
    if not hover:
        raise NotUnderstood("the pen said nothing while it was held above the tablet")
    bits = [byte * 8 + bit for byte in free for bit in range(8)]

    def share(reports: list[bytes], bit: int) -> float:
        return sum(_bit(one, bit) for one in reports) / max(len(reports), 1)

    still = [bit for bit in bits if share(hover, bit) == 0]
    pressed = of(steps.press)
    tip = next((bit for bit in still if share(pressed, bit) > 0.5), None)
    if tip is None:
        raise NotUnderstood("no bit of it says that the tip touches the tablet")
    layout.parts["tip"] = Part(tip, 1, 1)
    used = {tip}
    for name, step in (("button_1", steps.button_1), ("button_2", steps.button_2)):
        found = [bit for bit in still if bit not in used and share(of(step), bit) > 0.2]
        if found:
            layout.parts[name] = Part(found[0], 1, 1)
            used.add(found[0])
    away = of(steps.away)
    if away:
        for bit in bits:
            near = share(hover, bit)
            if bit not in used and near in (0.0, 1.0) and _bit(away[-1], bit) != bool(near):
                layout.parts["near"] = Part(bit, 1, 1)
                layout.near_inverted = near == 0.0
                break


def _the_report(steps: Steps) -> tuple[int, int]:
    """Return number and length of the report that the pen's movements change most often."""
    moved = [one for one in (*steps.across, *steps.down) if len(one) >= 6]
    kinds = Counter((one[0], len(one)) for one in set(moved))
    if not kinds:
        raise NotUnderstood("the tablet said nothing while the pen was moved")
    return kinds.most_common(1)[0][0]


def _going_word(reports: list[bytes], taken: set[int], least: int) -> int | None:
    """Return where the word stands that goes one way most smoothly, None where none does."""
    best, found = 0.0, None
    for at in range(1, len(reports[0]) - 1 if reports else 0):
        if not {at, at + 1} & taken:
            values = [_word(one, at) for one in reports]
            span = max(values) - min(values)
            smooth = _smoothness(values)
            if span >= least and smooth >= _SMOOTH and span * smooth**2 > best:
                best, found = span * smooth**2, at
    return found


def _going_byte(reports: list[bytes], taken: set[int]) -> int | None:
    best, found = 0.0, None
    for at in range(1, len(reports[0]) if reports else 0):
        if at not in taken:
            values = [int.from_bytes(one[at : at + 1], signed=True) for one in reports]
            span = max(values) - min(values)
            if span >= _LEAST_TILT and _smoothness(values) >= _SMOOTH and span > best:
                best, found = span, at
    return found


def _smoothness(values: list[int]) -> float:
    way = sum(abs(b - a) for a, b in pairwise(values))
    return (max(values) - min(values)) / way if way else 0.0


def _word(report: bytes, at: int) -> int:
    return int.from_bytes(report[at : at + 2], "little")


def _bit(report: bytes, bit: int) -> bool:
    return bool(report[bit // 8] >> bit % 8 & 1)
