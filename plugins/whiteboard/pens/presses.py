"""What presses on the board now: a tip that draws, an end that rubs out, or one that may not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plugins.whiteboard import wire
from plugins.whiteboard.pens.keeping import Keeper, Rubbed
from plugins.whiteboard.pens.strokes import Nib, Stroke, on_page
from plugins.whiteboard.sync.room import Room

RUBS = 0.1
"""Seconds of an eraser's path that are looked at together."""
_LOWER, _UPPER = 1, 2


def rubs_out(sample: Mapping[str, Any]) -> bool:
    """Tell whether a pen that is set down like this rubs out: its other end, or its button."""
    return bool(sample.get("eraser")) or _LOWER in sample.get("buttons", ())


def pen_of(sample: Mapping[str, Any]) -> str:
    """Return what a pen is that is set down like this: with its upper button held a marker."""
    return "marker" if _UPPER in sample.get("buttons", ()) else "pen"


class Press:
    """What was set down on the board; in itself one that may not draw there, until it is lifted."""

    def add(self, sample: Mapping[str, Any]) -> None:
        """Nothing comes of it."""

    def tell(self) -> None:
        """There is nothing to tell."""

    def end(self) -> None:
        """It was lifted."""

    def give_up(self) -> None:
        """It was no pen."""


@dataclass(slots=True)
class Draws(Press):
    """A tip that draws; a stroke that is full goes on as another one."""

    room: Room
    keeper: Keeper
    stroke: Stroke

    def add(self, sample: Mapping[str, Any]) -> None:
        """Take the next sample."""
        if self.stroke.full:
            self.end()
            self.stroke = Stroke.begin(self.stroke.nib, sample)
        else:
            self.stroke.add(sample)

    def tell(self) -> None:
        """Show those who look what has come."""
        if self.room.connections:
            self.room.live.add(self, self.stroke.news())

    def end(self) -> None:
        """Keep the stroke."""
        self.room.live.add(self, self.stroke.news(wire.ENDS))
        self.keeper.put(self.room, self.stroke)

    def give_up(self) -> None:
        """Take it off: a hand, not a finger."""
        self.room.live.add(self, self.stroke.news(wire.GIVEN_UP))


@dataclass(slots=True)
class Rubs(Press):
    """An eraser; its path is looked at ten times a second."""

    room: Room
    keeper: Keeper
    nib: Nib
    _path: list[tuple[float, float]] = field(default_factory=list)
    _since: float = 0.0
    _now: float = 0.0

    def add(self, sample: Mapping[str, Any]) -> None:
        """Take the next sample."""
        self._now = float(sample["time"])
        if not self._path:
            self._since = self._now
        self._path.append(on_page(sample, self.nib.place))

    def tell(self) -> None:
        """Take off what it has touched, where that is due."""
        if self._now - self._since >= RUBS:
            self.end()
            del self._path[:-1]
            self._since = self._now

    def end(self) -> None:
        """Take off what it has touched."""
        if self._path:
            nib = self.nib
            self.keeper.put(
                self.room, Rubbed(nib.document, nib.page, nib.device, tuple(self._path))
            )
