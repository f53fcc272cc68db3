"""Calibration: how large a pixel is through each objective, found on a stage micrometer."""

from plugins.microscopy.calibration.calibrations import Calibration, Calibrations
from plugins.microscopy.calibration.routes import make_router

__all__ = ["Calibration", "Calibrations", "make_router"]
