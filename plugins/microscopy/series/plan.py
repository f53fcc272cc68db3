"""Where the focus or the stage goes, picture by picture; reckoned before anything moves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from drivers.microscope.contract import Microscope
from hub.errors import Invalid
from hub.plugin import DeviceHandle
from plugins.microscopy.series.errors import NoDrivenFocus, NoDrivenStage

FEWEST, MOST_HEIGHTS = 3, 60
MOST_PLACES = 48
"""So many pictures of 1920 x 1080, a third of them shared, are some 60 megapixels."""
_WAVELENGTH = 0.55
_PIXEL = 4.0
"""Width of a camera's pixel in the image, um, as in most school microscopes' cameras."""
_APERTURES = {2: 0.05, 4: 0.10, 10: 0.25, 20: 0.40, 40: 0.65, 60: 0.85, 100: 1.25}
"""Numerical apertures of the usual achromats, by their magnification."""
_MAGNIFICATION = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d+)?)\s*[xх×]", re.IGNORECASE)
_OF_TRAVEL = 50


@dataclass(frozen=True, slots=True)
class Focus:
    """What moves the focus: the microscope's own, in um, or the camera's lens, in its own units.

    Attributes:
        name: of the property.
        automatic: of the property that makes the camera focus by itself; empty where it cannot.
        low, high: how far it goes.
        whole: it takes whole numbers only.
    """

    name: str
    low: float
    high: float
    whole: bool
    automatic: str = ""

    def value(self, height: float) -> float:
        """Return a height as it can be set."""
        return round(height) if self.whole else round(height, 3)


def focus_of(handle: DeviceHandle) -> Focus:
    """Return what moves the focus of a microscope.

    Raises:
        NoDrivenFocus: only a hand does.
    """
    for member, automatic in ((Microscope.focus, ""), (Microscope.lens, Microscope.lens_auto.name)):
        schema = _writable(handle, member.name)
        if schema is None:
            continue
        low, high = schema.get("minimum"), schema.get("maximum")
        if isinstance(low, int | float) and isinstance(high, int | float) and low < high:
            has = bool(automatic) and _writable(handle, automatic) is not None
            return Focus(
                member.name, low, high, schema.get("type") == "integer", automatic if has else ""
            )
    raise NoDrivenFocus(handle.id)


def check_stage(handle: DeviceHandle) -> None:
    """Check that the computer moves the stage. Raises `NoDrivenStage`."""
    if _writable(handle, Microscope.stage.name) is None:
        raise NoDrivenStage(handle.id)


def _writable(handle: DeviceHandle, name: str) -> Mapping[str, Any] | None:
    description = handle.description
    found = None if description is None else description.properties.get(name)
    return found.value_schema if found is not None and found.writable else None


def depth_of_field(objective: str | None) -> float | None:
    """Return how deep, um, an objective of this name sees sharply; None is not known.

    Wavelength / aperture² + pixel / (magnification * aperture), the aperture being that of the
    usual objective of the magnification (after Inoué & Spring 1997, "Video Microscopy").
    """
    found = _MAGNIFICATION.search(objective or "")
    magnification = 0.0 if found is None else float(found[1].replace(",", "."))
    if not 1 <= magnification <= 200:
        return None
    nearest = min(_APERTURES, key=lambda known: abs(known - magnification))
    aperture = _APERTURES[nearest]
    return _WAVELENGTH / aperture**2 + _PIXEL / (magnification * aperture)


def heights(
    focus: Focus,
    at: float,
    count: int,
    wanted: tuple[float, float] | None,
    objective: str | None,
) -> list[float]:
    """Return the heights of a stack, the first one lowest unless it was wanted otherwise.

    Args:
        focus: what moves it.
        at: where it is now.
        count: how many.
        wanted: the first and the last; None: a depth of field apart, around `at`.
        objective: in use, where that is known.

    Raises:
        Invalid: they are not within the travel, or do not differ.
    """
    if wanted is not None:
        first, last = wanted
        if not all(focus.low <= one <= focus.high for one in wanted):
            raise Invalid(f"the focus goes from {focus.low:g} to {focus.high:g}", field="from")
    else:
        depth = None if focus.whole else depth_of_field(objective)
        step = (focus.high - focus.low) / _OF_TRAVEL if depth is None else depth
        reach = min(step * (count - 1), focus.high - focus.low)
        # Near an end of the travel the stack is moved, not cut.
        first = min(max(at - reach / 2, focus.low), focus.high - reach)
        last = first + reach
    found = [focus.value(first + (last - first) * n / (count - 1)) for n in range(count)]
    if len(set(found)) < count:
        raise Invalid(f"the focus has fewer than {count} steps there", field="steps")
    return found


def places(
    at: tuple[float, float], columns: int, rows: int, step: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the places of a mosaic around `at`, row by row, there and back again, um."""
    left = at[0] - step[0] * (columns - 1) / 2
    top = at[1] - step[1] * (rows - 1) / 2
    found: list[tuple[float, float]] = []
    for row in range(rows):
        line = [(left + step[0] * column, top + step[1] * row) for column in range(columns)]
        found += line if row % 2 == 0 else reversed(line)
    return [(round(x, 3), round(y, 3)) for x, y in found]
