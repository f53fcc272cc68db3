"""A contact's axes into where it is and how it looks (multi-touch-protocol.rst)."""

import math
from collections.abc import Mapping

from drivers.input.axes import Range, size_of
from drivers.input.codes import (
    ABS_MT_ORIENTATION,
    ABS_MT_POSITION_X,
    ABS_MT_POSITION_Y,
    ABS_MT_PRESSURE,
    ABS_MT_TOOL_TYPE,
    ABS_MT_TOUCH_MAJOR,
    ABS_MT_TOUCH_MINOR,
    ABS_X,
    ABS_Y,
    MT_TOOL_DIAL,
    MT_TOOL_PALM,
    MT_TOOL_PEN,
)
from drivers.input.values import LARGEST
from drivers.touch_table.contacts import Place
from drivers.touch_table.contract import TouchTool
from hub.device import WrongDevice
from hub.device.transports import Axis

_TOOLS = {
    MT_TOOL_PEN: TouchTool.PEN,
    MT_TOOL_PALM: TouchTool.PALM,
    MT_TOOL_DIAL: TouchTool.OBJECT,
}


class Places:
    """Knows a table's axes.

    Args:
        axes: what the node says of them.
        width, height: millimetres where they are known better.

    Raises:
        WrongDevice: it has no place, or one without a range.
    """

    def __init__(
        self, axes: Mapping[int, Axis], width: float | None = None, height: float | None = None
    ) -> None:
        self.multi = ABS_MT_POSITION_X in axes and ABS_MT_POSITION_Y in axes
        pair = (ABS_MT_POSITION_X, ABS_MT_POSITION_Y) if self.multi else (ABS_X, ABS_Y)
        x, y = Range.of(axes.get(pair[0])), Range.of(axes.get(pair[1]))
        if x is None or y is None:
            raise WrongDevice("its axes X and Y have no range")
        self.x, self.y = x, y
        self.x_code, self.y_code = pair
        self.size = size_of(x, y, width, height)
        self._across = None if self.size is None else (x.maximum - x.minimum) / self.size.width
        self._pressure = Range.of(axes.get(ABS_MT_PRESSURE))
        self._turn = Range.of(axes.get(ABS_MT_ORIENTATION))

    def place(self, values: Mapping[int, int]) -> Place:
        """Return the place that a contact's values say; what is missing is unknown, or 0."""
        turned = values.get(ABS_MT_ORIENTATION)
        pressed = values.get(ABS_MT_PRESSURE)
        major = self._mm(values.get(ABS_MT_TOUCH_MAJOR))
        minor = self._mm(values.get(ABS_MT_TOUCH_MINOR))
        return Place(
            x=self.x.fraction(values.get(self.x_code, 0)),
            y=self.y.fraction(values.get(self.y_code, 0)),
            width_mm=major,
            height_mm=major if minor is None else minor,
            angle=None if turned is None or self._turn is None else self._angle(self._turn, turned),
            pressure=None
            if pressed is None or self._pressure is None
            else self._pressure.fraction(pressed),
            tool=_TOOLS.get(values.get(ABS_MT_TOOL_TYPE, 0), TouchTool.FINGER),
        )

    def _mm(self, value: int | None) -> float | None:
        """Sizes are in units of the surface, like X."""
        if value is None or self._across is None or value < 0:
            return None
        return min(round(value / self._across, 2), LARGEST)

    @staticmethod
    def _angle(axis: Range, value: int) -> float:
        """The largest value is a quarter turn clockwise; with a resolution it is radians."""
        if axis.resolution > 0:
            angle = math.degrees(value / axis.resolution)
        else:
            angle = 90.0 * value / max(abs(axis.maximum), abs(axis.minimum))
        return min(max(angle, -180.0), 180.0)
