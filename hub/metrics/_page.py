"""`GET /metrics`: who may read it, and in which of two formats it is written."""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hub.device import Role
from hub.errors import HubError, NotFound, NotSignedIn
from hub.rights import Access, check

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from hub.api.problems import Problems
    from hub.app import Hub

PATH = "/metrics"
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")
_READERS = Access(role=Role.ENGINEER)


class _Gathered:
    """Families that were collected already, as the encoder wants them."""

    def __init__(self, families: "list[Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterator[Metric]":
        """Yield them."""
        yield from self._families


class MetricsPage:
    """An ASGI application for one path.

    Args:
        hub: whose figures, settings and rights count.
        problems: says why in the caller's language.
        connections: returns how many WebSockets are open.
        refused: returns how many requests were refused for coming too fast.
    """

    def __init__(
        self,
        hub: "Hub",
        problems: "Problems",
        *,
        connections: Callable[[], int],
        refused: Callable[[], int],
    ) -> None:
        self._hub = hub
        self._problems = problems
        self._connections = connections
        self._refused = refused
        self._since = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        request = Request(scope)
        try:
            response = await self._answer(request)
        except HubError as error:
            response = self._problems.respond(request, error)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if self._hub.settings.metrics == "off":
            raise NotFound("metrics = off")
        if request.method not in ("GET", "HEAD"):
            return Response(status_code=405, headers={"Allow": "GET, HEAD"})
        if not (self._hub.settings.metrics == "loopback" and _of_this_computer(request)):
            caller = await self._hub.gate.identify(request.scope)
            if caller is None:
                raise NotSignedIn
            check(caller, _READERS)
        # Most hubs are never asked: whoever asks first waits for the imports, not the start.
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415

        from hub.metrics._collector import Collector  # noqa: PLC0415

        collector = Collector(
            self._hub, since=self._since, connections=self._connections, refused=self._refused
        )
        encode, media_type = choose_encoder(request.headers.get("accept", ""))
        # Gathered here, where nothing changes meanwhile; written elsewhere, because it takes long.
        gathered = _Gathered(list(collector.collect()))
        text = await asyncio.to_thread(encode, gathered)
        return Response(
            text,
            headers={"Content-Type": media_type, "Cache-Control": "no-store", "Vary": "Accept"},
        )


def _of_this_computer(request: Request) -> bool:
    """Tell whether a program of this computer asks for itself, not for somebody else."""
    client = request.client
    if client is None or any(name in _FORWARDED for name, _ in request.scope["headers"]):
        return False
    try:
        return ipaddress.ip_address(client.host).is_loopback
    except ValueError:
        return False
