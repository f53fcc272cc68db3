"""A small HTTP/1.1 client for devices: one request a connection, every wait bounded.

Its connections are opened by the device's transports, so they are recorded, replayed and spoilt.

It gives the body to a sink as it arrives, so that a stream costs one copy, sends files piece by
piece, and refuses what a device should not send: endless headers, bodies over the limit, redirects
to other hosts.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import SplitResult, urljoin, urlsplit

from drivers.http.authorization import Credentials
from drivers.http.exchange import Exchange, Head
from hub.device import AccessRefused, OutOfRange, Unreachable, WrongDevice
from hub.device.transports import Transports

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_HOPS = 4
_PIECE = 64 * 1024

T = TypeVar("T")


@dataclass(slots=True)
class Reply:
    """A whole answer."""

    head: Head
    body: bytes


@dataclass(frozen=True, slots=True)
class FileBody:
    """A body that is a file, sent as it is read.

    Attributes:
        path: of the file. size: its bytes.
        media_type: of the whole body.
        before, after: what stands around the file, such as the parts of a form.
        patience: seconds that the device may take to answer once it has it all.
    """

    path: Path
    size: int
    media_type: str = "application/octet-stream"
    before: bytes = b""
    after: bytes = b""
    patience: float = 60.0

    @property
    def length(self) -> int:
        """How many bytes are sent."""
        return len(self.before) + self.size + len(self.after)


class HttpClient:
    """Speaks to one device, with its credentials.

    Args:
        credentials: user name and password, None for devices without.
        transports: the driver's own, which open the connections.
        timeout: seconds for connecting and for the beginning of the answer.
        headers: sent with every request.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        transports: Transports | None = None,
        timeout: float = 5.0,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._credentials = credentials
        self._headers = dict(headers or {})
        self._transports = transports or Transports()
        self._timeout = timeout

    @contextlib.asynccontextmanager
    async def open(
        self,
        url: str,
        *,
        method: str = "GET",
        body: bytes | FileBody = b"",
        media_type: str = "",
        headers: Mapping[str, str] | None = None,
        also: Collection[int] = (),
    ) -> AsyncIterator[tuple[Head, Exchange]]:
        """Send a request and yield the beginning of a good answer and the exchange.

        Args:
            url: where to.
            method: of the request.
            body: what is sent.
            media_type: of a body of bytes; a `FileBody` knows its own.
            headers: more of them.
            also: statuses beside 2xx that the caller understands.

        Raises:
            Unreachable: refused, no route, no answer in time, or the device's own trouble (5xx).
            AccessRefused: the device wants a user name and password, or others than these.
            WrongDevice: something else answers here.
            OutOfRange: a value that was PUT is refused.
        """
        home = urlsplit(url)
        answered = False
        for _ in range(_MAX_HOPS):
            exchange = await self._start(url, method, body, media_type, headers or {})
            try:
                patience = self._timeout
                if isinstance(body, FileBody):
                    patience = body.patience
                    await _pour(body, exchange, self._timeout)
                head = await self._within(exchange.head(), patience)
                location = head.headers.get("location", "")
                if head.status in _REDIRECTS and location and method == "GET":
                    url = _redirected(home, url, location)
                    continue
                if head.status == 401 and self._credentials is not None and not answered:
                    answered = self._credentials.take(head.headers.get("www-authenticate", ""))
                    if answered:
                        continue
                if head.status not in also:
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
        body: bytes | FileBody = b"",
        media_type: str = "",
        headers: Mapping[str, str] | None = None,
        also: Collection[int] = (),
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

        async with self.open(
            url, method=method, body=body, media_type=media_type, headers=headers, also=also
        ) as (head, it):
            it.pour(take)
            await self._within(it.done(), self._timeout)
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

    async def _within(self, wait: Awaitable[T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await wait
        except TimeoutError as error:
            raise Unreachable(f"no answer within {seconds:g} s") from error

    async def _start(
        self,
        url: str,
        method: str,
        body: bytes | FileBody,
        media_type: str,
        headers: Mapping[str, str],
    ) -> Exchange:
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
        lines += [f"{name}: {value}" for name, value in {**self._headers, **headers}.items()]
        small = b""
        if isinstance(body, FileBody):
            lines += [f"Content-Type: {body.media_type}", f"Content-Length: {body.length}"]
        elif body:
            lines += [f"Content-Type: {media_type}", f"Content-Length: {len(body)}"]
            small = body
        elif method in ("POST", "PUT"):
            lines.append("Content-Length: 0")
        request = "\r\n".join([*lines, "", ""]).encode() + small
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


async def _pour(body: FileBody, exchange: Exchange, patience: float) -> None:
    """Send a file piece by piece, until it is sent or the device answers before."""
    file = await asyncio.to_thread(body.path.open, "rb")
    try:
        pieces = [body.before] if body.before else []
        while pieces or (pieces := [await asyncio.to_thread(file.read, _PIECE)])[0]:
            try:
                async with asyncio.timeout(patience):
                    if not await exchange.send(pieces.pop()):
                        return
            except TimeoutError as error:
                raise Unreachable(f"it took no more of a file for {patience:g} s") from error
        if body.after:
            await exchange.send(body.after)
    finally:
        await asyncio.to_thread(file.close)
