"""How long jobs that are over are kept, with their files."""

from sqlalchemy import ColumnElement, func, select

from hub.errors import HubError
from hub.plugin import SYSTEM, PluginHub, Rule
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.states import ENDED
from plugins.printing.tables import JobRow

NAME = "print-jobs"


def rule(hub: PluginHub, jobs: Jobs, days: int) -> Rule:
    """Return the rule: jobs that ended more than `days` ago go; 0 keeps them all.

    What they have used stays in the filament account.
    """

    def old(before: float) -> list[ColumnElement[bool]]:
        states = [state.value for state in ENDED]
        return [JobRow.state.in_(states), JobRow.ended < before]

    async def count(before: float) -> int:
        query = select(func.count(JobRow.id)).where(*old(before))
        return await hub.store.read(lambda session: session.scalar(query) or 0)

    async def delete(before: float) -> int:
        query = select(JobRow.id).where(*old(before))
        found = await hub.store.read(lambda session: list(session.scalars(query)))
        done = 0
        for job in found:
            try:
                await jobs.delete(job, by=SYSTEM)
                done += 1
            except HubError:  # somebody was faster
                continue
        return done

    return Rule(NAME, days, count, delete)
