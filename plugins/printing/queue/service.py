"""The queue: approved jobs in the teacher's order, each onto a printer that is ready for it."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from drivers.printer.contract import Printer
from drivers.printer.gcode import GcodeRefused, NoSuchPolicy
from hub.clock import now
from hub.errors import HubError, NotFound
from hub.ids import new_id
from hub.operations import Status
from hub.plugin import PluginHub, Principal, may
from plugins.printing.accounts.quotas import check_quota
from plugins.printing.jobs.errors import (
    CancelledAtPrinter,
    JobMovedOn,
    NoPrinter,
    PrinterDoesNotAnswer,
    PrinterGone,
    PrinterSaid,
)
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register, said
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.shown import NOWHERE, Standing
from plugins.printing.jobs.states import UNDER_WAY, JobState, Step, fits
from plugins.printing.queue.errors import (
    WAITS,
    OthersLeftOut,
    PlateNotClear,
    PrinterBusy,
    PrinterNotReady,
    StillStarting,
)
from plugins.printing.queue.estimate import CHANGE, Waiting, times
from plugins.printing.queue.following import Following
from plugins.printing.queue.judging import Judging, take_back
from plugins.printing.queue.matching import fitting, why_not
from plugins.printing.queue.pace import Pace
from plugins.printing.queue.printers import Printers
from plugins.printing.queue.starting import Starting
from plugins.printing.queue.supply import Supply
from plugins.printing.queue.values import PrinterNow
from plugins.printing.tables import JobRow

log = logging.getLogger("classhub.printing")

LOOK = 5.0
AGAIN = 30.0
"""Seconds until a job that a printer did not take is tried again."""
CANCELLED_WITHIN = 10.0


class Queue:
    """Approved jobs until they are on a printer, and what is done with them there."""

    def __init__(
        self,
        hub: PluginHub,
        jobs: Jobs,
        printers: Printers,
        judging: Judging,
        starting: Starting,
        following: Following,
        pace: Pace,
    ) -> None:
        self._hub = hub
        self._jobs = jobs
        self._register: Register = jobs.register
        self._printers = printers
        self._judging = judging
        self._starting = starting
        self._following = following
        self._pace = pace
        self._supply = Supply(hub)
        self._wake = asyncio.Event()
        self._later: dict[str, float] = {}
        self._order: list[Job] = []
        self._running: dict[str, Job] = {}
        self._started: dict[str, asyncio.Task[None]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to start prints."""
        await self._reload()
        self._register.followers.append(self._changed)
        self._printers.changed.append(lambda _: self._wake.set())
        self._following.looked.append(self._wake.set)
        self._task = asyncio.create_task(self._run(), name="printing-queue")

    async def stop(self) -> None:
        """Start nothing more; prints that are under way go on or end by themselves."""
        tasks = [*([self._task] if self._task else []), *self._started.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # What people do.

    async def approve(
        self, job: str, *, by: Principal, printer: str | None = None, mark: str | None = None
    ) -> Job:
        """Approve a job: it is printed once, in its turn.

        Args:
            job: its id.
            by: a teacher.
            printer: on which; None for the one that was wanted, or any that fits.
            mark: `Job.mark` of what `by` has looked at; None approves what is there.

        Raises:
            NotFound, Forbidden: no such job or printer; `by` is no teacher.
            JobMovedOn: it does not wait for approval any more, or is not what was looked at.
            PrinterGone: the printer that it is for is not there any more.
            NoPrinter: no printer can print it.
            OthersLeftOut, GcodeRefused, NoSuchPolicy: as `Judging.judged`.
            ClassUsedItsFilament, ClassUsedItsTime, PrintsTooLong: its class may not.
        """
        found = await self._jobs.get(job, by=by, step=Step.APPROVE)
        if not fits(Step.APPROVE, found.state):
            raise JobMovedOn(f"approve while {found.state}")
        if mark not in (None, found.mark):
            raise JobMovedOn("it is not what was looked at any more")
        if printer is not None:
            self._printers.handle(printer)
        could = self._could(found, printer or found.printer_wanted)
        found = await self._judging.judged(found, could[0])

        def work(session: Session, row: JobRow) -> None:
            if row.revision != found.revision or row.facts != found.facts:
                raise JobMovedOn("it was changed meanwhile")
            check_quota(session, row)
            last = session.scalar(select(func.max(JobRow.place)))
            row.state = JobState.QUEUED
            row.approval = new_id()
            row.place = (last or 0.0) + 1.0
            row.printer_wanted = printer or row.printer_wanted
            row.problem, row.note = None, ""

        detail = {} if printer is None else {"printer": printer}
        done = await self._register.change(job, work, step=Step.APPROVE, by=by, detail=detail)
        await self._reload()
        return done

    async def reprint(self, job: str, *, by: Principal) -> Job:
        """Print it once more, as a new job; asked for by a teacher it is approved as well.

        Raises:
            NeverSliced, TooManyJobs, TooManyInAll: as `Jobs.reprint`.
        """
        made = await self._jobs.reprint(job, by=by)
        if not may(by, made.access(Step.APPROVE)):
            return made
        try:
            return await self.approve(made.id, by=by)
        except HubError as error:  # it waits for approval like any other, and can say why
            log.info("reprint %s is not approved yet: %s", made.id, error)
            return made

    async def cancel(self, job: str, *, by: Principal) -> Job:
        """Cancel a job wherever it is: on a printer the print is given up.

        Raises:
            PrinterSaid: the printer would not.
        """
        found = await self._jobs.get(job, by=by, step=Step.CANCEL)
        if not found.under_way:
            try:
                done = await self._jobs.withdraw(job, by=by)
                await self._reload()
                return done
            except JobMovedOn:
                found = await self._register.get(job)
                if not found.under_way:
                    raise
        try:
            handle = self._printers.handle(found.printer or "")
        except NotFound:
            return await self._following.give_up(found, PrinterGone(f"printer {found.printer}"))
        if not handle.state.reachable:
            return await self._following.give_up(found, PrinterDoesNotAnswer(handle.id))
        if found.id in self._following.starting:
            await self._started_first(found)
        progress = self._printers.progress(handle.id)
        if progress is None or progress.job != found.id:
            return await self._following.give_up(found, CancelledAtPrinter(handle.id))
        await self._note(found, Step.CANCEL, by)
        await self._do(found, Printer.cancel.name, by)
        return await self._until_over(found.id)

    async def pause(self, job: str, *, by: Principal) -> Job:
        """Pause a print. Raises `PrinterSaid`, `PrinterDoesNotAnswer`, `JobMovedOn`."""
        return await self._at_printer(job, Step.PAUSE, Printer.pause.name, JobState.PAUSED, by)

    async def resume(self, job: str, *, by: Principal) -> Job:
        """Go on with a paused print; raises as `pause`."""
        return await self._at_printer(job, Step.RESUME, Printer.resume.name, JobState.PRINTING, by)

    async def move(self, job: str, *, before: str | None, by: Principal) -> Job:
        """Put a queued job before another one, or at the end.

        Raises:
            JobMovedOn: one of them is not in the queue any more.
        """
        await self._jobs.get(job, by=by, step=Step.MOVE)

        def work(session: Session, row: JobRow) -> None:
            query = select(JobRow).where(JobRow.state == JobState.QUEUED).order_by(JobRow.place)
            rows = [one for one in session.scalars(query) if one.id != row.id]
            at = len(rows)
            if before is not None:
                at = next((i for i, one in enumerate(rows) if one.id == before), -1)
                if at < 0:
                    raise JobMovedOn(f"{before} is not in the queue")
            rows.insert(at, row)
            for place, one in enumerate(rows):
                one.place = float(place + 1)

        detail = {"before": before}
        done = await self._register.change(job, work, step=Step.MOVE, by=by, detail=detail)
        await self._reload()
        return done

    # Looking.

    def standing(self, job: Job) -> Standing:
        """Return where a job stands, and what is in its way."""
        if job.under_way:
            live = self._following.live.get(job.id) or job.progress or {}
            seconds = live.get("seconds_left")
            problem = None
            if self._printers.progress(job.printer or "") is None:
                problem = said(PrinterDoesNotAnswer(job.printer or ""))
            done = None if seconds is None else now() + seconds
            return Standing(problem=problem, done_at=done)
        if job.state not in (JobState.QUEUED, JobState.WAITING):
            return NOWHERE
        order = [one.id for one in self._order]
        at = order.index(job.id) if job.id in order else None
        short = self._short(job, self._order[:at])
        if job.state is JobState.WAITING:
            return Standing(warning=short)
        position = None if at is None else at + 1
        return Standing(position, self._why(job), self.times().get(job.id), short)

    def _short(self, job: Job, before: list[Job]) -> dict[str, Any] | None:
        """Return that the spool will not be enough for a job, None where it will, or may."""
        known = self._printers.all()
        ahead = [(one, [one.printer or ""]) for one in self._running.values()]
        for one in before:
            able = fitting(one.facts, one.printer_wanted, known)
            ahead.append((one, [printer.id for printer in able]))
        short = self._supply.short(job, fitting(job.facts, job.printer_wanted, known), ahead)
        return None if short is None else said(short)

    def with_live(self, job: Job) -> Job:
        """Return a job with how far its print is now."""
        live = self._following.live.get(job.id)
        return replace(job, progress=live) if live and job.under_way else job

    def times(self) -> dict[str, float | None]:
        """Return when each queued job will probably be done."""
        known = self._printers.all()
        free = {one.id: self._free_in(one) for one in known if one.reachable}
        waiting = [
            Waiting(
                job.id,
                (job.estimate or {}).get("seconds"),
                tuple(one.id for one in fitting(job.facts, job.printer_wanted, known)),
            )
            for job in self._order
        ]
        return times(now(), free, waiting, {one.id: self._pace.of(one.id) for one in known})

    def queue_seconds(self, printer: str) -> float | None:
        """Return in how many seconds everything that waits for a printer will be done."""
        done, known = self.times(), self._printers.all()
        mine = [
            done[job.id]
            for job in self._order
            if printer in [one.id for one in fitting(job.facts, job.printer_wanted, known)]
        ]
        if ends := [one for one in mine if one is not None]:
            return round(max(ends) - now())
        return round(self._free_in(self._printers.get(printer)))

    def _free_in(self, printer: PrinterNow) -> float:
        if printer.busy_with is None:
            return 0.0 if printer.plate.clear else CHANGE
        live = self._following.live.get(printer.busy_with, {})
        return float(live.get("seconds_left") or 0.0) + CHANGE

    def _why(self, job: Job) -> dict[str, Any] | None:
        """Return what is in a queued job's way beside those before it."""
        if job.problem is not None:
            return job.problem
        known = self._printers.all()
        found = fitting(job.facts, job.printer_wanted, known)
        if not found:
            reasons = {why_not(job.facts, job.printer_wanted, one) for one in known}
            if job.printer_wanted and reasons <= {"other-printer"}:
                return said(PrinterGone(f"printer {job.printer_wanted}"))
            return said(NoPrinter(", ".join(sorted(filter(None, reasons - {"other-printer"})))))
        if any(one.ready for one in found):
            return None
        if any(one.busy_with for one in found):
            return said(PrinterBusy(f"job {job.id}"))
        if any(one.reachable and not one.plate.clear for one in found):
            return said(PlateNotClear(", ".join(one.id for one in found)))
        return said(PrinterNotReady(", ".join(f"{one.id}: {one.state}" for one in found)))

    def _could(self, job: Job, wanted: str | None) -> list[PrinterNow]:
        """Return the printers that can print a job; raises where there is none."""
        if wanted is not None:
            try:
                self._printers.handle(wanted)
            except NotFound:
                raise PrinterGone(f"printer {wanted}") from None
        known = self._printers.all()
        if found := fitting(job.facts, wanted, known):
            return found
        reasons = {why_not(job.facts, wanted, one) for one in known}
        names = sorted(WAITS[one] for one in reasons if one and one != "other-printer")
        raise NoPrinter("; ".join(names))

    # Starting.

    def _changed(self, job: Job, before: JobState | None) -> None:
        self._printers.occupied(job)
        if JobState.QUEUED in (job.state, before) or job.under_way or job.over:
            self._wake.set()
            self._following.wake()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._reload()
                self.start_ready()
            except HubError as error:
                log.warning("the queue stands still: %s", error)
            except Exception:
                log.exception("the queue stands still")

    async def _reload(self) -> None:
        jobs = await self._register.among(JobState.QUEUED, *UNDER_WAY)
        self._running = {job.id: job for job in jobs if job.under_way}
        jobs = [job for job in jobs if not job.under_way]
        await self._supply.reload()
        self._order = sorted(jobs, key=lambda job: (job.place or 0.0, job.id))

    def start_ready(self) -> None:
        """Start the first job that fits on each printer that is ready."""
        clock = asyncio.get_running_loop().time()
        taken = set(self._following.starting)
        known = self._printers.all()
        for printer in known:
            if not printer.ready or printer.id in self._started:
                continue
            for job in self._order:
                if job.id in taken or self._later.get(job.id, 0.0) > clock:
                    continue
                if printer in fitting(job.facts, job.printer_wanted, known):
                    taken.add(job.id)
                    self._begin(job, printer.id)
                    break

    def _begin(self, job: Job, printer: str) -> None:
        self._following.starting.add(job.id)
        task = asyncio.create_task(self._start_one(job, printer), name=f"printing-start-{job.id}")
        self._started[printer] = task

        def done(_: asyncio.Task[None]) -> None:
            self._started.pop(printer, None)
            self._following.starting.discard(job.id)
            self._following.wake()
            self._wake.set()

        task.add_done_callback(done)

    async def _start_one(self, job: Job, printer: str) -> None:
        try:
            job = await self._judging.judged(job, self._printers.get(printer))
            begun = await self._starting.start(job, printer)
        except JobMovedOn as error:
            log.info("job %s is not started: %s", job.id, error)
            begun = True
        except (OthersLeftOut, GcodeRefused, NoSuchPolicy) as error:
            await self._take_back(job, error)
            begun = True
        except HubError as error:
            log.warning("job %s cannot be started: %s", job.id, error)
            begun = False
        if begun:
            self._later.pop(job.id, None)
        else:
            self._later[job.id] = asyncio.get_running_loop().time() + AGAIN

    async def _take_back(self, job: Job, error: HubError) -> None:
        """Have a job wait for approval again: what was approved is not what would be printed."""
        log.warning("job %s waits for approval again: %s", job.id, error)

        def work(session: Session, row: JobRow) -> None:
            if row.state != JobState.QUEUED or row.approval != job.approval:
                raise JobMovedOn(row.state)
            take_back(session, row, error)

        with contextlib.suppress(JobMovedOn):  # what it is judged by may have done so already
            await self._register.change(job.id, work)

    # At the printer.

    async def _at_printer(
        self, job: str, step: Step, action: str, wanted: JobState, by: Principal
    ) -> Job:
        found = await self._jobs.get(job, by=by, step=step)
        handle = self._printers.handle(found.printer or "")
        if not found.under_way or found.state is wanted:
            raise JobMovedOn(f"{step} while {found.state}")
        if not handle.state.reachable:
            raise PrinterDoesNotAnswer(handle.id)
        await self._note(found, step, by)
        await self._do(found, action, by)
        return await self._until(found.id, wanted)

    async def _note(self, job: Job, step: Step, by: Principal) -> None:
        def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
            if row.state not in UNDER_WAY:
                raise JobMovedOn(f"{step} while {row.state}")

        await self._register.change(job.id, work, step=step, by=by)

    async def _do(self, job: Job, action: str, by: Principal) -> None:
        handle = self._printers.handle(job.printer or "")
        operation = handle.invoke(action, None, by=by)
        ended = await self._hub.operations.wait(operation.id, 200.0)
        if ended.status is Status.FAILED and ended.problem is not None:
            raise PrinterSaid(ended.problem)

    async def _started_first(self, job: Job) -> None:
        """Wait until a printer that is being asked has taken the file or refused it."""
        task = next((one for one in self._started.values() if job.id in one.get_name()), None)
        if task is not None:
            await asyncio.wait({task}, timeout=CANCELLED_WITHIN)
        if job.id in self._following.starting:
            raise StillStarting(f"job {job.id}")

    async def _until_over(self, job: str) -> Job:
        return await self._until(job, None)

    async def _until(self, job: str, wanted: JobState | None) -> Job:
        """Return the job once it is where it was asked to be, or as it is a moment later."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(CANCELLED_WITHIN):
                while True:
                    self._following.wake()
                    found = await self._register.get(job)
                    if found.over or found.state is wanted:
                        return found
                    await asyncio.sleep(0.1)
        return await self._register.get(job)
