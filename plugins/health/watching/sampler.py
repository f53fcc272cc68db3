"""Asks everything that is watched how it is, again and again, and asks no device for it."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

from hub.clock import now
from hub.plugin import Devices, HubError
from plugins.health.series import History
from plugins.health.watching.computer import computer_values
from plugins.health.watching.devices import DeviceWatch, Value
from plugins.health.watching.offered import Offered
from plugins.health.watching.troubles import Troubles
from plugins.health.watching.wear import Wear

log = logging.getLogger("classhub.plugins.health")

EVERY = 10.0
FLUSH = 60.0
SET = 60.0
"""Seconds by which nobody's clock moves unless it is set, or the computer has slept."""


class Sampler:
    """Takes values every ten seconds and has them written down every minute.

    Args:
        devices: that are watched.
        history: where the values go.
        data: a folder on the disk that is watched.
        troubles: of the computer. wear: what is counted.
        offered: what other plugins have to be watched.
        clock_set: called with the time once the clock was set (or the computer has slept): of what
            lies between, nothing is known.
    """

    def __init__(
        self,
        devices: Devices,
        history: History,
        data: Path,
        troubles: Troubles,
        wear: Wear,
        offered: Offered,
        clock_set: Callable[[float], None],
    ) -> None:
        self._devices = devices
        self._history = history
        self._data = data
        self._troubles = troubles
        self._wear = wear
        self._offered = offered
        self._clock_set = clock_set
        self._drift: float | None = None
        self._watches: dict[str, DeviceWatch] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._wear.start()
        self._task = asyncio.create_task(self._run(), name="health sampler")

    async def stop(self) -> None:
        """End, and write down what waits."""
        self._wear.stop()
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        await self._history.flush(self._time())

    async def sample(self) -> None:
        """Take the values of this moment."""
        at = self._time()
        present = {device.id: device for device in self._devices.list()}
        for gone in self._watches.keys() - present.keys():
            del self._watches[gone]
        for id_, device in present.items():
            watch = self._watches.setdefault(id_, DeviceWatch(device))
            for series, value in watch.values():
                self._history.record(series, at, value)
        for series, value in (*self._wear.values(), *self._offered.values()):
            self._history.record(series, at, value)
        self._troubles.look(present.values())
        for series, value in await asyncio.to_thread(self._of_the_computer):
            self._history.record(series, at, value)

    def _time(self) -> float:
        """Return the time, after it was said where the clock has been set meanwhile."""
        at = now()
        drift = at - time.monotonic()
        if self._drift is not None and abs(drift - self._drift) > SET:
            self._clock_set(at)
        self._drift = drift
        return at

    def _of_the_computer(self) -> list[Value]:
        return [*computer_values(self._data), *self._troubles.values()]

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        due, written = loop.time(), loop.time()
        while True:
            try:
                await self.sample()
                if loop.time() - written >= FLUSH:
                    written = loop.time()
                    await self._history.flush(self._time())
                    await self._history.fold(self._time())
            except HubError as error:
                log.warning("measured values were not folded: %s", error)
            except Exception:
                log.exception("sampling failed")
            due = max(due + EVERY, loop.time() + 1.0)
            await asyncio.sleep(due - loop.time())
