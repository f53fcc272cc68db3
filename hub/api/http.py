"""The hub's HTTP: uvicorn's own protocol with limits for those who dawdle.

A request's head must come within seconds and be of sensible size, its body must flow, and an answer
must be taken. Whoever only holds a connection open is cut off; who is merely slow is not.
"""

import asyncio
from typing import Any

from starlette.types import Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
HEAD_LIMIT = 64 << 10
BODY_SECONDS = 15.0
BODY_RATE = 1 << 10
LEFTOVER_SECONDS = 10.0
ANSWER_SECONDS = 30.0
MOST_CONNECTIONS = 2000
MOST_OF_ADDRESS = 1000
# Nothing of the request has been read: it is refused in the one language that all share.
_BUSY = (
    b'{"type":"about:blank","title":"Too many connections are open.","status":503,"code":"busy",'
    b'"hint":"Close pages that nobody looks at, and try again."}'
)
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
    b"Retry-After: 5\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(_BUSY), _BUSY)
)


class HubHttp(HttpToolsProtocol):
    """One HTTP connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_size = 0
        self._flowed = 0
        self._limit: asyncio.TimerHandle | None = None
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many already."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS or self._of_my_address() > MOST_OF_ADDRESS:
            transport.write(BUSY)
            transport.close()
            return
        self._within(HEAD_SECONDS, self._cut)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the limits."""
        self._free()
        self._be_patient_no_more()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; cut off a head without end."""
        if self._in_head:
            self._head_size += len(data)
            if self._limit is None:
                self._within(HEAD_SECONDS, self._cut)
        self._flowed += len(data)
        super().data_received(data)
        if self._in_head and self._head_size > HEAD_LIMIT:
            self._cut()

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        if self._limit is None:
            self._within(HEAD_SECONDS, self._cut)

    def on_headers_complete(self) -> None:
        """The head is there, its body follows."""
        super().on_headers_complete()
        self._in_head, self._head_size, self._flowed = False, 0, 0
        self._within(BODY_SECONDS, self._look_at_body)

    def on_message_complete(self) -> None:
        """All of the request is there."""
        super().on_message_complete()
        self._in_head, self._head_size = True, 0
        self._free()

    def on_response_complete(self) -> None:
        """All of the answer is sent; a body that nobody wants any more may not go on for ever."""
        super().on_response_complete()
        if not self._in_head:
            self._within(LEFTOVER_SECONDS, self._cut)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection to the WebSocket."""
        self._free()
        self._be_patient_no_more()
        super().handle_websocket_upgrade()

    def shutdown(self) -> None:
        """End; a body that is still coming was not acknowledged, and is not waited for."""
        if self._in_head:
            super().shutdown()
        else:
            self._cut()

    def pause_writing(self) -> None:
        """The peer does not take the answer as fast as it is made: wait, but not for ever."""
        super().pause_writing()
        self._patience = self.loop.call_later(ANSWER_SECONDS, self._cut)

    def resume_writing(self) -> None:
        """The peer takes the answer."""
        self._be_patient_no_more()
        super().resume_writing()

    def _look_at_body(self) -> None:
        # Where we do not read, it is not the peer that is slow.
        if not self.flow.read_paused and self._flowed < BODY_RATE * BODY_SECONDS:
            self._cut()
            return
        self._flowed = 0
        self._within(BODY_SECONDS, self._look_at_body)

    def _within(self, seconds: float, otherwise: Any) -> None:
        self._free()
        self._limit = self.loop.call_later(seconds, otherwise)

    def _free(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _be_patient_no_more(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _cut(self) -> None:
        self._free()
        self.transport.abort()

    def _of_my_address(self) -> int:
        if self.client is None:
            return 0
        mine = self.client[0]
        others = (getattr(other, "client", None) for other in self.connections)
        return sum(other is not None and other[0] == mine for other in others)


async def client_gone(receive: Receive) -> None:
    """Return when the client of an answer that goes on and on has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass
