"""One connection to an MQTT broker, from its birth to its end.

This module and `_sockets.py` alone of the hub import aiomqtt (and paho-mqtt under it).
"""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiomqtt
from aiomqtt.exceptions import MqttConnectError

from hub.broker_link import OFFLINE, ONLINE
from hub.broker_link._sockets import Client
from hub.errors import HubError

# paho says much; what matters is raised, and told by whoever keeps the link.
_QUIET = logging.getLogger("mqtt.classhub")
_QUIET.setLevel(logging.CRITICAL)

LIMIT = 10.0
"""Seconds in which the broker answers."""
_GOODBYE = 1.0

Incoming = aiomqtt.Message
Trouble = aiomqtt.MqttError
"""The broker cannot be reached, or is gone."""
Refused = MqttConnectError
"""The broker does not let the hub in."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker is, and as whom the hub is there.

    Attributes:
        host, port: of the broker. name: of this client.
        state: the topic that says whether the link stands: `online`, or `offline` as last will.
        username, password, tls: how the hub signs in.
        keepalive: seconds. incoming: messages that came and are not taken yet; what does not fit is
            dropped. under_way: how many may wait for the broker's word at once.
    """

    host: str
    port: int
    name: str
    state: str
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None
    keepalive: int = 30
    incoming: int = 500
    under_way: int = 200


class _Inbox(asyncio.Queue[aiomqtt.Message]):
    """What came and is not taken yet; what does not fit is dropped, as the client does it."""


class Line:
    """A connection that stands.

    Args:
        client: speaks. group: of the tasks that live as long as the connection.
    """

    def __init__(self, client: Client, group: asyncio.TaskGroup, state: str) -> None:
        self.client = client
        self._group = group
        self._state = state

    def start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        """Have something done as long as the connection stands; what it raises ends it."""
        self._group.create_task(work, name=name)

    async def say_online(self) -> None:
        """Tell everybody that the hub is there."""
        await self.client.publish(self._state, ONLINE, qos=1, retain=True)


async def hold(place: Place, serve: Callable[[Line], Awaitable[None]]) -> None:
    """Connect, and go on until the connection breaks; cancelled, it says `offline` first.

    Args:
        place: of the broker.
        serve: says what is said at the beginning and starts what goes on.

    Raises:
        Refused: the broker does not let the hub in. Trouble, OSError: it cannot be reached, or is
            gone. HubError: what `serve` or what it started has raised.
    """
    client = Client(
        place.host,
        place.port,
        username=place.username,
        password=place.password,
        tls_context=place.tls,
        identifier=place.name,
        protocol=aiomqtt.ProtocolVersion.V5,
        will=aiomqtt.Will(place.state, OFFLINE, qos=1, retain=True),
        clean_start=True,
        timeout=LIMIT,
        keepalive=place.keepalive,
        logger=_QUIET,
        queue_type=_Inbox,
        max_queued_incoming_messages=place.incoming,
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )
    client.pending_calls_threshold = place.under_way
    try:
        async with client:
            try:
                async with asyncio.TaskGroup() as group:
                    await serve(Line(client, group, place.state))
            except asyncio.CancelledError:
                with contextlib.suppress(Trouble, OSError):
                    await client.publish(place.state, OFFLINE, 1, retain=True, timeout=_GOODBYE)
                raise
    except* (Trouble, OSError, HubError) as errors:  # ssl.SSLError is an OSError
        raise _first(errors) from None


def why(error: Exception) -> str:
    """Return what is to be said of a link that broke."""
    return str(error) or type(error).__name__


def _first(errors: BaseExceptionGroup[Any]) -> Exception:
    found: Any = errors
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found if isinstance(found, Exception) else Trouble(type(found).__name__)


__all__ = ["LIMIT", "Client", "Incoming", "Line", "Place", "Refused", "Trouble", "hold", "why"]
