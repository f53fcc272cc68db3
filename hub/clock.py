"""The hub's time: how it is written, and what is believed of the computer's clock.

A computer with an empty battery starts in 1970 (or in the year its firmware was made) and jumps to
the present once the network tells it; a hand can set it ten years ahead. Nothing that is judged by
time may be lost or live for ever by that. So the hub believes the clock only between the day on
which this version was released and `YEARS` after it. Outside of that it counts on from the last
time that it believed, with the computer's own seconds since its start, and says `clock-wrong`.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from hub import __released__

YEARS = 8
RELEASED = datetime.fromisoformat(__released__).replace(tzinfo=UTC).timestamp()
LATEST = RELEASED + YEARS * 365.25 * 86400
_DAY = 86400.0


def rfc3339(seconds: float) -> str:
    """Return seconds since the epoch as RFC 3339 in UTC, to the millisecond."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def stamp(seconds: float) -> str:
    """Return seconds since the epoch as part of a file's name, in UTC: `20261123T093000`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%S")


def plausible(seconds: float) -> bool:
    """Tell whether the hub believes that it is now this time (seconds since the epoch)."""
    # A day before: the release is a date, and a clock may be set to another zone's time.
    return RELEASED - _DAY <= seconds <= LATEST


def _since_boot() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class SteadyClock:
    """Seconds since the epoch, as far as they can be believed.

    Args:
        wall: the computer's clock.
        elapsed: seconds that only go forward, also while the computer sleeps.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        elapsed: Callable[[], float] = _since_boot,
    ) -> None:
        self._wall = wall
        self._elapsed = elapsed
        self._offset: float | None = None
        self._newest = 0

    def now(self) -> float:
        """Return the computer's time where it is believed, else what was counted on from it."""
        wall, elapsed = self._wall(), self._elapsed()
        if plausible(wall):
            self._offset = wall - elapsed
            return wall
        if self._offset is None:
            self._offset = RELEASED - elapsed
        return self._offset + elapsed

    def remember(self, seconds: float) -> None:
        """Count on from this time of an earlier run, while the clock cannot be believed."""
        if not plausible(self._wall()) and plausible(seconds):
            self._offset = max(seconds - self._elapsed(), self._offset or float("-inf"))

    def wrong(self) -> bool:
        """Tell whether the computer's clock cannot be right."""
        return not plausible(self._wall())

    def drift(self) -> float:
        """Return the computer's clock less the seconds since its start: it changes by a jump."""
        return self._wall() - self._elapsed()

    def milliseconds(self) -> int:
        """Return milliseconds since the epoch that never go back in this process (for ids)."""
        self._newest = max(self._newest, int(self.now() * 1000))
        return self._newest


CLOCK = SteadyClock()
"""This process's."""


def now() -> float:
    """Return seconds since the epoch, as far as they can be believed (see `SteadyClock`)."""
    return CLOCK.now()
