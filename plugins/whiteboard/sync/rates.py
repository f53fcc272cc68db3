"""How much one connection may ask for: who asks for more waits, and slows nobody else."""

import asyncio
import time


class Allowance:
    """So many units a second, and so many at once.

    Args:
        rate: a second.
        burst: at once.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at = time.monotonic()

    def take(self, units: float = 1.0) -> float:
        """Take units; returns how long to wait, in seconds, before going on."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate) - units
        self._at = now
        return max(0.0, -self._left / self._rate)

    def has(self) -> bool:
        """Take one unit where one is left."""
        if self.take(0.0) > 0 or self._left < 1:
            return False
        self._left -= 1
        return True

    async def wait(self, units: float = 1.0) -> None:
        """Take units, and wait until they are there."""
        pause = self.take(units)
        if pause > 0:
            await asyncio.sleep(pause)
