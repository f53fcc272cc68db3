"""Print jobs: handed in, changed, approved, withdrawn."""

from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import NotFound
from hub.ids import new_id
from hub.plugin import Principal
from hub.school import clean_text
from plugins.printing.jobs.errors import JobMovedOn, NeverSliced
from plugins.printing.jobs.handing_in import HandingIn
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.looking import check_open
from plugins.printing.jobs.register import add_file, note
from plugins.printing.jobs.states import UNDER_WAY, JobState, Step
from plugins.printing.jobs.versions import Versions
from plugins.printing.tables import JobRow

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


class Jobs(HandingIn, Versions):
    """What people do with print jobs; who may is judged here, for every face alike."""

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
        whose = found.principal if by.owner != found.owner else by
        await self._limit(whose)
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
            check_open(session, whose)
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
