"""Reports of pens into what the pen says, by the report descriptor (HID Usage Tables, 0x0D)."""

from dataclasses import dataclass

from drivers.hid.descriptor import Descriptor, Field
from drivers.hid.errors import BadDescriptor
from drivers.hid.usages import (
    BARREL_SWITCH,
    DISTANCE,
    ERASER,
    IN_RANGE,
    INVERT,
    PENS,
    SECONDARY_BARREL,
    SERIAL_NUMBER,
    TABLET_PICK,
    TIP_PRESSURE,
    TIP_SWITCH,
    TWIST,
    WHEEL,
    X_TILT,
    Y_TILT,
    X,
    Y,
)

_BUTTONS = {BARREL_SWITCH: 1, SECONDARY_BARREL: 2, TABLET_PICK: 2}


@dataclass(frozen=True, slots=True)
class HidPen:
    """What one report of a pen says, in the device's own numbers; None for what it does not say."""

    x: int
    y: int
    tip: bool
    in_range: bool
    eraser: bool
    buttons: tuple[int, ...]
    pressure: int | None = None
    tilt_x: int | None = None
    tilt_y: int | None = None
    twist: int | None = None
    distance: int | None = None
    wheel: int | None = None
    serial: int | None = None


class PenDecoder:
    """Makes reports of a pen.

    Attributes:
        layouts: by the report's number the fields by usage; the first one has the pen's axes.

    Raises:
        BadDescriptor: no report of it is that of a pen.
    """

    def __init__(self, descriptor: Descriptor) -> None:
        self._descriptor = descriptor
        self.layouts: dict[int, dict[int, Field]] = {}
        for (direction, number), report in descriptor.reports.items():
            fields: dict[int, Field] = {}
            for one in report.fields:
                home = one.collection
                if home is None or one.constant or one.array or one.relative:
                    continue
                if home.application.usage in PENS:
                    fields.setdefault(one.usage, one)
            if direction == "input" and {X, Y} <= fields.keys() and TIP_SWITCH in fields:
                self.layouts[number] = fields
        if not self.layouts:
            raise BadDescriptor("no report of it is that of a pen")

    def field(self, usage: int) -> Field | None:
        """Return a field of the first layout."""
        return next(iter(self.layouts.values())).get(usage)

    def feed(self, data: bytes) -> HidPen | None:
        """Return what a report says, None where it is of something else."""
        found = self._descriptor.input(data)
        if found is None or (layout := self.layouts.get(found[0].number)) is None:
            return None
        bits = found[1]

        def said(usage: int) -> int | None:
            one = layout.get(usage)
            return None if one is None else one.value(bits)

        tip, in_range = bool(said(TIP_SWITCH)), said(IN_RANGE)
        inverted, erasing = bool(said(INVERT)), bool(said(ERASER))
        return HidPen(
            x=layout[X].value(bits),
            y=layout[Y].value(bits),
            tip=tip or erasing,
            # A pen without it is near while it says anything.
            in_range=True if in_range is None else bool(in_range),
            eraser=inverted or erasing,
            buttons=tuple(sorted({n for usage, n in _BUTTONS.items() if said(usage)})),
            pressure=said(TIP_PRESSURE),
            tilt_x=said(X_TILT),
            tilt_y=said(Y_TILT),
            twist=said(TWIST),
            distance=said(DISTANCE),
            wheel=said(WHEEL),
            serial=said(SERIAL_NUMBER),
        )
