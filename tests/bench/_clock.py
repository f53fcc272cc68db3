"""Wall time and processor time of a piece of work: on a shared computer the first alone says little."""

import contextlib
import resource
import time
from collections.abc import Iterator


class Took:
    """What a piece of work took, filled in when it is over.

    Attributes:
        wall: seconds by the clock.
        cpu: seconds of one core, of this process and of children that have ended.
    """

    wall = 0.0
    cpu = 0.0

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.1f} s cpu)"


@contextlib.contextmanager
def timed() -> Iterator[Took]:
    """Measure what happens inside."""
    took = Took()
    wall, cpu = time.monotonic(), _cpu()
    try:
        yield took
    finally:
        took.wall, took.cpu = time.monotonic() - wall, _cpu() - cpu


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
