"""The queue on a real store with printers made up at the level of the device contract.

Nothing runs by itself: a test says when the queue and the followers look, when the hub is killed (in
the middle of any of its writes, before or after it is on the disk, or while a printer is asked) and
how each printer answers. The printers remember what they have really done.
"""

import asyncio
import contextlib
import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from drivers.printer.gcode import policy_for, policy_named
from drivers.printer.values import JobState as PrintState
from drivers.printer.values import PrinterState, Progress
from hub.bus import Bus
from hub.clock import now
from hub.device import DeviceError, Quality, Reading, Role, Unreachable
from hub.errors import NotFound
from hub.ids import new_id
from hub.operations import Operations
from hub.plugin import PluginHub, Principal
from hub.store import Store
from hub.store.tables import AssetRow
from plugins.printing.accounts.account import used
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register, add_file
from plugins.printing.jobs.service import Jobs
from plugins.printing.jobs.slicer import Judged, NoSlicer
from plugins.printing.jobs.states import ENDED, JobState
from plugins.printing.queue.following import Following
from plugins.printing.queue.judging import Judging
from plugins.printing.queue.pace import Pace
from plugins.printing.queue.printers import Printers
from plugins.printing.queue.service import Queue
from plugins.printing.queue.starting import Starting
from plugins.printing.tables import MIGRATIONS, JobRow, UseRow

TEACHER = Principal("t", "Teacher", Role.TEACHER, person="teacher")
PUPIL = Principal("p", "Pupil", Role.PUPIL, person="pupil")


class Killed(BaseException):
    """The hub was killed here."""


class Busy(DeviceError):
    """The printer does something else."""

    code = "printer-occupied"
    title = "The printer does something else."
    retryable = True


class Refused(DeviceError):
    """The printer does not print this file."""

    code = "gcode-refused"
    title = "The printer does not print this file."


class Truth:
    """What has really happened in the room."""

    def __init__(self) -> None:
        self.printed: Counter[str] = Counter()
        self.given: dict[str, tuple[str, str | None, list[str]]] = {}
        """Each approval: of which job, which file, without what of it."""
        self.now: dict[str, str | None] = {}
        """Each job's approval."""
        self.asked: Counter[str] = Counter()
        """How often a teacher has wanted to approve each job, and has asked for it once more."""
        self.approvals: Counter[str] = Counter()
        self.finished: set[str] = set()
        """Jobs whose print has really come to its end."""
        self.used: set[str] = set()
        self.clear: dict[str, bool] = {}
        self.wrong: list[str] = []

    def note(self, job: Job) -> None:
        """Note by which approval a job may be printed, and what it is for."""
        self.now[job.id] = job.approval
        if job.approval is not None:
            if job.approval not in self.given:
                self.approvals[job.id] += 1
                if self.approvals[job.id] > self.asked[job.id] + self.asked[f"{job.reprint_of}+"]:
                    self.wrong.append(f"{job.id} is approved by nobody")
            without = [one["word"] for one in (job.facts or {}).get("stripped", [])]
            self.given.setdefault(job.approval, (job.id, job.gcode, without))


def left_out(policy: str) -> list[str]:
    """Return what of the made-up file a policy leaves out: its commands are these."""
    own = policy_named(policy)
    return [word for word in ("G1", "M907", "M115", "M500") if not own.sends(word.encode())]


class Looking(NoSlicer):
    """Judges the made-up file."""

    async def judge(self, gcode: Any, *, printer: Any) -> Judged:
        policy = policy_named(printer.policy)
        return Judged(policy.mark, [{"word": word, "count": 1} for word in left_out(policy.name)])


class NoFiles:
    """Stands where assets are: of their contents nothing is asked here."""

    async def get(self, asset: str) -> str:
        return asset

    def content(self, asset: str) -> Path:
        return Path(asset)


