"""What a plugin needs of the hub. See `docs/writing-a-plugin.md`.

A plugin is a class named by an entry point of the group `classhub.plugins`:

    class Thermometer(Plugin):
        id = "thermometer"
        title = "Thermometer"

        def __init__(self, hub: PluginHub) -> None:
            super().__init__(hub)
            self.router = Router(tags=["Thermometer"])
            self.router.get("/readings")(self.readings)

        async def readings(self, caller: Annotated[Principal, Requires(Role.PUPIL)]) -> …

Every route says who may call it; a router with one that does not is refused. A plugin that fails is
switched off and named in the log and in `GET /api/v1/plugins`; the rest of the hub works.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, ClassVar

from fastapi import APIRouter

from hub.api.context import Address, Language
from hub.api.guard import UPLOAD, UPLOAD_LIMIT
from hub.api.models import (
    AssetModel,
    Body,
    Id,
    IdField,
    OperationModel,
    asset_model,
    lesson_model,
    when,
)
from hub.api.paging import Page, Pages, Paging
from hub.api.plugin_socket import PluginSocket, Socket, SocketGone
from hub.api.routing import Router, problems
from hub.api.security import Requires, public
from hub.api.uploads import Upload, Uploads
from hub.assets import FOR_PEOPLE, Asset, AssetRow, Assets
from hub.audit import Audit
from hub.bus import Bus, Message
from hub.device import Role
from hub.devices import DeviceHandle, Devices
from hub.errors import N_, HubError
from hub.i18n import Translator
from hub.keeping import OldAssets, Retention, Rule
from hub.logs import Latch
from hub.measures import Measure, Measures
from hub.operations import Operation, Operations
from hub.programs import KernelModule, Program
from hub.rights import SYSTEM, Access, Principal, check, may
from hub.school import Lesson, School
from hub.showing import Showing, Thing
from hub.store import Files, Migrations, Store
from hub.workers import Workers

__all__ = [
    "FOR_PEOPLE",
    "N_",
    "SYSTEM",
    "UPLOAD",
    "UPLOAD_LIMIT",
    "Access",
    "Address",
    "Asset",
    "AssetModel",
    "AssetRow",
    "Assets",
    "Audit",
    "Body",
    "Bus",
    "Command",
    "DeviceHandle",
    "Devices",
    "Files",
    "HubError",
    "Id",
    "IdField",
    "KernelModule",
    "Language",
    "Latch",
    "Lesson",
    "Measure",
    "Measures",
    "Message",
    "Migrations",
    "OldAssets",
    "Operation",
    "OperationModel",
    "Operations",
    "Page",
    "Pages",
    "Paging",
    "Plugin",
    "PluginHub",
    "PluginSocket",
    "Principal",
    "Program",
    "Requires",
    "Retention",
    "Role",
    "Router",
    "Rule",
    "School",
    "Socket",
    "SocketGone",
    "Store",
    "Translator",
    "Upload",
    "Uploads",
    "Workers",
    "asset_model",
    "check",
    "lesson_model",
    "may",
    "problems",
    "public",
    "when",
]


Command = Callable[[dict[str, Any], Principal], Awaitable[Any]]
"""A command by MQTT: given its JSON (without the id) and who sends it, it returns the answer.

