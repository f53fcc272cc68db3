"""What routes need of the running hub, as FastAPI dependencies."""

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


TheHub = Annotated["Hub", Depends(_hub)]
Language = Annotated[str, Depends(_language)]


def address_of(request: Request) -> str:
    """Return the caller's network address, for limits of attempts."""
    return request.client.host if request.client else "unknown"


def base_of(request: Request, hub: "Hub") -> str:
    """Return the address under which pupils reach the hub: the settings', else the caller's."""
    if hub.settings.join_url:
        return hub.settings.join_url.rstrip("/")
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