class MadeUpPrinter:
    """A printer at the level of the contract, as `DeviceHandle` shows it."""

    kind = "printer"

    def __init__(self, id_: str, operations: Callable[[], Operations], truth: Truth) -> None:
        self.id = self.name = id_
        self._operations = operations
        self._truth = truth
        self.state = SimpleNamespace(reachable=True, problem=None)
        self.counters = {"connects": 1}
        self.readings: dict[str, Reading[Any]] = {}
        self.progress = Progress()
        self.does = PrinterState.IDLE
        self.answer = "takes"
        self.policy = "default"
        self.tell()

    def tell(self) -> None:
        """Report all that is."""
        quality = Quality.GOOD if self.state.reachable else Quality.STALE
        if self.state.reachable or not self.readings:
            progress = self.progress.model_dump(mode="json")
            values = {"state": self.does.value, "progress": progress, "policy": self.policy}
            self.readings |= {n: Reading(v, now(), quality) for n, v in values.items()}
        else:
            self.readings = {n: Reading(r.value, r.time, quality) for n, r in self.readings.items()}

    def unplug(self) -> None:
        """Cut it off."""
        self.state.reachable = False
        self.tell()

    def plug(self, *, forgets: bool) -> None:
        """Reach it again; a serial one has lost its print, one of the network may go on."""
        self.state.reachable = True
        self.counters["connects"] += 1
        if forgets:
            self.progress, self.does = Progress(), PrinterState.IDLE
        self.tell()

    def becomes(self, state: PrintState, does: PrinterState, fraction: float = 0.5) -> None:
        """Go on with the print, or end it."""
        self.progress = self.progress.model_copy(update={"state": state, "fraction": fraction})
        self.does = does
        if state is PrintState.FINISHED:
            self._truth.finished.add(self.progress.job)
        self.tell()

    def prints_for_somebody_else(self) -> None:
        """Print what the hub knows nothing of: from a card, or from its own page."""
        self.progress = Progress(state=PrintState.PRINTING, job="", lines=100, line=1)
        self.does = PrinterState.PRINTING
        self._truth.clear[self.id] = False
        self.tell()

    def invoke(self, name: str, input: Any, *, by: Principal) -> Any:  # noqa: A002
        """Do something, as `DeviceHandle.invoke`."""
        if not self.state.reachable:
            raise Unreachable(self.id)
        do = {"print": self._print, "pause": self._pause, "resume": self._resume}
        work = do.get(name, self._cancel)

        async def work_(_progress: Any) -> Any:
            return work(input)

        return self._operations().start(action=name, by=by, work=work_, device=self.id)

    def _print(self, order: dict[str, Any]) -> None:
        answer = self.answer
        if answer == "busy" or self.does is not PrinterState.IDLE:
            raise Busy(self.id)
        if answer == "refuses":
            raise Refused(self.id)
        if answer == "goes away":
            self.unplug()
            raise Unreachable(self.id)
        job, truth = order["job"], self._truth
        truth.printed[job] += 1
        approval = truth.now.get(job)
        sent = left_out(policy_for(order["policy"], "none").name)
        if approval is None:
            truth.wrong.append(f"{job} is printed without an approval")
        elif approval in truth.used:
            truth.wrong.append(f"{job} is printed twice by one approval")
        elif (job, order["file"], sent) != truth.given[approval]:
            truth.wrong.append(f"{job}: {order['file']} without {sent}: {truth.given[approval]}")
        if sent != left_out(self.policy):
            truth.wrong.append(f"{job} is sent without {sent}, {self.id} is {self.policy}")
        if truth.printed[job] > 1:
            truth.wrong.append(f"{job} is printed once more; a reprint is a new job")
        truth.used.add(approval or "")
        if not truth.clear.get(self.id, False):
            truth.wrong.append(f"{job} began on the plate of {self.id}, which is not clear")
        truth.clear[self.id] = False
        self.progress = Progress(state=PrintState.PRINTING, job=job, lines=100, line=1)
        self.does = PrinterState.PRINTING
        self.tell()
        if answer == "takes and goes away":
            self.unplug()
            raise Unreachable(self.id)

    def _pause(self, _: Any) -> None:
        self.becomes(PrintState.PAUSED, PrinterState.PAUSED)

    def _resume(self, _: Any) -> None:
        self.becomes(PrintState.PRINTING, PrinterState.PRINTING)

    def _cancel(self, _: Any) -> None:
        self.becomes(PrintState.CANCELLED, PrinterState.IDLE)


