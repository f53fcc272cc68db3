"""Pens whose receiver says HID reports of its own."""

from drivers.globe.hid.driver import HidGlobe

__all__ = ["HidGlobe"]
