"""A virtual 3D printer: Marlin's dialect on a serial line, with the heat and motion of a real one.

`Firmware` is the printer without a line: bytes in, bytes out, and a clock; so it can be played over
a pseudo-terminal (`python -m drivers.virtual.printer`) as well as behind a USB device.
"""

from drivers.virtual.printer.faults import Faults
from drivers.virtual.printer.firmware import Firmware, Options

__all__ = ["Faults", "Firmware", "Options"]
