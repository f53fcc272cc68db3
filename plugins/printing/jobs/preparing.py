"""From a file that was handed in to a job that a teacher can approve: checked and sliced.

What the hub worked on when it ended is begun anew; after `MOST_TRIES` it is refused. A full disk
and a busy hub are waited for; models that were refused for want of a slicer are taken up once there
is one. What is worked out for a version that was replaced meanwhile is dropped.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

import plugins.printing.checking.errors  # noqa: F401 - what the worker raises must be known here
from hub.errors import HubError
from hub.plugin import AssetRow, PluginHub
from plugins.printing.jobs.errors import GaveUp, JobMovedOn, NoSlicerYet, NotPrintable
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Change, Register, add_file, known, note, said
from plugins.printing.jobs.slicer import PrinterFacts, Sliced, Slicer
from plugins.printing.jobs.states import PREPARING, JobState
from plugins.printing.tables import JobRow

log = logging.getLogger("classhub.printing")

AT_ONCE = 2
MOST_TRIES = 3
AGAIN = 15.0
"""Seconds until what had no room or no worker is tried again."""
MEMORY = 1_200_000_000
SECONDS = 120.0
_WORK = "plugins.printing.checking.work"
_TELL = 0.02
KEEPER = "printing"


class Superseded(Exception):
    """The job was changed, withdrawn or deleted while it was worked on."""


class Preparing:
    """Works on all jobs that wait for the hub, a few at the same time.

    Args:
        facts: returns what is known of the printer that a job is for.
    """

    def __init__(
        self,
        hub: PluginHub,
        register: Register,
        slicer: Slicer,
        facts: Callable[[Job], PrinterFacts],
    ) -> None:
        self._hub = hub
        self._register = register
        self._slicer = slicer
        self._facts = facts
        self._folder = hub.work / "preparing"
        self._wake = asyncio.Event()
        self._working: dict[str, asyncio.Task[None]] = {}
        self._later: dict[str, float] = {}
        self._want_slicer = True
        """Some model was refused for want of one, or may have been before the hub was started."""
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up what an earlier run left."""
        await asyncio.to_thread(_emptied, self._folder)
        self._register.followers.append(self._changed)
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="printing-preparing")

    def expect(self) -> None:
        """Somebody is about to hand something in: have a worker that has loaded what it needs."""
        if self._ready is None or self._ready.done():
            self._ready = asyncio.create_task(self._load(), name="printing-worker-ready")

    async def _load(self) -> None:
        try:
            await self._hub.workers.run(f"{_WORK}:ready", timeout=SECONDS, memory=MEMORY)
        except HubError as error:  # the check itself will say what is wrong
            log.info("no worker is made ready: %s", error)

    async def stop(self) -> None:
        """End; what was worked on is begun anew by the next start."""
        others = [one for one in (self._task, self._ready) if one is not None]
        tasks = [*self._working.values(), *others]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._task = None

    def _changed(self, job: Job, _before: JobState | None) -> None:
        if job.state in PREPARING:
            self._wake.set()
        elif (task := self._working.get(job.id)) and task is not asyncio.current_task():
            task.cancel()  # withdrawn: its worker is ended with it

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(AGAIN):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._sliceable()
                await self._take()
            except HubError as error:
                log.warning("jobs cannot be worked on now: %s", error)
            except Exception:
                log.exception("jobs cannot be worked on")

    async def _sliceable(self) -> None:
        """Take up anew what was refused for want of a slicer, once there is one."""
        if not (self._want_slicer and self._slicer.ready()):
            return
        self._want_slicer = False
        try:
            refused = (JobRow.state == JobState.REFUSED) & _for_want_of_a_slicer()
            for job in await self._register.where(refused):
                with contextlib.suppress(Superseded, JobMovedOn):
                    await self._register.change(job.id, _again(job), what="checking")
        except Exception:
            self._want_slicer = True
            raise

    async def _take(self) -> None:
        clock = asyncio.get_running_loop().time()
        for job in await self._register.among(*PREPARING):
            if len(self._working) >= AT_ONCE:
                return
            if job.id in self._working or self._later.get(job.id, 0.0) > clock:
                continue
            task = asyncio.create_task(self._work(job), name=f"printing-job-{job.id}")
            self._working[job.id] = task
            task.add_done_callback(lambda _, id_=job.id: self._done(id_))  # type: ignore[misc]

    def _done(self, job: str) -> None:
        self._working.pop(job, None)
        self._wake.set()

    async def _work(self, job: Job) -> None:
        folder = self._folder / job.id
        try:
            await asyncio.to_thread(_emptied, folder)
            await self._prepare(job, folder)
            self._later.pop(job.id, None)
        except Superseded:
            log.info("job %s was changed while it was worked on", job.id)
        except HubError as error:
            await self._failed(job, error)
        except Exception as error:
            log.exception("job %s could not be prepared", job.id)
            await self._failed(job, HubError(f"{type(error).__name__}: {error}"))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _failed(self, job: Job, error: HubError) -> None:
        """Refuse the job, or try later what is not its own fault."""
        later = error.retryable or error.status in (503, 507)
        if error.code == NoSlicerYet.code:
            later, self._want_slicer = False, True
        if later:
            self._later[job.id] = asyncio.get_running_loop().time() + AGAIN
        problem = said(error)

        def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
            _same(row, job)
            row.problem = problem
            row.progress = None
            if later:
                row.tries = max(row.tries - 1, 0)
            else:
                row.state = JobState.REFUSED

        what = "" if later else "refused"
        with contextlib.suppress(Superseded, JobMovedOn, HubError):
            await self._register.change(job.id, work, what=what, detail={"code": error.code})

    async def _prepare(self, job: Job, folder: Path) -> None:
        if job.tries >= MOST_TRIES:
            raise GaveUp(f"{job.tries} tries")

        def begin(session: Session, row: JobRow) -> None:
            _same(row, job)
            row.tries += 1
            row.problem = None
            row.progress = _fraction(0.0)
            if row.state == JobState.UPLOADED:
                row.state = JobState.CHECKING
                note(session, row, "checking")

        job = await self._register.change(job.id, begin)
        source = self._hub.assets.content(await self._hub.assets.get(job.source))
        if job.kind == "gcode":
            sliced = await self._slicer.look(source, printer=self._facts(job), target=folder)
            await self._wait_for_approval(job, sliced, None)
            return
        if job.state is JobState.CHECKING:
            job = await self._check(job, source, folder)
        if job.state is JobState.SLICING:
            gcode = folder / "print.gcode"
            sliced = await self._slicer.slice(
                source,
                printer=self._facts(job),
                settings=job.settings,
                target=gcode,
                progress=self._teller(job),
            )
            await self._wait_for_approval(job, sliced, gcode)

    async def _check(self, job: Job, source: Path, folder: Path) -> Job:
        printer = self._facts(job)
        volume = printer.volume
        options = {
            "volume": [volume.x, volume.y, volume.z] if printer.id is not None else None,
            "nozzle": printer.nozzle,
        }
        picture, preview = folder / "thumbnail.png", folder / "preview.glb"
        checked = await self._hub.workers.run(
            f"{_WORK}:check",
            str(source),
            options,
            str(picture),
            str(preview),
            timeout=SECONDS,
            memory=MEMORY,
            progress=self._teller(job),
        )
        verdict = checked["verdict"]
        for made, role, media_type in (
            (picture, "thumbnail", "image/png"),
            (preview, "preview", "model/gltf-binary"),
        ):
            if checked[role] is not None:
                await self.keep(job, made, role, media_type, made="check")

        def work(session: Session, row: JobRow) -> None:
            _same(row, job)
            row.verdict = verdict
            row.progress = None
            if verdict["printable"]:
                row.state = JobState.SLICING
            else:
                row.state = JobState.REFUSED
                row.problem = said(NotPrintable(f"job {job.id}"))
            note(session, row, row.state)

        return await self._register.change(job.id, work)

    async def _wait_for_approval(self, job: Job, sliced: Sliced, gcode: Path | None) -> None:
        if gcode is not None:
            await self.keep(job, gcode, "gcode", "text/x.gcode", made="slice", title=job.id)
        for place, file in enumerate(sliced.layers):
            role = "layers" if place else "layer-index"
            media_type = "application/octet-stream" if place else "application/json"
            await self.keep(job, file, role, media_type, made="slice")

        def work(session: Session, row: JobRow) -> None:
            _same(row, job)
            row.estimate = sliced.estimate or None
            row.facts = sliced.facts
            row.progress = None
            row.problem = None
            row.state = JobState.WAITING
            note(session, row, "waiting")

        await self._register.change(job.id, work)

    async def keep(
        self,
        job: Job,
        file: Path,
        role: str,
        media_type: str,
        *,
        made: str,
        title: str | None = None,
        info: dict[str, Any] | None = None,
    ) -> None:
        """Keep a file of this version of a job; it is moved in. Raises `Superseded`."""

        def also(session: Session, asset: AssetRow) -> None:
            row = known(session, job.id)
            _same(row, job)
            add_file(session, row, role, asset, made=made, info=info)

        await self._hub.assets.add(
            content=file,
            media_type=media_type,
            title=title or job.name,
            owner=job.principal,
            keeper=KEEPER,
            also=also,
        )

    def _teller(self, job: Job) -> Callable[[float, str], None]:
        """Return what tells how far the work on a job is, without writing it down."""
        last = [-1.0]

        def tell(fraction: float, message: str = "") -> None:
            if abs(fraction - last[0]) < _TELL:
                return
            last[0] = fraction
            payload = {"id": job.id, "fraction": fraction, "message": message}
            self._hub.publish(f"jobs/{job.id}/work", payload, audience=job.access())

        return tell


def _same(row: JobRow, job: Job) -> None:
    """Raise `Superseded` where the row is not what was worked on any more."""
    if row.revision != job.revision or row.state not in PREPARING:
        raise Superseded(f"job {job.id}")


def _again(job: Job) -> Change:
    def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
        if row.revision != job.revision or row.state != JobState.REFUSED:
            raise Superseded(f"job {job.id}")
        row.state, row.problem, row.tries = JobState.CHECKING, None, 0

    return work


def _for_want_of_a_slicer() -> ColumnElement[bool]:
    code: ColumnElement[str] = JobRow.problem["code"].as_string()
    return code == NoSlicerYet.code


def _fraction(fraction: float) -> dict[str, Any]:
    return {"fraction": fraction}


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
