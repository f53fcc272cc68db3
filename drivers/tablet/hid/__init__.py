"""Driver for graphics tablets by their raw reports: standard ones, and those with a data file."""

from drivers.tablet.hid.driver import HidTablet

__all__ = ["HidTablet"]
