"""Pens that say lines of text over a serial line: a receiver on USB, or Bluetooth's `rfcomm`."""

from drivers.globe.serial.driver import SerialGlobe

__all__ = ["SerialGlobe"]
