"""Input events of a tablet into what its pen, its keys and its ring say.

Sources: Documentation/input/event-codes.rst (BTN_TOOL_…, BTN_TOUCH), drivers/hid/wacom_wac.c (which
axes mean what: ABS_Z the twist of an art pen, ABS_WHEEL the wheel of an airbrush or the ring of a
pad, MSC_SERIAL the pen's number).
"""

from collections.abc import Iterable, Mapping

from drivers.input.axes import Range
from drivers.input.codes import (
    ABS_DISTANCE,
    ABS_MISC,
    ABS_PRESSURE,
    ABS_RX,
    ABS_RY,
    ABS_THROTTLE,
    ABS_TILT_X,
    ABS_TILT_Y,
    ABS_WHEEL,
    ABS_X,
    ABS_Y,
    ABS_Z,
    BTN_0,
    BTN_9,
    BTN_A,
    BTN_BASE,
    BTN_BASE2,
    BTN_LEFT,
    BTN_STYLUS,
    BTN_TASK,
    BTN_TOOL_RUBBER,
    BTN_TOUCH,
    BTN_Z,
    EV_ABS,
    EV_KEY,
    EV_MSC,
    MSC_SERIAL,
    PEN_BUTTONS,
    PEN_TOOLS,
)
from drivers.tablet.contract import PadKey, PadRing
from drivers.tablet.pen import PenAxes, PenReport
from hub.device import WrongDevice
from hub.device.transports import Axis, InputEvent

_PAD_KEYS = (
    *range(BTN_0, BTN_9 + 1),
    *range(BTN_A, BTN_Z + 1),
    BTN_BASE,
    BTN_BASE2,
    *range(BTN_LEFT, BTN_TASK + 1),
)
"""In the order in which wacom_wac.c numbers a pad's keys."""
_AXES = {
    ABS_X: "x",
    ABS_Y: "y",
    ABS_PRESSURE: "pressure",
    ABS_TILT_X: "tilt_x",
    ABS_TILT_Y: "tilt_y",
    ABS_Z: "twist",
    ABS_DISTANCE: "distance",
    ABS_WHEEL: "wheel",
}
_RINGS = (ABS_WHEEL, ABS_THROTTLE, ABS_RX, ABS_RY)


def is_pen(keys: frozenset[int], axes: frozenset[int]) -> bool:
    """Tell whether a node is that of a pen, by the codes that it has."""
    pen = bool(keys & PEN_TOOLS) or BTN_STYLUS in keys
    return pen and {ABS_X, ABS_Y} <= axes


def is_pad(keys: frozenset[int], axes: frozenset[int]) -> bool:
    """Tell whether a node is that of a tablet's own keys."""
    return bool(keys & set(_PAD_KEYS)) and not is_pen(keys, axes) and BTN_TOUCH not in keys


def axes_of(axes: Mapping[int, Axis]) -> PenAxes:
    """Return the ranges of a pen (WrongDevice where X or Y has none)."""
    x, y = Range.of(axes.get(ABS_X)), Range.of(axes.get(ABS_Y))
    if x is None or y is None:
        raise WrongDevice("its axes X and Y have no range")
    return PenAxes(
        x=x,
        y=y,
        pressure=Range.of(axes.get(ABS_PRESSURE)),
        tilt_x=Range.of(axes.get(ABS_TILT_X)),
        tilt_y=Range.of(axes.get(ABS_TILT_Y)),
        twist=Range.of(axes.get(ABS_Z)),
        distance=Range.of(axes.get(ABS_DISTANCE)),
        wheel=Range.of(axes.get(ABS_WHEEL)),
    )


class PenEvents:
    """Keeps a pen's state: evdev tells only what changes.

    Args:
        keys: the codes that the node has.
    """

    def __init__(self, keys: frozenset[int]) -> None:
        self.report = PenReport()
        self._tools: set[int] = set()
        self._knows_near = bool(keys & PEN_TOOLS)
        self._knows_contact = BTN_TOUCH in keys

    def read(self, axes: Mapping[int, Axis], held: frozenset[int]) -> PenReport:
        """Take the whole state as it was read, at the start and after a loss."""
        self.report.buttons.clear()
        self._tools.clear()
        self.report.contact = False
        for code, axis in axes.items():
            self._axis(code, axis.value)
        for code in held:
            self._key(code, pressed=True)
        return self._settled()

    def take(self, events: Iterable[InputEvent]) -> PenReport:
        """Take a frame."""
        for event in events:
            if event.type == EV_ABS:
                self._axis(event.code, event.value)
            elif event.type == EV_KEY:
                self._key(event.code, pressed=event.value != 0)
            elif event.type == EV_MSC and event.code == MSC_SERIAL:
                serial = event.value & 0xFFFFFFFF
                self.report.tool = f"{serial:08x}" if serial else ""
            if not self._knows_near:
                self.report.near = True
        return self._settled()

    def _axis(self, code: int, value: int) -> None:
        name = _AXES.get(code)
        if name is not None:
            setattr(self.report, name, value)

    def _key(self, code: int, *, pressed: bool) -> None:
        if code in PEN_TOOLS:
            (self._tools.add if pressed else self._tools.discard)(code)
        elif code == BTN_TOUCH:
            self.report.contact = pressed
        elif (button := PEN_BUTTONS.get(code)) is not None:
            (self.report.buttons.add if pressed else self.report.buttons.discard)(button)

    def _settled(self) -> PenReport:
        report = self.report
        if self._knows_near:
            report.near = bool(self._tools)
            if report.near:
                report.eraser = BTN_TOOL_RUBBER in self._tools
        if not self._knows_contact:
            report.contact = report.near and bool(report.pressure)
        return report


class PadEvents:
    """A tablet's own keys and rings.

    Args:
        keys: the codes that the node has. axes: their ranges.
    """

    def __init__(self, keys: frozenset[int], axes: Mapping[int, Axis]) -> None:
        self._keys = {
            code: index for index, code in enumerate((c for c in _PAD_KEYS if c in keys), start=1)
        }
        there = [(code, Range.of(axes.get(code))) for code in _RINGS]
        ranges = [(code, one) for code, one in there if one is not None]
        self._rings = {code: (index, one) for index, (code, one) in enumerate(ranges, start=1)}
        self._held: set[int] = set()

    def read(self, held: frozenset[int]) -> list[PadKey]:
        """Take which keys are held, and return what that changes."""
        now = {self._keys[code] for code in held if code in self._keys}
        changed = [PadKey(key=key, pressed=key in now) for key in sorted(self._held ^ now)]
        self._held = now
        return changed

    def take(self, events: Iterable[InputEvent]) -> list[PadKey | PadRing]:
        """Take a frame, and return what happened."""
        happened: list[PadKey | PadRing] = []
        lifted = any(e.type == EV_ABS and e.code == ABS_MISC and e.value == 0 for e in events)
        for event in events:
            if event.type == EV_KEY and event.code in self._keys and event.value != 2:
                key = self._keys[event.code]
                if (key in self._held) != bool(event.value):
                    (self._held.add if event.value else self._held.discard)(key)
                    happened.append(PadKey(key=key, pressed=bool(event.value)))
            elif event.type == EV_ABS and event.code in self._rings:
                ring, axis = self._rings[event.code]
                place = None if lifted else axis.fraction(event.value)
                happened.append(PadRing(ring=ring, position=place))
        return happened
