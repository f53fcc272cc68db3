"""What is known of all jobs: kept in the store, told to those who may know."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.clock import now, rfc3339
from hub.device import Problem
from hub.errors import HubError, NotFound
from hub.plugin import SYSTEM, AssetRow, PluginHub, Principal, Role
from hub.store import Page
from hub.store.tables import PersonRow
from plugins.printing.jobs.errors import JobMovedOn
from plugins.printing.jobs.job import Job, JobFile
from plugins.printing.jobs.shown import told
from plugins.printing.jobs.states import LEADS, OPEN, JobState, Step, fits
from plugins.printing.tables import HistoryRow, JobFileRow, JobRow, PictureRow

Change = Callable[[Session, JobRow], None]
Told = Callable[[Job, JobState | None], None]


class Register:
    """The rows of all jobs. Every change is told on `x/printing/jobs/<id>` to owner and teachers.

    Attributes:
        followers: called with each changed job and the state before (None: it is new).
    """

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self.followers: list[Told] = []

    async def get(self, job: str) -> Job:
        """Return one. Raises `NotFound`."""
        return await self._hub.store.read(lambda session: read(session, job))

    async def among(self, *states: JobState) -> list[Job]:
        """Return those in these states, the oldest first."""
        return await self.where(JobRow.state.in_(states))

    async def where(self, condition: ColumnElement[bool]) -> list[Job]:
        """Return those that fit, the oldest first."""

        def work(session: Session) -> list[Job]:
            query = select(JobRow).where(condition).order_by(JobRow.id)
            return _with_files(session, list(session.scalars(query)))

        return await self._hub.store.read(work)

    async def page(
        self, conditions: list[ColumnElement[bool]], *, before: str | None, limit: int
    ) -> Page[Job]:
        """Return a page, the newest first, of those that fit and are older than `before`."""
        query = select(JobRow).where(*conditions).order_by(JobRow.id.desc()).limit(limit + 1)
        if before is not None:
            query = query.where(JobRow.id < before)

        def work(session: Session) -> Page[Job]:
            rows = list(session.scalars(query))
            following = rows[limit - 1].id if len(rows) > limit else None
            return Page(_with_files(session, rows[:limit]), following)

        return await self._hub.store.read(work)

    async def history(self, job: str) -> list[dict[str, Any]]:
        """Return the steps of a job, the first one first; JSON-ready."""

        def work(session: Session) -> list[dict[str, Any]]:
            query = select(HistoryRow, PersonRow.name).where(HistoryRow.job == job)
            query = query.outerjoin(PersonRow, PersonRow.id == HistoryRow.by)
            return [
                {
                    "time": rfc3339(row.time),
                    "what": row.what,
                    "state": row.state,
                    "by": {"id": row.by, "name": name or ""} if row.by else None,
                    "detail": row.detail,
                }
                for row, name in session.execute(query.order_by(HistoryRow.seq))
            ]

        return await self._hub.store.read(work)

    async def change(
        self,
        job: str,
        work: Change,
        *,
        step: Step | None = None,
        what: str = "",
        by: Principal = SYSTEM,
        detail: dict[str, Any] | None = None,
    ) -> Job:
        """Change a job in one transaction, and tell it.

        Args:
            job: its id.
            work: changes the row; may raise, and then nothing has changed.
            step: that somebody takes; it must fit the state.
            what: for history and audit, the step's name if left out; empty: neither is written.
            by: who does it.
            detail: for both, JSON-ready.

        Raises:
            NotFound: there is no such job.
            JobMovedOn: the step or the new state does not fit.
        """
        before: list[JobState] = []

        def write(session: Session) -> Job:
            row = known(session, job)
            was = JobState(row.state)
            before.append(was)
            if step is not None and not fits(step, was):
                raise JobMovedOn(f"{step} while {was}")
            work(session, row)
            if row.state != was and JobState(row.state) not in LEADS[was]:
                raise JobMovedOn(f"from {was} to {row.state}")
            row.updated = now()
            if action := what or (step.value if step else ""):
                note(session, row, action, by, detail)
            session.flush()
            return read(session, job)

        changed = await self._hub.store.write(write)
        self.tell(changed, before[-1])
        return changed

    async def remove(self, job: str, *, by: Principal) -> list[str]:
        """Delete a job; returns the assets that it alone has had.

        Raises:
            NotFound: there is no such job.
            JobMovedOn: it is in the queue or on a printer.
        """

        def write(session: Session) -> tuple[Job, list[str]]:
            row = known(session, job)
            if not fits(Step.DELETE, JobState(row.state)):
                raise JobMovedOn(f"delete while {row.state}")
            gone = read(session, job)
            record(session, by, "printing.delete", job, {"owner": row.owner, "state": row.state})
            mine = {one.asset for one in gone.files}
            session.execute(delete(JobFileRow).where(JobFileRow.job == job))
            session.delete(row)
            session.flush()
            used = select(JobFileRow.asset).where(JobFileRow.asset.in_(mine))
            return gone, sorted(mine - set(session.scalars(used)))

        gone, assets = await self._hub.store.write(write)
        self._hub.publish(f"jobs/{job}", {"id": job, "deleted": True}, audience=gone.access())
        return assets

    def tell(self, job: Job, before: JobState | None) -> None:
        """Tell those who may know, and the followers within the plugin."""
        self._hub.publish(f"jobs/{job.id}", told(job), audience=job.access())
        for follower in self.followers:
            follower(job, before)


def known(session: Session, job: str) -> JobRow:
    """Return the row of a job. Raises `NotFound`."""
    row = session.get(JobRow, job)
    if row is None:
        raise NotFound(f"no print job {job}")
    return row


def read(session: Session, job: str) -> Job:
    """Return a job with its files. Raises `NotFound`."""
    return _with_files(session, [known(session, job)])[0]


def note(
    session: Session,
    row: JobRow,
    what: str,
    by: Principal = SYSTEM,
    detail: dict[str, Any] | None = None,
) -> None:
    """Write a step down, in the job's history and, where a person took it, in the audit."""
    person = by.via != "system"
    session.add(
        HistoryRow(
            job=row.id,
            time=now(),
            what=what,
            state=row.state,
            by=by.owner if person else "",
            detail=detail or {},
        )
    )
    if person:
        record(session, by, f"printing.{what}", row.id, {"state": row.state, **(detail or {})})


