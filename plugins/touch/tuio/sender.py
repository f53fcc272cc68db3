"""TUIO out: each report of a table to all who want it, and once a second what touches still."""

import asyncio
import contextlib
import re
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from hub.plugin import DeviceHandle, PluginHub
from plugins.touch.contacts import Sample
from plugins.touch.following import Following
from plugins.touch.tuio import bundles
from plugins.touch.tuio.settings import Profile, TuioSettings
from plugins.touch.tuio.surface import Sessions, Surface, Touching
from plugins.touch.tuio.ways import UdpWay, WebSocketWay
from plugins.touch.zones.zone import zone_at
from plugins.touch.zones.zones import Zones

AGAIN_SECONDS = 1.0
_OPEN_AGAIN = 10.0
_HERE = ("127.0.0.1", "localhost", "::1", "0.0.0.0")  # noqa: S104 - compared, not bound to
_TUIO_DRIVER = "tuio"
_TUIO_PORT = 3333

Way = UdpWay | WebSocketWay


@dataclass(frozen=True, slots=True)
class WayState:
    """How one of the ways is.

    Attributes:
        by: `udp` or `websocket`. problem: why nothing is sent, empty where it is.
    """

    by: str
    host: str
    port: int
    profiles: list[str]
    table: str | None
    open: bool
    problem: str
    clients: int | None
    sent: int
    dropped: int


class Sender:
    """Sends what touches the tables. What a table itself says by TUIO never goes back to it."""

    def __init__(
        self, hub: PluginHub, following: Following, zones: Zones, settings: TuioSettings
    ) -> None:
        self._hub = hub
        self._following = following
        self._zones = zones
        self._udp = [UdpWay(target) for target in settings.udp]
        listener = settings.websocket
        self._websocket = None if listener is None else WebSocketWay(listener)
        self._sessions = Sessions()
        self._surfaces: dict[str, Surface] = {}
        self._host = _plain(socket.gethostname()) or "localhost"
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int | None:
        """Of the WebSocket, None where there is none."""
        return None if self._websocket is None else self._websocket.port

    def start(self) -> None:
        """Begin to send, where anybody is to be sent to."""
        if not self._ways:
            return
        self._following.listeners.append(self._hear)
        self._task = asyncio.create_task(self._run(), name="touch: TUIO")

    async def stop(self) -> None:
        """Send no more."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for way in self._udp:
            way.stop()
        if self._websocket is not None:
            await self._websocket.stop()

    def states(self) -> list[WayState]:
        """Return how each way is."""
        tables = self._zones.tables()
        states = []
        for way in self._ways:
            target, clients, port = way.target, None, way.target.port
            if isinstance(way, WebSocketWay):
                clients, port = way.clients, way.port or port
            problem = way.problem
            if not problem and any(its_own(way, table) for table in tables):
                problem = "a table of the hub listens there: its own touches are not sent to it"
            states.append(
                WayState(
                    "udp" if isinstance(way, UdpWay) else "websocket",
                    target.host,
                    port,
                    sorted(target.profiles),
                    target.table,
                    way.open,
                    problem,
                    clients,
                    way.sent,
                    way.dropped,
                )
            )
        return states

    @property
    def _ways(self) -> list[Way]:
        return [*self._udp, *([] if self._websocket is None else [self._websocket])]

    def _hear(self, device: str, samples: Sequence[Sample]) -> None:
        ways = self._to(device)
        surface = self._surfaces.setdefault(device, Surface(self._sessions))
        size = self._following.size(device)
        zones = self._zones.of(device).zones

        def user(x: float, y: float) -> int:
            zone = zone_at(zones, x, y)
            return 0 if zone is None else zone.number

        for _, frame in groupby(samples, key=lambda one: one["frame"]):
            report = list(frame)
            told = surface.take(report, size, user)
            self._send(device, ways, surface, told, report[-1]["time"])

    def _send(
        self,
        device: str,
        ways: Sequence[Way],
        surface: Surface,
        told: Sequence[Touching],
        moment: float,
        *,
        again: bool = False,
    ) -> None:
        alive = [one.session for one in surface.now.values()]
        name = f"classhub-{_plain(device)}"
        for profile in {profile for way in ways for profile in way.target.profiles}:
            if profile is Profile.TUIO2:
                if again:
                    surface.frame += 1
                size = self._following.size(device)
                source = f"{name}:0@{self._host}"
                made = bundles.second(surface.frame, moment, told, alive, source, size)
            else:
                number = bundles.AGAIN if again else surface.frame
                made = bundles.first(profile, number, told, alive, f"{name}@{self._host}")
            for way in ways:
                if profile in way.target.profiles:
                    for bundle in made:
                        way.send(bundle)

    def _to(self, device: str) -> list[Way]:
        table = next((one for one in self._zones.tables() if one.id == device), None)
        return [
            way
            for way in self._ways
            if way.open
            and way.target.table in (None, device)
            and not (table is not None and its_own(way, table))
        ]

    async def _run(self) -> None:
        looked = float("-inf")
        while True:
            if time.monotonic() - looked >= _OPEN_AGAIN:
                looked = time.monotonic()
                for way in self._ways:
                    if not way.open:
                        await way.start()
            tables = {one.id for one in self._zones.tables() if one.state.reachable}
            for device in tables:
                surface = self._surfaces.setdefault(device, Surface(self._sessions))
                moment = time.time()
                told = surface.rest(moment)
                self._send(device, self._to(device), surface, told, moment, again=True)
            for gone in self._surfaces.keys() - tables:
                del self._surfaces[gone]
            await asyncio.sleep(AGAIN_SECONDS)


def its_own(way: Way, table: DeviceHandle) -> bool:
    """Tell whether a table of the hub listens where this way sends."""
    if not isinstance(way, UdpWay) or table.config.driver != _TUIO_DRIVER:
        return False
    port = table.config.settings.get("port", _TUIO_PORT)
    address = table.config.settings.get("address", "127.0.0.1")
    return way.target.port == port and way.target.host in (*_HERE, address)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:60]
