"""Heaters that nobody uses are switched off.

That the firmware itself switches off when this computer falls silent is the driver's care.
"""

import asyncio
import contextlib
import logging

from drivers.printer.contract import Printer
from drivers.printer.values import PrinterState
from hub.clock import now
from hub.errors import HubError
from hub.plugin import SYSTEM, PluginHub
from plugins.printing.queue.printers import Printers
from plugins.printing.queue.temperatures import TemperatureLog
from plugins.printing.queue.values import PrinterNow

log = logging.getLogger("classhub.printing")

LOOK = 20.0


class Cooling:
    """Switches heaters off where nobody prints for as long as is set for the printer."""

    def __init__(self, hub: PluginHub, printers: Printers, temperatures: TemperatureLog) -> None:
        self._hub = hub
        self._printers = printers
        self._temperatures = temperatures
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look."""
        self._task = asyncio.create_task(self._run(), name="printing-cooling")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except HubError as error:
                log.warning("heaters that nobody uses cannot be looked for: %s", error)
            except Exception:
                log.exception("heaters that nobody uses cannot be looked for")

    async def look(self) -> list[str]:
        """Look at every printer once; return those that are switched off."""
        done = []
        for printer in self._printers.all():
            if not self.is_due(printer):
                continue
            try:
                self._printers.handle(printer.id).invoke(Printer.cool.name, None, by=SYSTEM)
            except HubError as error:
                log.warning("the heaters of %s cannot be switched off: %s", printer.id, error)
                continue
            log.info("the heaters of %s are switched off: nobody prints", printer.id)
            await self._hub.audit.note(SYSTEM, "printing.heaters-off", printer.id)
            done.append(printer.id)
        return done

    def is_due(self, printer: PrinterNow) -> bool:
        """Tell whether a printer is warm and nobody has used it for as long as was set."""
        minutes = printer.setup.heaters_off_after
        since = self._temperatures.heated_since(printer.id)
        if not minutes or since is None or not printer.reachable or printer.busy_with is not None:
            return False
        resting = printer.state in (PrinterState.IDLE, PrinterState.ATTENTION)
        return resting and now() - since >= minutes * 60