def record_printer(
    session: Session,
    by: Principal,
    what: str,
    printer: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note in the audit what somebody did to a printer."""
    record(session, by, f"printing.{what}", printer, detail)


def add_file(
    session: Session,
    row: JobRow,
    role: str,
    asset: AssetRow | str,
    *,
    made: str,
    info: dict[str, Any] | None = None,
) -> None:
    """Give a job a file."""
    session.add(
        JobFileRow(
            job=row.id,
            role=role,
            asset=asset if isinstance(asset, str) else asset.id,
            made=made,
            revision=row.revision,
            info=info or {},
            created=now(),
        )
    )


def said(error: HubError) -> dict[str, Any]:
    """Return an error as what is kept of it."""
    problem: dict[str, Any] = Problem.of(error).model_dump(mode="json")
    return problem


def open_of(session: Session, owner: str) -> tuple[int, int]:
    """Return how many open jobs somebody has, and how many there are in all."""
    states = [state.value for state in OPEN]
    query = select(func.count(JobRow.id)).where(JobRow.state.in_(states))
    theirs = session.scalar(query.where(JobRow.owner == owner)) or 0
    return theirs, session.scalar(query) or 0


def seen_by(principal: Principal) -> list[ColumnElement[bool]]:
    """Say in SQL what `Job.access` and `hub.rights.may` say of one job."""
    if principal.role.includes(Role.TEACHER):
        return []
    return [JobRow.owner == principal.owner]


def _with_files(session: Session, rows: list[JobRow]) -> list[Job]:
    if not rows:
        return []
    ids = [row.id for row in rows]
    files: dict[str, list[JobFile]] = {id_: [] for id_ in ids}
    query = select(JobFileRow).where(JobFileRow.job.in_(ids)).order_by(JobFileRow.seq)
    for one in session.scalars(query):
        files[one.job].append(JobFile.of(one))
    pictures: dict[str, list[tuple[str, str]]] = {id_: [] for id_ in ids}
    taken = select(PictureRow).where(PictureRow.job.in_(ids)).order_by(PictureRow.taken)
    for picture in session.scalars(taken):
        pictures[picture.job].append((picture.role, picture.asset))
    owners = {row.owner for row in rows}
    people = select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(owners))
    # As they are called now; who is erased has no name any more.
    names: dict[str, str] = {row.id: row.name for row in session.execute(people)}
    jobs = []
    for row in rows:
        job = Job.of(row, tuple(files[row.id]))
        name = names.get(row.owner, row.owner_name)
        jobs.append(replace(job, owner_name=name, pictures=tuple(pictures[row.id])))
    return jobs
