"""Adoption: what was found becomes a device of the classroom, changes, and goes again.

Devices are those of the settings file, those the hub was started with, and those that the engineer
adopted; only the last can be changed while the hub runs, and they are kept in the store.
"""

import asyncio
import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from hub.bus import Bus
from hub.device import DriverDescription, Found, MdnsMatch, Role
from hub.devices._config import DeviceConfig
from hub.devices._errors import (
    AlreadyAdopted,
    IdTaken,
    NoSuchDriver,
    NotAdopted,
    NotAnnounced,
    SetInFile,
    TooManyDevices,
    Unplugged,
    WhichOne,
    WrongDriver,
)
from hub.devices._handle import DeviceHandle
from hub.devices._registry import Devices
from hub.devices._repository import AdoptedDevices
from hub.discovery import Discovery, Mdns, fits, plain
from hub.errors import HubError
from hub.ids import is_id, new_id
from hub.rights import Access
from hub.secret_settings import merged, without_secrets
from hub.store import Store

log = logging.getLogger("classhub.devices")

TOPIC = "discoveries"
MOST_DEVICES = 200
_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"

Origin = Literal["file", "virtual", "adopted"]


class Adoption:
    """Brings discovery and the registry of devices together, and keeps what was adopted.

    Args:
        devices, discovery, store, bus: of the hub.
        file: the settings file, to be named; empty where there is none.
        network: whether to look for devices on the network.
    """

    def __init__(
        self,
        devices: Devices,
        discovery: Discovery,
        store: Store,
        bus: Bus,
        *,
        file: str = "",
        network: bool = True,
    ) -> None:
        self._devices = devices
        self._discovery = discovery
        self._kept = AdoptedDevices(store)
        self._bus = bus
        self._file = file
        self._network = network
        self._origins: dict[str, Origin] = {}
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._told: Any = None

    async def load(
        self, of_file: Sequence[DeviceConfig], virtual: Sequence[DeviceConfig] = ()
    ) -> list[DeviceConfig]:
        """Return all devices: of the settings file, that the hub was started with, adopted ones."""
        self._origins = {config.id: "file" for config in of_file}
        self._origins |= {config.id: "virtual" for config in virtual}
        found = [*of_file, *virtual]
        identities = {config.identity for config in found if config.identity}
        for config in await self._kept.all():
            if config.id in self._origins or config.identity in identities:
                log.error("the adopted device %s is left out: the settings have it too", config.id)
                continue
            self._origins[config.id] = "adopted"
            found.append(config)
        return found

    def start(self) -> None:
        """Begin to look for devices; the hub's start does not wait for it."""
        self._discovery.listen(self._look)
        self._task = asyncio.create_task(self._begin(), name="discovery")

    async def stop(self) -> None:
        """Look no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._discovery.stop()

    async def _begin(self) -> None:
        await self._discovery.start()
        await self._devices.described()
        types = {
            match.service
            for driver in self._devices.drivers().values()
            for match in driver.discovery
            if isinstance(match, MdnsMatch)
        }
        await self._discovery.start_network(Mdns(sorted(types) if self._network else ()))

    # What there is.

    def origin(self, device: str) -> Origin:
        """Return where a device comes from."""
        return self._origins.get(device, "virtual")

    def drivers_for(self, found: Found) -> list[str]:
        """Return the drivers that look for what was found."""
        return sorted(
            name
            for name, driver in self._devices.drivers().items()
            if any(fits(match, found) for match in driver.discovery)
        )

    def discoveries(self) -> list[dict[str, Any]]:
        """Return all that is found now, JSON-ready, by identity."""
        used = {d.config.identity: d.id for d in self._devices.list() if d.config.identity}
        return [
            {
                **found.model_dump(mode="json", exclude={"properties"}),
                "drivers": self.drivers_for(found),
                "device": used.get(found.identity),
                "twins": self._discovery.alike(found.identity),
            }
            for found in sorted(self._discovery.list(), key=lambda one: one.identity)
        ]

    def settings(self, device: str) -> dict[str, Any]:
        """Return a device's settings without its secrets, their schema and where they are kept.

        Raises:
            NotFound: there is no such device.
        """
        handle = self._devices.get(device)
        schema = {} if handle.driver is None else handle.driver.settings
        # As long as nobody says what is secret, all of it may be.
        values, hidden = without_secrets(schema, handle.config.settings) if schema else ({}, [])
        source = "adopted" if self.origin(device) == "adopted" else "file"
        return {"values": values, "secrets_set": hidden, "schema": schema, "source": source}

    # What is done.

    async def adopt(
        self,
        driver: str,
        *,
        id: str | None = None,  # noqa: A002 - the word of the API
        name: str = "",
        seat: str | None = None,
        identity: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> DeviceHandle:
        """Take a device into use; it survives a restart once this returns.

        Raises:
            NoSuchDriver, WrongDriver: the driver cannot be used, or not for this.
            Invalid, OutOfRange: the settings do not fit the driver's schema.
            IdTaken, AlreadyAdopted, TooManyDevices: it cannot be added.
        """
        async with self._turn:
            described = await self.driver(driver)
            if len(self._devices.list()) >= MOST_DEVICES:
                raise TooManyDevices(f"there are {MOST_DEVICES} devices")
            if id is not None and id in self._origins:
                raise IdTaken(f"there is a device {id}")
            found = self._choose(identity, described)
            # Last: it takes a process of its own.
            values = merged({}, settings or {})
            await self._devices.check_settings(driver, values)
            config = DeviceConfig(
                id=id or self._fresh_id(described.kind.kind),
                driver=driver,
                name=plain(name) or ("" if found is None else found.title),
                seat=None if seat is None else plain(seat),
                identity=identity,
                settings=values,
            )
            await self._kept.add(config)
            self._origins[config.id] = "adopted"
            device = self._devices.add(config)
            self._discovery.refresh()
            return device

    async def change(self, device: str, changes: Mapping[str, Any]) -> DeviceHandle:
        """Change `name`, `seat`, `identity` or `settings` of an adopted device.

        Settings that are not named stay as they are, secrets too; null takes one away.

        Raises:
            NotFound: there is no such device.
            SetInFile, NotAdopted: it is none that was adopted.
            Invalid, OutOfRange, NoSuchDriver, WrongDriver, AlreadyAdopted: as of `adopt`.
        """
        async with self._turn:
            handle = self._devices.get(device)
            self._must_be_adopted(device)
            wanted = dict(changes)
            for text in ("name", "seat"):
                if wanted.get(text) is not None:
                    wanted[text] = plain(wanted[text])
            if wanted.get("identity", handle.config.identity) != handle.config.identity:
                self._choose(wanted["identity"], await self.driver(handle.driver_name))
            if "settings" in wanted:
                described = await self.driver(handle.driver_name)
                wanted["settings"] = merged(handle.config.settings, wanted["settings"])
                await self._devices.check_settings(described.name, wanted["settings"])
            config = handle.config.model_copy(update=wanted)
            await self._kept.change(config)
            self._devices.update(config)
            self._discovery.refresh()
            return handle

    async def remove(self, device: str) -> None:
        """Take an adopted device out of use. Raises as `change` does."""
        async with self._turn:
            self._devices.get(device)
            self._must_be_adopted(device)
            await self._kept.remove(device)
            del self._origins[device]
            await self._devices.remove(device)
            self._discovery.refresh()

    def _must_be_adopted(self, device: str) -> None:
        match self.origin(device):
            case "file":
                raise SetInFile(device, file=self._file or "classhub.toml")
            case "virtual":
                raise NotAdopted(device)

    async def driver(self, name: str) -> DriverDescription:
        """Return a driver that can be used. Raises `NoSuchDriver`."""
        await self._devices.described()
        driver = self._devices.drivers().get(name)
        if driver is None:
            why = self._devices.broken_drivers().get(name)
            message = f"no driver {name[:100]}" if why is None else why.detail
            raise NoSuchDriver(message, errors=[{"field": "driver", "message": message}])
        return driver

    def _choose(self, identity: str | None, driver: DriverDescription) -> Found | None:
        """Return what is chosen, None where it is not there; refuse what cannot be chosen."""
        if identity is None:
            return None
        for device in self._devices.list():
            if device.config.identity == identity:
                raise AlreadyAdopted(f"{identity} is {device.id}", device=device.id)
        buses = {match.bus for match in driver.discovery}
        if buses and identity.partition(":")[0] not in buses:
            message = f"{driver.name} looks for devices of {' and '.join(sorted(buses))} only"
            raise WrongDriver(message, errors=[{"field": "driver", "message": message}])
        return self._discovery.get(identity)

    def _fresh_id(self, kind: str) -> str:
        """Return an id that says the kind, for people who read topics, and is not used again."""
        for _ in range(100):
            made = f"{kind}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"
            if is_id(made) and made not in self._origins:
                return made
        return new_id()

    # What discovery tells.

    def _look(self) -> None:
        for device in self._devices.list():
            identity = device.config.identity
            if identity is not None and identity.partition(":")[0] in self._discovery.looked:
                self._devices.see(device.id, *self._where(device, identity))
        self._tell()

    def _where(self, device: DeviceHandle, identity: str) -> tuple[Found | None, HubError | None]:
        found = self._discovery.get(identity)
        if found is not None:
            return found, None
        if self._discovery.unclear(identity):
            return None, WhichOne(identity)
        if identity.startswith("mdns:"):
            # Announcements get lost, and devices that are switched off do not say so: whether it
            # can be reached is found out by its driver.
            return device.found, NotAnnounced(identity)
        return None, Unplugged(self._discovery.problems["usb"] or identity)

    def _tell(self) -> None:
        items = self.discoveries()
        if items == self._told:
            return
        self._told = items
        audience = Access(role=Role.ENGINEER)
        self._bus.publish(TOPIC, {"items": items}, retained=True, audience=audience)
