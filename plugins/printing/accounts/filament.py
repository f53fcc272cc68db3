"""How much filament is how heavy. Pure."""

import math
from collections.abc import Mapping
from typing import Any

DENSITIES = {"PLA": 1.24, "PETG": 1.27, "ABS": 1.04, "ASA": 1.07, "TPU": 1.21, "PVA": 1.19}
"""g/cm³, as makers of filament state them."""
DIAMETER = 1.75
FASTEST = 25.0
"""mm³ in a second that a fast hot end melts; an ordinary one melts half of it."""


def density_of(material: str) -> float:
    """Return g/cm³ of a material; PLA's where it is not known."""
    return DENSITIES.get(material.strip().upper(), DENSITIES["PLA"])


def grams(millimetres: float, *, diameter: float = DIAMETER, density: float = 1.24) -> float:
    """Return the mass of so much filament.

    Args:
        millimetres: of its length.
        diameter: mm.
        density: g/cm³.
    """
    return millimetres * math.pi * (diameter / 2) ** 2 * density / 1000.0


def needed(estimate: Mapping[str, Any]) -> tuple[float, float]:
    """Return grams and seconds that a print takes at least.

    What a file says of itself is anybody's word; the filament that it pushes was counted. So a
    file that says little or nothing counts by that.

    Args:
        estimate: `grams`, `seconds`, `millimetres` of a job; each may be missing or None.
    """
    length = float(estimate.get("millimetres") or 0.0)
    volume = length * math.pi * (DIAMETER / 2) ** 2
    # The lightest of the usual plastics: what weighs more says so.
    counted = grams(length, density=min(DENSITIES.values()))
    return (
        max(float(estimate.get("grams") or 0.0), counted),
        max(float(estimate.get("seconds") or 0.0), volume / FASTEST),
    )
