"""A WebSocket client on the device's transports (RFC 6455).

The framing is that of the library `websockets`; it opens no connection itself. What it sends is the
same each time, so that a recording can be played: the key is fixed and the mask is zero. Both are
there to keep scripts of web pages from confusing proxies with what they choose to send, and no page
chooses what a driver sends.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import Self

from websockets.client import ClientProtocol
from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.uri import parse_uri

from hub.device import AccessRefused, TimedOut, Unreachable, WrongDevice
from hub.device.transports import ByteStream, Transports

_LIMIT = 5.0
_KEY = "Y2xhc3Nyb29tIGh1YiAuLg=="
_TEXT = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})


class _Protocol(ClientProtocol):
    def send_frame(self, frame: Frame) -> None:
        whole = frame.serialize(mask=False)
        length = len(frame.data)
        head = len(whole) - length
        self.writes.append(
            bytes([whole[0], whole[1] | 0x80]) + whole[2:head] + bytes(4) + whole[head:]
        )


class WebSocket:
    """One connection; `async with WebSocket.open(…) as socket`."""

    def __init__(self, stream: ByteStream, protocol: ClientProtocol) -> None:
        self._stream = stream
        self._protocol = protocol
        self._ready: list[str] = []
        self._begun = bytearray()

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        transports: Transports,
        host: str,
        port: int,
        path: str,
        *,
        tls: bool = False,
        headers: Mapping[str, str] | None = None,
        most: int = 1 << 20,
    ) -> AsyncIterator[Self]:
        """Connect and shake hands; close at the end.

        Args:
            transports: the driver's own.
            host: where to.
            port: of it.
            path: of the socket there.
            tls: encrypted, with a certificate that is checked as browsers do.
            headers: sent with the handshake.
            most: bytes of the longest message.

        Raises:
            Unreachable: nothing answers, or not in time.
            AccessRefused: it wants other credentials.
            WrongDevice: what answers speaks no WebSocket.
        """
        where = f"[{host}]" if ":" in host else host
        uri = parse_uri(f"{'wss' if tls else 'ws'}://{where}:{port}{path}")
        protocol = _Protocol(uri, max_size=most)
        protocol.key = _KEY
        stream = await transports.tcp(host, port, tls=True if tls else None)
        socket = cls(stream, protocol)
        try:
            request = protocol.connect()
            for name, value in (headers or {}).items():
                request.headers[name] = value
            protocol.send_request(request)
            await socket._shake()
            yield socket
        finally:
            stream.close()

    async def _shake(self) -> None:
        await self._flush()
        try:
            async with asyncio.timeout(_LIMIT):
                while True:
                    self._protocol.receive_data(await self._stream.read(limit=_LIMIT))
                    if self._shaken():
                        return
        except (TimedOut, TimeoutError) as error:
            raise Unreachable("it does not answer the handshake") from error

    def _shaken(self) -> bool:
        for event in self._protocol.events_received():
            if isinstance(event, Response):
                if event.status_code in (401, 403):
                    raise AccessRefused(f"the socket: status {event.status_code}")
                if event.status_code >= 500:
                    raise Unreachable(f"the socket: status {event.status_code}")
                if self._protocol.handshake_exc is not None:
                    raise WrongDevice(f"no WebSocket: {self._protocol.handshake_exc}")
                return True
            self._take(event)
        if self._protocol.handshake_exc is not None:
            raise WrongDevice(f"no WebSocket: {self._protocol.handshake_exc}")
        return False

    async def send(self, text: str) -> None:
        """Send a message. Raises `Unreachable`, `TimedOut`."""
        self._protocol.send_text(text.encode())
        await self._flush()

    async def receive(self, *, limit: float) -> str:
        """Return the next message.

        Raises:
            TimedOut: nothing came within `limit` seconds.
            Unreachable: it hung up.
            WrongDevice: what came is no WebSocket message.
        """
        async with asyncio.timeout(limit) as timer:
            try:
                while not self._ready:
                    if self._protocol.close_expected():
                        raise Unreachable("it closed the socket")
                    self._protocol.receive_data(await self._stream.read(limit=limit))
                    for event in self._protocol.events_received():
                        self._take(event)
                    if self._protocol.parser_exc is not None:
                        raise WrongDevice(f"no WebSocket: {self._protocol.parser_exc}")
                    await self._flush()
            except TimeoutError:
                if timer.expired():
                    raise TimedOut(f"nothing came within {limit:g} s") from None
                raise
        return self._ready.pop(0)

    def _take(self, event: object) -> None:
        if not isinstance(event, Frame) or event.opcode not in _TEXT:
            return
        self._begun += event.data
        if event.fin:
            self._ready.append(self._begun.decode("utf-8", "replace"))
            self._begun.clear()

    async def _flush(self) -> None:
        try:
            for data in self._protocol.data_to_send():
                if data:
                    await self._stream.write(data)
        except WebSocketException as error:  # pragma: no cover - the library's own state
            raise Unreachable(str(error)) from error
