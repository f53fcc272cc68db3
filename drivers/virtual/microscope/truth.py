"""What is true of the picture now, for tests to hold the hub's answers against.

Lengths are um, places in the picture px: its upper left corner is (0, 0), the middle of its first
pixel (0.5, 0.5).
"""

from typing import Any

from drivers.virtual.microscope import micrometer
from drivers.virtual.microscope.cells import in_view
from drivers.virtual.microscope.optics import OBJECTIVES, Specimen, State, as_shown
from drivers.virtual.microscope.view import Vignette

_GRID = (9, 7)


def truth(
    state: State, specimen: Specimen, drift: tuple[float, float], size: tuple[int, int]
) -> dict[str, Any]:
    """Return what is true of a picture of `size`, width and height in pixels."""
    width, height = size
    objective = OBJECTIVES[state.objective]
    scale = objective.scale(width)
    drift = as_shown(drift, scale)
    x, y = state.stage.x + drift[0], state.stage.y + drift[1]
    best = specimen.height(state.slide, x, y) + objective.parfocal
    return {
        "slide": state.slide,
        "objective": state.objective,
        "width": width,
        "height": height,
        "scale": scale,
        "scales": {name: o.scale(width) for name, o in OBJECTIVES.items()},
        "best_focus": best,
        "defocus": state.focus - best,
        "depth_of_field": objective.depth,
        "tilt": {"x": specimen.tilt_x, "y": specimen.tilt_y},
        "drift": {"x": drift[0], "y": drift[1]},
        "centre": {"x": x, "y": y},
        "numerical_aperture": objective.aperture,
        "heights": _heights(state, specimen, (x, y), size, scale),
        "vignetting": Vignette.of(state, width, height).truth(),
        "white": state.white.model_dump(),
        "cells": [
            {"x": at_x / scale, "y": at_y / scale, "diameter": diameter}
            for at_x, at_y, diameter in in_view(x, y, width * scale, height * scale)
        ]
        if state.slide == "cells"
        else [],
        "micrometer": _micrometer(state, (x, y), size, scale),
    }


def _heights(
    state: State,
    specimen: Specimen,
    centre: tuple[float, float],
    size: tuple[int, int],
    scale: float,
) -> dict[str, Any]:
    """Return where each part of the picture is sharp: the law, and the focus at some places."""
    parfocal = OBJECTIVES[state.objective].parfocal

    def place(column: int, row: int) -> dict[str, float]:
        x, y = size[0] * (column + 0.5) / _GRID[0], size[1] * (row + 0.5) / _GRID[1]
        at = centre[0] + (x - size[0] / 2) * scale, centre[1] + (y - size[1] / 2) * scale
        return {"x": x, "y": y, "focus": specimen.height(state.slide, *at) + parfocal}

    return {
        "law": "focus = level + tilt_x * X + tilt_y * Y"
        " + amplitude * sin(2 pi X / period_x) * cos(2 pi Y / period_y); X, Y: um of the slide",
        "level": specimen.focus + parfocal,
        "tilt_x": specimen.tilt_x,
        "tilt_y": specimen.tilt_y,
        "amplitude": specimen.relief if state.slide == "thick" else 0.0,
        "period_x": specimen.relief_x,
        "period_y": specimen.relief_y,
        "places": [place(c, r) for r in range(_GRID[1]) for c in range(_GRID[0])],
    }


def _micrometer(
    state: State, centre: tuple[float, float], size: tuple[int, int], scale: float
) -> dict[str, Any] | None:
    if state.slide != "micrometer":
        return None
    return {
        "division": micrometer.DIVISION,
        "divisions": micrometer.DIVISIONS,
        "line": micrometer.LINE,
        "angle": state.angle,
        "ends": micrometer.line_ends(*centre, *size, scale, state.angle),
    }
