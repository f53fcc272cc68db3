"""The stream: one WebSocket for everything live.

From the client, as JSON text:

    {"op": "authenticate", "token": …}                 within 5 s, where no cookie or Bearer came
    {"op": "subscribe", "sub": 1, "filter": "+/state"}  messages of the bus, retained ones first;
                                                        "form": "binary" for fewer bytes
    {"op": "frames", "sub": 2, "device": …, "stream": "view"}       "size": "small" for many at once
    {"ack": <frame>, "sub": 2}                          the picture is drawn, the newest may come
    {"op": "unsubscribe", "sub": 1}

To the client: `{"op": "welcome", "principal": …}`, `{"sub": 1, "op": "subscribed"}`,
`{"sub": 1, "topic": …, "payload": …}`, `{"sub": 2, "op": "problem", "problem": …}`, and pictures as
binary messages: u32 big-endian header length, JSON `{"sub", "frame", "time", "type"}`, the bytes.
In the binary form a message is u32 header length, JSON `{"sub", "topic", "type"}`, and the payload
as MessagePack (`type` is `application/vnd.msgpack`).

At most one picture of a subscription is unacknowledged; a slow client skips pictures, never lags.
Texts wait while the client does not read, a thousand at most, then the connection is closed (1013).
Close codes: 4401 not signed in (any more), 1008 the rules were broken, 1013 too slow.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from hub.api.connection import Connection
from hub.api.connections import Connections
from hub.api.guard import refuse
from hub.api.problems import Problems, language_of
from hub.api.rendition import Renditions
from hub.api.socket import EXTENSION, HubSocket, packed_frame, picture_head, text_frame
from hub.bus import Bus, Message
from hub.clock import rfc3339
from hub.errors import HubError
from hub.frames import LiveFrame
from hub.jsontext import to_json, to_msgpack
from hub.rights import Access, check, restrict

if TYPE_CHECKING:
    from hub.app import Hub

log = logging.getLogger("classhub.stream")

PATH = "/api/v1/stream"
SIGN_IN_SECONDS = 5.0
MOST_CONNECTIONS = 500
MOST_OF_ONE = 300
MOST_OF_STRANGERS = 100
MOST_HEADS = 64
_EVERYBODY = Access()


class StreamServer:
    """All connections of the stream; an ASGI application for its path.

    Args:
        hub: whose bus, devices and school are served.
        problems: says problems in the client's language.
    """

    def __init__(self, hub: "Hub", problems: Problems) -> None:
        self.hub = hub
        self.bus: Bus = hub.bus
        self.problems = problems
        self.renditions = Renditions()
        self._connections: Connections[Connection] = Connections(
            hub, log, most=MOST_CONNECTIONS, of_one=MOST_OF_ONE, of_strangers=MOST_OF_STRANGERS
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._heads: dict[tuple[int, int, int], bytes] = {}
        self._said: Message | None = None
        self._texts: dict[int, bytes] = {}
        self._text_body: bytes | None = None
        self._packed: dict[int, bytes] = {}
        self._packed_body: bytes | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until it ends."""
        connection = HTTPConnection(scope)
        try:
            socket = scope.get("extensions", {}).get(EXTENSION)
            if not isinstance(socket, HubSocket):
                raise HubError("the stream needs the hub's own server")
            principal = await self.hub.gate.identify(scope)
            if principal is not None:
                check(principal, _EVERYBODY)
            self._connections.make_sure_of_room(principal)
        except HubError as error:
            await refuse(scope, receive, send, self.problems.respond(connection, error))
            return
        await send({"type": "websocket.accept"})
        client = Connection(self, socket, scope, language_of(connection, self.problems.say.default))
        self._connections.add(client)
        try:
            if principal is not None:
                client.welcome(principal)
            socket.attach(client.take, client.drained)
            await self._serve(client, socket)
        finally:
            self._connections.discard(client)
            client.end()

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._connections)

    async def _serve(self, client: Connection, socket: HubSocket) -> None:
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                await _first(client.signed_in, socket.closed)
        except TimeoutError:
            socket.close(4401, "not signed in")
        await asyncio.shield(socket.closed)

    def sign_in(self, client: Connection, token: str) -> None:
        """Authenticate a client by the token that it sent; closes the connection if it is wrong."""
        task = asyncio.get_running_loop().create_task(
            self._sign_in(client, token), name="stream: sign in"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _sign_in(self, client: Connection, token: str) -> None:
        try:
            principal = await self.hub.gate.principal(token)
            check(principal, _EVERYBODY)
        except HubError:
            client.sign_out()
            return
        client.welcome(restrict(principal) if client.foreign else principal)

    def head_of(self, frame: LiveFrame, sub: int) -> bytes:
        """Return what precedes a picture; viewers with the same `sub` share the bytes."""
        # By identity: the frame stays in its ring for longer than its head stays here.
        key = (id(frame), frame.id, sub)
        head = self._heads.get(key)
        if head is None:
            head = picture_head(
                sub, frame.id, rfc3339(frame.time), frame.media_type, len(frame.data)
            )
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            self._heads[key] = head
        return head

    def text_of(self, message: Message, sub: int) -> bytes:
        """Return a message as a frame; all who hear it by the same `sub` share the bytes."""
        self._take_up(message)
        text = self._texts.get(sub)
        if text is None:
            if self._text_body is None:
                topic, payload = to_json(message.topic), to_json(message.payload)
                self._text_body = b'"topic":%b,"payload":%b}' % (topic, payload)
            text = self._texts[sub] = text_frame(b'{"sub":%d,%b' % (sub, self._text_body))
        return text

    def packed_of(self, message: Message, sub: int) -> bytes:
        """Return a message as a frame in the binary form, shared likewise."""
        self._take_up(message)
        packed = self._packed.get(sub)
        if packed is None:
            if self._packed_body is None:
                self._packed_body = to_msgpack(message.payload)
            described = b'{"sub":%d,"topic":%b,"type":"application/vnd.msgpack"}'
            packed = packed_frame(described % (sub, to_json(message.topic)), self._packed_body)
            self._packed[sub] = packed
        return packed

    def _take_up(self, message: Message) -> None:
        if self._said is not message:
            self._said = message
            self._text_body = self._packed_body = None
            self._texts.clear()
            self._packed.clear()

    async def stop(self) -> None:
        """Close every connection (1012) and end what runs."""
        for client in self._connections:
            client.end()
            client.socket.close(1012, "the hub is stopping")
        await self._connections.stop()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=2.0)
        await self.renditions.stop()


async def _first(event: asyncio.Event, closed: asyncio.Future[None]) -> None:
    """Wait until the event is set or the connection is closed."""
    if event.is_set():
        return
    waiting: asyncio.Future[Any] = asyncio.ensure_future(event.wait())
    try:
        either: set[asyncio.Future[Any]] = {waiting, closed}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
