"""One connection to the district's broker. This module alone imports aiomqtt."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from hub.plugin import HubError
from plugins.district.messages import OFFLINE, ONLINE, Sender, numbers
from plugins.district.outbox import Outbox
from plugins.district.uplink.sending import Sending

log = logging.getLogger("classhub.plugins.district")
# paho says much; what matters is raised and told by the uplink.
_QUIET = logging.getLogger("mqtt.classhub-district")
_QUIET.setLevel(logging.CRITICAL)

Trouble = aiomqtt.MqttError
Refused = MqttConnectError

KEEPALIVE = 30
LIMIT = 10.0
INCOMING = 200
MOST_INCOMING = 16_384
LOOK = 2.0
LEAST_BETWEEN = 2.0
_GOODBYE = 1.0


class Link:
    """A connection, by `run`.

    Args:
        sender: who tells. outbox: what is told.
        summary: how the hub is, flat fields; None where that is not told.
        by_broker: a record is safe once the broker has taken it.
        summary_seconds: at the latest, another summary.
    """

    def __init__(
        self,
        sender: Sender,
        outbox: Outbox,
        summary: Callable[[], Mapping[str, Any]] | None,
        *,
        by_broker: bool,
        summary_seconds: float,
    ) -> None:
        self._sender = sender
        self._outbox = outbox
        self._summary = summary
        self._by_broker = by_broker
        self._summary_seconds = summary_seconds
        self._news = asyncio.Event()
        self._again = asyncio.Event()
        self._moved = asyncio.Event()
        self._sending = Sending(0, 0.0)
        self.sent = 0

    def news(self) -> None:
        """Say that the summary has changed."""
        self._news.set()

    async def run(
        self, place: tuple[str, int], tls: ssl.SSLContext, connects: int, up: Callable[[], None]
    ) -> None:
        """Connect, say who the hub is, and tell until the connection breaks.

        Raises:
            Refused: the broker does not let the hub in. Trouble: it cannot be reached, or is gone.
            HubError: the outbox cannot be used.
        """
        host, port = place
        gone = aiomqtt.Will(self._sender.topic("state"), OFFLINE, qos=1, retain=True)
        client = aiomqtt.Client(
            host,
            port,
            tls_context=tls,
            identifier=f"classhub-{self._sender.name}",
            protocol=aiomqtt.ProtocolVersion.V5,
            will=gone,
            clean_start=True,
            timeout=LIMIT,
            keepalive=KEEPALIVE,
            logger=_QUIET,
            max_queued_incoming_messages=INCOMING,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
        )
        client.pending_calls_threshold = 1000
        self._sending = Sending(self._outbox.now.confirmed, _time())
        try:
            async with client:
                await self._serve(client, connects, up)
        except* (Trouble, OSError, HubError) as errors:
            raise _first(errors) from None

    async def _serve(self, client: aiomqtt.Client, connects: int, up: Callable[[], None]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive(client), name="district: receive")
                for last in ("confirmed", "rebirth"):
                    await client.subscribe(self._sender.topic(last), qos=1)
                await client.publish(self._sender.topic("state"), ONLINE, qos=1, retain=True)
                await self._be_born(client, connects)
                up()
                if self._summary is not None:
                    group.create_task(self._tell_summaries(client), name="district: summary")
                group.create_task(self._send(client, connects), name="district: send")
        except asyncio.CancelledError:
            with contextlib.suppress(Trouble, OSError):
                state = self._sender.topic("state")
                await client.publish(state, OFFLINE, qos=1, retain=True, timeout=_GOODBYE)
            raise

    async def _be_born(self, client: aiomqtt.Client, connects: int) -> None:
        oldest = await self._outbox.after(self._outbox.now.confirmed, 1)
        standing = self._outbox.now
        born = self._sender.birth(standing, oldest[0].seq if oldest else standing.next, connects)
        await client.publish(self._sender.topic("birth"), born, qos=1, retain=True)

    async def _tell_summaries(self, client: aiomqtt.Client) -> None:
        assert self._summary is not None  # noqa: S101 - the caller has looked
        while True:
            self._news.clear()
            told = self._sender.summary(self._outbox.now, self._summary())
            await client.publish(self._sender.topic("summary"), told, qos=1, retain=True)
            await asyncio.sleep(LEAST_BETWEEN)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._summary_seconds):
                    await self._news.wait()

    async def _send(self, client: aiomqtt.Client, connects: int) -> None:
        sending = self._sending
        while True:
            if self._again.is_set():
                self._again.clear()
                sending.again(self._outbox.now.confirmed, _time())
                await self._be_born(client, connects)
            elif sending.overdue(_time()):
                log.info("the district confirms nothing: what waits is sent again")
                sending.again(self._outbox.now.confirmed, _time())
            batch = []
            if (room := sending.room) > 0:
                batch = await self._outbox.after(sending.cursor, room)
            if not batch:
                await self._wait()
                continue
            stream = self._outbox.now.stream
            async with asyncio.TaskGroup() as group:
                for one in batch:
                    topic = self._sender.topic(f"data/{one.kind}")
                    body = self._sender.record(stream, one, sending.next(one.seq, _time()))
                    group.create_task(self._publish(client, topic, body), name="district: publish")
            if self._by_broker:
                await self._confirm(batch[-1].seq)

    async def _publish(self, client: aiomqtt.Client, topic: str, body: bytes) -> None:
        await client.publish(topic, body, qos=1)
        self.sent += 1

    async def _wait(self) -> None:
        """Wait until there is something to send, or room for it."""
        if self._sending.room > 0:
            await self._outbox.more(LOOK)
            return
        self._moved.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK):
                await self._moved.wait()

    async def _confirm(self, seq: int) -> None:
        await self._outbox.confirm(seq)
        self._sending.confirmed(seq, _time())
        self._moved.set()

    async def _receive(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            last = str(message.topic).removeprefix(self._sender.topic(""))
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if message.retain or len(payload) > MOST_INCOMING:
                continue
            if last == "confirmed" and not self._by_broker:
                said = numbers(payload)
                if said is not None and said[0] == self._outbox.now.stream:
                    await self._confirm(min(said[1], self._sending.cursor))
            elif last == "rebirth":
                self._again.set()
                self._moved.set()


def _time() -> float:
    return asyncio.get_running_loop().time()


def _first(errors: BaseExceptionGroup[Any]) -> Exception:
    found: Any = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, Exception) else Trouble(type(found).__name__)
