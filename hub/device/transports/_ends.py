"""What a driver holds: a stream of bytes, or a port of packets. Every wait has a limit."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable
from typing import TypeVar

from hub.device._errors import DeviceError, TimedOut, Unreachable, WrongDevice
from hub.device.transports._channel import Channel
from hub.device.transports._errors import device_error

T = TypeVar("T")

LIMIT = 5.0
MOST_BUFFERED = 64 * 1024
MOST_PACKETS = 1000


class _Reading(asyncio.StreamReaderProtocol):
    """asyncio's, but a device that hangs up has hung up in both directions."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


class ByteStream:
    """A connection that carries bytes: TCP, a serial line.

    Errors of every method: `TimedOut` when its limit (seconds) has passed, `Unreachable` when the
    device has gone or hung up.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=MOST_BUFFERED, loop=loop)
        self.protocol = _Reading(self._reader, loop=loop)
        self.channel: Channel | None = None
        self._writer: asyncio.StreamWriter | None = None

    def bind(self, channel: Channel) -> None:
        """Take the open connection."""
        self.channel = channel
        loop = asyncio.get_running_loop()
        # StreamWriter wants any asyncio.WriteTransport.
        self._writer = asyncio.StreamWriter(channel, self.protocol, self._reader, loop)

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self.channel is None or self.channel.is_closing()

    async def read(self, most: int = 65536, *, limit: float = LIMIT) -> bytes:
        """Return what has come, at least one byte, at most `most`."""
        data = await self._within(self._reader.read(most), limit)
        if not data:
            raise Unreachable(f"{self._what}: it hung up")
        return data

    async def read_exactly(self, count: int, *, limit: float = LIMIT) -> bytes:
        """Return so many bytes."""
        return await self._within(self._reader.readexactly(count), limit)

    async def read_until(self, end: bytes = b"\n", *, limit: float = LIMIT) -> bytes:
        """Return what comes up to and with `end`; 64 kB without one is `WrongDevice`."""
        try:
            return await self._within(self._reader.readuntil(end), limit)
        except asyncio.LimitOverrunError:
            raise WrongDevice(f"{self._what}: {MOST_BUFFERED} bytes without an end") from None

    async def write(self, data: bytes, *, limit: float = LIMIT) -> None:
        """Send; returns when the device keeps up."""
        if self._writer is None or self.closed:
            raise self._gone()
        self._writer.write(data)
        await self._within(self._writer.drain(), limit)

    def close(self) -> None:
        """Close now; may be called twice."""
        if self.channel is not None:
            self.channel.abort()

    def _gone(self) -> DeviceError:
        error = self._reader.exception()
        if error is not None:
            return device_error(error, self._what)
        return Unreachable(f"{self._what}: it hung up")

    async def _within(self, wait: Awaitable[T], limit: float) -> T:
        try:
            async with asyncio.timeout(limit) as timer:
                return await wait
        except asyncio.IncompleteReadError:
            raise self._gone() from None
        except OSError as error:
            if isinstance(error, TimeoutError) and timer.expired():
                raise TimedOut(f"{self._what}: no answer within {limit:g} s") from None
            raise device_error(error, self._what) from error


class PacketPort(asyncio.Protocol):
    """A connection that carries packets: datagrams, reports, input events.

    The newest thousand wait for the driver; `dropped` counts what was lost before it came for them.
    Where `oldest` is set, nothing but the newest waits for more seconds than that: what a hand did
    while its driver could not follow is not done later.
    """

    oldest: float | None = None

    def __init__(self, what: str) -> None:
        self.dropped = 0
        self.channel: Channel | None = None
        self._what = what
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self._over = False

    def bind(self, channel: Channel) -> None:
        """Take the open connection."""
        self.channel = channel

    def data_received(self, data: bytes) -> None:
        """Keep a packet."""
        if len(self._waiting) >= MOST_PACKETS:
            self._waiting.popleft()
            self.dropped += 1
        self._waiting.append((time.monotonic(), data))
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end."""
        self._over, self._error = True, exc
        self._news.set()

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self._over or self.channel is None or self.channel.is_closing()

    async def receive(self, *, limit: float | None = LIMIT) -> bytes:
        """Return the next packet; `limit` None waits for as long as it takes.

        Raises:
            TimedOut: none came. Unreachable: the device has gone.
        """
        if limit is None or self._waiting:  # what waits is there at once
            await self._some()
        else:
            try:
                async with asyncio.timeout(limit):
                    await self._some()
            except TimeoutError:
                raise TimedOut(f"{self._what}: nothing came within {limit:g} s") from None
        return self._waiting.popleft()[1]

    async def _some(self) -> None:
        """Wait until there is a packet."""
        while not self._waiting:
            if self._over:
                raise self._gone()
            self._news.clear()
            await self._news.wait()
        if self.oldest is not None:
            latest = time.monotonic() - self.oldest
            # The newest stays: what a loss is told by comes with it.
            while len(self._waiting) > 1 and self._waiting[0][0] < latest:
                self._waiting.popleft()
                self.dropped += 1

    async def send(self, data: bytes) -> None:
        """Send a packet (Unreachable where the device has gone)."""
        if self.channel is None or self.closed:
            raise self._gone()
        self.channel.write(data)
        await asyncio.sleep(0)  # what the device refuses at once is known then
        if self._over and self._error is not None:
            raise self._gone()

    def close(self) -> None:
        """Close now; may be called twice."""
        if self.channel is not None:
            self.channel.abort()

    def _gone(self) -> DeviceError:
        if self._error is not None:
            return device_error(self._error, self._what)
        return Unreachable(f"{self._what}: it has gone")