It judges rights itself, as a route does, and raises a HubError for what cannot be.
"""


@dataclass(frozen=True, slots=True)
class PluginHub:
    """The hub as a plugin sees it.

    Attributes:
        bus: what happens, and who may hear of it.
        store: the database; a plugin has tables of its own (`Plugin.migrations`).
        files: content-addressed files; most plugins want `assets` instead.
        devices: what is connected.
        school: people, groups, lessons.
        assets: pictures, clips, models, with their rights.
        audit: who did what; a plugin notes what its people did to things.
        workers: killable processes for heavy work.
        operations: what takes a while.
        retention: how long things are kept; a plugin adds rules for its own.
        old_assets: assets among them; a plugin that wants some to stay says which (`spare`).
        say: says messages in a caller's language.
        uploads: receives forms with a file.
        showing: what the class's screen shows; see `show`.
        measures: what all plugins offer to be watched; see `measure`.
        settings: of `[plugins.<id>]` in the hub's settings, unchecked.
        plugin: the plugin's id.
        topics: what the hub's topics at its MQTT broker start with, `classhub/1/<site>/<hub>`: for
            those who have to be told where to listen.
        ask: carries out a command of another plugin (`Plugin.commands`), as one that comes by MQTT:
            `await ask("health", "check", {}, by)`; `NotFound` where nobody has it.
        bundle: writes a support bundle into a file, and returns its size; it takes some seconds.
    """

    plugin: str
    bus: Bus
    store: Store
    files: Files
    devices: Devices
    school: School
    assets: Assets
    audit: Audit
    workers: Workers
    operations: Operations
    retention: Retention
    old_assets: OldAssets
    say: Translator
    uploads: Uploads
    showing: Showing
    measures: Measures
    settings: Mapping[str, Any]
    topics: str
    ask: Callable[[str, str, dict[str, Any], Principal], Awaitable[Any]]
    bundle: Callable[[BinaryIO], Awaitable[int]]

    @property
    def work(self) -> Path:
        """A folder of the plugin's own for what is half made, on the disk of the assets' files.

        It survives a restart and is in no backup; the plugin makes it and clears it up.
        """
        return self.files.root.parent / "work" / self.plugin

    def publish(
        self, topic: str, payload: Any, *, retained: bool = False, audience: Access | None = None
    ) -> None:
        """Publish below the plugin's own topics: `x/<plugin>/<topic>`."""
        self.bus.publish(f"x/{self.plugin}/{topic}", payload, retained=retained, audience=audience)

    def measure(self, name: str, title: str, unit: str, read: Callable[[], float | None]) -> None:
        """Offer a value to whoever watches: device health plots it, and rules of alerts judge it.

        Args:
            name: of the value in this plugin, the same for ever.
            title: for people (message id).
            unit: UCUM; `1` for a count.
            read: returns it at once, from memory; None where it is not known just now.
        """
        self.measures.offer(Measure(self.plugin, name, title, unit, read))

    def show(self, element: str, attributes: Mapping[str, str], title: str) -> None:
        """Show an element on the class's screen: whoever displays (`x/hub/show`) puts it up.

        Where the plugin need not judge who may see it, `shows` in `web.json` does without this.

        Args:
            element: the tag of one of the plugin's elements, such as `hub-live-view`.
            attributes: of the element.
            title: for people (message id).
        """
        self.showing.show(Thing(element, attributes, title, plugin=self.plugin))


class Plugin:
    """The base of every plugin.

    Attributes:
        id: lower-case letters, digits and dashes; it is the prefix of the plugin's tables
            (`<id>_`, dashes as underscores), topics (`x/<id>/`) and addresses.
        title: for people (message id).
        router: its routes; of a third party served below `/api/v1/x/<id>`.
        protocols: routes where programs of others look for them, by the root below which they
            stand, such as `/api`: they speak another server's protocol. Of this distribution only.
        sockets: its WebSockets by their paths, such as `/boards/{id}/sync`, served where its routes
            are.
        commands: what it does by MQTT, by name: `cmd/<user>/x/<id>/<name>`.
        migrations: its tables.
        web: a folder with `web.json` and the built files beside it.
        locale: its folder of catalogues.
        programs: of the distribution, that it starts; `classhub doctor` names what is missing.
        modules: of the kernel, that not every computer has; `classhub doctor` says how to get them.
        scopes: what a token can be limited to, by name, with a title for people (message id): a
            route that says `Requires(…, scope="<id>:<name>")` takes tokens of this scope.
        frames: origins of other servers (`https://example.kz`) whose pages its elements frame on
            the class's screen, and nowhere else.
        audited: the actions that it notes in the audit log, each in words (message id) that are
            read after a name: `"thermometer.clear": N_("cleared the thermometer")`.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    router: APIRouter | None = None
    protocols: Mapping[str, APIRouter] = MappingProxyType({})
    sockets: Mapping[str, Socket] = MappingProxyType({})
    commands: Mapping[str, Command] = MappingProxyType({})
    migrations: Migrations | None = None
    web: Path | None = None
    locale: Path | None = None
    programs: ClassVar[tuple[Program, ...]] = ()
    modules: ClassVar[tuple[KernelModule, ...]] = ()
    frames: tuple[str, ...] = ()
    scopes: ClassVar[Mapping[str, str]] = MappingProxyType({})
    audited: ClassVar[Mapping[str, str]] = MappingProxyType({})

    def __init__(self, hub: PluginHub) -> None:
        self.hub = hub

    async def start(self) -> None:
        """Begin; the plugin's tables are there."""

    async def stop(self) -> None:
        """End everything that was begun; called also after a `start` that failed."""
