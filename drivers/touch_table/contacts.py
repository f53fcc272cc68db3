"""Contacts from one report of the table to the next: what every driver makes touches with."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from drivers.input.calibration import Calibration
from drivers.input.values import Size
from drivers.touch_table.contract import MOST_CONTACTS, Phase, Touch, TouchTool


@dataclass(slots=True)
class Place:
    """Where a contact is and how it looks, in fractions and millimetres."""

    x: float = 0.0
    y: float = 0.0
    width_mm: float | None = None
    height_mm: float | None = None
    angle: float | None = None
    pressure: float | None = None
    tool: TouchTool = TouchTool.FINGER


@dataclass(slots=True)
class _Contact:
    id: int
    place: Place
    palm: bool = False


class Contacts:
    """Gives contacts ids that are never used again, and ends each.

    Args:
        size: of the table, None where unknown.
        palm_mm: what touches with a longer axis than this is a palm; None: the table's word counts.

    Attributes:
        calibration: from the table's own area to the picture beneath it.
        refused: contacts beyond `MOST_CONTACTS` at once, which are not told.
    """

    def __init__(self, size: Size | None, palm_mm: float | None = None) -> None:
        self.refused = 0
        self.calibration = Calibration()
        self._size = size
        self._palm = palm_mm
        self._now: dict[Any, _Contact] = {}
        self._next = 1
        self._frame = -1

    def __len__(self) -> int:
        """How many are down."""
        return len(self._now)

    def begin_frame(self) -> None:
        """Take what follows as true at one moment."""
        self._frame += 1

    def down(self, key: Any, place: Place, time: float) -> list[Touch]:
        """Begin a contact; one of the same key ends before."""
        touches = self.up(key, time)
        if len(self._now) >= MOST_CONTACTS:
            self.refused += 1
            return touches
        self._now[key] = _Contact(self._next, place)
        self._next += 1
        return [*touches, self._touch(self._now[key], Phase.DOWN, time)]

    def move(self, key: Any, place: Place, time: float) -> list[Touch]:
        """Tell where a contact is now; one that is not known begins."""
        contact = self._now.get(key)
        if contact is None:
            return self.down(key, place, time)
        if contact.place == place:
            return []
        contact.place = place
        return [self._touch(contact, Phase.MOVE, time)]

    def up(self, key: Any, time: float) -> list[Touch]:
        """End a contact where it was last; nothing where it is not known."""
        contact = self._now.pop(key, None)
        return [] if contact is None else [self._touch(contact, Phase.UP, time)]

    def keys(self) -> list[Any]:
        """Return the keys of those that are down."""
        return list(self._now)

    def only(self, keys: Iterable[Any], time: float) -> list[Touch]:
        """End all but these."""
        kept = set(keys)
        return [touch for key in self.keys() if key not in kept for touch in self.up(key, time)]

    def end(self, time: float) -> list[Touch]:
        """End all: the table has gone."""
        self.begin_frame()
        return self.only((), time)

    def _touch(self, contact: _Contact, phase: Phase, time: float) -> Touch:
        place, size = contact.place, self._size
        # A hand that rolls off stays a palm to its end: it shall not leave a stroke behind.
        large = self._palm is not None and (place.width_mm or 0.0) > self._palm
        contact.palm = contact.palm or large or place.tool is TouchTool.PALM
        x, y = self.calibration.place(place.x, place.y)
        return Touch(
            time=time,
            frame=self._frame,
            id=contact.id,
            phase=phase,
            x=x,
            y=y,
            x_mm=None if size is None else x * size.width,
            y_mm=None if size is None else y * size.height,
            width_mm=place.width_mm,
            height_mm=place.height_mm,
            angle=place.angle,
            pressure=place.pressure,
            tool=TouchTool.PALM if contact.palm else place.tool,
        )
