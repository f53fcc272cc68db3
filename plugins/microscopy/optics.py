"""What objective, scale and focus were when a frame was taken, not when somebody pressed.

The frame that was seen may be seconds old, and the objective changed since; a picture with the
wrong scale is worse than one without.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from drivers.microscope.contract import Microscope
from hub.bus import Bus, Message
from hub.device import Quality

KEPT = 64
"""Changes remembered for one property; more within the seconds that frames are kept is no use."""

_NAMES = (Microscope.objective.name, Microscope.scale.name, Microscope.focus.name)


@dataclass(frozen=True, slots=True)
class Optics:
    """The state of the microscope's optics; None is not known."""

    objective: str | None = None
    scale: float | None = None
    focus: float | None = None


@dataclass(slots=True)
class _History:
    times: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def note(self, time: float, value: Any) -> None:
        if self.values and self.values[-1] == value:
            return
        self.times.append(time)
        self.values.append(value)
        del self.times[:-KEPT], self.values[:-KEPT]

    def at(self, time: float) -> Any:
        return self.values[max(bisect_right(self.times, time) - 1, 0)] if self.values else None


class OpticsLog:
    """Listens to what microscopes say of their optics, and remembers it for a moment."""

    def __init__(self, bus: Bus) -> None:
        self._histories: dict[tuple[str, str], _History] = {}
        self._leave: list[Callable[[], None]] = [
            bus.subscribe(f"+/p/{name}", self._hear) for name in _NAMES
        ]

    def close(self) -> None:
        """Listen no more."""
        for leave in self._leave:
            leave()

    def at(self, device: str, time: float) -> Optics:
        """Return how the optics of `device` were at `time` (seconds since the epoch)."""
        found = (self._histories.get((device, name)) for name in _NAMES)
        return Optics(*(None if history is None else history.at(time) for history in found))

    def _hear(self, message: Message) -> None:
        device, _, name = message.topic.split("/")
        if message.payload is None:
            self._histories.pop((device, name), None)
            return
        said = message.payload
        value = said["value"] if said["quality"] == Quality.GOOD else None
        moment = datetime.fromisoformat(said["time"]).timestamp()
        self._histories.setdefault((device, name), _History()).note(moment, value)
