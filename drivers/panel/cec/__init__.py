"""Displays that obey over the HDMI cable (HDMI-CEC)."""

from drivers.panel.cec.driver import CecPanel

__all__ = ["CecPanel"]
