"""How long things take, counted in steps; as cheap as a look-up, so that it can stand anywhere."""

import contextlib
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence

# Seconds: from a cached reading to an action's limit.
STEPS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Histogram:
    """Counts of durations.

    One thread at a time may observe; any may look.

    Args:
        steps: the upper bounds in seconds, rising; what is longer is counted too.
    """

    def __init__(self, steps: Sequence[float] = STEPS) -> None:
        self._steps = tuple(steps)
        self._counts = [0] * (len(self._steps) + 1)
        self.total = 0.0

    @property
    def count(self) -> int:
        """How many were observed."""
        return sum(self._counts)

    def observe(self, seconds: float) -> None:
        """Count one."""
        self._counts[bisect_left(self._steps, seconds)] += 1
        self.total += seconds

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Count how long the block takes, also where it fails."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.observe(time.perf_counter() - began)

    def buckets(self) -> list[tuple[str, float]]:
        """Return upper bound and how many took no longer, rising, the last bound `+Inf`."""
        found, sum_ = [], 0
        bounds = [str(step) for step in self._steps] + ["+Inf"]
        for bound, count in zip(bounds, list(self._counts), strict=True):
            sum_ += count
            found.append((bound, float(sum_)))
        return found
