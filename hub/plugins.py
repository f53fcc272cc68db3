"""Finds, checks, starts and stops plugins. One that fails is switched off; the rest goes on."""

import asyncio
import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.routing import BaseRoute

from hub.api.routing import check_routes, route_paths, route_scopes
from hub.audit_words import WORDS
from hub.device import Problem, Role
from hub.errors import N_, HubError, NotFound
from hub.packages import package_of
from hub.plugin import Plugin, PluginHub, Principal, Socket
from hub.showing import is_attribute
from hub.store import Base

log = logging.getLogger("classhub.plugins")

GROUP = "classhub.plugins"
OURS = "classroom-hub"
START_SECONDS = 10.0
_ID = re.compile(r"[a-z][a-z0-9-]{1,40}$")
_ROOT = re.compile(r"/api(/[a-z0-9-]+|/\{[a-z]+\})*\Z")
_SOCKET = re.compile(r"(/[a-z0-9-]+|/\{[a-z]+\})+\Z")
_TAG = r"^[a-z][a-z0-9]*(-[a-z0-9]+)+$"
_FILE = r"^[A-Za-z0-9_][A-Za-z0-9_./-]*\.js$"
_GUIDE = r"^[a-z][a-z0-9-]*$"
_HELP = r"^([a-z][a-z0-9-]*)?(#[a-z][a-z0-9-]*)?$"
_MEDIA = r"^([a-z]+/([a-z0-9][a-z0-9.+-]*|\*)|\*/\*)$"
MOST_OPENED = 200

PluginState = Literal["running", "failed", "off"]


class PluginFailed(HubError):
    """A plugin cannot be used; the detail says why."""

    code = "plugin-failed"
    title = N_("This extension does not work.")
    hint = N_("The rest of the hub does. Tell whoever wrote it, or take it away.")


class Opens(BaseModel):
    """Which assets a page opens.

    Attributes:
        media: types such as `image/png`, `image/*` or `*/*`; each asset must be of one of them.
        least: the fewest assets that it opens at once.
        most: the most. A path with `:id` takes one; any other gets them all as `?assets=a,b,c`.
        album: it also opens a whole album, as `?lesson=…`.
        title: what it does with them, where the page's own title does not say it (message id).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    media: list[Annotated[str, Field(pattern=_MEDIA)]] = Field(min_length=1, max_length=32)
    least: int = Field(1, ge=1, le=MOST_OPENED)
    most: int = Field(1, ge=1, le=MOST_OPENED)
    album: bool = False
    title: str | None = Field(None, min_length=1, max_length=80)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.least:
            raise ValueError("most is less than least")
        return self


class WebPage(BaseModel):
    """A page that a plugin adds to the shell.

    Attributes:
        nav: it stands in the navigation; place: how far back there. Below 50 are pages for
            lessons (10: albums), from 50 those for looking after the room (55: equipment, 58:
            people), which engineers see first.
        microphone: people record their voice on it.
        help: the chapter about it: `#chapter` of the plugin's own guide, or `guide#chapter`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(pattern=r"^/[A-Za-z0-9_:/.-]*$")
    title: str
    icon: str | None = None
    roles: list[Role] | None = None
    nav: bool = False
    place: int = Field(30, ge=1, le=99)
    kind: str | None = None
    opens: Opens | None = None
    microphone: bool = False
    help: str | None = Field(None, min_length=1, max_length=80, pattern=_HELP)
    module: str = Field(pattern=_FILE)
    tag: str = Field(pattern=_TAG)

    def is_at(self, path: str) -> bool:
        """Tell whether this is the page of a path."""
        named, given = self.path.strip("/").split("/"), path.strip("/").split("/")
        return len(named) == len(given) and all(
            part == one or (part and one.startswith(":"))
            for one, part in zip(named, given, strict=True)
        )

    @model_validator(mode="after")
    def _place_for_assets(self) -> Self:
        if self.opens is None:
            return self
        named = [part for part in self.path.split("/") if part.startswith(":")]
        if named not in ([], [":id"]) or (named and self.opens.most > 1):
            raise ValueError("a page that opens assets has :id for one, and no :name for several")
        return self


