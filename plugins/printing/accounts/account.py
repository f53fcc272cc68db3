"""The filament account: what each print has used, by person, class, spool and printer."""

from typing import Any, Literal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.plugin import PluginHub
from hub.store.tables import GroupRow, PersonRow
from plugins.printing.accounts.filament import density_of, grams
from plugins.printing.jobs.states import JobState
from plugins.printing.queue.printers import printer_row
from plugins.printing.tables import JobRow, SpoolRow, UseRow

By = Literal["person", "group", "spool", "printer"]


def used(session: Session, row: JobRow) -> None:
    """Write down what a job has used, in the transaction that ends it."""
    progress = row.progress or {}
    millimetres = float(progress.get("filament") or 0.0)
    estimate = row.estimate or {}
    fraction = float(progress.get("fraction") or 0.0)
    if not millimetres and estimate.get("millimetres"):
        millimetres = estimate["millimetres"] * fraction
    spool = None
    if row.printer is not None:
        chosen = printer_row(session, row.printer).settings.get("spool")
        spool = None if chosen is None else session.get(SpoolRow, chosen)
    if spool is not None:
        material = spool.material
        weight = grams(millimetres, diameter=spool.diameter, density=spool.density)
        spool.used += weight
    else:
        material = str((row.facts or {}).get("material") or row.settings.get("material") or "")
        weight = grams(millimetres, density=density_of(material))
        if not millimetres and estimate.get("grams"):
            weight = estimate["grams"] * fraction
    session.add(
        UseRow(
            job=row.id,
            owner=row.owner,
            group=row.group,
            lesson=row.lesson,
            printer=row.printer or "",
            spool=None if spool is None else spool.id,
            material=material,
            millimetres=round(millimetres, 1),
            grams=round(weight, 2),
            seconds=round(float(progress.get("printed") or 0.0), 1),
            outcome=row.state,
            time=now(),
        )
    )


class Account:
    """What was used."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def by(
        self, which: By, *, start: float | None = None, end: float | None = None
    ) -> list[dict[str, Any]]:
        """Return what was used, most first, by person, class, spool or printer; JSON-ready.

        Args:
            which: whose.
            start: only from this time on, epoch seconds.
            end: only before this time.
        """
        column = {
            "person": UseRow.owner,
            "group": UseRow.group,
            "spool": UseRow.spool,
            "printer": UseRow.printer,
        }[which]
        names = {
            "person": (PersonRow.id, PersonRow.name),
            "group": (GroupRow.id, GroupRow.name),
            "spool": (SpoolRow.id, SpoolRow.name),
        }.get(which)
        sums = [func.sum(UseRow.grams), func.sum(UseRow.millimetres), func.sum(UseRow.seconds)]
        sums.append(func.sum(case((UseRow.outcome != JobState.DONE, UseRow.grams), else_=0.0)))
        query = select(column, func.count(UseRow.seq), *sums).group_by(column)
        if start is not None:
            query = query.where(UseRow.time >= start)
        if end is not None:
            query = query.where(UseRow.time < end)

        def work(session: Session) -> list[dict[str, Any]]:
            known: dict[str, str] = {}
            if names is not None:
                known = {row[0]: row[1] for row in session.execute(select(*names))}
            found = [
                {
                    "id": id_,
                    "name": known.get(id_ or "", id_ if which == "printer" else ""),
                    "jobs": count,
                    "grams": round(weight or 0.0, 1),
                    "metres": round((length or 0.0) / 1000, 2),
                    "seconds": round(seconds or 0.0),
                    "failed_grams": round(wasted or 0.0, 1),
                }
                for id_, count, weight, length, seconds, wasted in map(
                    tuple, session.execute(query)
                )
            ]
            return sorted(found, key=lambda one: (-one["grams"], one["id"] or ""))

        return await self._hub.store.read(work)
