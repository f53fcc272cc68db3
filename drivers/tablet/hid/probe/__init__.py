"""Finding out what an unknown tablet's reports say, and writing its data file."""

from drivers.tablet.hid.probe.probing import TabletProbe

__all__ = ["TabletProbe"]
