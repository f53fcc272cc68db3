"""Telling how printers and prints are: live on the bus, and once when a part is finished."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from drivers.printer.contract import Printer
from hub.device import Role
from hub.errors import HubError, NotFound
from hub.i18n import LANGUAGES
from hub.plugin import N_, Access, Message, PluginHub
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register
from plugins.printing.jobs.shown import told
from plugins.printing.jobs.states import UNDER_WAY, JobState
from plugins.printing.queue.following import Following
from plugins.printing.queue.printers import Printers
from plugins.printing.queue.service import Queue
from plugins.printing.queue.shown import printer_json

log = logging.getLogger("classhub.printing")

PAUSE = 1.0
"""Seconds between two tellings of one thing at least."""
_NOTICES = {
    JobState.SENT_BACK: N_("Your teacher has sent “{name}” back to you."),
    JobState.DONE: N_("“{name}” is printed. Ask your teacher for it."),
    JobState.FAILED: N_("The print of “{name}” did not come to its end."),
}
"""What owners are told at once, by the state that their job has come to."""
_EVERYBODY = Access(role=Role.DISPLAY)


class Telling:
    """Publishes `printers/<id>` (retained, for everybody), live `jobs/<id>`, `finished/<id>`.

    And `notices/<id>`, which the shell says to the job's owner.
    """

    def __init__(
        self,
        hub: PluginHub,
        register: Register,
        printers: Printers,
        following: Following,
        queue: Queue,
    ) -> None:
        self._hub = hub
        self._register = register
        self._printers = printers
        self._following = following
        self._queue = queue
        self._wake = asyncio.Event()
        self._last: dict[str, Any] = {}
        self._leave: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tell."""
        subscribe = self._hub.bus.subscribe
        self._leave = [subscribe("+/state", self._hear), subscribe("+/p/+", self._hear)]
        self._register.followers.append(self._changed)
        self._printers.changed.append(lambda _: self._wake.set())
        self._following.looked.append(self._wake.set)
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="printing-telling")

    async def stop(self) -> None:
        """Tell no more."""
        for leave in self._leave:
            leave()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _hear(self, message: Message) -> None:
        if message.topic.endswith(("/state", f"/p/{Printer.state.name}")):
            self._wake.set()

    def _changed(self, job: Job, before: JobState | None) -> None:
        self._wake.set()
        if (words := _NOTICES.get(job.state)) and before not in (job.state, None):
            self._notify(job, words)
        if job.over and before in UNDER_WAY:
            notice: dict[str, Any] = {"id": job.id, "name": job.name, "state": job.state.value}
            notice |= {"printer": job.printer, "ending": job.ending}
            self._hub.publish(f"finished/{job.id}", notice, audience=job.access())

    def _notify(self, job: Job, words: str) -> None:
        """Tell its owner, wherever they are in the hub just now."""
        say = self._hub.say.say
        said = {one: say(words, one, {"name": job.name}) for one in LANGUAGES}
        notice = {"to": job.owner, "said": said}
        self._hub.publish(f"notices/{job.id}", notice, audience=job.access())

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._tell()
            except HubError as error:
                log.warning("how the printers are cannot be told: %s", error)
            except Exception:
                log.exception("how the printers are cannot be told")
            await asyncio.sleep(PAUSE)

    async def _tell(self) -> None:
        for printer in self._printers.all():
            job = None
            if printer.busy_with is not None:
                with contextlib.suppress(NotFound):
                    job = self._queue.with_live(await self._register.get(printer.busy_with))
            problem = self._printers.handle(printer.id).state.problem
            shown = printer_json(
                printer,
                job=job,
                plate_job=None,
                by=None,
                queue_seconds=self._queue.queue_seconds(printer.id),
                problem=None if problem is None else problem.model_dump(mode="json"),
            )
            # What is still to come changes with every second; alone it is no news.
            news = {name: value for name, value in shown.items() if name != "queue_seconds"}
            if self._last.get(printer.id) != news:
                self._last[printer.id] = news
                topic = f"printers/{printer.id}"
                self._hub.publish(topic, shown, retained=True, audience=_EVERYBODY)
                if job is not None:
                    self._hub.publish(f"jobs/{job.id}", told(job), audience=job.access())
