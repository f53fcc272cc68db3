"""What routes need of the running hub, as FastAPI dependencies."""

import socket
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import HTTPConnection, Request

from hub.api.problems import language_of

if TYPE_CHECKING:
    from hub.app import Hub


async def _hub(connection: HTTPConnection) -> "Hub":
    hub: Hub = connection.scope["app"].state.hub
    return hub


async def _language(connection: HTTPConnection) -> str:
    hub: Hub = connection.scope["app"].state.hub
    return language_of(connection, hub.say.default)


_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
TheHub = Annotated["Hub", Depends(_hub)]
Language = Annotated[str, Depends(_language)]


def address_of(request: Request) -> str:
    """Return the caller's network address, for limits of attempts."""
    return request.client.host if request.client else "unknown"


def base_of(request: Request, hub: "Hub") -> str:
    """Return the address under which pupils reach the hub.

    That of the settings; else the caller's own, but on the hub's own screen (localhost) the address
    in the class network, where the hub listens there.
    """
    if hub.settings.join_url:
        return hub.settings.join_url.rstrip("/")
    host = request.headers.get("host", "localhost")
    name, _, port = host.partition(":")
    if name in ("localhost", "127.0.0.1") and hub.settings.host in _EVERYWHERE:
        lan = lan_address()
        if lan is not None:
            host = f"{lan}:{port}" if port else lan
    return f"{request.url.scheme}://{host}"


def lan_address() -> str | None:
    """Return this computer's address in the network, None where it is in none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Connecting a datagram socket sends nothing; it only chooses the interface.
            probe.connect(("10.254.254.254", 1))
            address = str(probe.getsockname()[0])
        except OSError:
            return None
    return None if address.startswith(("127.", "0.")) else address
