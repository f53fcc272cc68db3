"""What a driver reports, on its way to the hub: bounded, whatever the driver does."""

import logging
from collections import deque
from collections.abc import Callable

from hub.wire import Message, WireError

log = logging.getLogger("classhub.driver_host")

MOST_WAITING = 500


class Outbox:
    """Sends messages; while the hub does not keep up it keeps what matters and counts the rest.

    Of readings the newest of each property waits. Of events and batches of samples the newest
    `MOST_WAITING` wait; older ones are dropped and counted in `dropped`. Answers, states and
    descriptions are never dropped: there are only as many as the hub asked for.
    """

    def __init__(self) -> None:
        self._send: Callable[[Message], None] = lambda _: None
        self._open = True
        self._newest: dict[tuple[str, str], Message] = {}
        self._happened: deque[Message] = deque()
        self.dropped = 0

    def bind(self, send: Callable[[Message], None]) -> None:
        """Begin to send."""
        self._send = send

    def writable(self, open_: bool) -> None:
        """Learn whether the hub keeps up."""
        self._open = open_
        while self._open and self._happened:
            self._put(self._happened.popleft())
        while self._open and self._newest:
            self._put(self._newest.pop(next(iter(self._newest))))

    def send(self, message: Message) -> bool:
        """Send an answer, a state or a description now; False where the wire does not take it."""
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
        """Send an event or a batch of samples."""
        if self._open:
            self._put(message)
            return
        if len(self._happened) >= MOST_WAITING:
            self._happened.popleft()
            self.dropped += 1
        self._happened.append(message)

    def _put(self, message: Message) -> bool:
        try:
            self._send(message)
        except (WireError, ValueError, TypeError) as error:
            self.dropped += 1
            log.warning("a message %s could not be sent: %s", message.get("op"), error)
            return False
        return True
