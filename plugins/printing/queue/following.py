"""Following prints: what each printer tells becomes the state of its job, and ends it once.

What counts is what the printer says of its print (`progress`), looked at again and again: what was
missed is seen the next time. Its events tell sooner, and why.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

from drivers.printer.contract import Printer
from drivers.printer.values import JobState as PrintState
from drivers.printer.values import PrinterState, PrintHappened, Progress
from hub.clock import now
from hub.errors import HubError, NotFound
from hub.plugin import Message, PluginHub
from plugins.printing.jobs.errors import (
    CancelledAtPrinter,
    Interrupted,
    JobMovedOn,
    PrinterGone,
    PrintFailed,
)
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register, said
from plugins.printing.jobs.states import UNDER_WAY, JobState
from plugins.printing.queue.estimate import left
from plugins.printing.queue.pace import Pace
from plugins.printing.queue.printers import Printers
from plugins.printing.tables import JobRow

log = logging.getLogger("classhub.printing")

LOOK = 2.0
"""Seconds between looks, where nothing happens."""
GRACE = 5.0
"""Seconds for which a printer that is reached again may not yet know its print."""
LOST = 60.0
"""Seconds after which a print is given up whose printer cannot be reached. A print server goes on
without the hub, and its driver says so (`PRINTS_ON`): that is waited for."""
PRINTS_ON = "unreachable-prints-on"
KEEP = 5.0
"""Seconds between two notes of how far a print is."""
_EVENTS = {
    Printer.print_started.name: PrintState.PRINTING,
    Printer.print_paused.name: PrintState.PAUSED,
    Printer.print_resumed.name: PrintState.PRINTING,
    Printer.print_finished.name: PrintState.FINISHED,
    Printer.print_cancelled.name: PrintState.CANCELLED,
    Printer.print_failed.name: PrintState.FAILED,
    Printer.print_interrupted.name: PrintState.INTERRUPTED,
}
_ENDS: dict[PrintState, tuple[JobState, type[HubError] | None]] = {
    PrintState.FINISHED: (JobState.DONE, None),
    PrintState.CANCELLED: (JobState.CANCELLED, CancelledAtPrinter),
    PrintState.FAILED: (JobState.FAILED, PrintFailed),
    PrintState.INTERRUPTED: (JobState.FAILED, Interrupted),
}

Ended = Callable[[Session, JobRow], None]


@dataclass(frozen=True, slots=True)
class Heard:
    """An event of a printer."""

    printer: str
    state: PrintState
    event: PrintHappened


class Following:
    """Follows all prints.

    Args:
        hub: of the plugin.
        register: of the jobs.
        printers: that they are on.
        begun: told that a print has surely begun.
        ended: writes down, in the transaction that ends a job, what it has used.
        pace: of each printer, looked at again after each print.
        look: seconds between looks.
        grace: see `GRACE`.
        lost: see `LOST`.
    """

    def __init__(
        self,
        hub: PluginHub,
        register: Register,
        printers: Printers,
        *,
        begun: Callable[[str], Any],
        ended: Ended,
        pace: Pace,
        look: float = LOOK,
        grace: float = GRACE,
        lost: float = LOST,
    ) -> None:
        self._hub = hub
        self._register = register
        self._printers = printers
        self._begun = begun
        self._ended = ended
        self._pace = pace
        self._look = look
        self._grace = grace
        self._lost_after = lost
        self._lost: dict[str, float] = {}
        self._heard: deque[Heard] = deque(maxlen=500)
        self._reasons: dict[str, tuple[str, str]] = {}
        self._strange: dict[str, float] = {}
        self._kept: dict[str, float] = {}
        self._sure: set[str] = set()
        self._wake = asyncio.Event()
        self._leave: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None
        self.starting: set[str] = set()
        """Jobs whose printer is being asked just now; not judged before it has answered."""
        self.live: dict[str, dict[str, Any]] = {}
        """How far each print is, newer than what is written down."""
        self.looked: list[Callable[[], None]] = []
        """Called after each look."""

    async def start(self) -> None:
        """Begin to follow; also the prints that an earlier run has started."""
        subscribe = self._hub.bus.subscribe
        self._leave = [
            subscribe("+/e/+", self._hear),
            subscribe(f"+/p/{Printer.progress.name}", lambda _: self._wake.set()),
            subscribe(f"+/p/{Printer.state.name}", lambda _: self._wake.set()),
            subscribe("+/state", lambda _: self._wake.set()),
        ]
        self._task = asyncio.create_task(self._run(), name="printing-following")

    async def stop(self) -> None:
        """Follow no more; jobs under way stay as they are, for the next start."""
        for leave in self._leave:
            leave()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Look at once."""
        self._wake.set()

    def _hear(self, message: Message) -> None:
        device, _, name = message.topic.split("/", 2)
        if name not in _EVENTS or message.payload is None:
            return
        try:
            event = PrintHappened.model_validate(message.payload["data"])
        except (ValidationError, KeyError, TypeError):
            return
        self._heard.append(Heard(device, _EVENTS[name], event))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._look):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.look()
            except HubError as error:
                log.warning("prints cannot be followed now: %s", error)
            except Exception:
                log.exception("prints cannot be followed")
            for told in self.looked:
                told()

    async def look(self) -> None:
        """Look at every print and every printer once."""
        running = await self._register.among(*UNDER_WAY)
        jobs = {job.id: job for job in running}
        while self._heard:
            heard = self._heard.popleft()
            job = jobs.get(heard.event.job)
            if job is None and not await self._ours(heard.event.job):
                await self._printers.foreign_print(heard.printer)
            if job is None or job.printer != heard.printer:
                continue
            if heard.event.reason or heard.event.detail:
                self._reasons[job.id] = (heard.event.reason, heard.event.detail)
            jobs[job.id] = await self._becomes(job, heard.state, _of_event(heard.event, job))
        for job in jobs.values():
            if job.under_way:
                await self._judge(job)
        for gone in self.live.keys() - {job.id for job in jobs.values() if job.under_way}:
            self.live.pop(gone, None)
            self._kept.pop(gone, None)
            self._strange.pop(gone, None)
            self._lost.pop(gone, None)
            self._reasons.pop(gone, None)
        await self._look_for_foreign({job.printer for job in running})

    async def _ours(self, job: str) -> bool:
        """Tell whether a print is, or was, one of a job."""
        try:
            return bool(job) and await self._register.get(job) is not None
        except NotFound:
            return False

    async def _judge(self, job: Job) -> None:
        printer = job.printer or ""
        try:
            self._printers.handle(printer)
        except NotFound:
            await self._end(job, JobState.FAILED, PrinterGone(f"printer {printer}"), None)
            return
        progress = self._printers.progress(printer)
        if progress is None:
            self._strange.pop(job.id, None)
            await self._unreached(job, printer)
            return
        self._lost.pop(job.id, None)
        if progress.job == job.id and progress.state is not PrintState.NONE:
            self._strange.pop(job.id, None)
            await self._becomes(job, progress.state, progress)
            return
        if job.id in self.starting:
            return
        # It is reached and knows nothing of this print: it started anew, or never began.
        clock = asyncio.get_running_loop().time()
        if clock - self._strange.setdefault(job.id, clock) >= self._grace:
            await self._end(
                job, JobState.FAILED, Interrupted(f"{printer} knows nothing of it"), None
            )
        else:
            asyncio.get_running_loop().call_later(self._grace, self._wake.set)

    async def _unreached(self, job: Job, printer: str) -> None:
        """Wait for a printer that cannot be reached; one on a cable prints no longer."""
        problem = self._printers.handle(printer).state.problem
        code = "" if problem is None else problem.code
        if code == PRINTS_ON or job.id in self.starting:
            self._lost.pop(job.id, None)
            return
        clock = asyncio.get_running_loop().time()
        if clock - self._lost.setdefault(job.id, clock) >= self._lost_after:
            why = f"{printer} cannot be reached: {code}"
            await self._end(job, JobState.FAILED, Interrupted(why), None)

    async def _becomes(self, job: Job, state: PrintState, progress: Progress) -> Job:
        """Bring a job to where its print is."""
        if job.id not in self._sure:
            await self._begun(job.id)
            self._sure.add(job.id)
        self.live[job.id] = self._shown(progress, job)
        if state in _ENDS:
            to, error = _ENDS[state]
            reason, detail = self._reasons.get(job.id, ("", ""))
            problem = None if error is None else error(": ".join(filter(None, (reason, detail))))
            return await self._end(job, to, problem, progress)
        to = JobState.PAUSED if state is PrintState.PAUSED else JobState.PRINTING
        if to is not job.state:

            def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
                if row.state not in UNDER_WAY:
                    raise JobMovedOn(row.state)
                row.state = to
                row.progress = self.live[job.id]

            with contextlib.suppress(JobMovedOn):
                what = "paused" if to is JobState.PAUSED else "resumed"
                return await self._register.change(job.id, work, what=what)
        await self._keep(job)
        return job

    async def _keep(self, job: Job) -> None:
        """Write down now and then how far a print is: it is what is known after a power cut."""
        clock = asyncio.get_running_loop().time()
        if clock - self._kept.get(job.id, 0.0) < KEEP:
            return
        self._kept[job.id] = clock
        progress = self.live[job.id]

        def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
            if row.state in UNDER_WAY:
                row.progress = progress

        await self._register.change(job.id, work)

    async def _end(
        self, job: Job, to: JobState, error: HubError | None, progress: Progress | None
    ) -> Job:
        """End a job; it ends once, whoever sees it first."""
        last = (
            self._shown(progress, job) if progress else self.live.get(job.id) or job.progress or {}
        )
        ending = None
        if error is not None:
            where = {name: last.get(name) for name in ("line", "lines", "height", "layer")}
            ending = {**said(error), **where}

        def work(session: Session, row: JobRow) -> None:
            if row.state not in UNDER_WAY:
                raise JobMovedOn(row.state)
            row.state, row.ended = to, now()
            row.progress = {"fraction": 0.0, **last, "seconds_left": None}
            if to is JobState.DONE:
                row.progress = {**row.progress, "fraction": 1.0}
            row.ending = ending
            self._ended(session, row)

        detail = {} if error is None else {"code": error.code}
        try:
            ended = await self._register.change(job.id, work, what=to.value, detail=detail)
        except JobMovedOn:
            return await self._register.get(job.id)
        self._sure.discard(job.id)
        log.info("job %s: %s", job.id, to)
        with contextlib.suppress(HubError):  # how long others take is a guess in any case
            await self._pace.reload()
        return ended

    async def give_up(self, job: Job, error: HubError) -> Job:
        """End a job whose printer cannot be asked, because somebody wants it to."""
        return await self._end(job, JobState.CANCELLED, error, None)

    def _shown(self, progress: Progress, job: Job) -> dict[str, Any]:
        """Return how far a print is as a job tells it."""
        estimate = (job.estimate or {}).get("seconds")
        if estimate is not None:
            estimate *= self._pace.of(job.printer or "")
        remaining = left(estimate, progress.printed, progress.fraction)
        return {
            "fraction": progress.fraction,
            "line": progress.line,
            "lines": progress.lines,
            "layer": progress.layer,
            "layers": progress.layers or (job.estimate or {}).get("layers"),
            "height": progress.height,
            "filament": progress.filament,
            "printed": progress.printed,
            "seconds_left": None if remaining is None else round(remaining),
        }

    async def _look_for_foreign(self, ours: set[str | None]) -> None:
        """A print that no job knows of lies on the plate as well."""
        await self._printers.gone()
        await self._printers.in_sight()
        for printer in self._printers.all():
            prints = printer.state in (PrinterState.PRINTING, PrinterState.PAUSED)
            if prints and printer.id not in ours and printer.busy_with is None:
                await self._printers.foreign_print(printer.id)


def _of_event(event: PrintHappened, job: Job) -> Progress:
    """Return what an event says of how far the print is."""
    known = job.progress or {}
    return Progress(
        job=event.job,
        fraction=event.line / event.lines if event.lines else known.get("fraction", 0.0),
        line=event.line,
        lines=event.lines,
        layer=event.layer,
        layers=known.get("layers"),
        height=event.height,
        filament=event.filament,
        printed=event.printed,
    )
