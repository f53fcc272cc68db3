"""How much slower or faster each printer is than slicers think: estimates correct themselves.

A slicer does not know how a printer speeds up, heats, or what somebody has set on it. What prints
have taken is known, and told apart by printer.
"""

from collections.abc import Sequence
from statistics import median

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.plugin import PluginHub
from plugins.printing.jobs.states import JobState
from plugins.printing.tables import JobRow, UseRow

LAST = 20
"""So many prints of a printer count: it may have been mended, or set up anew."""
LEAST = 3
"""With fewer the slicer's word stands."""
SHORTEST = 120.0
"""Seconds; of shorter ones most is heating."""
SLOWEST, FASTEST = 3.0, 0.5


class Pace:
    """What the prints of each printer have taken, against what their slicers had said."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._pace: dict[str, float] = {}

    async def reload(self) -> None:
        """Look at the prints that are over."""

        def work(session: Session) -> dict[str, list[tuple[float, float]]]:
            query = (
                select(UseRow.printer, UseRow.seconds, JobRow.estimate)
                .join(JobRow, JobRow.id == UseRow.job)
                .where(UseRow.outcome == JobState.DONE.value)
                .order_by(UseRow.seq.desc())
                .limit(500)
            )
            found: dict[str, list[tuple[float, float]]] = {}
            for printer, seconds, estimate in session.execute(query):
                said = float((estimate or {}).get("seconds") or 0.0)
                found.setdefault(printer, []).append((said, seconds))
            return found

        found = await self._hub.store.read(work)
        self._pace = {printer: pace_of(prints) for printer, prints in found.items()}

    def of(self, printer: str) -> float:
        """Return by how much to multiply what a slicer says; 1.0 where little is known."""
        return self._pace.get(printer, 1.0)


def pace_of(prints: Sequence[tuple[float, float]]) -> float:
    """Return what a printer's prints say of its pace. Pure.

    Args:
        prints: the newest first: seconds that the slicer had said (0: nothing), and was seen.
    """
    ratios = [seen / said for said, seen in prints if said >= SHORTEST and seen > 0][:LAST]
    if len(ratios) < LEAST:
        return 1.0
    return min(max(median(ratios), FASTEST), SLOWEST)