class Shows(BaseModel):
    """What teachers can put on the class's screen with an element.

    Attributes:
        title: what it is, for people (message id). icon: as of a page.
        media: it shows an asset of these types, whose id it gets as the attribute `asset`; the
            bytes are at `/api/v1/panel/content` while it is shown.
        attributes: those that teachers may give it, and change while it is shown.
        page: where it is picked; without it, and where it needs no attribute, by one button. With
            it and without media and attributes it is put there by that page's own route alone.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    icon: str | None = None
    media: list[Annotated[str, Field(pattern=_MEDIA)]] = Field([], max_length=32)
    attributes: list[str] = Field([], max_length=16)
    page: str | None = Field(None, pattern=r"^/[A-Za-z0-9_/.-]*$")

    @property
    def elsewhere(self) -> bool:
        """Whether its own page puts it there, which judges who may see it (a board)."""
        return self.page is not None and not self.media and not self.attributes

    @model_validator(mode="after")
    def _harmless(self) -> Self:
        wrong = [one for one in self.attributes if one == "asset" or not is_attribute(one)]
        if wrong:
            raise ValueError(f"{wrong[0]} is no attribute that is given to what is shown")
        return self


class WebElement(BaseModel):
    """An element that any page may embed; `shows`: teachers put it on the class's screen."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str = Field(pattern=_TAG)
    module: str = Field(pattern=_FILE)
    shows: Shows | None = None


class WebCard(BaseModel):
    """An element that stands on the home page, for those of its roles."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str = Field(pattern=_TAG)
    module: str = Field(pattern=_FILE)
    roles: list[Role] | None = None


class WebGuide(BaseModel):
    """A guide for people, read at `/help/<name>`: `guide/<language>.md` beside `web.json`.

    Attributes:
        title: what it is called, for people (message id). roles: who may read it.
        name: in its address; left out: the plugin's id.
        languages: in which it is there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1, max_length=80)
    name: str | None = Field(None, max_length=40, pattern=_GUIDE)
    roles: list[Role] | None = None
    languages: list[Literal["kk", "ru", "en"]] = Field(
        ["kk", "ru", "en"], min_length=1, max_length=3
    )


