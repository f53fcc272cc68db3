"""Monitors that obey over the two wires in their video cable (DDC/CI)."""

from drivers.panel.ddcci.driver import DdcciPanel

__all__ = ["DdcciPanel"]
