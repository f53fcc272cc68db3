"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, Field

from hub.errors import NotFound
from hub.plugin import N_, Plugin, PluginHub, Principal, Program
from plugins.printing.accounts.account import Account, used
from plugins.printing.accounts.quotas import Quotas
from plugins.printing.accounts.spools import Spools
from plugins.printing.audited import AUDITED
from plugins.printing.commands import make_commands
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.preparing import Preparing
from plugins.printing.jobs.register import Register
from plugins.printing.jobs.retention import rule
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.shown import in_words, listed, shown
from plugins.printing.jobs.slicer import PrinterFacts
from plugins.printing.queue.cooling import Cooling
from plugins.printing.queue.following import Following
from plugins.printing.queue.judging import Judging, facts_of
from plugins.printing.queue.pace import Pace
from plugins.printing.queue.pictures import Pictures
from plugins.printing.queue.printers import Printers
from plugins.printing.queue.restored import after_a_restore
from plugins.printing.queue.service import Queue
from plugins.printing.queue.shown import printer_json
from plugins.printing.queue.starting import Starting
from plugins.printing.queue.telling import Telling
from plugins.printing.queue.temperatures import TemperatureLog
from plugins.printing.queue.values import PrinterNow
from plugins.printing.queue.waits import Waits
from plugins.printing.routes import make_router
from plugins.printing.routes_accounts import make_account_routes
from plugins.printing.routes_keys import make_key_routes
from plugins.printing.routes_printers import make_printer_routes, make_queue_routes
from plugins.printing.routes_slicing import make_slicing_routes
from plugins.printing.routes_steps import make_steps
from plugins.printing.slicing import Slicing
from plugins.printing.slicing.for_jobs import JobSlicer
from plugins.printing.slicing.slicers import SLICERS
from plugins.printing.tables import MIGRATIONS
from plugins.printing.uploads import SEND, Keys, make_protocols

HERE = Path(__file__).parent


class SettingsWrong(ValueError):
    """What the settings file says of the plugin makes no sense; the text says what."""


class PrintingSettings(BaseModel):
    """`[plugins.printing]`.

    `jobs_days`: how long jobs that are over are kept; 0: for ever. `plate_minutes`: how long a
    printer may be out of sight until somebody must look at its plate again; 0: for ever.
    """

    jobs_days: int = Field(0, ge=0, le=36500)
    plate_minutes: int = Field(15, ge=0, le=525600)


