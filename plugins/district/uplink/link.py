"""What is told on one connection to the district's broker, and what is heard."""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable, Mapping
from typing import Any

from hub.broker_link.client import Client, Line, Place, hold
from plugins.district.messages import Sender, numbers
from plugins.district.outbox import Outbox
from plugins.district.uplink.sending import Sending

log = logging.getLogger("classhub.plugins.district")

INCOMING = 200
MOST_INCOMING = 16_384
UNDER_WAY = 1000
LOOK = 2.0
LEAST_BETWEEN = 2.0


class Link:
    """A connection, by `run`.

    Args:
        sender: who tells. outbox: what is told.
        summary: how the hub is, flat fields; None where that is not told.
        orders: takes what the district wants done.
        by_broker: a record is safe once the broker has taken it.
        summary_seconds: at the latest, another summary.
    """

    def __init__(
        self,
        sender: Sender,
        outbox: Outbox,
        summary: Callable[[], Mapping[str, Any]] | None,
        *,
        orders: Callable[[bytes], None] = lambda _payload: None,
        by_broker: bool,
        summary_seconds: float,
    ) -> None:
        self._orders = orders
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
        name = f"classhub-{self._sender.name}"
        state = self._sender.topic("state")
        there = Place(host, port, name, state, tls=tls, incoming=INCOMING, under_way=UNDER_WAY)
        self._sending = Sending(self._outbox.now.confirmed, _time())
        await hold(there, lambda line: self._serve(line, connects, up))

    async def _serve(self, line: Line, connects: int, up: Callable[[], None]) -> None:
        client = line.client
        line.start(self._receive(client), "district: receive")
        for last in ("confirmed", "rebirth", "command"):
            await client.subscribe(self._sender.topic(last), qos=1)
        await line.say_online()
        await self._be_born(client, connects)
        up()
        if self._summary is not None:
            line.start(self._tell_summaries(client), "district: summary")
        line.start(self._send(client, connects), "district: send")

    async def _be_born(self, client: Client, connects: int) -> None:
        oldest = await self._outbox.after(self._outbox.now.confirmed, 1)
        standing = self._outbox.now
        born = self._sender.birth(standing, oldest[0].seq if oldest else standing.next, connects)
        await client.publish(self._sender.topic("birth"), born, qos=1, retain=True)

    async def _tell_summaries(self, client: Client) -> None:
        assert self._summary is not None  # noqa: S101 - the caller has looked
        while True:
            self._news.clear()
            told = self._sender.summary(self._outbox.now, self._summary())
            await client.publish(self._sender.topic("summary"), told, qos=1, retain=True)
            await asyncio.sleep(LEAST_BETWEEN)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._summary_seconds):
                    await self._news.wait()

    async def _send(self, client: Client, connects: int) -> None:
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

    async def _publish(self, client: Client, topic: str, body: bytes) -> None:
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

    async def _receive(self, client: Client) -> None:
        async for message in client.messages:
            last = str(message.topic).removeprefix(self._sender.topic(""))
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if message.retain or len(payload) > MOST_INCOMING:
                continue
            if last == "confirmed" and not self._by_broker:
                said = numbers(payload)
                if said is not None and said[0] == self._outbox.now.stream:
                    await self._confirm(min(said[1], self._sending.cursor))
            elif last == "command":
                self._orders(payload)
            elif last == "rebirth":
                self._again.set()
                self._moved.set()


def _time() -> float:
    return asyncio.get_running_loop().time()
