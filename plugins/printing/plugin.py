"""The plugin as the hub loads it."""

from pathlib import Path
from typing import Any

from drivers.printer.values import Volume
from hub.plugin import N_, Plugin, PluginHub, Principal
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.preparing import Preparing
from plugins.printing.jobs.register import Register
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.shown import shown
from plugins.printing.jobs.slicer import NoSlicer, PrinterFacts
from plugins.printing.routes import make_router
from plugins.printing.routes_steps import make_steps
from plugins.printing.tables import MIGRATIONS

HERE = Path(__file__).parent


class PrintingPlugin(Plugin):
    """3D printing: models handed in, checked, sliced, approved, printed in their turn.

    Publishes `x/printing/jobs/<id>` to a job's owner and to teachers.
    """

    id = "printing"
    title = N_("3D printing")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._register = Register(hub)
        self.jobs = Jobs(hub, self._register)
        self._preparing = Preparing(hub, self._register, NoSlicer(), self._facts)
        self.router = make_router(hub, self.jobs, self._show)
        self.router.include_router(make_steps(hub, self.jobs, self._show))

    async def start(self) -> None:
        """Go on with the jobs that an earlier run left unfinished."""
        await self._preparing.start()

    async def stop(self) -> None:
        """Leave everything as it is, for the next start."""
        await self._preparing.stop()

    def _facts(self, job: Job) -> PrinterFacts:
        return PrinterFacts(job.printer_wanted, Volume(), 0.4, ())

    async def _show(self, job: Job, language: str, by: Principal) -> dict[str, Any]:
        return shown(job, self.hub.say, language, by=by)
