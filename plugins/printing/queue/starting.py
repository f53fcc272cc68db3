"""Starting a print, so that one approval starts one print at most, whatever ends when.

Before a printer is asked, it is written down that it will be: the job prints, the plate is not
clear, the approval is used (`StartRow.approval` is unique). What ends after that is judged by what
the printer tells: by its contract a driver names the job in `progress` before the first line goes
out. A job goes back into the queue only where its print has surely never begun: the printer could
not be asked at all, or refused and does not know the job. Else it has failed, `interrupted`.
"""

import logging
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from drivers.printer.contract import Printer
from hub.clock import now
from hub.device import Problem
from hub.errors import HubError
from hub.operations import Status
from hub.plugin import SYSTEM, DeviceHandle, PluginHub
from plugins.printing.jobs.errors import JobMovedOn, PrintRefused
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register, said
from plugins.printing.jobs.states import UNDER_WAY, JobState
from plugins.printing.queue.printers import Printers, plate_of, printer_row
from plugins.printing.queue.values import Plate
from plugins.printing.tables import JobRow, StartRow

log = logging.getLogger("classhub.printing")

ANSWER = 150.0
"""Seconds until a printer has taken a file or refused it; its own limit is shorter."""
MOST_REFUSALS = 5
_UNSURE = frozenset(
    {"timed-out", "unreachable", "driver-restarting", "driver-crashes", "driver-error", "internal"}
)
_NEVER = frozenset({"not-found", "forbidden", "file-damaged"})
"""The file could not be lent: the printer was not asked."""


@dataclass(frozen=True, slots=True)
class Start:
    """What was written before a printer is asked."""

    job: Job
    printer: str
    seq: int


class Starting:
    """Starts prints."""

    def __init__(self, hub: PluginHub, register: Register, printers: Printers) -> None:
        self._hub = hub
        self._register = register
        self._printers = printers

    async def start(self, job: Job, printer: str) -> bool:
        """Start a queued job; return whether it has begun, as far as is known.

        Raises:
            JobMovedOn: job, plate or approval are not what they were.
            NotFound: the printer has gone.
        """
        handle = self._printers.handle(printer)
        if job.gcode is None:
            raise JobMovedOn(f"job {job.id} has no G-code")
        intent = await self._intend(job, printer)
        connects = handle.counters["connects"]
        try:
            mark = (intent.job.facts or {}).get("policy", "")
            order = {"file": job.gcode, "job": job.id, "policy": mark}
            operation = handle.invoke(Printer.print.name, order, by=SYSTEM)
        except HubError as error:
            await self._never(intent, said(error), back=True)
            return False
        operation = await self._hub.operations.wait(operation.id, ANSWER)
        if operation.status is Status.DONE:
            await self.begun(job.id)
            return True
        if operation.status is not Status.FAILED or operation.problem is None:
            # The hub ends, or nobody knows: the printer itself tells, now or after the start.
            return True
        return await self._refused(intent, handle, operation.problem, connects)

    async def begun(self, job: str) -> None:
        """Note that the print of a job has surely begun."""

        def work(session: Session) -> None:
            open_ = StartRow.job == job, StartRow.outcome.is_(None)
            session.execute(update(StartRow).where(*open_).values(outcome="begun"))

        await self._hub.store.write(work)

    async def _intend(self, job: Job, printer: str) -> Start:
        seq: list[int] = []
        plates: list[Plate] = []

        def work(session: Session, row: JobRow) -> None:
            plate = printer_row(session, printer)
            states = [state.value for state in UNDER_WAY]
            other = select(JobRow.id).where(JobRow.printer == printer, JobRow.state.in_(states))
            if row.state != JobState.QUEUED or row.approval is None or not plate.plate_clear:
                raise JobMovedOn(f"{row.state}, plate clear: {plate.plate_clear}")
            if row.approval != job.approval:
                raise JobMovedOn("it was approved anew, and is judged anew")
            if (busy := session.scalar(other)) is not None:
                raise JobMovedOn(f"{printer} prints {busy}")
            start = StartRow(
                job=row.id, printer=printer, approval=row.approval, time=now(), outcome=None
            )
            session.add(start)
            row.state, row.printer = JobState.PRINTING, printer
            row.started, row.place = now(), None
            row.progress, row.problem = {"fraction": 0.0}, None
            plate.plate_clear, plate.plate_job = False, row.id
            plate.plate_since, plate.plate_by = self._printers.clock(), ""
            plate.plate_seen = None
            session.flush()
            seq.append(start.seq)
            plates.append(plate_of(plate))

        try:
            started = await self._register.change(
                job.id, work, what="start", detail={"printer": printer}
            )
        except IntegrityError as error:
            raise JobMovedOn(f"this approval was used: {error.orig}") from error
        self._printers.plate_changed(printer, plates[-1])
        return Start(started, printer, seq[-1])

    async def _refused(
        self, intent: Start, handle: DeviceHandle, problem: Problem, connects: int
    ) -> bool:
        """Judge an error: the print has begun, has surely never begun, or nobody knows."""
        kept = problem.model_dump(mode="json")
        alone = handle.state.reachable and handle.counters["connects"] == connects
        if problem.code in _NEVER:
            await self._never(intent, kept, back=False)
            return False
        if alone and problem.code not in _UNSURE:
            progress = self._printers.progress(handle.id)
            if progress is not None and progress.job == intent.job.id:
                await self.begun(intent.job.id)
                return True
            await self._never(intent, kept, back=str(problem.severity) == "warning")
            return False
        log.warning("nobody knows whether job %s has begun: %s", intent.job.id, problem.code)
        return True  # whoever follows it finds out, or gives it up

    async def _never(self, intent: Start, problem: dict[str, object], *, back: bool) -> None:
        """Undo the intent: the print has surely never begun."""
        plates: list[Plate] = []

        def work(session: Session, row: JobRow) -> None:
            start = session.get(StartRow, intent.seq)
            if start is None or start.outcome is not None or row.state != JobState.PRINTING:
                raise JobMovedOn("it was judged already")
            start.outcome = "never"
            approval, start.approval = start.approval, None
            tries = select(func.count(StartRow.seq)).where(StartRow.job == row.id)
            again = back and (session.scalar(tries) or 0) < MOST_REFUSALS
            plate = printer_row(session, intent.printer)
            if plate.plate_job == row.id:
                plate.plate_clear, plate.plate_job = True, None
                plate.plate_since = plate.plate_seen = self._printers.clock()
            row.progress = None
            if again:
                row.state, row.approval = JobState.QUEUED, approval
                row.printer = row.started = None
                first = session.scalar(select(func.min(JobRow.place)))
                row.place = (1.0 if first is None else first) - 1.0
                row.problem = problem
            else:
                refused = said(PrintRefused(str(problem.get("detail", ""))))
                row.state, row.ended = JobState.FAILED, now()
                row.ending = {**(problem if problem.get("title") else refused)}
            plates.append(plate_of(plate))

        code = {"code": problem.get("code"), "printer": intent.printer}
        await self._register.change(intent.job.id, work, what="not-begun", detail=code)
        self._printers.plate_changed(intent.printer, plates[-1])
