"""The registry of devices."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from hub.bus import Bus
from hub.device import DriverDescription, KindDescription, Problem
from hub.devices._config import DeviceConfig
from hub.devices._handle import DeviceHandle
from hub.errors import Conflict, NotFound
from hub.operations import Operations
from hub.processes import Catalogue, DriverBroken, DriverEntry, DriverMissing, Supervisor, Timing

log = logging.getLogger("classhub.devices")

START_WAIT = 5.0


class Devices:
    """All devices of the classroom, their drivers and their processes.

    Args:
        bus: where state, readings and events are published.
        operations: where actions are run.
        cache: a folder for drivers' descriptions.
        extra_drivers: drivers beside the installed ones: name -> "module:Class".
        timing: limits and pauses; tests shorten them.
    """

    def __init__(
        self,
        bus: Bus,
        operations: Operations,
        *,
        cache: Path,
        extra_drivers: Mapping[str, str] | None = None,
        timing: Timing | None = None,
    ) -> None:
        self._bus = bus
        self._operations = operations
        self._catalogue = Catalogue(cache, extra_drivers)
        self._timing = timing or Timing()
        self._devices: dict[str, DeviceHandle] = {}
        self._drivers: dict[str, DriverDescription] = {}
        self._broken: dict[str, Problem] = {}
        self._supervisors: list[Supervisor] = []
        self._starting: list[asyncio.Task[None]] = []

    async def start(self, configs: Sequence[DeviceConfig]) -> None:
        """Describe the drivers and start the configured devices.

        Returns once the drivers are described, after `START_WAIT` seconds at the latest; it does
        not wait for devices. A driver that is missing or broken leaves its devices in `fault`.

        Raises:
            Conflict: two devices have one id.
        """
        for config in configs:
            if config.id in self._devices:
                raise Conflict(f"two devices are called {config.id}")
            handle = DeviceHandle(config, self._bus, self._operations)
            self._devices[config.id] = handle
            handle.publish_state()
        entries = await asyncio.to_thread(self._catalogue.entries)
        for name in {config.driver for config in configs} - set(entries):
            known = ", ".join(sorted(entries)) or "none"
            self._driver_broken(name, DriverMissing(f"no driver {name}; installed: {known}"))
        self._starting = [
            asyncio.create_task(self._start_driver(entry), name=f"start of driver {name}")
            for name, entry in entries.items()
        ]
        if self._starting:
            await asyncio.wait(self._starting, timeout=START_WAIT)

    async def stop(self) -> None:
        """End every driver's process; nothing is left behind. It may be started again."""
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(supervisor.stop() for supervisor in self._supervisors))
        await asyncio.gather(*(device.close() for device in self._devices.values()))
        for device in self._devices:
            self._bus.clear(device)
        self._starting.clear()
        self._supervisors.clear()
        self._devices.clear()

    def list(self) -> list[DeviceHandle]:
        """Return all devices, in the order of their configuration."""
        return list(self._devices.values())

    def get(self, id: str) -> DeviceHandle:  # noqa: A002 - the word of the API
        """Return a device.

        Raises:
            NotFound: there is none of this id.
        """
        try:
            return self._devices[id]
        except KeyError:
            raise NotFound(f"no device {id}") from None

    def kinds(self) -> dict[str, KindDescription]:
        """Return the kinds of device that the installed drivers serve."""
        return {driver.kind.kind: driver.kind for driver in self._drivers.values()}

    def drivers(self) -> dict[str, DriverDescription]:
        """Return the drivers that are installed and sound."""
        return dict(self._drivers)

    def broken_drivers(self) -> dict[str, Problem]:
        """Return what is wrong with the drivers that cannot be used."""
        return dict(self._broken)

    async def _start_driver(self, entry: DriverEntry) -> None:
        try:
            driver = await self._catalogue.describe(entry)
        except DriverBroken as error:
            self._driver_broken(entry.name, error)
            return
        self._drivers[entry.name] = driver
        devices = [d for d in self._devices.values() if d.driver_name == entry.name]
        if driver.isolation == "driver":
            groups = [devices] if devices else []
        else:
            groups = [[device] for device in devices]
        for group in groups:
            name = entry.name if driver.isolation == "driver" else group[0].id
            supervisor = Supervisor(entry, self._timing, name=name)
            self._supervisors.append(supervisor)
            for device in group:
                device.attach(supervisor, driver)
            supervisor.start()

    def _driver_broken(self, name: str, error: DriverBroken) -> None:
        log.error("the driver %s cannot be used: %s", name, error.detail)
        self._broken[name] = Problem.of(error)
        for device in self._devices.values():
            if device.driver_name == name:
                device.broken(error)
