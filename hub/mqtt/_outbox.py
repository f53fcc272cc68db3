"""What is to be published: bounded, so that a slow or absent broker costs no memory."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from typing import Any

from hub.jsontext import to_json

MOST_PASSING = 1000
MOST_BYTES = 4 << 20
MESSAGE_LIMIT = 256 * 1024
GATHER = 0.1
"""Seconds for which samples of a topic are gathered into one message."""
MOST_GATHERED = 400


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for the broker.

    Attributes:
        topic: whole.
        payload: JSON-ready; None clears a retained topic.
        retained: the broker keeps it. qos: 0 or 1.
        correlation: of an MQTT 5 request that it answers.
    """

    topic: str
    payload: Any
    retained: bool = False
    qos: int = 0
    correlation: bytes | None = None

    def body(self) -> bytes:
        """Return the payload as it goes over the wire."""
        if self.payload is None:
            return b""
        try:
            return to_json(self.payload)
        except UnicodeEncodeError:  # half a letter of a foreign text
            text = json.dumps(self.payload, ensure_ascii=False, separators=(",", ":"))
            return text.encode("utf-8", "replace")


class Outbox:
    """Retained messages: the newest of each topic. All others: in order, the oldest dropped.

    Attributes:
        open: whether somebody sends; while nobody does, nothing is kept: all that is retained is
            published anew once there is a connection.
        dropped: how many messages were dropped or too large since the hub started.
    """

    def __init__(self) -> None:
        self.open = False
        self.dropped = 0
        self._retained: dict[str, Outgoing] = {}
        self._passing: deque[tuple[Outgoing, bytes]] = deque()
        self._bytes = 0
        self._some = asyncio.Event()
        self._gathered: dict[str, list[Any]] = {}
        self._flush: asyncio.TimerHandle | None = None
        self._turn = False

    def __len__(self) -> int:
        return len(self._retained) + len(self._passing)

    def clear(self) -> None:
        """Forget everything that waits."""
        self.dropped += len(self._passing)
        self._gathered.clear()
        self._retained.clear()
        self._passing.clear()
        self._bytes = 0
        self._some.clear()

    def put(self, message: Outgoing) -> None:
        """Have a message sent; never blocks."""
        if message.retained:
            if self.open:
                self._retained[message.topic] = message
                self._some.set()
            return
        if not self.open:
            self.dropped += 1
            return
        body = message.body()
        if len(body) > MESSAGE_LIMIT:
            self.dropped += 1
            return
        self._passing.append((message, body))
        self._bytes += len(body)
        while len(self._passing) > MOST_PASSING or self._bytes > MOST_BYTES:
            _, old = self._passing.popleft()
            self._bytes -= len(old)
            self.dropped += 1
        self._some.set()

    def put_samples(self, topic: str, samples: list[Any]) -> None:
        """Have samples sent with those of the topic that come within `GATHER` seconds."""
        if not self.open:
            self.dropped += 1
            return
        gathered = self._gathered.setdefault(topic, [])
        gathered += samples
        if len(gathered) >= MOST_GATHERED:
            self._put_gathered(topic)
        elif self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(GATHER, self._put_all)

    def _put_all(self) -> None:
        self._flush = None
        for topic in list(self._gathered):
            self._put_gathered(topic)

    def _put_gathered(self, topic: str) -> None:
        self.put(Outgoing(topic, {"samples": self._gathered.pop(topic)}))

    async def get(self) -> tuple[Outgoing, bytes]:
        """Return the next message and its bytes; state and events take turns."""
        while True:
            await self._some.wait()
            self._turn = not self._turn
            if self._passing and (self._turn or not self._retained):
                message, body = self._passing.popleft()
                self._bytes -= len(body)
            else:
                message = self._retained.pop(next(iter(self._retained)))
                body = message.body()
            if not self._retained and not self._passing:
                self._some.clear()
            if len(body) <= MESSAGE_LIMIT:
                return message, body
            self.dropped += 1
