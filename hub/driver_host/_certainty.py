"""What is certain of the properties that a device's pictures show (`Property(shown=True)`).

A reading says what a property was at one moment. A picture taken between two readings shows what
both of them say, where they agree; where they do not, nobody knows. So the hub is told from when on
a value is in doubt: from the begin of a write, or from the last reading that confirmed it. Who
keeps a picture looks whether one value held for as long as the picture may have been on its way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hub.device import Member, Property
from hub.wire import Message


@dataclass(slots=True)
class _Known:
    value: Any
    until: float  # seconds since the epoch: confirmed last
    doubtful: bool = False


class Certainty:
    """Follows the properties of one device that its pictures show.

    Args:
        members: of the device.
        tell: takes a property's name and a reading that is told at once.
    """

    def __init__(self, members: Mapping[str, Member], tell: Callable[[str, Message], None]) -> None:
        shown = [one for one in members.values() if isinstance(one, Property) and one.shown]
        self._shown = {one.name: set(one.follows) for one in shown}
        self._tell = tell
        self._known: dict[str, _Known] = {}

    def followers(self, name: str) -> list[str]:
        """Return the properties to be read again once `name` was set."""
        return [each for each, follows in self._shown.items() if name in follows]

    def setting(self, name: str, now: float) -> None:
        """A property is about to be set: from now on it is in doubt, and what follows it."""
        own = [name] if name in self._shown else []
        for each in own + self.followers(name):
            known = self._known.get(each)
            if known is not None and not known.doubtful:
                known.doubtful = True
                self._doubt(each, known.value, now)

    def read(self, name: str, value: Any, began: float, ended: float) -> None:
        """A property was asked for from `began` to `ended`, seconds since the epoch."""
        if name not in self._shown:
            return
        known = self._known.get(name)
        if known is None or known.doubtful:
            self._known[name] = _Known(value, ended)
        elif known.value == value:
            known.until = max(known.until, began)
        else:
            self._doubt(name, known.value, known.until)
            self._known[name] = _Known(value, ended)

    def reported(self, name: str, value: Any, time: float) -> None:
        """The driver said unasked what a property is: it has changed at that moment, if at all."""
        if name in self._shown and not (name in self._known and self._known[name].doubtful):
            self._known[name] = _Known(value, time)

    def forget(self) -> None:
        """The device was let go of: who knows what is changed until it is back."""
        self._known.clear()

    def _doubt(self, name: str, value: Any, since: float) -> None:
        self._tell(name, {"value": value, "time": since, "quality": "stale"})
