"""One RTSP connection with a camera: requests and their answers, password, packets.

The packets of the picture come on the same connection (RFC 2326, section 10.12), so that recording,
replay and faults have hold of all of it, and no firewall stands between.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from drivers.http import Credentials
from drivers.microscope.video._messages import Message, MessageReader, Packet
from hub.device import AccessRefused, DeviceError, TimedOut, Unreachable, WrongDevice
from hub.device.transports import ByteStream, Transports

STALL = 4.0
_MOST_WAITING = 8
_AGENT = ("User-Agent", "classroom-hub")
_OURS = frozenset({"cseq", "user-agent", "authorization", "content-length"})

Take = Callable[[bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a camera is, taken apart."""

    url: str
    host: str
    port: int
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> "Address":
        """Return that of a checked `rtsp://` or `rtsps://` URL."""
        parts = urlsplit(url)
        encrypted = parts.scheme == "rtsps"
        port = parts.port or (322 if encrypted else 554)
        return cls(url, parts.hostname or "", port, encrypted)


async def _nothing(_: bytes) -> None:
    """Take packets that nobody wants."""


class Conversation:
    """An open connection; made by `conversing`.

    Attributes:
        over: set when the connection has ended; `failure` says why.
    """

    def __init__(self, stream: ByteStream, credentials: Credentials | None, take: Take) -> None:
        self._stream = stream
        self._credentials = credentials
        self._take = take
        self._number = 0
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self.failure: DeviceError | None = None
        self.over = asyncio.Event()

    async def request(
        self, method: str, target: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b""
    ) -> Message:
        """Ask the camera and return what it answers, good or bad; a password is given if asked for.

        Raises:
            Unreachable: no answer. WrongDevice: what answers does not speak RTSP.
        """
        answer = await self._ask(method, target, headers, body)
        if answer.status != 401 or self._credentials is None:
            return answer
        if not self._credentials.take(answer.all("WWW-Authenticate")):
            return answer
        return await self._ask(method, target, headers, body)

    async def listen(self) -> None:
        """Take what the camera says until the connection is over."""
        reader = MessageReader()
        try:
            while True:
                for one in reader.feed(await self._stream.read(limit=STALL)):
                    if isinstance(one, Packet):
                        await self._take(one.data)
                    else:
                        self._heard(one)
        except TimedOut:
            self._end(Unreachable(f"stalled: nothing came for {STALL:g} s"))
        except DeviceError as error:
            self._end(error)

    async def _ask(
        self, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> Message:
        if self.failure is not None:
            raise self.failure
        if len(self._waiting) >= _MOST_WAITING:
            raise Unreachable("the camera does not answer what it is asked")
        self._number += 1
        number = self._number
        kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
        if self._credentials is not None and (said := self._credentials.answer(method, target)):
            kept.append(("Authorization", said))
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            message = Message(
                f"{method} {target} RTSP/1.0", (("CSeq", str(number)), _AGENT, *kept), body
            )
            await self._stream.write(message.encode())
            async with asyncio.timeout(STALL):
                return await answer
        except TimeoutError:
            raise Unreachable(f"no answer within {STALL:g} s") from None
        finally:
            self._waiting.pop(number, None)

    def _heard(self, message: Message) -> None:
        if not message.status:
            return  # a request of the camera's: none of them matters to a picture
        number = message.header("CSeq")
        known = number.isascii() and number.isdecimal() and len(number) < 10
        waiting = self._waiting.get(int(number)) if known else None
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    def _end(self, error: DeviceError) -> None:
        self.failure = error
        self.over.set()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(error)


@contextlib.asynccontextmanager
async def conversing(
    transports: Transports,
    address: Address,
    credentials: Credentials | None,
    *,
    take: Take = _nothing,
) -> AsyncIterator[Conversation]:
    """Connect to a camera; errors as `Transports.tcp`.

    Args:
        transports: the driver's own.
        address: of the camera.
        credentials: None for cameras without.
        take: is given each packet that comes between the messages, its framing included. While it
            waits, nothing more is read.
    """
    tls: Literal[True] | None = True if address.encrypted else None
    stream = await transports.tcp(address.host, address.port, tls=tls)
    conversation = Conversation(stream, credentials, take)
    listening = asyncio.create_task(conversation.listen(), name="RTSP conversation")
    try:
        yield conversation
    finally:
        listening.cancel()
        try:
            await asyncio.gather(listening, return_exceptions=True)
        finally:  # also where whoever ends it is cancelled meanwhile
            stream.close()


def refusal(answer: Message, method: str) -> DeviceError | None:
    """Return what a bad answer means, None of a good one."""
    status = answer.status
    said = f"{method}: {answer.start[:80]}"
    if 200 <= status < 300:
        return None
    if status in (401, 403, 407):
        return AccessRefused(said)
    if status in (408, 453) or status >= 500:
        return Unreachable(said)
    if status == 461:
        return WrongDevice(f"{said}: the camera does not give its picture over TCP")
    if 300 <= status < 400:
        return WrongDevice(f"{said}: the address leads elsewhere")
    return WrongDevice(said)
