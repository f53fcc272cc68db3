"""The registry of devices."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.bus import Bus
from hub.device import DriverDescription, Found, KindDescription, Match, Problem
from hub.devices._config import DeviceConfig
from hub.devices._errors import IdTaken, Unplugged
from hub.devices._handle import DeviceHandle
from hub.devices._kept import KeptValues
from hub.devices._lending import Lend, nothing_to_lend
from hub.devices._placement import Placement
from hub.devices._schema import check_value
from hub.discovery import same_place, usable
from hub.errors import Conflict, HubError, Invalid, NotFound
from hub.ids import is_id
from hub.operations import Operations
from hub.pauses import backoff
from hub.processes import (
    Catalogue,
    DriverBroken,
    DriverEntry,
    DriverMissing,
    DriverSlow,
    Limits,
    Nursery,
    Searched,
    Supervisor,
    Timing,
)

log = logging.getLogger("classhub.devices")

START_WAIT = 5.0
AGAIN, AGAIN_MOST = 5.0, 600.0
"""Seconds until a driver is asked again that did not describe itself in time, and the most."""


class Devices:
    """All devices of the classroom, their drivers and their processes.

    Args:
        bus: where state, readings and events are published.
        operations: where actions are run.
        cache: a folder for drivers' descriptions.
        extra_drivers: drivers beside the installed ones: name -> "module:Class".
        timing: limits and pauses; tests shorten them.
        limits: what a process of a driver may use, by the driver's name.
        lend: finds the file of an asset that an action of a driver works on.
        kept: the values of properties that are set again whenever a device is connected anew.
        folders: where each driver has a folder of its own, by its name; None: they have none.
    """

    def __init__(
        self,
        bus: Bus,
        operations: Operations,
        *,
        cache: Path,
        extra_drivers: Mapping[str, str] | None = None,
        timing: Timing | None = None,
        limits: Callable[[str], Limits] | None = None,
        lend: Lend = nothing_to_lend,
        kept: KeptValues | None = None,
        folders: Path | None = None,
    ) -> None:
        self._lend = lend
        self._kept = kept or KeptValues()
        self._folders = folders
        self._bus = bus
        self._operations = operations
        self._nursery = Nursery()
        self._catalogue = Catalogue(cache, extra_drivers, self._nursery)
        self._placement = Placement(
            timing or Timing(), limits or (lambda _: Limits()), self._nursery
        )
        self._devices: dict[str, DeviceHandle] = {}
        self._entries: dict[str, DriverEntry] = {}
        self._drivers: dict[str, DriverDescription] = {}
        self._broken: dict[str, Problem] = {}
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._again: dict[str, asyncio.Task[None]] = {}
        self._placing: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self, configs: Sequence[DeviceConfig]) -> None:
        """Describe the drivers of the configured devices and start those.

        Returns once they are described, after `START_WAIT` seconds at the latest; it does not wait
        for devices. A driver that is missing or broken leaves its devices in `fault`. A device
        whose config names an identity waits until `see` says where it is. Drivers that nobody uses
        yet are described by `described`: a start does not wait for them.

        Raises:
            Conflict: two devices have one id.
        """
        self._stopping = False
        await self._kept.load()
        for config in configs:
            if config.id in self._devices:
                raise Conflict(f"two devices are called {config.id}")
            self._new(config)
        self._entries = await asyncio.to_thread(self._catalogue.entries)
        used = {config.driver for config in configs}
        for name in used - set(self._entries):
            self._driver_broken(name, self._missing(name))
        if starting := self._start_describing(used):
            await asyncio.wait(starting, timeout=START_WAIT)

    async def described(self) -> None:
        """Describe the drivers that nobody uses yet; wait until all are described or broken."""
        self._start_describing(self._entries)
        if self._starting:
            await asyncio.wait(self._starting.values())

    def _start_describing(self, names: Collection[str]) -> list[asyncio.Task[None]]:
        """Describe these drivers, each once; return what is under way."""
        for name, entry in self._entries.items():
            if name in names and name not in self._starting:
                self._starting[name] = asyncio.create_task(
                    self._describe(entry), name=f"start of driver {name}"
                )
        return list(self._starting.values())

    async def stop(self) -> None:
        """End every driver's process; nothing is left behind. It may be started again."""
        self._stopping = True
        for task in (*self._starting.values(), *self._again.values()):
            task.cancel()
        # What is being ended is not cancelled: its processes would be left behind.
        # At once, not one after the other: each may take as long as the hub has for all.
        under_way = [
            *self._starting.values(),
            *self._again.values(),
            *self._placing.values(),
        ]
        await asyncio.gather(
            asyncio.gather(*under_way, return_exceptions=True), self._placement.stop()
        )
        await asyncio.gather(*(device.close() for device in self._devices.values()))
        await self._nursery.stop()
        for device in self._devices:
            self._bus.clear(device)
        self._starting.clear()
        self._again.clear()
        self._devices.clear()

    # What there is.

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
        """Return the kinds of device that the drivers serve, all of them once `described`."""
        return {driver.kind.kind: driver.kind for driver in self._drivers.values()}

    def drivers(self) -> dict[str, DriverDescription]:
        """Return the drivers that are sound, all of them once `described`."""
        return dict(self._drivers)

    async def search(self, driver: str, seconds: float) -> Searched:
        """Have a driver search for its devices; it takes that long.

        Raises:
            DriverBroken: it fails.
        """
        return await self._catalogue.search(self._entries[driver], seconds)

    async def check_settings(self, driver: str, settings: Mapping[str, Any]) -> None:
        """Return when a driver would take these settings; its own process judges them.

        Raises:
            OutOfRange, Invalid: it would not; `params["errors"]` names the fields.
            DriverBroken: it cannot be asked.
        """
        check_value(self._drivers[driver].settings, settings, field="settings")
        faults = await self._catalogue.faults(self._entries[driver], settings)
        if faults:
            errors = [
                {"field": f"settings.{fault.field}", "message": fault.message} for fault in faults
            ]
            raise Invalid("; ".join(f"{e['field']}: {e['message']}" for e in errors), errors=errors)

    def broken_drivers(self) -> dict[str, Problem]:
        """Return what is wrong with the drivers that cannot be used."""
        return dict(self._broken)

    # What comes, changes and goes while the hub runs.

    def add(self, config: DeviceConfig) -> DeviceHandle:
        """Add a device and start it; where it names an identity, once `see` says where it is.

        Raises:
            IdTaken: there is one of this id.
        """
        if config.id in self._devices:
            raise IdTaken(f"there is a device {config.id}")
        device = self._new(config)
        if config.driver in self._broken:
            device.process_state("fault", self._broken[config.driver])
        elif config.driver not in self._entries:
            self._driver_broken(config.driver, self._missing(config.driver))
        else:
            self._place(device)
        return device

    def update(self, config: DeviceConfig) -> None:
        """Change a device; it is started anew where its settings have changed.

        A changed identity counts once `see` has told of it. Raises `NotFound`.
        """
        device = self.get(config.id)
        before = device.config
        restart = (before.settings, before.identity) != (config.settings, config.identity)
        device.configure(config)
        if before.identity != config.identity:
            device.see(None, None)
        if restart:
            self._place(device)

    def begin_anew(self, id: str) -> None:  # noqa: A002 - the word of the API
        """End a device's process and start it again; what it is doing ends. Returns at once.

        Raises:
            NotFound: there is none of this id.
        """
        self._place(self.get(id))

    async def remove(self, id: str) -> None:  # noqa: A002 - the word of the API
        """Take a device away: its process ends, and all that it has published is cleared.

        Raises:
            NotFound: there is none of this id.
        """
        device = self.get(id)
        del self._devices[id]
        process = self._placement.leave(device)
        await device.close()
        # Before its process is gone, which may take a while: nobody shall use it any more.
        self._bus.clear(id)
        await self._kept.forget(id)
        if process is not None:
            await self._placement.end(process)
        elif id in self._placing:
            await asyncio.shield(self._placing[id])

    def see(self, id: str, found: Found | None, absence: HubError | None) -> None:  # noqa: A002
        """Learn where discovery has found a device, or why it counts as absent.

        A device that is not there has no process; one that has come, or has moved, gets a new one.
        What comes from the network is kept running when its announcement ends: `absence` is then
        said beside `found`.
        """
        device = self.get(id)
        matches = self._looked_for(device)
        if found is not None and not usable(matches, found):
            found, absence = None, Unplugged("what the driver opens is not there yet")
        before = device.found
        moved = (
            before is None or not same_place(matches, before, found)
            if found is not None
            else before is not None
        )
        device.see(found, absence)
        if moved or (found is None and absence is not None and device.state.process == "starting"):
            self._place(device)

    def _looked_for(self, device: DeviceHandle) -> Sequence[Match]:
        driver = self._drivers.get(device.driver_name)
        return () if driver is None else driver.discovery

    # How it is done.

    def _new(self, config: DeviceConfig) -> DeviceHandle:
        # A name that leads elsewhere gets no folder.
        folder = self._folders / config.driver if self._folders and is_id(config.driver) else None
        device = self._devices[config.id] = DeviceHandle(
            config, self._bus, self._operations, self._lend, self._kept, folder
        )
        device.driver = self._drivers.get(config.driver)
        device.publish_state()
        return device

    def _place(self, device: DeviceHandle) -> None:
        """Have a device run anew, or not run, as things are now.

        What runs is told to end at once; the next start waits until it has, so that two never
        have the device open.
        """
        process = self._placement.leave(device, last_words=True)
        if process is not None:
            self._placing[device.id] = asyncio.create_task(
                self._run_after(device, process), name=f"place {device.id}"
            )
        elif device.id not in self._placing:
            self._run(device)

    async def _run_after(self, device: DeviceHandle, process: Supervisor) -> None:
        try:
            await self._placement.end(process)
        finally:
            del self._placing[device.id]
        if self._devices.get(device.id) is device:
            self._run(device)

    def _run(self, device: DeviceHandle) -> None:
        driver = self._drivers.get(device.driver_name)
        if driver is None or self._stopping:
            return
        found = device.found
        if device.config.identity is None or (found and usable(driver.discovery, found)):
            self._placement.run(device, self._entries[driver.name], driver)

    async def _describe(self, entry: DriverEntry) -> None:
        try:
            driver = await self._catalogue.describe(entry)
        except DriverSlow as error:
            self._driver_broken(entry.name, error)
            self._again[entry.name] = asyncio.create_task(
                self._describe_again(entry), name=f"driver {entry.name} again"
            )
        except DriverBroken as error:
            self._driver_broken(entry.name, error)
        else:
            self._driver_known(driver)

    async def _describe_again(self, entry: DriverEntry) -> None:
        """Ask a driver that did not answer in time until it does, ever more rarely."""
        for attempt in itertools.count():
            await asyncio.sleep(backoff(attempt, AGAIN, AGAIN_MOST))
            try:
                driver = await self._catalogue.describe(entry)
            except DriverSlow:
                continue
            except DriverBroken as error:
                self._driver_broken(entry.name, error)
            else:
                log.info("the driver %s has described itself", entry.name)
                self._driver_known(driver)
            return

    def _driver_known(self, driver: DriverDescription) -> None:
        self._drivers[driver.name] = driver
        was_broken = self._broken.pop(driver.name, None)
        for device in self._devices.values():
            if device.driver_name == driver.name:
                device.driver = driver
                if was_broken:
                    device.process_state("stopped", None)
                device.publish_state()
                self._run(device)

    def _missing(self, name: str) -> DriverMissing:
        known = ", ".join(sorted(self._entries)) or "none"
        return DriverMissing(f"no driver {name}; installed: {known}")

    def _driver_broken(self, name: str, error: DriverBroken) -> None:
        log.error("the driver %s cannot be used: %s", name, error.detail)
        self._broken[name] = Problem.of(error)
        for device in self._devices.values():
            if device.driver_name == name:
                device.broken(error)
