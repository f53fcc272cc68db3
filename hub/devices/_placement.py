"""Which process runs which device: its own, or that of its driver."""

import asyncio
from collections.abc import Callable

from hub.device import DriverDescription
from hub.devices._handle import DeviceHandle
from hub.processes import DriverEntry, Limits, Nursery, Supervisor, Timing


class Placement:
    """Starts a process where one is wanted and ends it when no device is left in it.

    A process is not kept for a device that is unplugged: whatever a library of the vendor's does
    with a device that is gone, it does in a process that is ended.

    Args:
        timing: limits and pauses.
        limits: what a process of a driver may use, by the driver's name.
        nursery: what processes are forked from.
    """

    def __init__(self, timing: Timing, limits: Callable[[str], Limits], nursery: Nursery) -> None:
        self._nursery = nursery
        self._timing = timing
        self._limits = limits
        self._shared: dict[str, Supervisor] = {}
        self._running: set[Supervisor] = set()

    def run(self, device: DeviceHandle, entry: DriverEntry, driver: DriverDescription) -> None:
        """Have a device run."""
        if driver.isolation == "device":
            device.attach(self._new(entry, device.id), driver)
            return
        supervisor = self._shared.get(entry.name)
        if supervisor is None:
            supervisor = self._shared[entry.name] = self._new(entry, entry.name)
        device.attach(supervisor, driver)

    def leave(self, device: DeviceHandle, *, last_words: bool = False) -> Supervisor | None:
        """Have a device not run; at once. Returns the process where no other device is in it.

        With `last_words` what its driver says happened while it lets go is still told.
        """
        supervisor = device.detach(last_words=last_words)
        if supervisor is None or not supervisor.empty:
            return None
        if self._shared.get(device.driver_name) is supervisor:
            del self._shared[device.driver_name]
        return supervisor

    async def end(self, supervisor: Supervisor) -> None:
        """End a process; returns when nothing of it is left."""
        await supervisor.stop()
        self._running.discard(supervisor)

    async def stop(self) -> None:
        """End all processes."""
        await asyncio.gather(*(supervisor.stop() for supervisor in self._running))
        self._running.clear()
        self._shared.clear()

    def _new(self, entry: DriverEntry, name: str) -> Supervisor:
        limits = self._limits(entry.name)
        supervisor = Supervisor(
            entry, self._timing, name=name, limits=limits, nursery=self._nursery
        )
        self._running.add(supervisor)
        supervisor.start()
        return supervisor
