"""Serves the API with uvicorn: one port, our WebSocket, a quick and clean end."""

import asyncio
import contextlib
import logging
import resource
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
from starlette.types import ASGIApp

from hub.api.http import HubHttp
from hub.api.socket import HubSocket
from hub.network.tls import Tls

log = logging.getLogger("classhub.server")

STREAM_MESSAGE_LIMIT = 64 << 10
GRACE = 3
# Each connection is a file, and the usual limit of 1,024 of them is fewer than we serve.
FILES = 8192
_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("X-Frame-Options", "SAMEORIGIN"),
    # A page on which people record says the last word of its own (`hub.api.pages`).
    ("Permissions-Policy", "geolocation=(), microphone=()"),
]


class PortBusy(Exception):
    """Another program listens on the address already, or it is none of this computer's."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that is bound to the address.

    Raises:
        PortBusy: it cannot be had; the message says why and what to do.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, proto)
    except OSError as error:
        raise PortBusy(f"{host} is no address to listen on: {error.strerror or error}") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Connections have these from the listening socket: a peer that is gone, or takes nothing,
        # is given up by the system, too.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30)
        bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 45_000)
        bound.bind(address)
        bound.listen(256)
        bound.setblocking(False)  # noqa: FBT003 - takes no keyword
    except OSError as error:
        bound.close()
        raise PortBusy(
            f"cannot listen on {host}:{port}: {error.strerror}."
            " Is another hub running? Choose another port with --port."
        ) from None
    return bound


def address_of(bound: socket.socket, *, secure: bool = False) -> str:
    """Return the address for browsers on this computer."""
    scheme = "https" if secure else "http"
    host, port = bound.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - compared, not bound
        host = "127.0.0.1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


class Server(uvicorn.Server):
    """uvicorn's server, which tells when it serves and leaves signals to the hub.

    Args:
        app: what is served.
        on_ready: called once requests are answered.
        on_stop: called when the end begins, before connections are closed.
        on_port: told the port that is listened on, and whether HTTPS is spoken there.
        tls: certificate and key; None serves plain HTTP.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        on_ready: Callable[[], Awaitable[None]],
        on_stop: Callable[[], Awaitable[None]],
        on_port: Callable[[int, bool], None] | None = None,
        tls: Tls | None = None,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=HubHttp,
                ws=HubSocket,
                loop="uvloop",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                headers=_HEADERS,
                ws_max_size=STREAM_MESSAGE_LIMIT,
                ws_per_message_deflate=False,
                ws_ping_interval=20.0,
                ws_ping_timeout=20.0,
                timeout_keep_alive=30,
                timeout_graceful_shutdown=GRACE,
                ssl_context_factory=None if tls is None else lambda *_: tls.context,
            )
        )
        self._on_ready = on_ready
        self._on_stop = on_stop
        self._on_port = on_port
        self._tls = tls
        self._following: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        allow_files(FILES)
        await super().startup(sockets=sockets)
        if self._tls is not None:
            self._following = asyncio.create_task(self._tls.follow(), name="server: certificate")
        if self._on_port is not None and sockets:
            self._on_port(sockets[0].getsockname()[1], self._tls is not None)
        await self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection."""
        if self._following is not None:
            self._following.cancel()
        await self._on_stop()
        await super().shutdown(sockets=sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on SIGTERM and SIGINT; a second one does not wait for anybody."""
        loop = asyncio.get_running_loop()

        def stop() -> None:
            self.force_exit = self.should_exit
            self.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)


def allow_files(most: int) -> None:
    """Let this process have so many files open, as far as the system allows it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
