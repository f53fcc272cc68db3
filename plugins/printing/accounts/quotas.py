"""How much each class may print."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import NotFound
from hub.plugin import PluginHub, Principal
from hub.store.tables import GroupRow
from plugins.printing.accounts.errors import (
    ClassUsedItsFilament,
    ClassUsedItsTime,
    PrintsTooLong,
)
from plugins.printing.accounts.filament import needed
from plugins.printing.jobs.register import record_printer
from plugins.printing.jobs.states import JobState
from plugins.printing.tables import JobRow, QuotaRow, UseRow

DAYS = 30
_DAY = 86400.0
_TAKEN = (JobState.QUEUED.value, JobState.PRINTING.value, JobState.PAUSED.value)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a class may: grams and minutes in so many days, minutes of one print; None: no limit."""

    grams: float | None = None
    minutes: float | None = None
    longest: float | None = None
    days: int = DAYS


def check_quota(session: Session, row: JobRow) -> None:
    """Judge a job that is about to be approved, in the transaction that does it.

    What is approved and not printed yet counts with the slicer's estimate, what was printed with
    what it has used. Jobs of no class count for the row of all others.

    Raises:
        ClassUsedItsFilament, ClassUsedItsTime, PrintsTooLong: the class may not.
    """
    limits = _limits(session, row.group)
    needs_grams, needs_minutes = _needs(row)
    if limits.longest is not None and needs_minutes > limits.longest:
        raise PrintsTooLong(
            f"group {row.group}", more=round(needs_minutes), most=round(limits.longest)
        )
    if limits.grams is None and limits.minutes is None:
        return
    grams, minutes = _used(session, row.group, limits.days)
    if limits.grams is not None and grams + needs_grams > limits.grams:
        raise ClassUsedItsFilament(
            f"group {row.group}",
            used=round(grams),
            most=round(limits.grams),
            more=round(needs_grams),
        )
    if limits.minutes is not None and minutes + needs_minutes > limits.minutes:
        raise ClassUsedItsTime(
            f"group {row.group}",
            used=round(minutes),
            most=round(limits.minutes),
            more=round(needs_minutes),
        )


class Quotas:
    """What was set for each class."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def list(self) -> list[dict[str, Any]]:
        """Return those for all first, then each class; JSON-ready."""

        def work(session: Session) -> list[dict[str, Any]]:
            groups = session.execute(select(GroupRow.id, GroupRow.name).order_by(GroupRow.name))
            found = [_shown(session, None, "")]
            found += [_shown(session, row.id, row.name) for row in groups]
            return found

        return await self._hub.store.read(work)

    async def set(self, group: str | None, limits: Limits, *, by: Principal) -> dict[str, Any]:
        """Set what a class may (None: all that have no limits of their own). Raises `NotFound`."""

        def work(session: Session) -> dict[str, Any]:
            name = ""
            if group is not None:
                known = session.get(GroupRow, group)
                if known is None:
                    raise NotFound(f"group {group}")
                name = known.name
            row = session.get(QuotaRow, group or "")
            if row is None:
                row = QuotaRow(group=group or "")
                session.add(row)
            row.grams, row.minutes = limits.grams, limits.minutes
            row.longest, row.days = limits.longest, limits.days
            session.flush()
            said = {"grams": limits.grams, "minutes": limits.minutes, "longest": limits.longest}
            record_printer(session, by, "quota", group or "", {**said, "days": limits.days})
            return _shown(session, group, name)

        return await self._hub.store.write(work)


def _limits(session: Session, group: str | None) -> Limits:
    row = session.get(QuotaRow, group or "") or session.get(QuotaRow, "")
    return Limits() if row is None else Limits(row.grams, row.minutes, row.longest, row.days)


def _needs(row: JobRow) -> tuple[float, float]:
    weight, seconds = needed(row.estimate or {})
    return weight, seconds / 60


def _used(session: Session, group: str | None, days: int) -> tuple[float, float]:
    sums = select(func.sum(UseRow.grams), func.sum(UseRow.seconds))
    mine = UseRow.group.is_(None) if group is None else UseRow.group == group
    grams, seconds = session.execute(sums.where(mine, UseRow.time > now() - days * _DAY)).one()
    total = [grams or 0.0, (seconds or 0.0) / 60]
    jobs = JobRow.group.is_(None) if group is None else JobRow.group == group
    for row in session.scalars(select(JobRow).where(jobs, JobRow.state.in_(_TAKEN))):
        for place, part in enumerate(_needs(row)):
            total[place] += part
    return total[0], total[1]


def _shown(session: Session, group: str | None, name: str) -> dict[str, Any]:
    row = session.get(QuotaRow, group or "")
    days = DAYS if row is None else row.days
    grams, minutes = _used(session, group, days)
    return {
        "group": None if group is None else {"id": group, "name": name},
        "grams": row and row.grams,
        "minutes": row and row.minutes,
        "longest": row and row.longest,
        "days": days,
        "used": {"grams": round(grams, 1), "minutes": round(minutes, 1)},
    }
