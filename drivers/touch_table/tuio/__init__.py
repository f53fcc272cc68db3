"""Driver for touch tables that speak TUIO 1.1 or 2.0."""

from drivers.touch_table.tuio.driver import TuioTable

__all__ = ["TuioTable"]
