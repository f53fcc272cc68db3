"""From what pens say to taps: touches, double taps, long ones. A pure state for each pen."""

from collections import OrderedDict
from dataclasses import dataclass

from drivers.globe.contract import GlobeTap, TapKind

MOST_PENS = 16
"""Those that spoke last are known; a line that is garbled makes up pens."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long is what, in seconds.

    Attributes:
        repeat: a pen that says its code again and again while it rests does so at least this often;
            0 where it says it once a touch.
        bounce: the same code again within this is the same touch, said twice.
        double: a second touch within this after the first is a double tap.
        hold: a touch that lasts this long is a long one; only where the pen repeats.
    """

    repeat: float = 0.0
    bounce: float = 0.08
    double: float = 0.6
    hold: float = 1.2


@dataclass(slots=True)
class _Touch:
    code: str
    first: float
    last: float
    kind: TapKind
    over: bool = False
    held: bool = False


class Taps:
    """Tells the taps of all pens of a globe apart."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._touches: OrderedDict[str, _Touch] = OrderedDict()

    def said(self, code: str, at: float, pen: str = "") -> list[GlobeTap]:
        """Take a code that a pen said at a time (seconds, monotonic); return what follows of it."""
        timing = self._timing
        before = self._touches.get(pen)
        if before is not None and before.code == code:
            since = at - before.last
            if not before.over and since <= max(timing.repeat, timing.bounce):
                before.last = at
                return self._rests(before, pen)
            single = before.kind is TapKind.TAP and not before.held
            kind = TapKind.DOUBLE if single and since <= timing.double else TapKind.TAP
        else:
            kind = TapKind.TAP
        self._touches[pen] = _Touch(code, at, at, kind)
        self._touches.move_to_end(pen)
        while len(self._touches) > MOST_PENS:
            self._touches.popitem(last=False)
        return [_tap(code, pen, kind)]

    def _rests(self, touch: _Touch, pen: str) -> list[GlobeTap]:
        """Tell once that a pen that repeats its code has rested for long."""
        timing = self._timing
        if not timing.repeat or touch.held or touch.last - touch.first < timing.hold:
            return []
        touch.held = True
        return [_tap(touch.code, pen, TapKind.HOLD)]

    def lifted(self, pen: str = "") -> None:
        """Note that a pen was lifted: what it says next is another touch."""
        if (touch := self._touches.get(pen)) is not None:
            touch.over = True


def _tap(code: str, pen: str, kind: TapKind) -> GlobeTap:
    return GlobeTap(code=code, pen=pen, kind=kind)
