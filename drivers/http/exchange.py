"""One HTTP/1.1 request and its answer, as an asyncio protocol."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httptools

from hub.device import DeviceError, Unreachable, WrongDevice

_MAX_HEADERS = 32 * 1024


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
    """One request and its answer on a connection of their own.

    Args:
        request: the bytes of its head, and of its body where that is small.
    """

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
        self._writable = asyncio.Event()
        self._writable.set()
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

    def pause_writing(self) -> None:
        """Send no more for now: the device takes it slower than it is sent."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """Go on sending."""
        self._writable.set()

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

    async def send(self, data: bytes) -> bool:
        """Send a piece of a long body, as fast as it is taken.

        Returns:
            False once the device has answered already, or has gone: nothing more need be sent.
        """
        await self._writable.wait()
        if self._transport is None or self._head.done() or self._transport.is_closing():
            return False
        self._transport.write(data)
        return True

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
        self._writable.set()
        for future in (self._head, self._done):
            if not future.done():
                future.set_exception(error)
        if self._transport is not None:
            self._transport.abort()
