"""Whether the filament that is left on a printer's spool is enough for a job.

It is a warning for teachers, no more: what is left was weighed by nobody since the spool was new.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.plugin import PluginHub
from plugins.printing.accounts.filament import needed
from plugins.printing.jobs.job import Job
from plugins.printing.queue.errors import NotEnoughFilament
from plugins.printing.queue.values import PrinterNow
from plugins.printing.tables import SpoolRow


class Supply:
    """What is left on the spools in the room, as was read last."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._left: dict[str, tuple[str, float]] = {}

    async def reload(self) -> None:
        """Read it anew."""

        def work(session: Session) -> dict[str, tuple[str, float]]:
            rows = session.scalars(select(SpoolRow).where(SpoolRow.gone.is_(None)))
            return {row.id: (row.name, row.grams - row.used) for row in rows}

        self._left = await self._hub.store.read(work)

    def short(
        self,
        job: Job,
        printers: Sequence[PrinterNow],
        before: Sequence[tuple[Job, Sequence[str]]],
    ) -> NotEnoughFilament | None:
        """Return what is amiss where no printer that can print a job has enough for it.

        Args:
            job: waits or is queued.
            printers: that can print it.
            before: what is being printed, and what comes before it, each with the printers that it
                can be printed by: it counts where that is one alone.
        """
        needs, _ = needed(job.estimate or {})
        found: list[tuple[float, str, str]] = []
        for printer in printers:
            if printer.setup.spool not in self._left:
                return None  # nobody has said what is in it
            name, left = self._left[printer.setup.spool]
            left -= sum(_still(one) for one, where in before if list(where) == [printer.id])
            if left >= needs:
                return None
            found.append((max(left, 0.0), name, printer.id))
        if not found or not needs:
            return None
        left, name, printer_id = max(found)
        return NotEnoughFilament(printer_id, spool=name, left=round(left), more=round(needs))


def _still(job: Job) -> float:
    """Return how many grams a job before still takes."""
    grams, _ = needed(job.estimate or {})
    fraction = float((job.progress or {}).get("fraction") or 0.0) if job.under_way else 0.0
    return grams * (1 - fraction)
