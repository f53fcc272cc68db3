"""Where the sky stands above the school this evening."""

import asyncio
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hub.clock import now
from hub.plugin import PluginHub
from plugins.globe.settings import School

HOUR = 22
"""Of the evening: from September to April it is dark then everywhere in Kazakhstan."""
LATER = 5
"""Hours that are tried from then on: in the west of Kazakhstan it is light at ten in June."""
NIGHT_ENDS = 8
DARK = -9.0
"""Degrees of the sun: constellations are seen when it stands lower."""
SUNSET = -0.83
"""Degrees: what the air lifts, and half of the sun."""
LOW = 5.0
"""Degrees: what is lower stands behind houses and trees."""
POINTS = 8
LIMIT = 30.0
Turned = list[list[float]]
"""Three rows: what of a direction (ICRS) points north, east and up."""
MEMORY = 256 << 20


@dataclass(frozen=True, slots=True)
class Horizontal:
    """Where something stands: degrees above the horizon, degrees from north by east."""

    altitude: float
    azimuth: float

    @property
    def point(self) -> int:
        """Which of the eight points of the compass is nearest, from 0 (north) by the east."""
        return round(self.azimuth / (360 / POINTS)) % POINTS


class Sky:
    """The sky above a place at a moment.

    Stars are so far away that where the Earth is hardly matters for them (their aberration is a
    180th of a degree): only how it is turned.
    """

    def __init__(self, at: dt.datetime, turned: Turned) -> None:
        self.at = at
        self._turned = turned

    @property
    def sun(self) -> float:
        """How high the sun stands, degrees; below zero it has set."""
        return self.of(*sun_at(self.at)).altitude

    @property
    def bright(self) -> bool:
        """Whether the sun is up even now: it does not set, and no star is seen."""
        return self.sun > SUNSET

    @property
    def dark(self) -> bool:
        """Whether constellations are seen."""
        return self.sun < DARK

    def of(self, ascension: float, declination: float) -> Horizontal:
        """Return where a place of the sky stands (degrees, ICRS)."""
        along, above = math.radians(ascension), math.radians(declination)
        star = (
            math.cos(above) * math.cos(along),
            math.cos(above) * math.sin(along),
            math.sin(above),
        )
        north, east, up = (
            sum(a * b for a, b in zip(row, star, strict=True)) for row in self._turned
        )
        altitude = math.degrees(math.asin(max(-1.0, min(1.0, up))))
        return Horizontal(altitude, math.degrees(math.atan2(east, north)) % 360)

    def zenith(self) -> tuple[float, float]:
        """Return what stands overhead: right ascension (-180 to 180) and declination, degrees."""
        x, y, z = self._turned[2]
        return math.degrees(math.atan2(y, x)), math.degrees(math.asin(z))


def sun_at(moment: dt.datetime) -> tuple[float, float]:
    """Return where the sun stands among the stars: right ascension and declination, degrees.

    To a hundredth of a degree, from 1950 to 2050 (The Astronomical Almanac, section C: "Low
    precision formulas for the Sun").
    """
    days = (moment - EPOCH) / dt.timedelta(days=1)
    mean = math.radians((357.528 + 0.9856003 * days) % 360)
    middle = 280.460 + 0.9856474 * days
    along = math.radians(middle + 1.915 * math.sin(mean) + 0.020 * math.sin(2 * mean))
    tilt = math.radians(23.439 - 0.0000004 * days)
    right = math.degrees(math.atan2(math.cos(tilt) * math.sin(along), math.cos(along))) % 360
    return right, math.degrees(math.asin(math.sin(tilt) * math.sin(along)))


EPOCH = dt.datetime(2000, 1, 1, 12, tzinfo=dt.UTC)


def evening(zone: str, moment: dt.datetime) -> dt.datetime:
    """Return this evening's hour; before the night has ended it is the one that has begun it."""
    there = moment.astimezone(ZoneInfo(zone))
    day = there if there.hour >= NIGHT_ENDS else there - dt.timedelta(days=1)
    return day.replace(hour=HOUR, minute=0, second=0, microsecond=0)


def darkest(skies: Sequence[Sky]) -> Sky:
    """Return the first of these that is dark; where none is, the darkest."""
    return next((one for one in skies if one.dark), min(skies, key=lambda one: one.sun))


class Evenings:
    """Knows this evening's sky; it is computed once a day."""

    def __init__(self, hub: PluginHub, school: School) -> None:
        self.school = school
        self._hub = hub
        self._known: Sky | None = None
        self._for: dt.datetime | None = None
        self._one = asyncio.Lock()

    async def tonight(self) -> Sky:
        """Return it. Raises the workers' errors where it cannot be computed."""
        at = evening(self.school.zone, dt.datetime.fromtimestamp(now(), dt.UTC))
        async with self._one:
            if self._known is None or self._for != at:
                hours = [at + dt.timedelta(hours=later) for later in range(LATER)]
                turned = await self._hub.workers.run(
                    "plugins.globe.atlas.turning:turned",
                    self.school.latitude,
                    self.school.longitude,
                    [one.isoformat() for one in hours],
                    timeout=LIMIT,
                    memory=MEMORY,
                    urgent=True,
                )
                skies = [Sky(hour, rows) for hour, rows in zip(hours, turned, strict=True)]
                self._known, self._for = darkest(skies), at
            return self._known
