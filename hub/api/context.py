"""What routes need of the running hub, as FastAPI dependencies."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from hub.api.problems import language_of
from hub.network import peer_of

if TYPE_CHECKING:
    from hub.app import Hub


async def _hub(connection: HTTPConnection) -> "Hub":
    hub: Hub = connection.scope["app"].state.hub
    return hub


async def _language(connection: HTTPConnection) -> str:
    hub: Hub = connection.scope["app"].state.hub
    return language_of(connection, hub.say.default)


async def _address(request: Request) -> str:
    return base_of(request, request.scope["app"].state.hub)


TheHub = Annotated["Hub", Depends(_hub)]
Address = Annotated[str, Depends(_address)]
"""The address under which others reach the hub: see `base_of`."""
Language = Annotated[str, Depends(_language)]


def address_of(request: Request) -> str:
    """Return the caller's network address, for limits of attempts.

    Of IPv6 it is the network, of IPv4 in IPv6 the IPv4 address.
    """
    return peer_of(request.client.host) if request.client else "unknown"


def base_of(request: Request, hub: "Hub") -> str:
    """Return the address under which pupils reach the hub.

    That of the settings; else the one that the caller uses where it is good for others too: a name
    of the settings, or an address of this computer in the network as seen from elsewhere. On the
    hub's own screen, and where the caller uses this computer's own name (tablets often do not know
    it), the address in the class network.
    """
    if hub.settings.join_url:
        return hub.settings.join_url.rstrip("/")
    host = request.headers.get("host", "localhost")
    parts = urlsplit(f"//{host}")
    name, port = (parts.hostname or "").rstrip("."), parts.port
    best = hub.network.address
    if best is not None and name not in hub.network.given_names:
        there = name in {one.ip for one in hub.network.addresses}
        if not there or request.client is None or hub.network.is_own(request.client.host):
            host = f"{best.host}:{port}" if port else best.host
    return f"{request.url.scheme}://{host}"
