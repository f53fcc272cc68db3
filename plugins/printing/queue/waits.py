"""How long prints wait for somebody of the school: for approval, for a plate, for a printer at all.

It is offered to whoever watches (`PluginHub.measure`), so that device health tells of it.
"""

import asyncio
import contextlib
import logging
from dataclasses import dataclass

from hub.clock import now
from hub.plugin import N_, HubError, PluginHub
from plugins.printing.jobs.register import Register
from plugins.printing.jobs.states import JobState
from plugins.printing.queue.matching import fitting
from plugins.printing.queue.printers import Printers

log = logging.getLogger("classhub.printing")

EVERY = 30.0


@dataclass(frozen=True, slots=True)
class Waited:
    """What waits.

    Attributes:
        approval, plate: seconds for which the one that has waited longest has; 0 where none does.
        unfit: how many wait that no printer of the school can print.
    """

    approval: float = 0.0
    plate: float = 0.0
    unfit: int = 0


class Waits:
    """Looks from time to time at what waits.

    Args:
        hub: where the values are offered.
        register: of the jobs.
        printers: all of them.
    """

    def __init__(self, hub: PluginHub, register: Register, printers: Printers) -> None:
        self._register = register
        self._printers = printers
        self._task: asyncio.Task[None] | None = None
        self.waited: Waited | None = None
        hub.measure(
            "waits_for_approval",
            N_("The print that has waited longest for approval"),
            "s",
            lambda: None if self.waited is None else self.waited.approval,
        )
        hub.measure(
            "waits_for_plate",
            N_("The print that has waited longest for a clear plate"),
            "s",
            lambda: None if self.waited is None else self.waited.plate,
        )
        hub.measure(
            "fits_no_printer",
            N_("Prints that no printer of the school can print"),
            "1",
            lambda: None if self.waited is None else float(self.waited.unfit),
        )

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="printing-waits")

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def look(self) -> Waited:
        """Look at what waits now.

        Raises:
            HubError: the jobs cannot be read.
        """
        jobs = await self._register.among(JobState.WAITING, JobState.QUEUED)
        at = now()
        known = self._printers.all()
        approval, plate, unfit = 0.0, 0.0, 0
        for job in jobs:
            if job.state is JobState.WAITING:
                approval = max(approval, at - job.updated)
                continue
            found = fitting(job.facts, job.printer_wanted, known)
            unfit += not found
            plates = [one.plate for one in found if one.reachable and one.busy_with is None]
            if plates and not any(one.clear for one in plates):
                # A plate that nobody has ever spoken of has no time.
                plate = max(plate, at - max(job.updated, min(one.since for one in plates)))
        self.waited = Waited(approval, plate, unfit)
        return self.waited

    async def _run(self) -> None:
        while True:
            try:
                await self.look()
            except HubError as error:
                self.waited = None
                log.debug("what waits cannot be looked at: %s", error)
            except Exception:
                self.waited = None
                log.exception("what waits cannot be looked at")
            await asyncio.sleep(EVERY)
