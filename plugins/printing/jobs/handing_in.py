"""Files handed in as new print jobs."""

import asyncio
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.ids import new_id
from hub.plugin import Asset, AssetRow, Principal, check
from hub.store.tables import LessonRow, PersonRow
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.looking import Looking, check_open
from plugins.printing.jobs.names import is_gcode, title_of
from plugins.printing.jobs.preparing import KEEPER
from plugins.printing.jobs.register import add_file, note
from plugins.printing.jobs.settings import JobSettings, kept
from plugins.printing.jobs.states import JobState
from plugins.printing.tables import JobRow


class HandingIn(Looking):
    """Takes files; they are on the disk before anybody is told that they were taken."""

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
        gcode = is_gcode(name)
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
            gcode = is_gcode(name or asset.title) or asset.media_type == "text/x.gcode"
            called = name or asset.title
            if gcode and not is_gcode(called):
                called += ".gcode"
            return await self.receive(
                copy, name=called, by=by, printer=printer, settings=settings, origin="asset"
            )
        finally:
            await asyncio.to_thread(copy.unlink, missing_ok=True)

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
            name=title_of(name),
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
        check_open(session, by)  # others of theirs may have come while this one did
        row.group = group_of(session, by.person, by.lesson)
        session.add(row)
        session.flush()
        note(session, row, "upload", by, {"kind": row.kind, "origin": row.origin})


def group_of(session: Session, person: str | None, lesson: str | None) -> str | None:
    """Return the class for which somebody's job counts: the lesson's, else their own."""
    if lesson is not None:
        of_lesson = select(LessonRow.group_id).where(LessonRow.id == lesson)
        if (found := session.scalar(of_lesson)) is not None:
            return found
    if person is None:
        return None
    return session.scalar(select(PersonRow.group_id).where(PersonRow.id == person))


def _linked(source: Path, target: Path) -> Path:
    """Give a kept file a second name to move in; its bytes are not copied."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.hardlink_to(source)
    return target
