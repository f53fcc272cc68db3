"""Where the sky stands above the school this evening."""

import asyncio
import datetime as dt
import math
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from hub.clock import now
from hub.plugin import PluginHub
from plugins.globe.settings import School

HOUR = 22
"""Of the evening: from August to April it is dark then everywhere in Kazakhstan."""
NIGHT_ENDS = 8
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


def evening(zone: str, moment: dt.datetime) -> dt.datetime:
    """Return this evening's hour; before the night has ended it is the one that has begun it."""
    there = moment.astimezone(ZoneInfo(zone))
    day = there if there.hour >= NIGHT_ENDS else there - dt.timedelta(days=1)
    return day.replace(hour=HOUR, minute=0, second=0, microsecond=0)


class Evenings:
    """Knows this evening's sky; it is computed once a day."""

    def __init__(self, hub: PluginHub, school: School) -> None:
        self.school = school
        self._hub = hub
        self._known: Sky | None = None
        self._one = asyncio.Lock()

    async def tonight(self) -> Sky:
        """Return it. Raises the workers' errors where it cannot be computed."""
        at = evening(self.school.zone, dt.datetime.fromtimestamp(now(), dt.UTC))
        async with self._one:
            if self._known is None or self._known.at != at:
                turned = await self._hub.workers.run(
                    "plugins.globe.atlas.turning:turned",
                    self.school.latitude,
                    self.school.longitude,
                    at.isoformat(),
                    timeout=LIMIT,
                    memory=MEMORY,
                    urgent=True,
                )
                self._known = Sky(at, turned)
            return self._known