class WebManifest(BaseModel):
    """A plugin's `web.json`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    pages: list[WebPage] = []
    elements: list[WebElement] = []
    home: list[WebCard] = []
    guide: WebGuide | None = None


@dataclass(slots=True)
class Loaded:
    """A plugin that was found, and how it is.

    Attributes:
        name: of its entry point. distribution: where it comes from.
        ours: it is part of this distribution, and its routes stand beside the kernel's.
        state, problem: how it is.
        web: the folder that is served; `hash` of its content is part of the address.
    """

    name: str
    distribution: str
    version: str
    ours: bool
    state: PluginState = "off"
    problem: Problem | None = None
    plugin: Plugin | None = None
    web: Path | None = None
    hash: str = ""
    manifest: WebManifest = field(default_factory=WebManifest)

    @property
    def prefix(self) -> str:
        """Where its routes stand."""
        return "/api/v1" if self.ours else f"/api/v1/x/{self.name}"

    @property
    def base(self) -> str:
        """Where its web files stand."""
        return f"/plugins/{self.name}/{self.hash}/"

    def fail(self, error: Exception) -> None:
        """Switch it off and say why, once."""
        self.state = "failed"
        if isinstance(error, HubError):
            self.problem = Problem.of(error)
        else:
            self.problem = Problem.of(PluginFailed(f"{type(error).__name__}: {error}"))
        log.error("the plugin %s is off: %s", self.name, error, exc_info=error)


class Plugins:
    """All plugins of the hub.

    Args:
        hub_for: makes the hub as a plugin of this id and settings sees it.
        enabled: tells whether a plugin of this id is on.
        found: the entry points; None takes the installed ones.
    """

    def __init__(
        self,
        hub_for: Callable[[str], PluginHub],
        *,
        enabled: Callable[[str], bool],
        found: Iterable[EntryPoint] | None = None,
    ) -> None:
        self._hub_for = hub_for
        self._enabled = enabled
        self._found = entry_points(group=GROUP) if found is None else found
        self.all: list[Loaded] = []

    @property
    def running(self) -> list[Loaded]:
        """Those that work."""
        return [loaded for loaded in self.all if loaded.state == "running"]

    @property
    def scopes(self) -> dict[str, str]:
        """What tokens can be limited to, with titles (message ids), of the plugins that work."""
        return {
            scope: title
            for loaded in self.running
            if loaded.plugin is not None
            for scope, title in scopes_of(loaded.plugin).items()
        }

    @property
    def audited(self) -> dict[str, str]:
        """What people do with the plugins that work, in words (message ids), by action."""
        found: dict[str, str] = {}
        for loaded in self.running:
            found |= {} if loaded.plugin is None else loaded.plugin.audited
        return found

    async def ask(self, plugin: str, name: str, given: dict[str, Any], by: Principal) -> Any:
        """Carry out a command of a plugin, as one that comes by MQTT; returns JSON-ready data.

        Raises:
            NotFound: there is no such plugin, or it has no such command.
            HubError: whatever the command raises.
        """
        for loaded in self.running:
            if loaded.name == plugin and loaded.plugin is not None:
                command = loaded.plugin.commands.get(name)
                if command is not None:
                    return await command(given, by)
        raise NotFound(f"no command {name} of {plugin}")

    async def start(self) -> None:
        """Load and start each plugin."""
        for point in sorted(self._found, key=lambda p: (package_of(p).name != OURS, p.name)):
            package = package_of(point)
            loaded = Loaded(point.name, package.name, package.version, package.name == OURS)
            self.all.append(loaded)
            if not self._enabled(point.name):
                continue
            try:
                loaded.plugin = self._load(point, loaded)
                await self._begin(loaded)
            except Exception as error:  # noqa: BLE001 - whatever a plugin does, the hub goes on
                loaded.fail(error)
                await self._end(loaded)
                loaded.plugin = None

    async def stop(self) -> None:
        """Stop them, the last one first."""
        for loaded in reversed(self.all):
            await self._end(loaded)
            if loaded.state == "running":
                loaded.state = "off"

    def _load(self, point: EntryPoint, loaded: Loaded) -> Plugin:
        if any(other.name == point.name and other is not loaded for other in self.all):
            raise PluginFailed(f"another plugin has the name {point.name} already")
        cls = point.load()
        if not (isinstance(cls, type) and issubclass(cls, Plugin)):
            raise PluginFailed(f"{point.value} is no subclass of hub.plugin.Plugin")
        identity = getattr(cls, "id", "")
        if identity != point.name or not _ID.match(identity):
            raise PluginFailed(
                f"its id {identity!r} must be its entry point's name {point.name!r}:"
                " lower-case letters, digits and dashes"
            )
        plugin = cls(self._hub_for(identity))
        if plugin.router is not None:
            check_routes(plugin.router.routes, identity)
            _check_paths(route_paths(plugin.router.routes), self._taken(), ours=loaded.ours)
            _check_scopes(plugin.router.routes, plugin)
        for root, router in plugin.protocols.items():
            _check_root(root, ours=loaded.ours)
            check_routes(router.routes, identity)
            _check_paths(route_paths(router.routes), set(), ours=loaded.ours)
            _check_scopes(router.routes, plugin)
        for path, served in plugin.sockets.items():
            _check_socket(path, served)
        _check_audited(plugin, self.audited)
        if plugin.migrations is not None:
            _check_tables(plugin, identity)
        if plugin.web is not None and plugin.web.is_dir():
            loaded.web = plugin.web
            loaded.manifest = _manifest(plugin.web)
            loaded.hash = content_hash(plugin.web)
        return plugin

    def _taken(self) -> set[str]:
        return {
            path
            for other in self.running
            if other.ours and other.plugin is not None and other.plugin.router is not None
            for path in route_paths(other.plugin.router.routes)
        }

    async def _begin(self, loaded: Loaded) -> None:
        plugin = loaded.plugin
        if plugin is None:
            return
        if plugin.migrations is not None:
            await asyncio.to_thread(plugin.hub.store.migrate, plugin.migrations)
        async with asyncio.timeout(START_SECONDS):
            await plugin.start()
        loaded.state = "running"

    async def _end(self, loaded: Loaded) -> None:
        if loaded.plugin is None:
            return
        try:
            async with asyncio.timeout(START_SECONDS):
                await loaded.plugin.stop()
        except Exception:
            log.exception("the plugin %s did not stop", loaded.name)


def scopes_of(plugin: Plugin | type[Plugin]) -> dict[str, str]:
    """Return what tokens can be limited to by a plugin, with titles (message ids)."""
    return {f"{plugin.id}:{name}": title for name, title in plugin.scopes.items()}


def installed_scopes(points: Iterable[EntryPoint] | None = None) -> dict[str, str]:
    """Return the scopes of the plugins that can be loaded here, without a hub that runs."""
    found: dict[str, str] = {}
    for point in entry_points(group=GROUP) if points is None else points:
        try:
            found |= scopes_of(point.load())
        except Exception as error:  # noqa: BLE001 - a plugin may be of anybody, and fail at anything
            log.warning("the scopes of the plugin %s are not known: %s", point.name, error)
    return found


def _check_paths(paths: Iterable[str], taken: set[str], *, ours: bool) -> None:
    for path in paths:
        if not path.startswith("/"):
            raise PluginFailed(f"the route {path!r} must begin with a slash")
        if ours and path in taken:
            raise PluginFailed(f"the route {path} is another plugin's already")


def _check_socket(path: str, served: object) -> None:
    if not _SOCKET.match(path) or not isinstance(served, Socket):
        raise PluginFailed(
            f"the WebSocket {path!r} must be a path, and a Socket that says its role"
        )


def _check_scopes(routes: list[BaseRoute], plugin: Plugin) -> None:
    unknown = route_scopes(routes) - set(scopes_of(plugin))
    if unknown:
        raise PluginFailed(f"its router names scopes that it does not have: {sorted(unknown)}")


def _check_audited(plugin: Plugin, known: Mapping[str, str]) -> None:
    for action in plugin.audited:
        if action in WORDS or action in known:
            raise PluginFailed(f"what {action!r} means is said already")


def _check_root(root: str, *, ours: bool) -> None:
    if not ours:
        raise PluginFailed(f"its routes stand below /api/v1/x/, not below {root!r}")
    if not _ROOT.match(root):
        raise PluginFailed(f"the root {root!r} must be /api or stand below it")


def _check_tables(plugin: Plugin, identity: str) -> None:
    migrations = plugin.migrations
    if migrations is None:
        return
    prefix = identity.replace("-", "_") + "_"
    if migrations.prefix != prefix:
        raise PluginFailed(f"its migrations' prefix must be {prefix!r}, not {migrations.prefix!r}")
    for table in migrations.metadata.tables:
        own = migrations.metadata.tables[table].info.get("hub_table", False)
        if not table.startswith(prefix) and not own and table not in _kernel_tables():
            raise PluginFailed(f"its table {table} must begin with {prefix}")


def _kernel_tables() -> frozenset[str]:
    return frozenset(Base.metadata.tables)


def _manifest(folder: Path) -> WebManifest:
    file = folder / "web.json"
    if not file.is_file():
        return WebManifest()
    try:
        manifest = WebManifest.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first: Any = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PluginFailed(f"web.json: {where}: {first['msg']}") from None
    for language in manifest.guide.languages if manifest.guide else ():
        if not (folder / "guide" / f"{language}.md").is_file():
            raise PluginFailed(f"web.json: guide: there is no guide/{language}.md")
    return manifest


def content_hash(folder: Path) -> str:
    """Return twelve hex digits that change with any file in a folder."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            digest.update(json.dumps(str(file.relative_to(folder))).encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:12]
