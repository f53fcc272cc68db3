"""The hub's connection to a broker: everything public out, commands in.

This module alone imports aiomqtt (and paho-mqtt under it); it is imported when MQTT is on.
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.bus import Bus
from hub.mqtt._commands import Commands, Received
from hub.mqtt._outbox import Outbox, Outgoing
from hub.mqtt._topics import RETAINED, Topics, may_publish

# paho says much; what matters is raised and told by the service.
_QUIET = logging.getLogger("mqtt.classhub")
_QUIET.setLevel(logging.CRITICAL)

ONLINE, OFFLINE = "online", "offline"
WINDOW = 20
INCOMING = 500
LIMIT = 10.0
KEEPALIVE = 20
TIDY_SECONDS = 5.0
_GOODBYE = 1.0

Trouble = aiomqtt.MqttError


@dataclass(frozen=True, slots=True)
class Address:
    """Where a broker is, and as whom the hub signs in."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """What came and is not taken yet; what does not fit is dropped, as the client does it."""


class Link:
    """One connection after the other, each by `run`.

    Args:
        topics: of the hub.
        bus: whose retained messages are published at each connection.
        outbox: what is sent.
        commands: takes what comes; None where the broker's commands are not taken.
    """

    def __init__(self, topics: Topics, bus: Bus, outbox: Outbox, commands: Commands | None) -> None:
        self.sent = 0
        self._topics = topics
        self._bus = bus
        self._outbox = outbox
        self._commands = commands

    async def run(self, address: Address, connected: Callable[[], None]) -> None:
        """Connect, publish all that is retained, and go on until the connection breaks.

        Args:
            address: of the broker.
            connected: is called once everything is published.

        Raises:
            Trouble: the broker cannot be reached, or is gone.
        """
        gone = aiomqtt.Will(self._topics.state, OFFLINE, qos=1, retain=True)
        client = aiomqtt.Client(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            tls_context=address.tls,
            identifier=f"classhub-{self._topics.hub}",
            protocol=aiomqtt.ProtocolVersion.V5,
            will=gone,
            clean_start=True,
            timeout=LIMIT,
            keepalive=KEEPALIVE,
            logger=_QUIET,
            queue_type=_Inbox,
            max_queued_incoming_messages=INCOMING,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        client.pending_calls_threshold = 10 * WINDOW
        try:
            async with client:
                await self._serve(client, connected)
        except* (Trouble, OSError, ssl.SSLError) as errors:
            first = _first(errors)
            raise Trouble(str(first) or type(first).__name__) from None
        finally:
            self._outbox.open = False
            self._outbox.clear()

    async def _serve(self, client: aiomqtt.Client, connected: Callable[[], None]) -> None:
        # From here on changes wait in the outbox; the newest of each topic goes out last.
        self._outbox.clear()
        self._outbox.open = True
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive(client), name="mqtt: receive")
                if self._commands is not None:
                    await self._subscribe(client, self._topics.commands, as_published=True)
                await self._publish_all(client)
                for pattern in RETAINED:
                    await self._subscribe(client, f"{self._topics.base}/{pattern}")
                await client.publish(self._topics.state, ONLINE, qos=1, retain=True)
                connected()
                group.create_task(self._tidy(client), name="mqtt: tidy")
                group.create_task(self._send(client), name="mqtt: send")
        except asyncio.CancelledError:
            with contextlib.suppress(Trouble, OSError):
                state = self._topics.state
                await client.publish(state, OFFLINE, 1, retain=True, timeout=_GOODBYE)
            raise

    async def _subscribe(
        self, client: aiomqtt.Client, pattern: str, *, as_published: bool = False
    ) -> None:
        options = SubscribeOptions(qos=1, noLocal=True, retainAsPublished=as_published)
        await client.subscribe(pattern, options=options)

    async def _publish_all(self, client: aiomqtt.Client) -> None:
        """Publish what is retained, several at a time."""
        messages = [m for m in self._bus.retained("#") if may_publish(m)]
        for start in range(0, len(messages), WINDOW):
            async with asyncio.TaskGroup() as group:
                for message in messages[start : start + WINDOW]:
                    topic = f"{self._topics.base}/{message.topic}"
                    out = Outgoing(topic, message.payload, retained=True, qos=1)
                    group.create_task(self._publish(client, out, out.body()))

    async def _send(self, client: aiomqtt.Client) -> None:
        window = asyncio.Semaphore(WINDOW)

        async def confirmed(message: Outgoing, body: bytes) -> None:
            try:
                await self._publish(client, message, body)
            finally:
                window.release()

        async with asyncio.TaskGroup() as group:
            while True:
                message, body = await self._outbox.get()
                if message.qos == 0:
                    await self._publish(client, message, body)
                    continue
                await window.acquire()
                group.create_task(confirmed(message, body), name="mqtt: publish")

    async def _publish(self, client: aiomqtt.Client, message: Outgoing, body: bytes) -> None:
        properties = None
        if message.correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = message.correlation
        await client.publish(
            message.topic, body, message.qos, retain=message.retained, properties=properties
        )
        self.sent += 1

    async def _receive(self, client: aiomqtt.Client) -> None:
        loop = asyncio.get_running_loop()
        async for message in client.messages:
            received = _received(message, loop.time())
            if self._topics.sender(received.topic) is None:
                self._clear_if_stale(received)
            elif self._commands is not None:
                self._commands.take(received)

    def _clear_if_stale(self, message: Received) -> None:
        """Clear what an earlier run left with the broker and is no more."""
        if not message.retained or not message.payload:
            return
        inside = self._topics.inside(message.topic)
        if inside is None or inside == "state":
            return
        if not any(may_publish(m) for m in self._bus.retained(inside)):
            self._outbox.put(Outgoing(message.topic, None, retained=True, qos=1))

    async def _tidy(self, client: aiomqtt.Client) -> None:
        """Listen to the hub's own tree for no longer than the broker needs to hand it over."""
        await asyncio.sleep(TIDY_SECONDS)
        await client.unsubscribe([f"{self._topics.base}/{pattern}" for pattern in RETAINED])


def _received(message: aiomqtt.Message, now: float) -> Received:
    given: Any = message.properties
    expiry = getattr(given, "MessageExpiryInterval", None)
    payload = message.payload
    return Received(
        topic=str(message.topic),
        payload=bytes(payload) if isinstance(payload, bytes | bytearray) else b"",
        retained=bool(message.retain),
        response_topic=getattr(given, "ResponseTopic", None),
        correlation=getattr(given, "CorrelationData", None),
        deadline=None if expiry is None else now + expiry,
    )


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
