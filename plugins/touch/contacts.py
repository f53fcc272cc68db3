"""What touches one table: each contact with its zone and seat, and the gestures of each zone.

Pure: it is given the samples of the table's driver and times, and returns what is to be told. A
contact stays in the zone in which it came down, wherever it goes, so that who drags something
across an edge neither loses it nor disturbs the neighbours. Palms and objects make no gestures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from drivers.input.values import Size
from drivers.touch_table.contract import Phase, TouchTool
from plugins.touch.gestures.gesture import Finger, Gesture, Stage
from plugins.touch.gestures.recogniser import Recogniser
from plugins.touch.zones.zone import Zone, turned_step, zone_at

ASSUMED = Size(width=1000.0, height=562.5)
"""Of a table that does not say its size: gestures are measured as if it were this large."""
_FINGERS = (TouchTool.FINGER, TouchTool.PEN)

Sample = dict[str, Any]
Told = dict[str, Any]


@dataclass(slots=True)
class Heard:
    """What samples mean: contacts and gestures, JSON-ready."""

    contacts: list[Told] = field(default_factory=list)
    gestures: list[Told] = field(default_factory=list)

    @property
    def urgent(self) -> bool:
        """Whether it says more than that something moves on."""
        return any(one["phase"] != Phase.MOVE for one in self.contacts) or any(
            one["stage"] != Stage.CHANGE for one in self.gestures
        )

    def add(self, other: "Heard") -> None:
        """Take what came later."""
        self.contacts += other.contacts
        self.gestures += other.gestures


class TableContacts:
    """The contacts of one table.

    Args:
        zones: how the table is divided.
    """

    def __init__(self, zones: Sequence[Zone]) -> None:
        self.size: Size | None = None
        self._down: dict[int, tuple[Zone | None, Sample]] = {}
        self._over: set[int] = set()
        self._last = 0.0
        self._divide(zones)

    def __len__(self) -> int:
        """How many contacts are down."""
        return len(self._down)

    def divide(self, zones: Sequence[Zone]) -> Heard:
        """Divide the table anew: what lasts ends; fingers that are down count from the next on."""
        heard = self._end_gestures()
        self._down = {one: (None, sample) for one, (_, sample) in self._down.items()}
        self._divide(zones)
        return heard

    def living(self, samples: Sequence[Sample]) -> Sequence[Sample]:
        """Return those samples whose contacts have not been ended by `gone`.

        What a driver says while it lets go comes after that: it begins nothing anew.
        """
        if not self._over:
            return samples
        return [one for one in samples if one["id"] not in self._over]

    def feed(self, samples: Sequence[Sample]) -> Heard:
        """Take samples of the driver, in their order."""
        heard = Heard()
        for _, frame in groupby(samples, key=lambda one: one["frame"]):
            heard.add(self._frame(list(frame)))
        return heard

    def wait(self, time: float) -> Heard:
        """Let time (that of the samples) pass: fingers that rest."""
        heard = Heard()
        for number, recogniser in self._recognisers.items():
            heard.gestures += self._gestures(number, recogniser.wait(time))
        return heard

    @property
    def due(self) -> float | None:
        """When to call `wait`, in the samples' time."""
        return min((due for one in self._recognisers.values() if (due := one.due)), default=None)

    @property
    def last(self) -> float:
        """The time of the newest sample."""
        return self._last

    def gone(self) -> Heard:
        """End everything: the table has gone without saying so."""
        heard = self._end_gestures()  # first: a hand that is cut off does not swipe
        ends = [{**sample, "phase": Phase.UP.value} for _, sample in self._down.values()]
        heard.add(self.feed(ends))
        self._down.clear()
        self._over.update(one["id"] for one in ends)
        return heard

    def back(self) -> None:
        """The table is there again: it counts its contacts from the beginning."""
        self._over.clear()

    def _divide(self, zones: Sequence[Zone]) -> None:
        self._zones = {zone.number: zone for zone in zones}
        self._recognisers = {zone.number: Recogniser() for zone in zones}

    def _frame(self, samples: list[Sample]) -> Heard:
        heard = Heard()
        fingers: dict[int, list[Finger]] = {}
        size = self.size or ASSUMED
        for sample in samples:
            self._last = max(self._last, sample["time"])
            up = sample["phase"] == Phase.UP
            zone = self._zone(sample)
            if up:
                self._down.pop(sample["id"], None)
            else:
                self._down[sample["id"]] = (zone, sample)
            heard.contacts.append(_contact(sample, zone))
            if zone is not None and (up or sample["tool"] in _FINGERS):
                x, y = sample["x"] * size.width, sample["y"] * size.height
                fingers.setdefault(zone.number, []).append(Finger(sample["id"], not up, x, y))
        for number, ones in fingers.items():
            gestures = self._recognisers[number].feed(ones, self._last)
            heard.gestures += self._gestures(number, gestures)
        return heard

    def _zone(self, sample: Sample) -> Zone | None:
        known = self._down.get(sample["id"])
        if known is not None:
            return known[0]
        return zone_at(tuple(self._zones.values()), sample["x"], sample["y"])

    def _end_gestures(self) -> Heard:
        heard = Heard()
        for number, recogniser in self._recognisers.items():
            heard.gestures += self._gestures(number, recogniser.end(self._last))
        return heard

    def _gestures(self, number: int, gestures: Iterable[Gesture]) -> list[Told]:
        zone, size = self._zones[number], self.size or ASSUMED
        return [_gesture(one, zone, size) for one in gestures]


def _contact(sample: Sample, zone: Zone | None) -> Told:
    told = dict(sample)
    told["zone"] = told["seat"] = told["within"] = None
    if zone is not None:
        across, down = zone.within(sample["x"], sample["y"])
        told |= {"zone": zone.number, "seat": zone.seat}
        told["within"] = [round(across, 5), round(down, 5)]
    return told


def _gesture(gesture: Gesture, zone: Zone, size: Size) -> Told:
    x, y = gesture.x / size.width, gesture.y / size.height
    across, down = zone.within(x, y)
    dx, dy = turned_step(gesture.dx, gesture.dy, zone.side)
    told: Told = {
        "gesture": gesture.kind.value,
        "stage": gesture.stage.value,
        "time": gesture.time,
        "zone": zone.number,
        "seat": zone.seat,
        "contacts": list(gesture.fingers),
        "x": round(x, 5),
        "y": round(y, 5),
        "within": [round(across, 5), round(down, 5)],
        "dx_mm": round(dx, 2),
        "dy_mm": round(dy, 2),
        "scale": round(gesture.scale, 4),
        "angle": round(gesture.angle, 2),
        "direction": None,
        "speed_mm": None,
    }
    if gesture.speed:
        told["direction"] = _direction(dx, dy)
        told["speed_mm"] = round(gesture.speed, 1)
    return told


def _direction(dx: float, dy: float) -> str:
    if abs(dx) >= abs(dy):
        return "right" if dx > 0 else "left"
    return "down" if dy > 0 else "up"
