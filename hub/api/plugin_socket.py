"""A WebSocket of a plugin, as the plugin sees it.

Handshake, Host, Origin, sign-in, renewal and slow readers are the kernel's matter
(`hub.api.plugin_sockets`); the plugin says what is served where and to whom, and speaks its own
messages.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.types import Receive

from hub.api.socket import HubSocket, binary_frames
from hub.device import Role
from hub.rights import Principal

MOST_WAITING = 64 << 20
"""Bytes that may wait for a reader who is slow, beside one message of any size."""


class SocketGone(Exception):
    """The connection is closed; nothing comes any more."""


class PluginSocket:
    """One connection.

    Attributes:
        principal: who it is, as they are now; None until they have said so.
        language: of the client.
        params: what the path names.
    """

    def __init__(
        self, socket: HubSocket, receive: Receive, language: str, params: Mapping[str, str]
    ) -> None:
        self.principal: Principal | None = None
        self.language = language
        self.params = params
        self._socket = socket
        self._receive = receive
        self._waiting: deque[bytes] = deque()
        self._size = 0
        socket.on_drain(self._drained)

    @property
    def behind(self) -> bool:
        """Tell whether something waits to be sent."""
        return bool(self._waiting) or self._socket.paused

    @property
    def closed(self) -> "asyncio.Future[None]":
        """Done once the connection is gone."""
        return self._socket.closed

    async def receive(self) -> bytes | str:
        """Return the next message. Raises `SocketGone`.

        Nothing more is read from the network than what is asked for here.
        """
        message = await self._receive()
        if message["type"] != "websocket.receive":
            raise SocketGone
        data = message.get("bytes")
        return data if data is not None else str(message["text"])

    def send(self, data: bytes, *, lossy: bool = False) -> bool:
        """Send a binary message; returns at once.

        What a slow reader has not read yet waits. One who is 64 MiB behind is closed (1013).

        Args:
            data: the message.
            lossy: it is left out while something waits; False is then returned.
        """
        if lossy and self.behind:
            return False
        if self._size > MOST_WAITING:
            self.close(1013, "too slow")
            return False
        frames = binary_frames(data)
        self._waiting.extend(frames)
        self._size += sum(map(len, frames))
        self._drained()
        return True

    def close(self, code: int, reason: str = "") -> None:
        """Close the connection."""
        self._waiting.clear()
        self._size = 0
        self._socket.close(code, reason)

    def sign_out(self) -> None:
        """Close the connection: the token or session is over."""
        self.close(4401, "not signed in")

    def _drained(self) -> None:
        while self._waiting and not self._socket.paused:
            frame = self._waiting.popleft()
            self._size -= len(frame)
            self._socket.send_frame(frame)


@dataclass(frozen=True, slots=True)
class Socket:
    """What a plugin serves at a path.

    Attributes:
        role: the least role that may connect.
        admit: asked for each connection, before it is opened where it can be; raises a HubError for
            who may not, or where there is no such thing.
        serve: serves a connection of somebody who was admitted, until it ends. It may raise
            `SocketGone`.
        largest: bytes of a message from a client.
    """

    role: Role
    admit: Callable[[Principal, Mapping[str, str]], Awaitable[None]]
    serve: Callable[[PluginSocket, Principal], Awaitable[None]]
    largest: int = 64 << 10
