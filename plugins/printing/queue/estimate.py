"""When each job of the queue will probably be done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

CHANGE = 300.0
"""Seconds between two prints: cooling, taking the part off, saying so."""
WARM_UP = 180.0
UNKNOWN = 3600.0
"""For the jobs behind one whose time nobody knows."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queued job: how long it prints (None: not known), and on which printers it can."""

    id: str
    seconds: float | None
    printers: tuple[str, ...]


def times(
    moment: float,
    free: Mapping[str, float],
    waiting: Sequence[Waiting],
    pace: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, float | None]:
    """Return when each job will be done; None where nobody can tell.

    Args:
        moment: now, epoch seconds.
        free: for each printer that is in use, in how many seconds it can begin.
        waiting: the queue in its order.
        pace: by how much longer than said each printer takes; left out: as said.
    """
    until = {printer: moment + seconds for printer, seconds in free.items()}
    found: dict[str, float | None] = {}
    for job in waiting:
        able = [printer for printer in job.printers if printer in until]
        if not able:
            found[job.id] = None
            continue
        printer = min(able, key=lambda one: until[one])
        prints = UNKNOWN if job.seconds is None else job.seconds * pace.get(printer, 1.0)
        done = until[printer] + WARM_UP + prints
        found[job.id] = None if job.seconds is None else done
        until[printer] = done + CHANGE
    return found


def left(estimate: float | None, printed: float, fraction: float) -> float | None:
    """Return how many seconds a print still takes, None where nobody can tell.

    The slicer's time counts at the beginning, what was seen of this print more and more.

    Args:
        estimate: of the slicer, seconds, at this printer's pace.
        printed: seconds so far, without pauses.
        fraction: of the file, 0..1.
    """
    seen = printed / fraction if fraction >= 0.02 else None
    if estimate is None and seen is None:
        return None
    if estimate is None or seen is None:
        whole = seen if estimate is None else estimate
    else:
        whole = estimate * (1 - fraction) + seen * fraction
    return max((whole or 0.0) - printed, 0.0)
