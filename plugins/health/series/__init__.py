"""A year of measured values in bounded space."""

from plugins.health.series.history import History, Plotted, SeriesInfo, UnknownSeries
from plugins.health.series.tiers import Tier

__all__ = ["History", "Plotted", "SeriesInfo", "Tier", "UnknownSeries"]
