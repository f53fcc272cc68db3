"""Measuring and annotating: drawn on a picture as vectors, burned in only where it is exported."""

from plugins.microscopy.measuring.layers import Layer, Layers, editable
from plugins.microscopy.measuring.on_screen import OnScreen
from plugins.microscopy.measuring.routes import make_router
from plugins.microscopy.measuring.shapes import Shape
from plugins.microscopy.measuring.values import Measured, Statistics, measured, summed_up

__all__ = [
    "Layer",
    "Layers",
    "Measured",
    "OnScreen",
    "Shape",
    "Statistics",
    "editable",
    "make_router",
    "measured",
    "summed_up",
]
