"""What a print server sends, read with care: JSON of somebody else's program."""

import math
from collections.abc import Mapping
from typing import Any

from drivers.printer.values import Heater


def number(value: Any, default: float = 0.0) -> float:
    """Return a finite number, `default` for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return default


def perhaps(value: Any) -> float | None:
    """Return a finite number, None for anything else."""
    found = number(value, math.nan)
    return None if math.isnan(found) else found


def text(value: Any, most: int = 200) -> str:
    """Return a text, cut; empty for anything else."""
    return value[:most] if isinstance(value, str) else ""


def table(value: Any) -> Mapping[str, Any]:
    """Return an object's fields; none for anything else."""
    return value if isinstance(value, dict) else {}


def heater(value: Any, actual: str = "actual", target: str = "target") -> Heater | None:
    """Return a heater from an object; None where it says no temperature that can be."""
    found = table(value)
    warm = perhaps(found.get(actual))
    if warm is None or not -50 <= warm <= 500:
        return None
    wanted = number(found.get(target))
    return Heater(actual=round(warm, 1), target=wanted if 0 <= wanted <= 500 else 0.0)


def length(value: Any) -> float | None:
    """Return millimetres on a printer; None for anything that cannot be."""
    found = perhaps(value)
    return round(found, 3) if found is not None and abs(found) <= 2000 else None
