"""Following a property or an event as Server-Sent Events, for clients that know only HTTP.

What the stream's WebSocket tells of a device, one topic to a connection: the `data` of each event
is the payload as JSON. This is how clients of the Web of Things observe and subscribe. Format:
https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
import json
import logging
from collections import deque
from typing import TYPE_CHECKING, Annotated

from fastapi import Response
from starlette.types import Receive, Scope, Send

from hub.api.context import TheHub
from hub.api.http import client_gone
from hub.api.models import Id, MemberName
from hub.api.routing import PREFIX, Responses, Router, problems
from hub.api.security import Requires
from hub.bus import Message
from hub.device import Role
from hub.errors import HubError, NotFound
from hub.rights import Principal, check, may

if TYPE_CHECKING:
    from hub.app import Hub

log = logging.getLogger("classhub.api")

router = Router(prefix=PREFIX, tags=["Devices"])

MEDIA_TYPE = "text/event-stream"
MOST_WAITING = 1000
PATIENCE = 30.0
LOOK_SECONDS = 0.5
QUIET_SECONDS = 15.0
_EVENTS: Responses = {
    200: {"description": "Events without end.", "content": {MEDIA_TYPE: {}}},
    **problems(429, 503),
}


@router.get(
    "/devices/{device}/properties/{name}/live",
    operation_id="followProperty",
    summary="Follow a property",
    response_class=Response,
    responses=_EVENTS,
)
async def follow_property(
    hub: TheHub,
    device: Id,
    name: MemberName,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> Response:
    """Server-Sent Events: the last reading first, then each new one. Slow clients skip some."""
    handle = hub.devices.get(device)
    check(caller, handle.access("read", name))
    return Followed(hub, f"{device}/p/{name}", caller, newest_only=True)


@router.get(
    "/devices/{device}/events/{name}/live",
    operation_id="followEvent",
    summary="Follow an event or the samples of a stream",
    response_class=Response,
    responses=_EVENTS,
)
async def follow_event(
    hub: TheHub,
    device: Id,
    name: MemberName,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> Response:
    """Server-Sent Events. A client that is a thousand behind is cut off."""
    handle = hub.devices.get(device)
    check(caller, handle.access("observe", name))
    level = {"events": "e", "streams": "s"}.get(handle.group_of(name))
    if level is None or name in handle.streams:
        raise NotFound(f"{device} has no event {name}")
    return Followed(hub, f"{device}/{level}/{name}", caller)


class Followed(Response):
    """One topic of the bus as Server-Sent Events, until the client goes or may no longer hear it.

    Args:
        hub: whose bus it is.
        topic: without wildcards.
        caller: hears only what they may.
        newest_only: a message that waits is replaced by a newer one; else all are told.
    """

    media_type = MEDIA_TYPE

    def __init__(
        self, hub: "Hub", topic: str, caller: Principal, *, newest_only: bool = False
    ) -> None:
        super().__init__(headers={"Cache-Control": "no-store, no-transform"})
        del self.headers["content-length"]
        self._hub = hub
        self._topic = topic
        self._caller = caller
        self._waiting: deque[Message] = deque(maxlen=1 if newest_only else None)
        self._woken = asyncio.Event()
        self._over = False

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002 - the signature of ASGI
        receive: Receive,
        send: Send,
    ) -> None:
        """Send what happens. Raises `NoRoom`, `TooManyFollow`."""
        with self._hub.places.one(self._caller.id):
            await self._follow(receive, send)

    async def _follow(self, receive: Receive, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        gone = asyncio.create_task(
            client_gone(receive), name=f"follow {self._topic}: is the client there"
        )
        leave = self._hub.bus.subscribe(self._topic, self._take)
        try:
            await self._tell(send, gone)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return  # the client does not read; uvicorn closes the connection
        finally:
            leave()
            gone.cancel()

    async def _tell(self, send: Send, gone: "asyncio.Task[None]") -> None:
        clock = asyncio.get_running_loop().time
        told = clock()
        await self._send(send, b": following\n\n")
        while not gone.done() and not self._hub.stopping.is_set() and not self._over:
            living = await self._living()
            if living is None:
                break
            lines = b"".join(
                b"data: " + json.dumps(message.payload, ensure_ascii=False).encode() + b"\n\n"
                for message in self._drain()
                if may(living, message.audience)
            )
            # A comment now and then, so that a connection that broke is found.
            if lines or clock() - told > QUIET_SECONDS:
                told = clock()
                await self._send(send, lines or b":\n\n")
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                pass
            self._woken.clear()

    @staticmethod
    async def _send(send: Send, body: bytes) -> None:
        async with asyncio.timeout(PATIENCE):
            await send({"type": "http.response.body", "body": body, "more_body": True})

    def _take(self, message: Message) -> None:
        if message.payload is None:  # the device is there no more
            self._over = True
        elif len(self._waiting) >= MOST_WAITING:
            log.warning("%s does not keep up with %s", self._caller.id, self._topic)
            self._over = True
        else:
            self._waiting.append(message)
        self._woken.set()

    def _drain(self) -> list[Message]:
        waiting = list(self._waiting)
        self._waiting.clear()
        return waiting

    async def _living(self) -> Principal | None:
        try:
            return await self._hub.school.renew(self._caller)
        except HubError:
            return None
