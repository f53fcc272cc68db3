"""How fast a printer confirms lines, so that one that was lost whole is asked after soon.

Of a line that arrives spoilt a printer tells; of one that does not arrive at all it says nothing,
as it says nothing over one that takes its time. Where it has confirmed hundreds of lines within
milliseconds a long silence is most likely a lost line. To ask too soon is never wrong: the copy is
refused by its number. It costs a moment and the window, so once in `BLOCK` lines at most.
"""

from typing import Final

BLOCK: Final = 256
"""Lines over which a printer is watched, and watched anew once it was asked."""
TIMES: Final = 4.0
"""So many times as long as the slowest line has taken, it is waited for."""
LEAST: Final = 0.5
LEAST_BUSY: Final = 2.5
"""Marlin says that it is busy after 2 s (`DEFAULT_KEEPALIVE_INTERVAL`)."""


class Pace:
    """The slowest of the last one to two blocks of lines."""

    __slots__ = ("_count", "_last", "_now")

    def __init__(self) -> None:
        self._count = 0
        self._last: float | None = None
        self._now = 0.0

    def took(self, seconds: float) -> None:
        """Note how long a line took until it was confirmed."""
        if seconds > self._now:
            self._now = seconds
        self._count += 1
        if self._count == BLOCK:
            self._last, self._now, self._count = self._now, 0.0, 0

    def forget(self) -> None:
        """It was asked: what is known of its pace no longer holds."""
        self._count, self._last, self._now = 0, None, 0.0

    def patience(self, most: float, *, busy_is_told: bool) -> float:
        """Return how long to wait for a line that should not take long, in seconds.

        Args:
            most: where nothing is known yet.
            busy_is_told: the firmware says when it is busy.
        """
        if self._last is None:
            return most
        least = LEAST_BUSY if busy_is_told else LEAST
        return min(most, max(least, TIMES * max(self._last, self._now)))
