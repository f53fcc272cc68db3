"""By whose rules a job's G-code is judged, and whether what was approved still stands.

What is left out of a job's G-code was found by one policy, whose mark is kept beside the list.
Before a teacher approves it, and again before a printer is asked, the mark must be that printer's;
else the file is looked through anew, and an approval holds only where the very same lines are left
out.
"""

from sqlalchemy.orm import Session

from drivers.printer.gcode import policy_named
from drivers.printer.values import Volume
from hub.errors import HubError
from hub.plugin import PluginHub
from plugins.printing.jobs.errors import JobMovedOn
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register, note, said
from plugins.printing.jobs.slicer import PrinterFacts, Slicer
from plugins.printing.jobs.states import JobState
from plugins.printing.queue.errors import OthersLeftOut
from plugins.printing.queue.values import PrinterNow
from plugins.printing.tables import JobRow


class Judging:
    """Judges jobs by the printers that shall print them."""

    def __init__(self, hub: PluginHub, register: Register, slicer: Slicer) -> None:
        self._hub = hub
        self._register = register
        self._slicer = slicer

    async def judged(self, job: Job, printer: PrinterNow) -> Job:
        """Return a job whose list of what is left out is this printer's.

        Where others are, it says so from now on, and an approval that it had is taken back in the
        same transaction: none ever stands for another list than the one that was looked at.

        Raises:
            OthersLeftOut: others are, than it said.
            GcodeRefused: this printer refuses it.
            NoSuchPolicy: the printer is set to a policy that is not there.
            JobMovedOn: it was changed meanwhile.
            WorkFailed and its kin: it could not be looked through.
        """
        known = job.facts or {}
        if job.gcode is None or known.get("policy") == policy_named(printer.policy).mark:
            return job
        file = self._hub.assets.content(await self._hub.assets.get(job.gcode))
        found = await self._slicer.judge(file, printer=facts_of(printer))
        same = found.stripped == known.get("stripped", [])
        others = OthersLeftOut(f"{printer.id} by {found.policy}")
        detail = {"printer": printer.id, "policy": found.policy}

        def work(session: Session, row: JobRow) -> None:
            if (row.revision, row.state, row.approval) != (job.revision, job.state, job.approval):
                raise JobMovedOn("it was changed meanwhile")
            facts = {**(row.facts or {}), "policy": found.policy, "stripped": found.stripped}
            row.facts = {name: value for name, value in facts.items() if value}
            if same:
                return
            note(session, row, "judged-anew", detail=detail)
            if row.approval is not None:
                take_back(session, row, others)

        done = await self._register.change(job.id, work)
        if not same:
            raise others
        return done


def take_back(session: Session, row: JobRow, error: HubError) -> None:
    """Have a queued job wait for approval again: it would not be printed as it was approved."""
    row.state, row.problem = JobState.WAITING, said(error)
    row.approval = row.place = None
    note(session, row, "approval-taken-back", detail={"code": error.code})


def facts_of(printer: PrinterNow | None) -> PrinterFacts:
    """Return what the work on a job asks of a printer; of none, the usual."""
    if printer is None:
        return PrinterFacts(None, Volume(), 0.4, ())
    return PrinterFacts(
        printer.id,
        printer.volume or Volume(),
        printer.nozzle or 0.4,
        printer.materials or (),
        printer.setup.profile,
        printer.policy,
    )
