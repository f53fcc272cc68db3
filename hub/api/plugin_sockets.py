"""Serves the WebSockets of plugins: who may connect, as in the stream; not what is said.

Who has neither session nor Bearer token sends `{"op": "authenticate", "token": …}` first. Close
codes as in the stream; what is refused after it was opened is closed with 4000 + the HTTP status.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.types import Receive, Scope, Send

from hub.api.connections import Connections
from hub.api.guard import refuse
from hub.api.plugin_socket import PluginSocket, Socket, SocketGone
from hub.api.problems import Problems, language_of
from hub.api.security import header, own_origin
from hub.api.socket import EXTENSION, HubSocket
from hub.api.stream import SIGN_IN_SECONDS
from hub.errors import HubError, NotSignedIn
from hub.rights import Access, Principal, check, restrict

if TYPE_CHECKING:
    from hub.app import Hub

log = logging.getLogger("classhub.sockets")

MOST_CONNECTIONS = 400
MOST_OF_ONE = 100
MOST_OF_STRANGERS = 50


class SocketServer:
    """All connections to WebSockets of plugins; an ASGI application for their paths.

    Args:
        hub: its plugins are loaded.
        problems: says problems in the client's language.
    """

    def __init__(self, hub: "Hub", problems: Problems) -> None:
        self._hub = hub
        self._problems = problems
        self._routes = [
            (
                re.compile(
                    re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(loaded.prefix + path))
                ),
                it,
            )
            for loaded in hub.plugins.running
            if loaded.plugin is not None
            for path, it in loaded.plugin.sockets.items()
        ]
        self._connections: Connections[PluginSocket] = Connections(
            hub, log, most=MOST_CONNECTIONS, of_one=MOST_OF_ONE, of_strangers=MOST_OF_STRANGERS
        )

    def find(self, path: str) -> tuple[Socket, Mapping[str, str]] | None:
        """Return what is served at a path, and what the path names."""
        for pattern, served in self._routes:
            if (match := pattern.fullmatch(path)) is not None:
                return served, match.groupdict()
        return None

    async def serve(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        found: tuple[Socket, Mapping[str, str]],
    ) -> None:
        """Serve one connection until it ends."""
        served, params = found
        connection = HTTPConnection(scope)
        try:
            socket = scope.get("extensions", {}).get(EXTENSION)
            if not isinstance(socket, HubSocket):
                raise HubError("WebSockets need the hub's own server")
            principal = await self._hub.gate.identify(scope)
            self._connections.make_sure_of_room(principal)
            if principal is not None:
                await _admit(served, principal, params)
        except HubError as error:
            await refuse(scope, receive, send, self._problems.respond(connection, error))
            return
        await receive()  # that it connects
        await send({"type": "websocket.accept"})
        language = language_of(connection, self._problems.say.default)
        client = PluginSocket(socket, receive, language, params)
        self._connections.add(client)
        try:
            if principal is None:
                principal = await self._first_words(client, scope)
                await _admit(served, principal, params)
            client.principal = principal
            socket.take_up_to(served.largest)
            await served.serve(client, principal)
        except SocketGone:
            pass
        except HubError as error:
            client.close(4000 + error.status, error.code)
        except Exception:
            log.exception("the WebSocket %s failed", scope["path"])
            client.close(1011, "the hub failed")
        finally:
            self._connections.discard(client)
            client.close(1000)

    async def stop(self) -> None:
        """Close every connection (1012)."""
        closing = [client.closed for client in self._connections]
        for client in self._connections:
            client.close(1012, "the hub is stopping")
        if closing:
            await asyncio.wait(closing, timeout=2.0)
        await self._connections.stop()

    async def _first_words(self, client: PluginSocket, scope: Scope) -> Principal:
        """Return who it is by the token that comes first. Raises `NotSignedIn`."""
        try:
            async with asyncio.timeout(SIGN_IN_SECONDS):
                said = json.loads(await client.receive())
        except (TimeoutError, ValueError, RecursionError):
            raise NotSignedIn("no token came") from None
        token = said.get("token") if isinstance(said, dict) else None
        if not isinstance(token, str) or said.get("op") != "authenticate":
            raise NotSignedIn("the first message has no token")
        principal = await self._hub.gate.principal(token)
        origin = header(scope, b"origin")
        return restrict(principal) if origin and not own_origin(scope, origin) else principal


async def _admit(served: Socket, principal: Principal, params: Mapping[str, str]) -> None:
    check(principal, Access(role=served.role))
    await served.admit(principal, params)
