"""Live pictures for simple clients: multipart MJPEG, single pictures, signed addresses."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Response
from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from hub.api.context import TheHub
from hub.api.http import client_gone
from hub.api.models import Id, MemberName
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.clock import rfc3339
from hub.device import Role
from hub.errors import HubError
from hub.frames import FrameFeed, LiveFrame
from hub.rights import Principal, check

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Live pictures"])

BOUNDARY = "classhub-frame"
FIRST_FRAME_SECONDS = 5.0
PATIENCE = 30.0
LOOK_SECONDS = 0.5
_BYTES = {"type": "string", "format": "binary"}
_NO_STORE = {"Cache-Control": "no-store, no-transform"}


class Links(BaseModel):
    """Addresses that work without a token until `expires`."""

    url: str
    still: str
    expires: str


@router.post(
    "/devices/{device}/streams/{stream}/links",
    operation_id="signStream",
    summary="Addresses of a live picture for simple clients",
    status_code=201,
    response_model=Links,
)
async def links(
    hub: TheHub,
    device: Id,
    stream: MemberName,
    caller: Annotated[Principal, Requires(Role.DISPLAY)],
) -> dict[str, Any]:
    """Signed addresses for an `<img>` of another page, good for an hour while you are signed in."""
    handle = hub.devices.get(device)
    check(caller, handle.access("observe", stream))
    handle.frames(stream)
    base = f"/api/v1/devices/{device}/streams/{stream}"
    url, expires = hub.signer.sign(f"{base}/live", caller)
    still, _ = hub.signer.sign(f"{base}/latest.jpg", caller)
    return {"url": url, "still": still, "expires": rfc3339(expires)}


@router.get(
    "/devices/{device}/streams/{stream}/latest.jpg",
    operation_id="getStill",
    summary="The newest picture",
    response_class=Response,
    responses={
        200: {"description": "A picture.", "content": {"image/jpeg": {"schema": _BYTES}}},
        **problems(502, 503, 504),
    },
)
async def still(
    hub: TheHub,
    device: Id,
    stream: MemberName,
    caller: Annotated[Principal, Requires(Role.DISPLAY, links=True)],
) -> Response:
    """The bytes as the camera made them; `X-Frame` is the id that a capture takes."""
    feed = _feed(hub, device, stream, caller)
    frame = await feed.next(timeout=FIRST_FRAME_SECONDS)
    return Response(
        frame.data, media_type=frame.media_type, headers={**_NO_STORE, "X-Frame": str(frame.id)}
    )


@router.get(
    "/devices/{device}/streams/{stream}/live",
    operation_id="watchStream",
    summary="Live pictures as multipart MJPEG",
    response_class=Response,
    responses={
        200: {
            "description": "Pictures without end, each a part.",
            "content": {"multipart/x-mixed-replace": {"schema": _BYTES}},
        },
        **problems(502, 503, 504),
    },
)
async def live(
    hub: TheHub,
    device: Id,
    stream: MemberName,
    caller: Annotated[Principal, Requires(Role.DISPLAY, links=True)],
) -> Response:
    """For clients that speak no WebSocket. Slow ones skip pictures."""
    feed = _feed(hub, device, stream, caller)
    first = await feed.next(timeout=FIRST_FRAME_SECONDS)
    return LivePictures(hub, feed, first, caller)


def _feed(hub: "Hub", device: str, stream: str, caller: Principal) -> FrameFeed:
    handle = hub.devices.get(device)
    check(caller, handle.access("observe", stream))
    return handle.frames(stream)


class LivePictures(Response):
    """Multipart MJPEG: the newest picture whenever the client has taken the last one."""

    media_type = f"multipart/x-mixed-replace; boundary={BOUNDARY}"

    def __init__(self, hub: "Hub", feed: FrameFeed, first: LiveFrame, caller: Principal) -> None:
        super().__init__(headers=_NO_STORE)
        del self.headers["content-length"]
        self._hub = hub
        self._feed = feed
        self._newest: LiveFrame | None = first
        self._caller = caller
        self._woken = asyncio.Event()

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002 - the signature of ASGI
        receive: Receive,
        send: Send,
    ) -> None:
        """Send pictures until the client or the device goes, the hub stops or the caller signs out.

        Raises `NoRoom`, `TooManyFollow`.
        """
        with self._hub.places.one(self._caller.id):
            await self._show(receive, send)

    async def _show(self, receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": self.status_code,
                "headers": self.raw_headers,
            }
        )
        gone = asyncio.create_task(client_gone(receive), name="live pictures: is the client there")
        leave = self._feed.watch(self._wake)
        try:
            while not (gone.done() or self._ended()) and await self._signed_in():
                frame, self._newest = self._newest, None
                if frame is not None:
                    async with asyncio.timeout(PATIENCE):
                        await send(
                            {"type": "http.response.body", "body": _part(frame), "more_body": True}
                        )
                await self._wait()
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        except TimeoutError:
            return  # the client does not read; uvicorn closes the connection
        finally:
            leave()
            gone.cancel()

    def _ended(self) -> bool:
        return self._feed.closed or self._hub.stopping.is_set()

    def _wake(self, frame: LiveFrame) -> None:
        self._newest = frame
        self._woken.set()

    async def _wait(self) -> None:
        """Wait for a newer picture, but look up now and then."""
        if self._newest is None:
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                pass
        self._woken.clear()

    async def _signed_in(self) -> bool:
        try:
            return await self._hub.school.renew(self._caller) is not None
        except HubError:
            return False


def _part(frame: LiveFrame) -> bytes:
    head = (
        f"--{BOUNDARY}\r\nContent-Type: {frame.media_type}\r\nContent-Length: {len(frame.data)}\r\n"
        f"X-Frame: {frame.id}\r\n\r\n"
    )
    return b"".join((head.encode("latin-1", "replace"), frame.data, b"\r\n"))
