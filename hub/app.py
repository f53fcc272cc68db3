"""The hub, whole: its parts in the order in which they start and, reversed, stop."""

import asyncio
import contextlib
import logging
import time
from pathlib import Path

from hub import __version__
from hub.api.security import Gate
from hub.api.signing import Signer, load_key
from hub.assets import Assets
from hub.bus import Bus
from hub.device import Role
from hub.devices import DeviceConfig, Devices
from hub.i18n import Translator, driver_locales
from hub.ids import is_id, new_id
from hub.mqtt import Mqtt
from hub.operations import Operations
from hub.plugin import PluginHub
from hub.plugins import Plugins
from hub.school import School
from hub.settings import PluginSettings, Settings
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
        self._devices = [*settings.devices, *(extra_devices or [])]
        data = settings.data
        self.id = _identity(data / "hub.id")
        self.signer = Signer(load_key(data / "links.key"))
        self.say = Translator(settings.language)
        self.bus = Bus()
        self.store = store_at(data)
        self.files = Files(data / "files", room=reserving(data))
        self.workers = Workers()
        self.school = School(self.store, self.bus, lesson_hours=settings.lesson_hours)
        self.assets = Assets(
            self.store, self.files, self.bus, self.workers, thumbnails=data / "thumbnails"
        )
        self.operations = Operations(self.bus)
        self.devices = Devices(self.bus, self.operations, cache=data / "cache")
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
        )
        self.gate = Gate(self.school, self.signer)
        self.stopping = asyncio.Event()
        self.started = 0.0

    async def start(self) -> None:
        """Start everything.

        Raises:
            MigrationFailed: the database cannot be brought to this version; nothing was changed.
        """
        self.say.add("hub", Path(__file__).parent / "locale")
        for name, folder in driver_locales():
            self.say.add(name, folder)
        await asyncio.to_thread(self.store.open)
        await self.workers.start()
        await self.school.start()
        await self.assets.start()
        await self.devices.start(self._devices)
        await self.plugins.start()
        for loaded in self.plugins.running:
            if loaded.plugin is not None and loaded.plugin.locale is not None:
                self.say.add(loaded.name, loaded.plugin.locale)
        await self.mqtt.start()
        self.started = time.time()

    async def stop(self) -> None:
        """Stop everything that was started, each part within a few seconds."""
        self.stopping.set()
        for name, stop in (
            ("mqtt", self.mqtt.stop),
            ("plugins", self.plugins.stop),
            ("operations", self.operations.stop),
            ("devices", self.devices.stop),
            ("assets", self.assets.stop),
            ("school", self.school.stop),
            ("workers", self.workers.stop),
        ):
            try:
                async with asyncio.timeout(STOP_SECONDS):
                    await stop()
            except Exception:
                log.exception("%s did not stop", name)
        await asyncio.to_thread(self.store.close)

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
            workers=self.workers,
            operations=self.operations,
            settings=self._plugin_settings(plugin).model_dump(exclude={"enabled"}),
        )

    def _plugin_settings(self, plugin: str) -> PluginSettings:
        return self.settings.plugins.get(plugin, PluginSettings())


def _identity(file: Path) -> str:
    """Return the hub's own id, made once."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        known = file.read_text("ascii").strip()
        if is_id(known):
            return known
    identity = new_id()
    unfinished = file.with_suffix(".new")
    unfinished.write_text(identity + "\n", "ascii")
    unfinished.replace(file)
    return identity
