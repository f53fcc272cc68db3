"""Print jobs: handed in, changed, approved, withdrawn."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import HubError, NotFound
from hub.ids import new_id
from hub.plugin import Asset, AssetRow, PluginHub, Principal, Role, check
from hub.school import BadName, clean_name, clean_text
from hub.store import Page
from hub.store.tables import LessonRow, PersonRow
from plugins.printing.jobs.errors import (
    JobMovedOn,
    NeverSliced,
    NoModelFile,
    TooManyInAll,
    TooManyJobs,
)
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.preparing import KEEPER, MEMORY, SECONDS
from plugins.printing.jobs.register import Register, add_file, note, seen_by
from plugins.printing.jobs.settings import JobSettings, kept
from plugins.printing.jobs.states import MENDABLE, UNDER_WAY, JobState, Step
from plugins.printing.tables import JobRow

log = logging.getLogger("classhub.printing")

NAME = 80
MOST_OF_A_PUPIL = 20
MOST = 2000
GCODE = (".gcode", ".gco", ".g", ".gc", ".bgcode")
_WORK = "plugins.printing.checking.work"
Rotation = list[list[float]]
"""3 x 3, by rows."""


class Jobs:
    """What people do with print jobs; who may is judged here, for every face alike."""

    def __init__(self, hub: PluginHub, register: Register) -> None:
        self._hub = hub
        self.register = register

    # Looking.

    async def get(
        self, job: str, *, by: Principal, step: Step | None = None, scope: str | None = None
    ) -> Job:
        """Return one, for a step or to look at; also to keys of a scope, where one is given.

        Raises `NotFound`, `Forbidden`.
        """
        found = await self.register.get(job)
        # Whoever may not see it learns no more than that.
        check(by, replace(found.access(), scope=scope))
        if step is not None:
            check(by, found.access(step))
        return found

    async def list(
        self,
        *,
        by: Principal,
        states: Sequence[JobState] = (),
        printer: str | None = None,
        owner: str | None = None,
        lesson: str | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """Return a page of the jobs that `by` may see, the newest first.

        Args:
            by: who asks.
            states: only those in one of these.
            printer: only those of this printer, wanted or printing.
            owner: only those of this person.
            lesson: only those of this lesson.
            before: only those older than this job.
            limit: the most on the page.
        """
        which = seen_by(by)
        if states:
            which.append(JobRow.state.in_([state.value for state in states]))
        if printer is not None:
            which.append((JobRow.printer == printer) | (JobRow.printer_wanted == printer))
        if owner is not None:
            which.append(JobRow.owner == owner)
        if lesson is not None:
            which.append(JobRow.lesson == lesson)
        return await self.register.page(which, before=before, limit=limit)

    # Handing in.

    async def receive(
        self,
        file: Path,
        *,
        name: str,
        by: Principal,
        printer: str | None = None,
        settings: JobSettings | None = None,
        origin: str = "api",
    ) -> Job:
        """Take a file as a new job; it is safe once this has returned, and checked later.

        Args:
            file: moved in, and gone from where it was. What it is, its name's ending says:
                G-code (`GCODE`) or a model.
            name: of the file, as people call it; untrusted.
            by: who hands it in, and owns it then.
            printer: the one that it is for, None for any that fits.
            settings: for the slicer.
            origin: by which way it came, such as `api`, `octoprint`, `prusalink`.

        Raises:
            BadName: nothing is left of the name.
            NotFound: there is no such printer.
            TooManyJobs, TooManyInAll: others must be finished first.
            StorageFull: there is no room; nothing was kept.
        """
        gcode = _is_gcode(name)
        row = await self._new(name, by, "gcode" if gcode else "model", printer, settings, origin)
        media_type = "text/x.gcode" if gcode else "application/octet-stream"

        def also(session: Session, asset: AssetRow) -> None:
            self._insert(session, row, by)
            add_file(session, row, row.kind, asset, made="upload")

        await self._hub.assets.add(
            content=file,
            media_type=media_type,
            # A printer tells everybody the name of the file that it prints.
            title=row.id if gcode else row.name,
            owner=by,
            keeper=KEEPER,
            also=also,
        )
        return await self._told(row.id)

    async def from_asset(
        self,
        asset: Asset,
        *,
        by: Principal,
        name: str | None = None,
        printer: str | None = None,
        settings: JobSettings | None = None,
    ) -> Job:
        """Take an asset that `by` may see as a new job; its bytes are kept once.

        Raises as `receive`.
        """
        check(by, self._hub.assets.access(asset, "view"))
        source = self._hub.assets.content(asset)
        copy = await asyncio.to_thread(_linked, source, self._hub.work / f"{new_id()}.take")
        try:
            gcode = _is_gcode(name or asset.title) or asset.media_type == "text/x.gcode"
            called = name or asset.title
            if gcode and not _is_gcode(called):
                called += ".gcode"
            return await self.receive(
                copy, name=called, by=by, printer=printer, settings=settings, origin="asset"
            )
        finally:
            await asyncio.to_thread(copy.unlink, missing_ok=True)

    async def replace(self, job: str, file: Path, *, name: str | None, by: Principal) -> Job:
        """Take another file in the place of the one that was handed in. Raises as `receive`."""
        found = await self.get(job, by=by, step=Step.FILE)
        called = _called(name) if name else found.name
        gcode = _is_gcode(name) if name else found.kind == "gcode"
        return await self._version(
            found,
            file,
            step=Step.FILE,
            made="upload",
            by=by,
            name=called,
            kind="gcode" if gcode else "model",
        )

    # Changing what was handed in.

    async def edit(
        self,
        job: str,
        *,
        by: Principal,
        name: str | None = None,
        printer: str | None = None,
        any_printer: bool = False,
        settings: JobSettings | None = None,
    ) -> Job:
        """Give it another name, printer or settings; unless only named anew it is checked again.

        Args:
            job: its id.
            by: who does it.
            name: None leaves it.
            printer: None leaves it; `any_printer` takes the wish back.
            any_printer: see `printer`.
            settings: None leaves them; else in the place of all that were set.
        """
        await self.get(job, by=by, step=Step.EDIT)
        called = None if name is None else clean_name(name, limit=NAME)
        if printer is not None:
            self._hub.devices.get(printer)

        def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
            row.name = called or row.name
            if printer is None and not any_printer and settings is None:
                return
            if printer is not None or any_printer:
                row.printer_wanted = printer
            if settings is not None:
                row.settings = kept(settings)
            _again(row)

        return await self.register.change(job, work, step=Step.EDIT, by=by)

    async def repair(self, job: str, *, by: Principal) -> Job:
        """Mend what can be mended safely, as a new version of the model.

        Raises:
            NoModelFile: it is finished G-code.
            NothingToRepair: nothing can be mended safely.
            WorkTimedOut, WorkersBusy, WorkFailed: it could not be done.
        """
        found = await self._model_of(job, Step.REPAIR, by)
        return await self._worked(found, Step.REPAIR, "repair", [], by)

    async def change(
        self,
        job: str,
        *,
        by: Principal,
        factor: float = 1.0,
        rotation: Rotation | None = None,
    ) -> Job:
        """Scale or turn the model, as a new version; raises as `repair`."""
        found = await self._model_of(job, Step.CHANGE, by)
        made = "turn" if factor == 1.0 else "scale"
        return await self._worked(found, Step.CHANGE, made, [factor, rotation], by)

    async def _model_of(self, job: str, step: Step, by: Principal) -> Job:
        found = await self.get(job, by=by, step=step)
        if found.kind != "model":
            raise NoModelFile(f"job {job}")
        if found.state not in MENDABLE:
            raise JobMovedOn(f"{step} while {found.state}")
        return found

    async def _worked(
        self, job: Job, step: Step, made: str, options: Sequence[Any], by: Principal
    ) -> Job:
        assets = self._hub.assets
        source = assets.content(await assets.get(job.source))
        folder = self._hub.work / "changing"
        target = folder / f"{new_id()}.stl"
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
        function = "repair" if step is Step.REPAIR else "change"
        try:
            info = await self._hub.workers.run(
                f"{_WORK}:{function}",
                str(source),
                str(target),
                *options,
                timeout=SECONDS,
                memory=MEMORY,
                urgent=True,
            )
            if step is Step.CHANGE:
                info |= {"factor": options[0], "rotation": options[1]}
            return await self._version(job, target, step=step, made=made, by=by, info=info)
        finally:
            await asyncio.to_thread(target.unlink, missing_ok=True)

    async def _version(
        self,
        job: Job,
        file: Path,
        *,
        step: Step,
        made: str,
        by: Principal,
        info: dict[str, Any] | None = None,
        name: str | None = None,
        kind: str | None = None,
    ) -> Job:
        new_kind = kind or job.kind

        def work(session: Session, row: JobRow) -> None:
            if row.revision != job.revision:
                raise JobMovedOn(f"version {row.revision}")
            row.name, row.kind = name or row.name, new_kind
            _again(row)
            add_file(session, row, new_kind, added.id, made=made, info=info)

        gcode = new_kind == "gcode"
        added = await self._hub.assets.add(
            content=file,
            media_type="text/x.gcode" if gcode else "application/octet-stream",
            title=job.id if gcode else name or job.name,
            owner=job.principal,
            derived_from=job.source if made != "upload" else None,
            keeper=KEEPER,
        )
        try:
            return await self.register.change(
                job.id, work, step=step, by=by, detail={"made": made, "asset": added.id}
            )
        except HubError:
            await self._drop([added.id])
            raise

    # The teacher's steps.

    async def send_back(self, job: str, *, by: Principal, note: str) -> Job:
        """Give it back to its owner with a note on what to change."""
        await self.get(job, by=by, step=Step.SEND_BACK)
        text = clean_text(note, limit=500)

        def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
            row.state, row.note = JobState.SENT_BACK, text
            row.approval = row.place = None

        return await self.register.change(job, work, step=Step.SEND_BACK, by=by)

    async def withdraw(self, job: str, *, by: Principal) -> Job:
        """Cancel a job that is not on a printer. Raises `JobMovedOn` for one that is."""
        await self.get(job, by=by, step=Step.CANCEL)

        def work(session: Session, row: JobRow) -> None:  # noqa: ARG001 - a Change
            if row.state in UNDER_WAY:
                raise JobMovedOn("it is on a printer by now")
            row.state, row.ended = JobState.CANCELLED, now()
            row.approval = row.place = row.progress = None

        return await self.register.change(job, work, step=Step.CANCEL, by=by)

    async def reprint(self, job: str, *, by: Principal) -> Job:
        """Make a new job of the same G-code; it waits for approval like any other.

        Raises:
            NeverSliced: there is none.
            TooManyJobs, TooManyInAll: others must be finished first.
        """
        found = await self.get(job, by=by, step=Step.REPRINT)
        if not found.over:
            raise JobMovedOn(f"reprint while {found.state}")
        if found.gcode is None:
            raise NeverSliced(f"job {job}")
        await self._limit(found.principal if by.owner != found.owner else by)
        row = JobRow(
            **{name: getattr(found, name) for name in _SAME},
            id=new_id(),
            state=JobState.WAITING,
            origin="reprint",
            printer=None,
            tries=0,
            note="",
            problem=None,
            progress=None,
            ending=None,
            approval=None,
            place=None,
            reprint_of=found.id,
            created=now(),
            updated=now(),
            started=None,
            ended=None,
        )

        def work(session: Session) -> None:
            if session.get(JobRow, found.id) is None:
                raise NotFound(f"no print job {found.id}")
            session.add(row)
            session.flush()
            note_detail = {"of": found.id}
            note(session, row, "reprint", by, note_detail)
            for one in found.files:
                add_file(session, row, one.role, one.asset, made=one.made, info=one.info)

        new = row.id
        await self._hub.store.write(work)
        return await self._told(new)

    async def delete(self, job: str, *, by: Principal) -> None:
        """Delete a job with its files. Raises `JobMovedOn` for one in the queue or printing."""
        await self.get(job, by=by, step=Step.DELETE)
        await self._drop(await self.register.remove(job, by=by))

    # How.

    async def _new(
        self,
        name: str,
        by: Principal,
        kind: str,
        printer: str | None,
        settings: JobSettings | None,
        origin: str,
    ) -> JobRow:
        if printer is not None:
            self._hub.devices.get(printer)
        await self._limit(by)
        moment = now()
        return JobRow(
            id=new_id(),
            name=_called(name),
            state=JobState.UPLOADED,
            kind=kind,
            owner=by.owner,
            owner_name=by.name,
            lesson=by.lesson,
            group=None,
            origin=origin,
            printer_wanted=printer,
            printer=None,
            settings=kept(settings or JobSettings()),
            revision=1,
            tries=0,
            verdict=None,
            estimate=None,
            facts=None,
            note="",
            problem=None,
            progress=None,
            ending=None,
            approval=None,
            place=None,
            reprint_of=None,
            created=moment,
            updated=moment,
            started=None,
            ended=None,
        )

    def _insert(self, session: Session, row: JobRow, by: Principal) -> None:
        row.group = group_of(session, by.person, by.lesson)
        session.add(row)
        session.flush()
        note(session, row, "upload", by, {"kind": row.kind, "origin": row.origin})

    async def _limit(self, by: Principal) -> None:
        theirs, every = await self.register.open_of(by.owner)
        if not by.role.includes(Role.TEACHER) and theirs >= MOST_OF_A_PUPIL:
            raise TooManyJobs(f"{theirs} of {by.owner}", most=MOST_OF_A_PUPIL)
        if every >= MOST:
            raise TooManyInAll(f"{every} open jobs")

    async def _told(self, job: str) -> Job:
        made = await self.register.get(job)
        self.register.tell(made, None)
        return made

    async def _drop(self, assets: Sequence[str]) -> None:
        for asset in assets:
            with contextlib.suppress(NotFound):
                await self._hub.assets.delete(asset)


_SAME: tuple[str, ...] = (
    "name",
    "kind",
    "owner",
    "owner_name",
    "lesson",
    "group",
    "printer_wanted",
)
_SAME += ("settings", "revision", "verdict", "estimate", "facts")


def group_of(session: Session, person: str | None, lesson: str | None) -> str | None:
    """Return the class for which somebody's job counts: the lesson's, else their own."""
    if lesson is not None:
        of_lesson = select(LessonRow.group_id).where(LessonRow.id == lesson)
        if (found := session.scalar(of_lesson)) is not None:
            return found
    if person is None:
        return None
    return session.scalar(select(PersonRow.group_id).where(PersonRow.id == person))


def _again(row: JobRow) -> None:
    """Have a changed job checked anew."""
    row.state = JobState.CHECKING
    row.revision += 1
    row.tries = 0
    row.verdict = row.estimate = row.facts = row.problem = row.progress = None
    row.approval = row.place = None


def _is_gcode(name: str) -> bool:
    return name.lower().endswith(GCODE)


def _called(name: str) -> str:
    """Return the name of a file without folder and ending, as people call the thing."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    try:
        return clean_name(stem[: NAME * 2], limit=NAME * 2)[:NAME].strip()
    except BadName:
        return "3D"


def _linked(source: Path, target: Path) -> Path:
    """Give a kept file a second name to move in; its bytes are not copied."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.hardlink_to(source)
    return target
