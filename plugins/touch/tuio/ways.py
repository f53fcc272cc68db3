"""The ways by which bundles leave: UDP packets, and binary messages of WebSockets."""

import asyncio
import contextlib
import logging
import re
import socket
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from plugins.touch.tuio.settings import Listener, Target

log = logging.getLogger("classhub.touch")

MOST_CLIENTS = 16
MOST_BUNDLES = 64
OPEN_SECONDS = 5.0
_HERE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")


class UdpWay:
    """Sends to one program.

    Attributes:
        problem: why it cannot be sent to, empty where it can. sent, dropped: bundles.
    """

    def __init__(self, target: Target) -> None:
        self.target = target
        self.problem = ""
        self.sent = self.dropped = 0
        self._socket: socket.socket | None = None

    @property
    def open(self) -> bool:
        """Whether it is sent to."""
        return self._socket is not None

    async def start(self) -> None:
        """Open it; where that fails `problem` says why."""
        host, port = self.target.host, self.target.port
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            family, kind, protocol, _, address = found[0]
            made = socket.socket(family, kind, protocol)
            try:
                made.setblocking(False)  # noqa: FBT003 - its own way
                made.connect(address)  # of UDP: it says only where to send
            except OSError:
                made.close()
                raise
        except (OSError, TimeoutError) as error:
            if not self.problem:
                log.warning("TUIO cannot be sent to %s port %s: %s", host, port, error)
            self.problem = str(error) or type(error).__name__
            return
        self._socket, self.problem = made, ""

    def stop(self) -> None:
        """Close it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def send(self, bundle: bytes) -> None:
        """Send a bundle, or drop it where the network does not keep up; it is said again."""
        if self._socket is None:
            return
        try:
            try:
                self._socket.send(bundle)
            except ConnectionError:
                # Nobody listened when the bundle before came: that is what is answered to this one,
                # which has not left yet.
                with contextlib.suppress(ConnectionError):
                    self._socket.send(bundle)
        except OSError as error:
            self.dropped += 1
            self.problem = "" if isinstance(error, BlockingIOError) else str(error)
            return
        self.problem = ""
        self.sent += 1


class WebSocketWay:
    """Sends to whoever is connected. Nobody signs in: touches have no names, and it is loopback's.

    Attributes:
        problem: why nobody can connect, empty where they can. sent, dropped: bundles.
    """

    def __init__(self, listener: Listener) -> None:
        self.target = listener
        self.problem = ""
        self.sent = self.dropped = 0
        self._server: Server | None = None
        self._clients: dict[ServerConnection, asyncio.Queue[bytes]] = {}

    @property
    def open(self) -> bool:
        """Whether programs can connect."""
        return self._server is not None

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    @property
    def port(self) -> int | None:
        """On which it listens."""
        return None if self._server is None else self._server.sockets[0].getsockname()[1]

    async def start(self) -> None:
        """Listen; where that fails `problem` says why."""
        listener = self.target
        allowed: list[Any] = [None, _HERE, *listener.origins]
        try:
            self._server = await serve(
                self._serve,
                listener.host,
                listener.port,
                origins=allowed,
                compression=None,
                max_size=4096,
                max_queue=4,
                open_timeout=OPEN_SECONDS,
                close_timeout=1.0,
            )
        except OSError as error:
            if not self.problem:
                log.warning("TUIO by WebSocket: %s", error)
            self.problem = str(error)
            return
        self.problem = ""

    async def stop(self) -> None:
        """Close it and all connections."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(OPEN_SECONDS):
                    await server.wait_closed()

    def send(self, bundle: bytes) -> None:
        """Send a bundle to all; who does not keep up misses it."""
        for waiting in self._clients.values():
            if waiting.full():
                self.dropped += 1
            else:
                waiting.put_nowait(bundle)
                self.sent += 1

    async def _serve(self, client: ServerConnection) -> None:
        if len(self._clients) >= MOST_CLIENTS:
            await client.close(1013, "too many")
            return
        waiting = self._clients[client] = asyncio.Queue(MOST_BUNDLES)
        sending = asyncio.create_task(self._send(client, waiting), name="touch: TUIO to a page")
        try:
            async for _ in client:  # whatever it says means nothing
                pass
        except ConnectionClosed:
            pass
        finally:
            del self._clients[client]
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionClosed):
                await sending

    @staticmethod
    async def _send(client: ServerConnection, waiting: "asyncio.Queue[bytes]") -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await client.send(await waiting.get())
