"""A small HTTP/1.1 client for cameras: one request a connection, every wait bounded.

Its connections are opened by the device's transports, so they are recorded, replayed and spoilt.

It gives the body to a sink as it arrives, so that a stream costs one copy, and it refuses what a
camera should not send: endless headers, bodies over the limit, redirects to other hosts.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import SplitResult, urljoin, urlsplit

import httptools

from drivers.microscope._authorization import Credentials
from hub.device import AccessRefused, DeviceError, OutOfRange, Unreachable, WrongDevice
from hub.device.transports import Transports

_MAX_HEADERS = 32 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_HOPS = 4


@dataclass(slots=True)
class Head:
    """The beginning of an answer: status and headers (names in lower case)."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """The type of the body without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Exchange(asyncio.Protocol):
    """One request and its answer on a connection of their own."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self._request = request
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._sink: Callable[[bytes], None] | None = None
        self._head: asyncio.Future[Head] = loop.create_future()
        self._done: asyncio.Future[None] = loop.create_future()
        for future in (self._head, self._done):
            future.add_done_callback(lambda f: f.cancelled() or f.exception())
        self.last_byte = loop.time()

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the request."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - the device's transports give it
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self.last_byte = asyncio.get_running_loop().time()
        if not self._head.done():
            self._header_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(WrongDevice("the answer wants to change the protocol"))
        except httptools.HttpParserError as error:
            cause = error.__context__
            self._fail(
                cause
                if isinstance(cause, DeviceError)
                else WrongDevice(f"what answers does not speak HTTP: {error}")
            )
        if not self._head.done() and self._header_bytes > _MAX_HEADERS:
            self._fail(WrongDevice("the answer's headers have no end"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end: regular only where the length of the body was not known."""
        known = {"content-length", "transfer-encoding"} & self._headers.keys()
        if self._head.done() and exc is None and not known:
            if not self._done.done():
                self._done.set_result(None)
        else:
            self._fail(Unreachable(f"the connection broke: {exc or 'closed early'}"))

    # httptools' side

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; the last of equal names counts."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Hand out status and headers; the body waits until somebody wants it."""
        if not self._head.done():
            self._head.set_result(Head(self._parser.get_status_code(), self._headers))

    def on_body(self, body: bytes) -> None:
        """Hand on a piece of the body."""
        if self._sink is not None:
            self._sink(body)
        else:
            self._early.append(body)
            if self._transport is not None:
                self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """Note that the body is whole."""
        if not self._done.done():
            self._done.set_result(None)

    # the caller's side

    async def head(self) -> Head:
        """Return the beginning of the answer."""
        return await self._head

    def pour(self, sink: Callable[[bytes], None]) -> None:
        """Give the body, as it comes, to `sink`; a `DeviceError` it raises ends the exchange."""
        self._sink = sink
        early, self._early = self._early, []
        for piece in early:
            sink(piece)
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    async def done(self) -> None:
        """Wait until the body is whole; raises what went wrong."""
        await asyncio.shield(self._done)

    def when_over(self, callback: Callable[[], None]) -> None:
        """Call `callback` once nothing more will come."""
        self._done.add_done_callback(lambda _: callback())

    @property
    def over(self) -> bool:
        """Nothing more will come."""
        return self._done.done()

    def close(self) -> None:
        """Drop the connection."""
        if self._transport is not None:
            self._transport.abort()
        self._fail(Unreachable("the connection was closed here"))

    def _fail(self, error: BaseException) -> None:
        for future in (self._head, self._done):
            if not future.done():
                future.set_exception(error)
        if self._transport is not None:
            self._transport.abort()


@dataclass(slots=True)
class Reply:
    """A whole answer."""

    head: Head
    body: bytes