_ASSET: dict[str, Any] = {
    "media_type": "text/x.gcode", "sha256": "0" * 64, "size": 1, "width": 0, "height": 0,
    "owner": "pupil", "owner_name": "", "note": "", "damaged": False, "info": {},
}  # fmt: skip


def judged_by(policy: str) -> dict[str, Any]:
    """Return what a job's facts say after its file was looked through."""
    stripped = [{"word": word, "count": 1} for word in left_out(policy)]
    return {"policy": policy_named(policy).mark, "stripped": stripped}


class FragileStore:
    """A store whose hub may be killed at the n-th write, before or after it is on the disk."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.kill_in: int | None = None
        self.kill_before = False

    async def read(self, work: Any) -> Any:
        return await self._store.read(work)

    async def write(self, work: Any) -> Any:
        if self.kill_in is not None:
            self.kill_in -= 1
            if self.kill_in <= 0:
                self.kill_in = None
                if not self.kill_before:
                    await self._store.write(work)
                raise Killed
        return await self._store.write(work)


class Floor:
    """The queue and two printers; `restart` builds all but store and printers anew."""

    def __init__(self, file: Path) -> None:
        self._store = Store(file)
        self._store.open()
        self._store.migrate(MIGRATIONS)
        self.store = FragileStore(self._store)
        self.truth = Truth()
        self.operations = Operations(Bus())
        self.printers = [
            MadeUpPrinter(f"printer-{n}", lambda: self.operations, self.truth) for n in (1, 2)
        ]
        self._numbers = itertools.count(1)
        self.out: set[str] = set()
        """Printers that were taken out of the hub; what they print they print on."""
        self.later = 0.0
        """Seconds that have passed beside the computer's own."""
        self.jobs: list[str] = []
        self.endings: dict[str, list[str]] = {}

    def get(self, id: str) -> MadeUpPrinter:  # noqa: A002 - as Devices
        for one in self.list():
            if one.id == id:
                return one
        raise NotFound(id)

    def list(self) -> list[MadeUpPrinter]:
        return [one for one in self.printers if one.id not in self.out]

    async def restart(self) -> None:
        """Start the plugin's parts, as after a power cut."""
        self.store.kill_in = None
        bus = Bus()
        self.operations = Operations(bus)
        nothing: Any = None
        hub = PluginHub(
            plugin="printing",
            bus=bus,
            store=self.store,  # type: ignore[arg-type]
            files=nothing,
            devices=self,  # type: ignore[arg-type]
            school=nothing,
            assets=NoFiles(),  # type: ignore[arg-type]
            audit=nothing,
            workers=nothing,
            operations=self.operations,
            retention=nothing,
            old_assets=nothing,
            say=nothing,
            uploads=nothing,
            showing=nothing,
            measures=nothing,
            settings={},
            topics="",
            ask=nothing,
            bundle=nothing,
        )
        register = Register(hub)
        register.followers.append(self._watch)
        jobs = Jobs(hub, register)
        self.known = Printers(hub, lambda _profile: None, clock=lambda: now() + self.later)
        judging = Judging(hub, register, Looking())
        starting = Starting(hub, register, self.known)
        pace = Pace(hub)
        self.following = Following(
            hub, register, self.known, begun=starting.begun, ended=used, pace=pace, grace=0.0
        )
        self.queue = Queue(hub, jobs, self.known, judging, starting, self.following, pace)
        self.service = jobs
        for job in await register.among(*JobState):
            self.truth.note(job)
        await self.known.start()
        register.followers.append(self.queue._changed)
        await self.queue._reload()

    def _watch(self, job: Any, before: JobState | None) -> None:
        if job.over and before is not None and before not in ENDED:
            self.endings.setdefault(job.id, []).append(job.state.value)
        self.truth.note(job)

    async def approve(self, job: str, printer: str | None = None) -> None:
        """Look at a job as it is shown, and approve it."""
        self.truth.asked[job] += 1
        looked = await self.service.get(job, by=TEACHER)
        await asyncio.sleep(0)
        done = await self.queue.approve(job, by=TEACHER, printer=printer, mark=looked.mark)
        if done.mark != looked.mark:
            self.truth.wrong.append(f"{job} was approved unseen")

    async def reprint(self, job: str, by: Principal) -> None:
        """Have somebody ask for it once more; where a teacher does, that approves it."""
        if by is TEACHER:
            self.truth.asked[f"{job}+"] += 1
        self.jobs.append((await self.queue.reprint(job, by=by)).id)

    async def hand_in(self, *, printer: str | None = None) -> str:
        """Add a job that waits for approval; its list is the policy's `default`."""
        number = next(self._numbers)
        id_ = f"job-{number}"
        about = {"name": id_, "state": JobState.WAITING, "kind": "gcode", "owner": "pupil"}
        about |= {"owner_name": "Pupil", "origin": "test", "settings": {}, "revision": 1}
        about |= {"tries": 0, "note": "", "created": now(), "updated": now()}
        about |= {"printer_wanted": printer, "facts": judged_by("default")}

        def work(session: Any) -> None:
            asset = AssetRow(**{**_ASSET, "id": new_id(), "title": id_, "created": now()})
            row = JobRow(id=id_, **about)
            session.add_all([asset, row])
            session.flush()
            add_file(session, row, "gcode", asset, made="upload")

        await self._store.write(work)
        self.jobs.append(id_)
        return id_

    async def change(self, job: str) -> None:
        """Have its owner hand in another file; it is looked through and waits for approval."""
        await self.service.edit(job, by=PUPIL, any_printer=True)

        def work(session: Any, row: JobRow) -> None:
            asset = AssetRow(**{**_ASSET, "id": new_id(), "title": job, "created": now()})
            session.add(asset)
            session.flush()
            add_file(session, row, "gcode", asset, made="upload")
            row.state, row.facts = JobState.WAITING, judged_by("default")

        await self.service.register.change(job, work)

    async def turn(self) -> None:
        """Have the queue start what is ready, and the followers look."""
        await self.queue._reload()
        self.queue.start_ready()
        while tasks := list(self.queue._started.values()):
            await asyncio.gather(*tasks)
            await asyncio.sleep(0)
        self.queue._later.clear()
        await self.following.look()

    async def pass_time(self, seconds: float, *, step: float = 300.0) -> None:
        """Let time pass while the hub looks now and then."""
        for _ in range(int(seconds / step)):
            self.later += step
            await self.following.look()

    async def killable(self, work: Any) -> bool:
        """Do something in which the hub may be killed; then it starts anew. Tell whether it was."""
        try:
            await work
        except Killed:
            tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            with contextlib.suppress(Killed):
                await asyncio.gather(*tasks, return_exceptions=True)
            return True
        return False

    async def rows(self) -> dict[str, tuple[str, str | None]]:
        """Return state and printer of every job."""

        def work(session: Any) -> dict[str, tuple[str, str | None]]:
            return {row.id: (row.state, row.printer) for row in session.query(JobRow)}

        return await self._store.read(work)

    async def accounts(self) -> Counter[str]:
        """Return how often each job stands in the filament account."""
        return await self._store.read(lambda session: Counter(session.scalars(select(UseRow.job))))

    def close(self) -> None:
        self._store.close()
