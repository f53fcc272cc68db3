"""What objective, scale and focus were when a frame was taken, not when somebody pressed.

The frame that was seen may be seconds old, and the objective changed since; a picture with the
wrong scale is worse than one without. This is the one place that knows the scale: what the
microscope itself tells; else the calibration of the objective that was in use then, at the size of
the picture; else none.

Of a microscope that does not tell its objective, a person says it. That holds until the microscope
is unplugged or out of reach, or the hub starts anew: who knows what was turned meanwhile?
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from time import time as now
from typing import Any

from drivers.microscope.contract import Microscope
from hub.bus import Bus, Message
from hub.device import Quality
from hub.frames import RING_SECONDS

KEPT = 64
"""Changes remembered for one property; more within the seconds that frames are kept is no use."""
LONGEST_CHANGE = 6.0
"""Seconds after which an objective that is not known is not waited for: a write takes at most 5."""
SAME_SHAPE = 0.01
"""How far the ratios of two pictures' sides may differ, where both show the same field."""

_OBJECTIVE, _SCALE, _FOCUS = (
    Microscope.objective.name,
    Microscope.scale.name,
    Microscope.focus.name,
)
_CHOSEN = "chosen"
"""The objective as a person said it."""

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Optics:
    """The state of the microscope's optics; None is not known."""

    objective: str | None = None
    scale: float | None = None
    focus: float | None = None


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The scale of an objective, um to a pixel of pictures `width` by `height` pixels large."""

    objective: str
    width: int
    height: int
    scale: float


def scale_at(known: Iterable[Calibrated], objective: str | None, size: Size) -> float | None:
    """Return the scale through an objective of a picture of this size; None is not known.

    That of the size itself, else of one of the same shape: it shows the same field with other
    pixels. A picture of another shape is cut, nobody knows how.
    """
    width, height = size
    if objective is None or width <= 0 or height <= 0:
        return None
    fitting = [each for each in known if each.objective == objective]
    for each in fitting:
        if (each.width, each.height) == size:
            return each.scale
    for each in fitting:
        if _same_shape((each.width, each.height), size):
            return each.scale * each.width / width
    return None


def told_at(told: float | None, view: Size | None, size: Size | None) -> float | None:
    """Return what a scale that the microscope tells of its live view is at a picture's size.

    Args:
        told: micrometres to a pixel of the live view.
        view: width and height of the live view.
        size: width and height of the picture; None: the live view's own.

    Returns:
        None where it cannot be known: the view's size is not, or the picture has another shape.
    """
    if told is None or size is None or size == view:
        return told
    if view is None or 0 in (*view, *size) or not _same_shape(view, size):
        return None
    return told * view[0] / size[0]


def _same_shape(one: Size, other: Size) -> bool:
    return abs(one[0] * other[1] / (one[1] * other[0]) - 1) < SAME_SHAPE


@dataclass(slots=True)
class _History:
    times: list[float] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    def note(self, time: float, value: Any) -> None:
        while self.times and self.times[-1] > time:  # taken back, or the clock was set back
            self.times.pop()
            self.values.pop()
        if self.values and self.values[-1] == value:
            return
        self.times.append(time)
        self.values.append(value)
        del self.times[:-KEPT], self.values[:-KEPT]

    def during(self, start: float, end: float) -> Any:
        """Return the value that held all the while; None where it changed or was not known."""
        first = bisect_right(self.times, start) - 1
        if first < 0 or bisect_right(self.times, end) - 1 != first:
            return None
        return self.values[first]

    @property
    def last(self) -> Any:
        return self.values[-1] if self.values else None


class OpticsLog:
    """Listens to what microscopes say of their optics, and remembers it for a moment.

    Args of the constructor:
        changed: called with a device whose objective or scale has changed.
    """

    def __init__(self, bus: Bus, changed: Callable[[str], None] | None = None) -> None:
        self._histories: dict[tuple[str, str], _History] = {}
        self._calibrated: dict[str, tuple[Calibrated, ...]] = {}
        self._changed = changed or (lambda _device: None)
        self._leave: list[Callable[[], None]] = [
            *(bus.subscribe(f"+/p/{name}", self._hear) for name in (_OBJECTIVE, _SCALE, _FOCUS)),
            bus.subscribe("+/state", self._hear_state),
        ]

    def close(self) -> None:
        """Listen no more."""
        for leave in self._leave:
            leave()

    def at(
        self,
        device: str,
        time: float,
        size: Size | None = None,
        *,
        view: Size | None = None,
        delay: float = 0.0,
    ) -> Optics:
        """Return how the optics of `device` were in a picture; what is not certain is None.

        Args:
            device: the microscope's id.
            time: of the picture, seconds since the epoch.
            size: width and height of the picture in pixels; without it a calibration gives no
                scale.
            view: those of the live view, whose scale the microscope tells; None: not known.
            delay: the picture may have been begun so many seconds before `time`.
        """
        start = time - delay
        tells = self.tells_objective(device)
        objective = self._during(device, _OBJECTIVE if tells else _CHOSEN, start, time)
        focus = self._during(device, _FOCUS, start, time)
        if tells and objective is None:
            return Optics(None, None, focus)  # whatever it tells of its scale
        scale = told_at(self._during(device, _SCALE, start, time), view, size)
        if scale is None and size is not None:
            scale = scale_at(self.calibrated(device), objective, size)
        return Optics(objective, scale, focus)

    def changing(self, device: str, time: float, delay: float = 0.0) -> bool:
        """Tell whether a later picture may show more surely what objective and scale it has.

        So it is while one of them is being changed, and for as long as pictures that were begun
        before are on their way.
        """
        for name in (_OBJECTIVE if self.tells_objective(device) else _CHOSEN, _SCALE):
            history = self._histories.get((device, name))
            if history is None or not history.times:
                continue
            last = history.times[-1]
            if last > time - delay or (history.last is None and last > time - LONGEST_CHANGE):
                return True
        return False

    def told_scale(self, device: str) -> float | None:
        """Return the scale that the microscope itself tells now."""
        history = self._histories.get((device, _SCALE))
        return None if history is None else history.last

    def tells_objective(self, device: str) -> bool:
        """Tell whether the microscope says itself which objective is in use."""
        return (device, _OBJECTIVE) in self._histories

    def objective(self, device: str) -> str | None:
        """Return the objective in use now, told or chosen."""
        name = _OBJECTIVE if self.tells_objective(device) else _CHOSEN
        history = self._histories.get((device, name))
        return None if history is None else history.last

    def choose(self, device: str, objective: str | None) -> None:
        """Note that a person says which objective is in use from now on; None: not known."""
        history = self._histories.setdefault((device, _CHOSEN), _History([0.0], [None]))
        if history.last != objective:
            said = now()  # by the clock of frames
            # It was turned some time before it was said. Older pictures are not kept any more.
            history.note(said - RING_SECONDS, None)
            history.note(said, objective)
            self._changed(device)

    def calibrated(self, device: str) -> tuple[Calibrated, ...]:
        """Return what is calibrated; of each objective and size the one that counts."""
        return self._calibrated.get(device, ())

    def calibrate(self, device: str, known: Iterable[Calibrated]) -> None:
        """Put these calibrations, the newest first, in the place of what was known."""
        found: dict[tuple[str, int, int], Calibrated] = {}
        for each in known:
            found.setdefault((each.objective, each.width, each.height), each)
        self._calibrated[device] = tuple(found.values())
        self._changed(device)

    def _during(self, device: str, name: str, start: float, end: float) -> Any:
        history = self._histories.get((device, name))
        return None if history is None else history.during(start, end)

    def _hear(self, message: Message) -> None:
        device, _, name = message.topic.split("/")
        if message.payload is None:
            self._histories.pop((device, name), None)
        else:
            said = message.payload
            value = said["value"] if said["quality"] == Quality.GOOD else None
            moment = datetime.fromisoformat(said["time"]).timestamp()
            self._histories.setdefault((device, name), _History()).note(moment, value)
        if name != _FOCUS:
            self._changed(device)

    def _hear_state(self, message: Message) -> None:
        device = message.topic.split("/", 1)[0]
        if message.payload is None:
            self._histories.pop((device, _CHOSEN), None)
        elif not message.payload.get("reachable") and (device, _CHOSEN) in self._histories:
            self.choose(device, None)