class HttpClient:
    """Speaks to one camera, with its credentials.

    Args:
        credentials: user name and password, None for cameras without.
        transports: the driver's own, which open the connections.
        timeout: seconds for connecting and for the beginning of the answer.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        transports: Transports | None = None,
        timeout: float = 5.0,
    ) -> None:
        self._credentials = credentials
        self._transports = transports or Transports()
        self._timeout = timeout

    @contextlib.asynccontextmanager
    async def open(
        self, url: str, *, method: str = "GET", body: bytes = b"", media_type: str = ""
    ) -> AsyncIterator[tuple[Head, Exchange]]:
        """Send a request and yield the beginning of a good answer and the exchange.

        Raises:
            Unreachable: refused, no route, no answer in time, or the camera's own trouble (5xx).
            AccessRefused: the camera wants a user name and password, or others than these.
            WrongDevice: something else answers here.
            OutOfRange: a value that was PUT is refused.
        """
        home = urlsplit(url)
        answered = False
        for _ in range(_MAX_HOPS):
            exchange = await self._start(url, method, body, media_type)
            try:
                head = await self._within(exchange.head())
                location = head.headers.get("location", "")
                if head.status in _REDIRECTS and location and method == "GET":
                    url = _redirected(home, url, location)
                    continue
                if head.status == 401 and self._credentials is not None and not answered:
                    answered = self._credentials.take(head.headers.get("www-authenticate", ""))
                    if answered:
                        continue
                _check(head, method, url)
                yield head, exchange
                return
            finally:
                exchange.close()
        raise WrongDevice("the address leads round in circles")

    async def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes = b"",
        media_type: str = "",
        limit: int,
    ) -> Reply:
        """Return a whole answer of at most `limit` bytes; errors as `open`."""
        pieces: list[bytes] = []
        size = 0

        def take(piece: bytes) -> None:
            nonlocal size
            size += len(piece)
            if size > limit:
                raise WrongDevice(f"the answer is longer than {limit} bytes")
            pieces.append(piece)

        async with self.open(url, method=method, body=body, media_type=media_type) as (head, it):
            it.pour(take)
            await self._within(it.done())
            return Reply(head, b"".join(pieces))

    async def json(
        self,
        url: str,
        *,
        put: Any = None,
        limit: int = 64 * 1024,
    ) -> Any:
        """GET a JSON document, or PUT one and return the answer; errors as `open`."""
        if put is None:
            reply = await self.fetch(url, limit=limit)
        else:
            try:
                body = json.dumps(put, allow_nan=False).encode()
            except ValueError as error:
                raise OutOfRange("not a number, or without end") from error
            reply = await self.fetch(
                url, method="PUT", body=body, media_type="application/json", limit=limit
            )
        try:
            return json.loads(reply.body)
        except (ValueError, RecursionError) as error:
            raise WrongDevice(f"the answer is not JSON: {error}") from error

    async def _within(self, wait: Any) -> Any:
        try:
            async with asyncio.timeout(self._timeout):
                return await wait
        except TimeoutError as error:
            raise Unreachable(f"no answer within {self._timeout:g} s") from error

    async def _start(self, url: str, method: str, body: bytes, media_type: str) -> Exchange:
        parts = urlsplit(url)
        host = parts.hostname or ""
        tls: Literal[True] | None = True if parts.scheme == "https" else None
        port = parts.port or (443 if tls else 80)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: {parts.netloc.rpartition('@')[2]}",
            "Connection: close",
            "Accept: */*",
            "User-Agent: classroom-hub",
        ]
        if self._credentials is not None and (answer := self._credentials.answer(method, target)):
            lines.append(f"Authorization: {answer}")
        if body:
            lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
        request = "\r\n".join([*lines, "", ""]).encode() + body
        return await self._transports.connect(
            lambda: Exchange(request), host, port, tls=tls, limit=self._timeout
        )


def _redirected(home: SplitResult, url: str, location: str) -> str:
    target = urljoin(url, location)
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or parts.hostname != home.hostname:
        raise WrongDevice("the address leads to another host")
    if home.scheme == "https" and parts.scheme == "http":
        raise WrongDevice("the address leads away from encryption")
    return target


def _check(head: Head, method: str, url: str) -> None:
    if 200 <= head.status < 300:
        return
    path = urlsplit(url).path
    if method == "PUT" and head.status in (400, 409, 422):
        raise OutOfRange(f"{path}: status {head.status}")
    if head.status in (401, 403):
        raise AccessRefused(f"{path}: status {head.status}")
    if head.status >= 500 or head.status in (408, 429):
        raise Unreachable(f"{path}: status {head.status}")
    raise WrongDevice(f"{path}: status {head.status}")
