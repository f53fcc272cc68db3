"""Pens that type their codes as a keyboard would."""

from drivers.globe.wedge.driver import WedgeGlobe

__all__ = ["WedgeGlobe"]
