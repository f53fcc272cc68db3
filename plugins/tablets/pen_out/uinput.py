"""A pen that the kernel shows to every program, without a library.

Source: Documentation/input/uinput.rst and linux/uinput.h.
"""

import contextlib
import errno
import fcntl
import os
import struct
from collections.abc import Iterable

from drivers.input import codes
from plugins.tablets.errors import PenNotAllowed, PenNotThere
from plugins.tablets.pen_out.merging import HARDEST, HIGH, STEEPEST, WIDE, Event

NODE = "/dev/uinput"
NAME = "Classroom hub pen"
_EVENT = struct.Struct("@llHHi")  # struct input_event; the kernel sets the time
_WRITE = 1
_BUS_VIRTUAL = 6
_PROP_POINTER = 0
_A_MILLIMETRE, _A_RADIAN = 200, 57
_AXES = {
    codes.ABS_X: (0, WIDE, _A_MILLIMETRE),
    codes.ABS_Y: (0, HIGH, _A_MILLIMETRE),
    codes.ABS_PRESSURE: (0, HARDEST, 0),
    codes.ABS_TILT_X: (-STEEPEST, STEEPEST, _A_RADIAN),
    codes.ABS_TILT_Y: (-STEEPEST, STEEPEST, _A_RADIAN),
}
_KEYS = (codes.BTN_TOOL_PEN, codes.BTN_TOOL_RUBBER, codes.BTN_TOUCH, *codes.PEN_BUTTONS)


class VirtualPen:
    """The pen. It is there from when it is made until it is closed.

    Args:
        node: where the kernel takes new input devices.

    Raises:
        PenNotThere, PenNotAllowed: it cannot be made, and what to do.
    """

    def __init__(self, node: str = NODE) -> None:
        try:
            self._fd = os.open(node, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise _refused(error, node) from None
        try:
            self._make()
        except OSError as error:
            self.close()
            raise _refused(error, node) from None

    def tell(self, frames: Iterable[list[Event]]) -> None:
        """Tell frames of events, each with its end. Raises OSError where the kernel takes none."""
        data = b"".join(
            _EVENT.pack(0, 0, *event)
            for frame in frames
            for event in (*frame, (codes.EV_SYN, codes.SYN_REPORT, 0))
        )
        if data:
            os.write(self._fd, data)

    def close(self) -> None:
        """Take the pen away."""
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._fd, _ioc(2, direction=0))  # UI_DEV_DESTROY
        os.close(self._fd)

    def _make(self) -> None:
        for kind in (codes.EV_KEY, codes.EV_ABS):
            fcntl.ioctl(self._fd, _ioc(100, 4), kind)  # UI_SET_EVBIT
        for key in _KEYS:
            fcntl.ioctl(self._fd, _ioc(101, 4), key)  # UI_SET_KEYBIT
        fcntl.ioctl(self._fd, _ioc(110, 4), _PROP_POINTER)  # UI_SET_PROPBIT
        for axis, (least, most, resolution) in _AXES.items():
            fcntl.ioctl(self._fd, _ioc(103, 4), axis)  # UI_SET_ABSBIT
            told = struct.pack("=H2x6i", axis, 0, least, most, 0, 0, resolution)
            fcntl.ioctl(self._fd, _ioc(4, len(told)), told)  # UI_ABS_SETUP
        about = struct.pack("=4H80sI", _BUS_VIRTUAL, 0, 0, 1, NAME.encode(), 0)
        fcntl.ioctl(self._fd, _ioc(3, len(about)), about)  # UI_DEV_SETUP
        fcntl.ioctl(self._fd, _ioc(1, direction=0))  # UI_DEV_CREATE


def _ioc(number: int, size: int = 0, direction: int = _WRITE) -> int:
    return direction << 30 | size << 16 | ord("U") << 8 | number


def _refused(error: OSError, node: str) -> PenNotThere | PenNotAllowed:
    if error.errno in (errno.EACCES, errno.EPERM):
        return PenNotAllowed(f"{node}: {error.strerror}")
    return PenNotThere(f"{node}: {error.strerror}")
