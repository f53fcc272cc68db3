"""What the hub tells a broker, and what it hears there: everything public out, commands in."""

import asyncio
from collections.abc import Callable
from typing import Any

from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from hub.broker_link.client import Client, Incoming, Line, Place, hold
from hub.bus import Bus
from hub.mqtt._commands import Commands, Received
from hub.mqtt._outbox import Outbox, Outgoing
from hub.mqtt._topics import RETAINED, Topics, may_publish

WINDOW = 20
TIDY_SECONDS = 5.0


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

    async def run(self, place: Place, connected: Callable[[], None]) -> None:
        """Connect, publish all that is retained, and go on until the connection breaks.

        Args:
            place: of the broker.
            connected: is called once everything is published.

        Raises:
            Trouble, OSError: the broker cannot be reached, or is gone.
        """
        try:
            await hold(place, lambda line: self._serve(line, connected))
        finally:
            self._outbox.open = False
            self._outbox.clear()

    async def _serve(self, line: Line, connected: Callable[[], None]) -> None:
        # From here on changes wait in the outbox; the newest of each topic goes out last.
        self._outbox.clear()
        self._outbox.open = True
        client = line.client
        line.start(self._receive(client), "mqtt: receive")
        if self._commands is not None:
            await self._subscribe(client, self._topics.commands, as_published=True)
        await self._publish_all(client)
        for pattern in RETAINED:
            await self._subscribe(client, f"{self._topics.base}/{pattern}")
        await line.say_online()
        connected()
        line.start(self._tidy(client), "mqtt: tidy")
        line.start(self._send(client), "mqtt: send")

    async def _subscribe(self, client: Client, pattern: str, *, as_published: bool = False) -> None:
        options = SubscribeOptions(qos=1, noLocal=True, retainAsPublished=as_published)
        await client.subscribe(pattern, options=options)

    async def _publish_all(self, client: Client) -> None:
        """Publish what is retained, several at a time."""
        messages = [m for m in self._bus.retained("#") if may_publish(m)]
        for start in range(0, len(messages), WINDOW):
            async with asyncio.TaskGroup() as group:
                for message in messages[start : start + WINDOW]:
                    topic = f"{self._topics.base}/{message.topic}"
                    out = Outgoing(topic, message.payload, retained=True, qos=1)
                    group.create_task(self._publish(client, out, out.body()))

    async def _send(self, client: Client) -> None:
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

    async def _publish(self, client: Client, message: Outgoing, body: bytes) -> None:
        properties = None
        if message.correlation is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.CorrelationData = message.correlation
        await client.publish(
            message.topic, body, message.qos, retain=message.retained, properties=properties
        )
        self.sent += 1

    async def _receive(self, client: Client) -> None:
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

    async def _tidy(self, client: Client) -> None:
        """Listen to the hub's own tree for no longer than the broker needs to hand it over."""
        await asyncio.sleep(TIDY_SECONDS)
        await client.unsubscribe([f"{self._topics.base}/{pattern}" for pattern in RETAINED])


def _received(message: Incoming, now: float) -> Received:
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
