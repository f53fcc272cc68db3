"""Print jobs as people see them, and how many somebody may have."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from hub.errors import NotFound
from hub.plugin import PluginHub, Principal, Role, check
from hub.store import Page
from plugins.printing.jobs.errors import TooManyInAll, TooManyJobs
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register, open_of, seen_by
from plugins.printing.jobs.states import JobState, Step
from plugins.printing.tables import JobRow

MOST_OF_A_PUPIL = 20
MOST = 2000


def check_open(session: Session, by: Principal) -> None:
    """Judge whether somebody may have one job more.

    Raises:
        TooManyJobs, TooManyInAll: others must be finished first.
    """
    theirs, every = open_of(session, by.owner)
    if not by.role.includes(Role.TEACHER) and theirs >= MOST_OF_A_PUPIL:
        raise TooManyJobs(f"{theirs} of {by.owner}", most=MOST_OF_A_PUPIL)
    if every >= MOST:
        raise TooManyInAll(f"{every} open jobs")


class Looking:
    """Finds jobs for those who may see them."""

    def __init__(self, hub: PluginHub, register: Register) -> None:
        self._hub = hub
        self.register = register

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

    async def _limit(self, by: Principal) -> None:
        """Refuse before a large file is kept; `check_open` judges once more where it counts."""
        await self._hub.store.read(lambda session: check_open(session, by))

    async def _told(self, job: str) -> Job:
        made = await self.register.get(job)
        self.register.tell(made, None)
        return made

    async def _drop(self, assets: Sequence[str]) -> None:
        for asset in assets:
            with contextlib.suppress(NotFound):
                await self._hub.assets.delete(asset)
