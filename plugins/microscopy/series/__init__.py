"""Bursts, clips and time-lapses. See `SeriesService`."""

from plugins.microscopy.series.encoding import Encoder
from plugins.microscopy.series.routes import make_router
from plugins.microscopy.series.service import SeriesService

__all__ = ["Encoder", "SeriesService", "make_router"]
