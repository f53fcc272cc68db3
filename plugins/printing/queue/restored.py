"""After a backup was brought back: what it knows of plates and approvals is of another day.

Whatever was printed since the backup was made is not in it. So no approval of it starts a print:
the teacher is asked again, and somebody has to look at each plate.
"""

import logging

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.clock import now
from hub.plugin import SYSTEM, PluginHub
from hub.store.tables import AuditRow
from plugins.printing.jobs.register import note, said
from plugins.printing.jobs.states import JobState
from plugins.printing.queue.errors import BroughtBack
from plugins.printing.tables import JobRow, PrinterRow

log = logging.getLogger("classhub.printing")


async def after_a_restore(hub: PluginHub) -> int:
    """Take approvals and cleared plates back, once for each restore; return how many jobs wait.

    What was being printed when the backup was made is followed like any other print: its printer
    knows nothing of it, or tells how it ended.
    """

    def work(session: Session) -> int:
        if _last(session, "backup.restore") <= _last(session, "printing.brought-back"):
            return 0
        queued = list(session.scalars(select(JobRow).where(JobRow.state == JobState.QUEUED)))
        for row in queued:
            row.state, row.problem = JobState.WAITING, said(BroughtBack(f"job {row.id}"))
            row.approval = row.place = None
            row.updated = now()
            note(session, row, "approval-taken-back", detail={"code": BroughtBack.code})
        for printer in session.scalars(select(PrinterRow)):
            printer.plate_clear, printer.plate_job = False, None
            printer.plate_since, printer.plate_by, printer.plate_seen = now(), "", None
        record(session, SYSTEM, "printing.brought-back", "", {"jobs": len(queued)})
        return len(queued)

    waiting = await hub.store.write(work)
    if waiting:
        log.warning("a backup was brought back: %d jobs wait for approval again", waiting)
    return waiting


def _last(session: Session, action: str) -> int:
    return session.scalar(select(func.max(AuditRow.seq)).where(AuditRow.action == action)) or 0
