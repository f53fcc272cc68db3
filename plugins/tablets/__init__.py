"""Tablets: calibrating pens and tables, trying a pen, how hard each pupil presses."""

from plugins.tablets.plugin import TabletsPlugin

__all__ = ["TabletsPlugin"]
