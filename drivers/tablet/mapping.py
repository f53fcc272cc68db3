"""From the tablet's own area to what the pupil has before them."""

from collections.abc import Callable

from drivers.input.values import Rotation, Size
from drivers.tablet.contract import Mapping

_TURNED: dict[Rotation, Callable[[float, float], tuple[float, float]]] = {
    Rotation.NONE: lambda x, y: (x, y),
    Rotation.RIGHT: lambda x, y: (1 - y, x),
    Rotation.OVER: lambda x, y: (1 - x, 1 - y),
    Rotation.LEFT: lambda x, y: (y, 1 - x),
}


def map_place(mapping: Mapping, x: float, y: float) -> tuple[float, float]:
    """Return a place of the tablet, in fractions, as a place of the mapped area."""
    across = (x - mapping.left) / (mapping.right - mapping.left)
    down = (y - mapping.top) / (mapping.bottom - mapping.top)
    return _TURNED[mapping.rotation](min(max(across, 0.0), 1.0), min(max(down, 0.0), 1.0))


def map_tilt(rotation: Rotation, x: float, y: float) -> tuple[float, float]:
    """Return a tilt as it is before the pupil."""
    match rotation:
        case Rotation.RIGHT:
            return -y, x
        case Rotation.OVER:
            return -x, -y
        case Rotation.LEFT:
            return y, -x
        case _:
            return x, y


def map_size(mapping: Mapping, size: Size) -> Size:
    """Return the size of the mapped area."""
    width = size.width * (mapping.right - mapping.left)
    height = size.height * (mapping.bottom - mapping.top)
    if mapping.rotation in (Rotation.RIGHT, Rotation.LEFT):
        width, height = height, width
    return Size(width=round(width, 2), height=round(height, 2))
