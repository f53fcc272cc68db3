"""MQTT as a part of the hub."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from hub.broker_link import Keeper
from hub.bus import Bus, Message
from hub.clock import now
from hub.device import Role
from hub.devices import Devices
from hub.errors import N_, HubError
from hub.i18n import Translator
from hub.logs import Latch
from hub.mqtt._broker import Broker, find_broker
from hub.mqtt._commands import Ask, Commands, nobody_to_ask
from hub.mqtt._files import HUB_USER, BrokerFiles, Listener
from hub.mqtt._outbox import Outbox, Outgoing
from hub.mqtt._topics import Topics, is_samples, may_publish
from hub.mqtt.settings import PORTS, MqttSettings
from hub.operations import Operations
from hub.rights import Access
from hub.school import BrokerAccount, School
from hub.store import Store

if TYPE_CHECKING:
    from hub.broker_link.client import Place
    from hub.mqtt._link import Link

log = logging.getLogger("classhub.mqtt")

INSTALL = "sudo apt install mosquitto && sudo systemctl disable --now mosquitto"
NOT_INSTALLED = N_("The MQTT broker is not installed. Install it with: {line}")
NOT_REACHABLE = N_("The MQTT broker cannot be reached: {why}")
LOOK_SECONDS = 0.4
TOPIC = "hub/mqtt"
ENGINEERS = Access(role=Role.ENGINEER)
_RETRY = 0.25
_RETRY_MOST_OWN = 2.0
_RETRY_MOST = 15.0
_CALM = 30.0
_KEEPALIVE = 20
_MOST_ALLOWED = 4096

Status = Literal["off", "starting", "connected", "not-installed", "not-reachable"]


@dataclass(frozen=True, slots=True)
class MqttState:
    """How MQTT is.

    Attributes:
        status: of the connection to the broker.
        managed: the broker is the hub's own.
        host, port: of the broker; the port is None while it does not listen.
        tls_host, tls_port: where the hub's own broker listens by TLS; None while it does not.
        base: what all topics of the hub start with.
        commands: whether commands are taken.
        hint: what to do now (message id; `params` fill it), empty where nothing is to be done.
        counters: since the hub started.
    """

    status: Status
    managed: bool
    host: str
    port: int | None
    base: str
    commands: bool
    hint: str = ""
    params: dict[str, str] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    tls_host: str | None = None
    tls_port: int | None = None


class Mqtt:
    """The bridge between the bus and a broker, with the hub's own broker where none is named.

    Whatever is wrong with the broker, the hub starts and runs; `state` says what to do.

    Args:
        settings: of MQTT.
        data: the hub's data directory.
        hub: the hub's id.
        bus, devices, operations, school, store, say: of the hub; started before.
        find: where mosquitto is; tests have it nowhere.
    """

    def __init__(
        self,
        settings: MqttSettings,
        *,
        data: Path,
        hub: str,
        bus: Bus,
        devices: Devices,
        operations: Operations,
        school: School,
        store: Store,
        say: Translator,
        ask: Ask = nobody_to_ask,
        find: Callable[[], str | None] = find_broker,
    ) -> None:
        self.settings = settings
        self.topics = Topics(settings.site, settings.hub or hub)
        self._bus = bus
        self._school = school
        self._store = store
        self._outbox = Outbox()
        self._commands = Commands(
            self.topics,
            bus=bus,
            devices=devices,
            operations=operations,
            school=school,
            say=say,
            ask=ask,
            send=self._outbox.put,
        )
        self._files = BrokerFiles(data / "mqtt", self.topics)
        self._by_tls: Listener | None = None
        if (certificate := settings.tls_certificate) is not None:
            port, key = settings.tls_port, settings.tls_key
            self._by_tls = Listener(settings.host, port, certificate, key)
        self._broker: Broker | None = None
        if settings.enabled and settings.url is None:
            listeners = [Listener(settings.plain_host, settings.port)]
            if self._by_tls is not None:
                listeners.append(self._by_tls)
            self._broker = Broker(self._files, listeners, find=find)
        self._link: Link | None = None
        self._keeper: Keeper | None = None
        self._accounts: list[BrokerAccount] = []
        self._written: list[BrokerAccount] | None = None
        self._connected = False
        self._connects = 0
        self._published: set[str] = set()
        self._allowed: dict[str, tuple[Access, bool]] = {}
        self._stamp: list[int] = []
        self._trouble = ""
        self._told: bool | None = None
        self._leave: Callable[[], None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def takes_commands(self) -> bool:
        """Whether commands are taken: where the rights are the hub's, or if switched on."""
        return self.settings.url is None or self.settings.commands_from_foreign_broker

    @property
    def broker_pid(self) -> int | None:
        """The process of the hub's own broker, None while it does not run."""
        return None if self._broker is None else self._broker.pid

    @property
    def state(self) -> MqttState:
        """How MQTT is now."""
        settings, broker = self.settings, self._broker
        host, port = settings.plain_host, None if broker is None else broker.port
        tls_port = None if broker is None else broker.tls_port
        if settings.url is not None:
            host, port = _place(settings.url)
        status: Status
        hint, params = "", {}
        if not settings.enabled:
            status = "off"
        elif self._connected:
            status = "connected"
        elif broker is not None and not broker.installed:
            status, hint, params = "not-installed", NOT_INSTALLED, {"line": INSTALL}
        elif why := (broker.problem if broker is not None else "") or self._trouble:
            status, hint, params = "not-reachable", NOT_REACHABLE, {"why": why}
        else:
            status = "starting"
        counters = {
            "connects": self._connects,
            "broker_starts": 0 if broker is None else broker.starts,
            "accounts": len(self._accounts),
            "published": 0 if self._link is None else self._link.sent,
            "waiting": len(self._outbox),
            "dropped": self._outbox.dropped,
            "commands": self._commands.taken,
            "refused": self._commands.refused,
        }
        return MqttState(
            status,
            settings.url is None,
            host,
            port,
            self.topics.base,
            settings.enabled and self.takes_commands,
            hint,
            params,
            counters,
            None if tls_port is None else settings.host,
            tls_port,
        )

    async def start(self) -> None:
        """Begin; returns at once, whatever the broker does."""
        if not self.settings.enabled:
            return
        self._tasks = [asyncio.create_task(self._run(), name="mqtt")]

    async def stop(self) -> None:
        """Say `offline`, disconnect and end the broker; may be called twice."""
        if self._leave is not None:
            self._leave()
            self._leave = None
        await self._commands.stop()
        # The link first: it has a last word for the broker.
        for task in reversed(self._tasks):
            task.cancel()
            await asyncio.wait({task}, timeout=2.2)
        self._tasks.clear()

    async def _run(self) -> None:
        """Start the parts; not in `start`, because importing the client takes a while."""
        try:
            self._link = await asyncio.to_thread(self._make_link)
        except (ImportError, OSError, ssl.SSLError) as error:
            self._trouble = f"{type(error).__name__}: {error}"
            log.warning("the hub runs without MQTT: %s", self._trouble)
            return
        if self._broker is not None:
            await self._look_for_accounts()
            for name, work in (("broker", self._broker.run()), ("accounts", self._keep_accounts())):
                self._tasks.append(asyncio.create_task(work, name=f"mqtt: {name}"))
        self._leave = self._bus.subscribe("#", self._heard)
        self._tasks.append(asyncio.create_task(self._keep_connected(), name="mqtt: link"))

    def _make_link(self) -> "Link":
        from hub.mqtt._link import Link  # noqa: PLC0415 - 4 MB, wanted where MQTT is on

        if self.settings.tls_ca is not None:
            ssl.create_default_context(cafile=str(self.settings.tls_ca))
        commands = self._commands if self.takes_commands else None
        return Link(self.topics, self._bus, self._outbox, commands)

    # What is published.

    def _may_publish(self, message: Message) -> bool:
        # A topic's audience is mostly the very same object: samples say the same all day.
        known = self._allowed.get(message.topic)
        if known is not None and known[0] is message.audience:
            return known[1]
        allowed = may_publish(message)
        if len(self._allowed) >= _MOST_ALLOWED:
            self._allowed.clear()
        self._allowed[message.topic] = (message.audience, allowed)
        return allowed

    def _heard(self, message: Message) -> None:
        topic = f"{self.topics.base}/{message.topic}"
        if message.payload is None or not self._may_publish(message):
            if topic in self._published:
                self._published.discard(topic)
                self._outbox.put(Outgoing(topic, None, retained=True, qos=1))
            return
        if is_samples(message):
            self._outbox.put_samples(topic, message.payload["samples"])
            return
        if message.retained:
            self._published.add(topic)
        qos = 1 if message.retained else 0
        self._outbox.put(Outgoing(topic, message.payload, retained=message.retained, qos=qos))

    # The connection.

    async def _keep_connected(self) -> None:
        most = _RETRY_MOST if self._broker is None else _RETRY_MOST_OWN
        self._keeper = Keeper(self._connect, self._on_lost, first=_RETRY, most=most, calm=_CALM)
        await self._keeper.run()

    async def _connect(self) -> None:
        assert self._link is not None  # noqa: S101 - made before this task
        try:
            await self._link.run(await self._place(), self._on_connected)
        finally:
            self._connected = False

    async def _on_lost(self, error: Exception) -> None:
        from hub.broker_link.client import Trouble, why  # noqa: PLC0415

        if isinstance(error, (Trouble, OSError)):
            self._lost(why(error))
        else:
            log.error("the connection to the broker failed", exc_info=error)
            self._lost(type(error).__name__)

    async def _place(self) -> "Place":
        from hub.broker_link.client import Place  # noqa: PLC0415

        settings, topics = self.settings, self.topics
        name, keepalive = f"classhub-{topics.hub}", _KEEPALIVE
        if self._broker is not None:
            port = await self._broker.ready()
            host = settings.plain_host
            host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
            return Place(
                host,
                port,
                name,
                topics.state,
                HUB_USER,
                self._files.password,
                keepalive=keepalive,
            )
        assert settings.url is not None  # noqa: S101 - else there is a broker
        host, port = _place(settings.url)
        tls = None
        if settings.url.startswith("mqtts:"):
            ca = None if settings.tls_ca is None else str(settings.tls_ca)
            tls = await asyncio.to_thread(ssl.create_default_context, cafile=ca)
        password = None if settings.password is None else settings.password.get_secret_value()
        return Place(
            host, port, name, topics.state, settings.username, password, tls, keepalive=keepalive
        )

    def _on_connected(self) -> None:
        self._connected = True
        if self._keeper is not None:
            self._keeper.up()
        self._connects += 1
        self._trouble = ""
        state = self.state
        log.info("MQTT is on at %s port %s below %s", state.host, state.port, self.topics.base)
        self._tell(connected=True)

    def _lost(self, why: str) -> None:
        if self._connected or not self._trouble:
            log.warning("no connection to the broker: %s", why)
        self._trouble = why[:300]
        self._tell(connected=False)

    def _tell(self, *, connected: bool) -> None:
        """Say on the bus, to engineers, whether the broker is there."""
        if self._told is not connected:
            self._told = connected
            payload = {"connected": connected, "managed": self.settings.url is None}
            self._bus.publish(TOPIC, payload, retained=True, audience=ENGINEERS)

    # Who may connect.

    async def _keep_accounts(self) -> None:
        """Write the accounts anew when a token is made, revoked or expires, also elsewhere."""
        seen: int | None = None
        latch = Latch(
            log,
            "the broker's accounts cannot be brought up to date: %s",
            "the broker's accounts are up to date again",
        )
        while True:
            try:
                version = await self._store.version()
                if version != seen:
                    self._accounts = await self._school.broker_accounts()
                    seen = version
                await self._write_accounts()
                await self._look_at_certificate()
                latch.worked()
            except (HubError, OSError) as error:
                latch.failed(error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _look_for_accounts(self) -> None:
        with contextlib.suppress(HubError, OSError):
            self._accounts = await self._school.broker_accounts()
            await self._write_accounts()

    async def _write_accounts(self) -> None:
        moment = now()
        good = [one for one in self._accounts if one.expires is None or one.expires > moment]
        if good == self._written:
            return
        await asyncio.to_thread(self._files.write_accounts, good)
        self._written = good
        if self._broker is not None:
            self._broker.reload()

    async def _look_at_certificate(self) -> None:
        """Have the broker take a certificate that was renewed, once its key fits."""
        if self._by_tls is None:
            return
        with contextlib.suppress(OSError):  # half written; the next look finds it whole
            stamp = await asyncio.to_thread(self._by_tls.stamp)
            if stamp != self._stamp and self._stamp and self._broker is not None:
                await asyncio.to_thread(self._by_tls.check)
                log.info("the broker starts again with its renewed certificate")
                self._broker.restart()
            self._stamp = stamp


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or PORTS[parts.scheme]
