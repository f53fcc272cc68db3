"""What a driver reports, on its way to the hub: bounded, whatever the driver does."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from hub.wire import SEVERAL, Message, WireError

log = logging.getLogger("classhub.driver_host")

MOST_WAITING = 500
MOST_SAMPLES = 20_000
"""Samples that wait while the hub does not keep up."""
GATHER = 0.004
"""Seconds for which samples of all the process' devices are gathered into one message."""
MOST_GATHERED = 500


class Outbox:
    """Sends messages; while the hub does not keep up it keeps what matters and counts the rest.

    Of readings the newest of each property waits. Of events and batches of samples the newest
    `MOST_WAITING` wait; older ones are dropped and counted in `dropped`. Answers, states and
    descriptions are never dropped: there are only as many as the hub asked for.

    Samples are gathered for `GATHER` seconds, of each stream in order: fifteen pens then cost a
    few hundred messages a second, not thousands. Whatever else is sent goes after the samples that
    were there before it, readings excepted.
    """

    def __init__(self) -> None:
        self._send: Callable[[Message], None] = lambda _: None
        self._open = True
        self._newest: dict[tuple[str, str], Message] = {}
        self._happened: deque[tuple[Message, int]] = deque()
        self._samples = 0  # in what waits
        self._gathered: dict[tuple[str, str], list[Any]] = {}
        self._count = 0  # in what is gathered
        self._flush: asyncio.TimerHandle | None = None
        self.dropped = 0

    def bind(self, send: Callable[[Message], None]) -> None:
        """Begin to send."""
        self._send = send

    def writable(self, open_: bool) -> None:
        """Learn whether the hub keeps up."""
        self._open = open_
        while self._open and self._happened:
            message, samples = self._happened.popleft()
            self._samples -= samples
            self._put(message)
        while self._open and self._newest:
            self._put(self._newest.pop(next(iter(self._newest))))

    def send(self, message: Message) -> bool:
        """Send an answer, a state or a description now; False where the wire does not take it."""
        self.flush()
        return self._put(message)

    def newest(self, key: tuple[str, str], message: Message) -> None:
        """Send a reading or progress; it replaces one of the same key that still waits."""
        if self._open:
            self._put(message)
        else:
            self._newest[key] = message

    def now(self, key: tuple[str, str], message: Message) -> None:
        """Send a reading that must not be skipped, in the place of one of its key that waits."""
        self._newest.pop(key, None)
        self._put(message)

    def happened(self, message: Message) -> None:
        """Send an event."""
        self.flush()
        self._pass_on(message, 0)

    def samples(self, device: str, name: str, samples: Sequence[Any]) -> None:
        """Send samples of a stream, gathered with others that come within `GATHER` seconds."""
        self._gathered.setdefault((device, name), []).extend(samples)
        self._count += len(samples)
        if self._count >= MOST_GATHERED:
            self.flush()
        elif self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(GATHER, self.flush)

    def flush(self) -> None:
        """Send the samples that are gathered."""
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        if not self._gathered:
            return
        gathered, count = self._gathered, self._count
        self._gathered, self._count = {}, 0
        messages: list[Message] = [
            {"op": "samples", "device": device, "name": name, "samples": samples}
            for (device, name), samples in gathered.items()
        ]
        if len(messages) == 1:
            self._pass_on(messages[0], count)
        else:
            self._pass_on({"op": SEVERAL, "messages": messages}, count)

    def _pass_on(self, message: Message, samples: int) -> None:
        if self._open:
            self._put(message)
            return
        self._happened.append((message, samples))
        self._samples += samples
        while len(self._happened) > MOST_WAITING or self._samples > MOST_SAMPLES:
            _, lost = self._happened.popleft()
            self._samples -= lost
            self.dropped += 1

    def _put(self, message: Message) -> bool:
        try:
            self._send(message)
        except (WireError, ValueError, TypeError) as error:
            self.dropped += 1
            log.warning("a message %s could not be sent: %s", message.get("op"), error)
            return False
        return True
