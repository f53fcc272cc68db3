"""What every request passes first: how often its address asks, Host, Origin, size, valid text.

A pure ASGI middleware: a look at the headers, no copies, and nothing at all for what is in order.
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.limits import RequestRate
from hub.api.problems import Malformed, Problems
from hub.api.security import ForeignHost, ForeignOrigin, header, own_origin
from hub.errors import HubError, TooLarge

JSON_LIMIT = 1 << 20
UPLOAD_LIMIT = 64 << 20
MULTIPART_OVERHEAD = 64 << 10
_HOST = re.compile(r"(\[[0-9a-f:.%]{2,60}\]|[a-z0-9_.-]{1,253})(:\d{1,5})?$")
API = "/api/"
UPLOAD = "x-upload-limit"
"""A route's own limit of the files it takes, in bytes, beside `requestBody` in its description."""

UploadLimit = Callable[[str, str, str], int]
"""Given method, path and media type: how many bytes of files are taken there, 0 for none."""


@dataclass(frozen=True, slots=True)
class UploadRoute:
    """A route that takes files, of these media types and up to `limit` bytes."""

    method: str
    path: re.Pattern[str]
    kinds: frozenset[str]
    limit: int


class Guard:
    """Refuses foreign hosts and origins and overlong bodies before anything else runs.

    Args:
        app: what follows.
        problems: says why in the caller's language.
        hosts: returns the names that the hub may be called by, now; the same object while they
            stay the same.
        origins: other origins whose pages may use the API.
        upload_limit: returns for a method, path and media type how many bytes of files the route
            takes, 0 where it takes none.
        rate: counts requests by address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        problems: Problems,
        hosts: Callable[[], frozenset[str]],
        origins: Iterable[str],
        upload_limit: UploadLimit,
        rate: RequestRate,
    ) -> None:
        self.app = app
        self._problems = problems
        self._hosts = hosts
        self._names = hosts()
        self._rate = rate
        self._origins = frozenset(origins)
        self._upload_limit = upload_limit
        self._good_hosts: set[tuple[str, str | None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or say why not."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        try:
            self._rate.check(scope)
            origin = self._look(scope)
            if scope["type"] == "http" and _has_body(scope):
                receive = self._limited(scope, receive)
        except HubError as error:
            await refuse(scope, receive, send, self._problems.respond(HTTPConnection(scope), error))
            return
        if origin is None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["method"] == "OPTIONS":
            await _preflight(origin)(scope, receive, send)
        else:
            await self.app(scope, receive, _allowing(origin, send))

    def _look(self, scope: Scope) -> str | None:
        """Check Host, Origin and path; return the Origin if it is a listed foreign one."""
        host = origin = None
        for key, value in scope["headers"]:
            if key == b"host":
                if host is not None:
                    raise ForeignHost("two Host headers")
                host = value
            elif key == b"origin":
                origin = value
        self._check_host(scope, b"" if host is None else host)
        path = scope["path"]
        if "\0" in path or "�" in path or "\\" in path:
            raise Malformed("the path is no plain text")
        if origin is None or not path.startswith(API):
            return None
        text = origin.decode("latin-1")
        if own_origin(scope, text):
            return None
        if text not in self._origins:
            raise ForeignOrigin(f"origin {text[:100]}")
        if path == "/api/v1/session" and scope.get("method") in ("POST", "DELETE"):
            raise ForeignOrigin("pages of other origins use tokens")
        return str(text)

    def _check_host(self, scope: Scope, raw: bytes) -> None:
        server = scope.get("server")
        local = server[0] if server else None
        text = raw.decode("latin-1").lower()
        names = self._hosts()
        if names is not self._names:  # the addresses have changed
            self._names = names
            self._good_hosts.clear()
        if (text, local) in self._good_hosts:
            return
        match = _HOST.match(text)
        name = match[1].strip("[]") if match else ""
        if not name or (name.rstrip(".") not in self._names and name != local):
            raise ForeignHost(f"host {text[:100]}")
        if len(self._good_hosts) < 100:
            self._good_hosts.add((text, local))

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        kind = (header(scope, b"content-type") or "").partition(";")[0].strip().lower()
        limit = JSON_LIMIT
        if files := self._upload_limit(scope["method"], scope["path"], kind):
            limit = files + MULTIPART_OVERHEAD
        length = header(scope, b"content-length")
        if length is not None and (not length.isdigit() or int(length[:20]) > limit):
            raise TooLarge(f"at most {limit} bytes")
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > limit:
                    # FastAPI turns any other error while it reads a body into 400.
                    raise HTTPException(413)
            return message

        return counted


def _has_body(scope: Scope) -> bool:
    return any(
        key == b"transfer-encoding" or (key == b"content-length" and value != b"0")
        for key, value in scope["headers"]
    )


def _allowing(origin: str, send: Send) -> Send:
    allowed = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]
    allowed.append((b"access-control-expose-headers", b"Location, Content-Language"))

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *allowed]
        await send(message)

    return sending


def _preflight(origin: str) -> Response:
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
            "Access-Control-Allow-Headers": "Authorization, Content-Type, Accept-Language",
            "Access-Control-Max-Age": "600",
            "Vary": "Origin",
        },
    )


async def refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    """Answer a request, or a WebSocket before its handshake, with a response."""
    if scope["type"] == "http":
        # Reading the little that has come lets the client see the answer instead of a reset.
        await _drain(receive)
        await response(scope, receive, send)
        return
    await send(
        {
            "type": "websocket.http.response.start",
            "status": response.status_code,
            "headers": response.raw_headers,
        }
    )
    await send({"type": "websocket.http.response.body", "body": response.body, "more_body": False})


async def _drain(receive: Receive, most: int = 2 << 20, seconds: float = 0.5) -> None:
    taken = 0
    try:
        async with asyncio.timeout(seconds):
            while taken < most:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
    except (TimeoutError, HubError):
        return


def upload_limits(routes: Sequence[UploadRoute]) -> UploadLimit:
    """Return the function that tells how much a route takes."""

    def limit(method: str, path: str, kind: str) -> int:
        for route in routes:
            if route.method == method and kind in route.kinds and route.path.match(path):
                return route.limit
        return 0

    return limit
