"""Times of reports: from a device's own clock to that of this computer, never backwards."""

import time
from collections.abc import Callable

FARTHEST = 1.0
"""Seconds that a report may be older than now, or newer, before its clock is not believed."""


_MOST = 1e10
"""Seconds: past this a device's time is nonsense, and too coarse to count with."""


class SampleClock:
    """Turns times of a device into seconds since 1970, keeping the distances between reports.

    Where the device's time jumps (its clock was set, it goes backwards, a recording is played) it
    is tied to now anew, and what comes then is not earlier than what came before.

    Args:
        now: the time as this computer believes it, seconds since 1970.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._offset: float | None = None
        self._last = 0.0

    def tell(self, device: float) -> float:
        """Return the time of a report whose device says `device` seconds."""
        now = told = self._now()
        if abs(device) <= _MOST:
            if self._offset is None or abs(device + self._offset - now) > FARTHEST:
                self._offset = now - device
            else:
                told = device + self._offset
                if told > now:  # the first report was read late, and later ones are no prophecies
                    self._offset, told = now - device, now
        # Unless it is the clock of this computer that was set back.
        self._last = max(told, self._last) if self._last - now < FARTHEST else told
        return self._last

    def now(self) -> float:
        """Return the time of what no report tells, such as the end of a stroke at a pull."""
        self._last = max(self._now(), self._last)
        return self._last
