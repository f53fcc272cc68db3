"""The hub, whole: its parts in the order in which they start and, reversed, stop."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import BinaryIO

from hub import __version__
from hub.api.limits import Places
from hub.api.security import Gate
from hub.api.signing import Signer, load_key
from hub.api.uploads import Uploads
from hub.assets import Assets
from hub.audit import Audit
from hub.bus import Bus
from hub.device import NotNow, Role
from hub.devices import DeviceConfig, Devices, KeptValues
from hub.devices.adoption import Adoption
from hub.discovery import Discovery, Udev
from hub.i18n import Translator, driver_locales
from hub.keeping import Keeper, OldRecordings, OperationJournal, Rule, identity
from hub.logs import DeviceLogs, secrets_of
from hub.measures import Measures
from hub.mqtt import Mqtt
from hub.network import Announcement, Network, host_of
from hub.operations import Operations
from hub.plugin import PluginHub
from hub.plugins import Plugins
from hub.recordings import Recordings
from hub.rights import SYSTEM
from hub.school import School
from hub.settings import PluginSettings, Settings
from hub.showing import Showing
from hub.store import Files, Store, reserving
from hub.workers import Workers

log = logging.getLogger("classhub")

DATABASE = "hub.sqlite"
STOP_SECONDS = 5.0


def store_at(data: Path) -> Store:
    """Return the store of a data directory; it is not open yet."""
    return Store(data / DATABASE)


class Hub:
    """Everything that runs in the hub's process, without the web server.

    Args:
        settings: of the hub; `settings.data` exists and belongs to this process alone.
        extra_devices: devices beside those of the settings (the virtual classroom's).
    """

    def __init__(
        self, settings: Settings, *, extra_devices: list[DeviceConfig] | None = None
    ) -> None:
        self.settings = settings
        self.version = __version__
        self.virtual = settings.virtual
        self._extra_devices = extra_devices or []
        data = settings.data

        # What everything else stands on.
        self.id = identity(data / "hub.id")
        self.signer = Signer(load_key(data / "links.key"))
        self.say = Translator(settings.language)
        self.bus = Bus()
        self.store = store_at(data)
        self.audit = Audit(self.store)
        self.files = Files(data / "files", room=reserving(data))
        self.uploads = Uploads(self.files)
        self.measures = Measures()
        self.showing = Showing(self.bus, data / "showing.json")
        self.workers = Workers()

        # People, what they make, and how long it is kept.
        self.school = School(self.store, self.bus, lesson_hours=settings.lesson_hours)
        self.assets = Assets(
            self.store, self.files, self.bus, self.workers, thumbnails=data / "thumbnails"
        )
        self.journal = OperationJournal(self.store)
        self.operations = Operations(self.bus, keep=self.journal.keep)
        self.keeper = Keeper(
            settings.keeping,
            data=data,
            config=settings.file,
            bus=self.bus,
            store=self.store,
            assets=self.assets,
            audit=self.audit,
            operations=self.operations,
            journal=self.journal,
        )

        # Devices: run, recorded, found, taken into use.
        self.devices = Devices(
            self.bus,
            self.operations,
            cache=data / "cache",
            limits=settings.drivers.limits,
            lend=self.assets.lend,
            kept=KeptValues(self.store),
            folders=data / "drivers",
        )
        self.recordings = Recordings(data / "recordings", self.operations)
        recorded = OldRecordings(self.recordings)
        days = settings.keeping.recordings_days
        self.keeper.retention.add(Rule("recordings", days, recorded.count, recorded.delete))
        self.discovery = Discovery(
            data / "twins.json",
            Udev() if settings.discovery.usb else None,
            lambda: {d.config.identity for d in self.devices.list() if d.config.identity},
        )
        self.adoption = Adoption(
            self.devices,
            self.discovery,
            self.store,
            self.bus,
            file=str(settings.file or ""),
            network=settings.discovery.network,
        )

        # Who uses them: plugins, MQTT, the class network, the API.
        self.plugins = Plugins(
            self._for_plugin, enabled=lambda name: self._plugin_settings(name).enabled
        )
        self.mqtt = Mqtt(
            settings.mqtt,
            data=data,
            hub=self.id,
            bus=self.bus,
            devices=self.devices,
            operations=self.operations,
            school=self.school,
            store=self.store,
            say=self.say,
            ask=self.plugins.ask,
        )
        self.network = Network(
            settings.host,
            names=[*settings.allowed_hosts, *host_of(settings.join_url)],
            announcement=Announcement(settings.name, self.id, __version__)
            if settings.announce
            else None,
        )
        self.places = Places()
        self.logs = DeviceLogs(self._secrets_of)
        self.gate = Gate(self.school, self.signer)
        self.stopping = asyncio.Event()
        self.started = 0.0
        # What is above the hub, and makes its support bundles, says so here.
        self.make_bundle: Callable[[BinaryIO], Awaitable[int]] | None = None

    async def start(self) -> None:
        """Start everything: first what is kept, then devices, then those who use them.

        Discovery is last: it may take its time after the hub is ready.

        Raises:
            MigrationFailed: the database cannot be brought to this version; nothing was changed.
        """
        self.say.add("hub", Path(__file__).parent / "locale")
        for name, folder in driver_locales():
            self.say.add(name, folder)
        self.logs.start()
        await asyncio.to_thread(self.store.open)
        self.operations.take_up(await self.journal.start())
        await self.keeper.start()
        await self.audit.note(SYSTEM, "hub.start", self.id, {"version": self.version})
        await self.workers.start()
        await self.school.start()
        await self.assets.start()
        configs = await self.adoption.load(self.settings.devices, self._extra_devices)
        await self.devices.start(configs)
        await self.showing.start()
        await self.plugins.start()
        for loaded in self.plugins.running:
            if loaded.plugin is not None and loaded.plugin.locale is not None:
                self.say.add(loaded.name, loaded.plugin.locale)
        await self.mqtt.start()
        self.network.start()
        self.adoption.start()
        self.started = time.time()

    async def stop(self) -> None:
        """Stop everything that was started, each part within a few seconds.

        Who uses devices goes before them; what writes things down goes last, so that it can tell
        how the others ended.
        """
        self.stopping.set()
        for name, stop in (
            ("network", self.network.stop),
            ("mqtt", self.mqtt.stop),
            ("plugins", self.plugins.stop),
            ("showing", self.showing.stop),
            ("keeper", self.keeper.stop),
            ("operations", self.operations.stop),
            ("discovery", self.adoption.stop),
            ("devices", self.devices.stop),
            ("assets", self.assets.stop),
            ("school", self.school.stop),
            ("workers", self.workers.stop),
            ("journal", self.journal.stop),
            ("audit", self._note_end),
        ):
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await stop()
            except Exception:
                log.exception("%s did not stop", name)
        await asyncio.to_thread(self.store.close)
        self.logs.stop()

    async def _note_end(self) -> None:
        if self.started:
            await self.audit.note(SYSTEM, "hub.stop", self.id)

    async def sign_in_code(self) -> str:
        """Return a fresh one-time code that signs in as the hub's admin; good for ten minutes."""
        return await self.school.create_sign_in_code(Role.ADMIN, "Admin")

    def _for_plugin(self, plugin: str) -> PluginHub:
        return PluginHub(
            plugin=plugin,
            bus=self.bus,
            store=self.store,
            files=self.files,
            devices=self.devices,
            school=self.school,
            assets=self.assets,
            audit=self.audit,
            workers=self.workers,
            operations=self.operations,
            retention=self.keeper.retention,
            old_assets=self.keeper.old_assets,
            say=self.say,
            uploads=self.uploads,
            showing=self.showing,
            measures=self.measures,
            settings=self._plugin_settings(plugin).model_dump(exclude={"enabled"}),
            topics=self.mqtt.topics.base,
            ask=self.plugins.ask,
            bundle=self._bundle,
        )

    async def _bundle(self, file: BinaryIO) -> int:
        if self.make_bundle is None:
            raise NotNow("nothing makes support bundles here")
        return await self.make_bundle(file)

    def _secrets_of(self, name: str) -> list[str]:
        """Return what must not be logged of a device, or of the devices of a driver."""
        found: list[str] = []
        for device in self.devices.list():
            if name in (device.id, device.driver_name):
                schema = {} if device.driver is None else device.driver.settings
                found += secrets_of(device.config.settings, schema)
        return found

    def _plugin_settings(self, plugin: str) -> PluginSettings:
        return self.settings.plugins.get(plugin, PluginSettings())
