"""Print jobs changed before they are approved: another file, mended, turned, other settings."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub.errors import HubError
from hub.ids import new_id
from hub.plugin import Principal
from hub.school import clean_name
from plugins.printing.jobs.errors import JobMovedOn, NoModelFile
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.looking import Looking
from plugins.printing.jobs.names import NAME, is_gcode, title_of
from plugins.printing.jobs.preparing import KEEPER, MEMORY, SECONDS
from plugins.printing.jobs.register import add_file
from plugins.printing.jobs.settings import JobSettings, kept
from plugins.printing.jobs.states import MENDABLE, JobState, Step
from plugins.printing.tables import JobRow

_WORK = "plugins.printing.checking.work"
Rotation = list[list[float]]
"""3 x 3, by rows."""


class Versions(Looking):
    """Makes new versions of jobs; each is checked anew."""

    async def replace(self, job: str, file: Path, *, name: str | None, by: Principal) -> Job:
        """Take another file in the place of the one that was handed in. Raises as `receive`."""
        found = await self.get(job, by=by, step=Step.FILE)
        called = title_of(name) if name else found.name
        gcode = is_gcode(name) if name else found.kind == "gcode"
        return await self._version(
            found,
            file,
            step=Step.FILE,
            made="upload",
            by=by,
            name=called,
            kind="gcode" if gcode else "model",
        )

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


def _again(row: JobRow) -> None:
    """Have a changed job checked anew."""
    row.state = JobState.CHECKING
    row.revision += 1
    row.tries = 0
    row.verdict = row.estimate = row.facts = row.problem = row.progress = None
    row.approval = row.place = None
