"""What touches one table, as TUIO wants to know it: sessions, places, velocities, sizes, users."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from drivers.input.values import Size
from drivers.touch_table.contract import Phase, TouchTool
from plugins.touch.contacts import ASSUMED, Sample

UserOf = Callable[[float, float], int]
"""Tells the user who works at a place of the table."""

_LONGEST = 0.25
"""Seconds between two reports, beyond which a finger had rested: it begins from standing."""


@dataclass(slots=True)
class Touching:
    """A contact.

    Attributes:
        session: its id, 1..2^31-1; never used again while the hub runs.
        user: the number of the zone in which it came down, 0: none.
        x, y, width, height: fractions of the table. angle: radians, 0..2 pi.
        pressure: 0..1, None where the table does not tell.
        vx, vy: table widths (heights) a second. acceleration: of the speed, a second.
    """

    session: int
    user: int
    tool: TouchTool
    x: float
    y: float
    width: float = 0.0
    height: float = 0.0
    angle: float = 0.0
    pressure: float | None = None
    vx: float = 0.0
    vy: float = 0.0
    acceleration: float = 0.0
    time: float = 0.0
    resting: bool = True

    @property
    def area(self) -> float:
        """Return the share of the table that it covers: an ellipse."""
        return math.pi / 4 * self.width * self.height

    def move(self, sample: Sample, size: Size | None) -> None:
        """Take a newer report."""
        passed = sample["time"] - self.time
        before = math.hypot(self.vx, self.vy)
        if 0 < passed <= _LONGEST:
            self.vx = (sample["x"] - self.x) / passed
            self.vy = (sample["y"] - self.y) / passed
            self.acceleration = (math.hypot(self.vx, self.vy) - before) / passed
        elif passed > _LONGEST:
            self.rest()
        self.resting = False
        self.look(sample, size)

    def rest(self) -> None:
        """It has not moved for a while."""
        self.vx = self.vy = self.acceleration = 0.0
        self.resting = True

    def look(self, sample: Sample, size: Size | None) -> None:
        """Take place and looks of a report."""
        self.x, self.y, self.time = float(sample["x"]), float(sample["y"]), sample["time"]
        longer, shorter = sample.get("width_mm"), sample.get("height_mm")
        whole = size or ASSUMED
        if longer is not None:
            # TUIO's width lies along the angle; the contract's angle is of the longer axis, from
            # upright: the longer axis is the height.
            self.height = min(longer / whole.height, 1.0)
            self.width = min((longer if shorter is None else shorter) / whole.width, 1.0)
        self.angle = math.radians(sample.get("angle") or 0.0) % math.tau
        self.pressure = sample.get("pressure")


class Sessions:
    """Numbers of contacts, of all tables together: a program may not tell their sources apart."""

    def __init__(self) -> None:
        self._next = 1

    def take(self) -> int:
        """Return the next one; after 2^31-1 from the beginning (twenty years of tapping)."""
        number, self._next = self._next, self._next % (2**31 - 1) + 1
        return number


class Surface:
    """The contacts of one table.

    Attributes:
        frame: how many were told, from 1 on.
    """

    def __init__(self, sessions: Sessions) -> None:
        self.frame = 0
        self.now: dict[int, Touching] = {}
        self._sessions = sessions

    def take(self, samples: Sequence[Sample], size: Size | None, user: UserOf) -> list[Touching]:
        """Take the samples of one report of the table; returns those that are new or moved."""
        told: dict[int, Touching] = {}
        for sample in samples:
            number = sample["id"]
            if sample["phase"] == Phase.UP:
                self.now.pop(number, None)
                told.pop(number, None)
                continue
            known = self.now.get(number)
            if known is None:
                known = Touching(
                    self._sessions.take(),
                    user(sample["x"], sample["y"]),
                    TouchTool(sample["tool"]),
                    sample["x"],
                    sample["y"],
                )
                known.look(sample, size)
                self.now[number] = known
            else:
                known.move(sample, size)
            told[number] = known
        self.frame = self.frame % (2**31 - 1) + 1
        return list(told.values())

    def rest(self, time: float) -> list[Touching]:
        """Return all that touch; those which have not moved lately stand still."""
        for one in self.now.values():
            if time - one.time > _LONGEST and not one.resting:
                one.rest()
        return list(self.now.values())
