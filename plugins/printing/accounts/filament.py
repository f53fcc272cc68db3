"""How much filament is how heavy. Pure."""

import math

DENSITIES = {"PLA": 1.24, "PETG": 1.27, "ABS": 1.04, "ASA": 1.07, "TPU": 1.21, "PVA": 1.19}
"""g/cm³, as makers of filament state them."""
DIAMETER = 1.75


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