class PrintingPlugin(Plugin):
    """3D printing: models handed in, checked, sliced, approved, printed in their turn.

    Publishes `x/printing/jobs/<id>` to a job's owner and to teachers, and to everybody
    `x/printing/printers/<id>` (retained): how a printer is, without whose job it prints.
    """

    id = "printing"
    title = N_("3D printing")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    programs = (Program("prusa-slicer", "prusa-slicer", "slicing of models for 3D printers"),)
    scopes = MappingProxyType({SEND: N_("Sending files from slicers")})
    audited = AUDITED

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._register = Register(hub)
        self.jobs = Jobs(hub, self._register)
        self.slicing = _slicing(hub)
        slicer = JobSlicer(self.slicing)
        self._preparing = Preparing(hub, self._register, slicer, self._facts)
        settings = PrintingSettings.model_validate(hub.settings)
        unseen = settings.plate_minutes * 60.0
        self.printers = Printers(hub, self.slicing.policy_of, unseen=unseen)
        judging = Judging(hub, self._register, slicer)
        starting = Starting(hub, self._register, self.printers)
        self._pace = Pace(hub)
        self._following = Following(
            hub, self._register, self.printers, begun=starting.begun, ended=used, pace=self._pace
        )
        self.queue = Queue(
            hub, self.jobs, self.printers, judging, starting, self._following, self._pace
        )
        self._waits = Waits(hub, self._register, self.printers)
        self._temperatures = TemperatureLog(hub)
        self._cooling = Cooling(hub, self.printers, self._temperatures)
        self._pictures = Pictures(hub, self._register, self.printers, self._following)
        self._telling = Telling(hub, self._register, self.printers, self._following, self.queue)
        self.router = make_router(hub, self.jobs, self._show, self._list, self._preparing.expect)
        self.router.include_router(make_steps(hub, self.jobs, self._show))
        self.router.include_router(make_queue_routes(self.queue, self._show))
        self.router.include_router(
            make_slicing_routes(hub, self.jobs, self.slicing, self._preparing.expect)
        )
        self.router.include_router(
            make_printer_routes(
                self.printers,
                self._temperatures,
                self._show_printer,
                self._plate_cleared,
                self._put_up,
            )
        )
        hub.retention.add(rule(hub, self.jobs, settings.jobs_days))
        self.commands = make_commands(
            hub,
            self.jobs,
            self.queue,
            self._show,
            self._list,
            self._show_printer,
            self._plate_cleared,
        )
        self.protocols = make_protocols(hub, self.jobs)
        self.router.include_router(make_key_routes(Keys(hub)))
        self.router.include_router(make_account_routes(Account(hub), Spools(hub), Quotas(hub)))

    async def start(self) -> None:
        """Go on with what an earlier run left: jobs to check, prints to follow, the queue."""
        await after_a_restore(self.hub)
        await self.printers.start()
        await self._pace.reload()
        self._temperatures.start()
        await self.slicing.start()
        await self._preparing.start()
        await self._following.start()
        await self.queue.start()
        self._telling.start()
        self._pictures.start()
        self._cooling.start()
        self._waits.start()

    async def stop(self) -> None:
        """Leave everything as it is, for the next start."""
        await self._waits.stop()
        await self._cooling.stop()
        await self._pictures.stop()
        await self._telling.stop()
        await self.queue.stop()
        await self._following.stop()
        await self._preparing.stop()
        self._temperatures.stop()

    def _facts(self, job: Job) -> PrinterFacts:
        """Return what is known of the printer that a job is for, or of the largest."""
        return facts_of(self._printer_for(job))

    def _printer_for(self, job: Job) -> PrinterNow | None:
        if job.printer_wanted is not None:
            try:
                return self.printers.get(job.printer_wanted)
            except NotFound:
                return None
        known = [one for one in self.printers.all() if one.volume is not None]

        def room(one: PrinterNow) -> float:
            return 0.0 if one.volume is None else one.volume.x * one.volume.y * one.volume.z

        return max(known, key=room, default=None)

    async def _show(self, job: Job, language: str, by: Principal) -> dict[str, Any]:
        standing = self.queue.standing(job)
        job = self.queue.with_live(job)
        return shown(job, self.hub.say, language, by=by, standing=standing)

    async def _list(self, job: Job, language: str, by: Principal) -> dict[str, Any]:
        standing = self.queue.standing(job)
        job = self.queue.with_live(job)
        return listed(job, self.hub.say, language, by=by, standing=standing)

    async def _plate_cleared(self, printer: str, by: Principal) -> None:
        whose = await self._job(self.printers.plate(printer).job)
        await self.printers.plate_cleared(printer, by=by, whose=whose)

    async def _show_printer(self, printer: str, language: str, by: Principal) -> dict[str, Any]:
        now = self.printers.get(printer)
        problem = self.printers.handle(printer).state.problem
        said = None if problem is None else problem.model_dump(mode="json")
        return printer_json(
            now,
            job=await self._job(now.busy_with),
            plate_job=await self._job(now.plate.job),
            by=by,
            queue_seconds=self.queue.queue_seconds(printer),
            problem=None if said is None else in_words(said, self.hub.say, language),
            cleared_by=await self._name(now.plate.by),
        )

    def _put_up(self, printer: str) -> None:
        name = self.printers.handle(printer).name
        self.hub.show("hub-print-progress", {"printer": printer}, name)

    async def _job(self, job: str | None) -> Job | None:
        if job is None:
            return None
        try:
            return self.queue.with_live(await self._register.get(job))
        except NotFound:
            return None

    async def _name(self, person: str) -> str:
        try:
            return (await self.hub.school.person(person)).name if person else ""
        except NotFound:
            return ""


def _slicing(hub: PluginHub) -> Slicing:
    folders = hub.settings.get("profiles", [])
    wanted = hub.settings.get("slicer")
    if not isinstance(folders, list) or not all(isinstance(one, str) for one in folders):
        raise SettingsWrong("plugins.printing.profiles is no list of folders")
    if wanted is not None and wanted not in SLICERS:
        raise SettingsWrong(f"plugins.printing.slicer is none of {', '.join(SLICERS)}")
    return Slicing(hub.workers, hub.work / "slicing", profiles=map(Path, folders), slicer=wanted)
