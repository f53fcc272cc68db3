"""What a driver opens its connections with: `self.transports`."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

from hub.device._errors import DeviceError, Unreachable
from hub.device.transports._channel import Channel
from hub.device.transports._ends import LIMIT, ByteStream, PacketPort
from hub.device.transports._errors import FAILURES, device_error
from hub.device.transports._evdev import EvdevPort
from hub.device.transports._faults import Faults
from hub.device.transports._format import Header
from hub.device.transports._hidraw import HidrawPort
from hub.device.transports._nodes import DatagramAdapter
from hub.device.transports._played import is_played, open_played
from hub.device.transports._recorder import Recorder, RecordingEnd
from hub.device.transports._redact import Secrets
from hub.device.transports._relay import PtyRelay, TcpRelay
from hub.device.transports._replay import Replay
from hub.device.transports._serial import Parity, SerialPort
from hub.device.transports._starttls import begin_tls
from hub.device.transports._v4l2 import V4l2Port

P = TypeVar("P", bound=asyncio.Protocol)
Tls = ssl.SSLContext | Literal[True] | None


class Transports:
    """Opens the connections of one device; each can be recorded, replayed and spoilt.

    Every method that opens raises `Unreachable` where nothing answers within its limit (seconds),
    `AccessRefused` where the device is in use or not ours, `WrongDevice` where it is not trusted.

    Args:
        secrets: what must not be in a recording.
        replay: plays the device instead of it.
    """

    def __init__(self, *, secrets: Secrets | None = None, replay: Replay | None = None) -> None:
        self.recorder: Recorder | None = None
        self.faults: Faults | None = None
        self.replay = replay
        self.secrets = secrets or Secrets()
        if replay is not None:
            replay.secrets = self.secrets
        self._channels: set[Channel] = set()
        self._number = 0
        self._mended: asyncio.TimerHandle | None = None
        self.moving = asyncio.Event()
        self.moving.set()

    # What drivers open.

    async def tcp(
        self, host: str, port: int, *, tls: Tls = None, banner: bytes = b"", limit: float = LIMIT
    ) -> ByteStream:
        """Connect; `tls` True checks the certificate as browsers do.

        Args:
            host: where to.
            port: there.
            tls: how it is encrypted, None where it is not.
            banner: what the device says in the clear before it waits for TLS, byte for byte; it is
                no part of what is read afterwards. `NoTls` where it says something else, or
                nothing within half of the limit.
            limit: seconds for all of it.
        """
        stream = ByteStream(f"{host}:{port}")
        await self._tcp(lambda: stream.protocol, host, port, tls, limit, stream.bind, banner=banner)
        return stream

    async def connect(
        self,
        protocol: Callable[[], P],
        host: str,
        port: int,
        *,
        tls: Tls = None,
        limit: float = LIMIT,
    ) -> P:
        """Connect with an asyncio protocol of the driver's own, for those that must be fast."""
        return await self._tcp(protocol, host, port, tls, limit, lambda _: None)

    async def _tcp(
        self,
        protocol: Callable[[], P],
        host: str,
        port: int,
        tls: Tls,
        limit: float,
        bind: Callable[[Channel], None],
        banner: bytes = b"",
    ) -> P:
        made = protocol()
        loop = asyncio.get_running_loop()

        async def begin(channel: Channel) -> None:
            context = ssl.create_default_context() if tls is True else tls
            if banner and context is not None:
                await begin_tls(channel, host, port, context, banner, limit / 2)
            else:
                await loop.create_connection(lambda: channel, host, port, ssl=context)

        channel = await self.open("tcp", f"{host}:{port}", made, begin, stream=True, limit=limit)
        bind(channel)
        return made

    async def udp(self, host: str, port: int, *, limit: float = LIMIT) -> PacketPort:
        """Talk datagrams with one peer. Nothing is sent yet: silence is no error."""
        packets = PacketPort(f"{host}:{port}")
        loop = asyncio.get_running_loop()

        async def begin(channel: Channel) -> None:
            await loop.create_datagram_endpoint(
                lambda: DatagramAdapter(channel), remote_addr=(host, port)
            )

        target = f"{host}:{port}"
        packets.bind(await self.open("udp", target, packets, begin, stream=False, limit=limit))
        return packets

    async def udp_listen(self, address: str, port: int) -> PacketPort:
        """Take the datagrams that anybody sends to a port of this computer.

        Who sent them is not told: where that matters, have a firewall or another protocol say.
        """
        packets = PacketPort(f"{address}:{port}")
        loop = asyncio.get_running_loop()

        async def begin(channel: Channel) -> None:
            await loop.create_datagram_endpoint(
                lambda: DatagramAdapter(channel), local_addr=(address, port)
            )

        target = f"listening on {address}:{port}"
        packets.bind(await self.open("udp", target, packets, begin, stream=False))
        return packets

    async def serial(
        self, path: str, *, baudrate: int = 115200, parity: Parity = "N", stop_bits: float = 1
    ) -> SerialPort:
        """Open a serial line for this driver alone."""
        line = SerialPort(path)

        async def begin(channel: Channel) -> None:
            line.open(channel, path, baudrate, parity, stop_bits)

        line.bind(await self.open("serial", path, line.protocol, begin, stream=True))
        return line

    async def hidraw(self, path: str) -> HidrawPort:
        """Open a raw HID device: reports are packets."""
        node = HidrawPort(path)

        async def begin(channel: Channel) -> None:
            if is_played(path):
                await open_played(path, channel)
            else:
                node.open(channel, path)

        node.bind(await self.open("hidraw", path, node, begin, stream=False))
        return node

    async def evdev(self, path: str, *, grab: bool = False) -> EvdevPort:
        """Open an input device; `grab` has its events for this driver alone."""
        node = EvdevPort(path)

        async def begin(channel: Channel) -> None:
            if is_played(path):
                await open_played(path, channel)
            else:
                node.open(channel, path)

        node.bind(await self.open("evdev", path, node, begin, stream=False))
        try:
            if grab:
                await node.grab()
        except BaseException:
            node.close()
            raise
        return node

    async def v4l2(self, path: str) -> V4l2Port:
        """Open a camera; others may still use it until a mode is set."""
        node = V4l2Port(path)

        async def begin(channel: Channel) -> None:
            node.open(channel, path)

        node.bind(await self.open("v4l2", path, node, begin, stream=False))
        return node

    @contextlib.asynccontextmanager
    async def relay(
        self, host: str, port: int, *, tls: Tls = None
    ) -> AsyncIterator[tuple[str, int]]:
        """Give a library that opens its own connections a local address that leads to the device.

        `async with self.transports.relay(host, port) as (host, port):`; `tls` is for the way from
        here to the device, the library's own way is plain.
        """

        async def dial(protocol: asyncio.Protocol) -> None:
            await self.connect(lambda: protocol, host, port, tls=tls)

        relay = TcpRelay(dial)
        try:
            local = await relay.open()
            self.secrets.relay(f"{host}:{port}", ":".join(map(str, local)))
            yield local
        finally:
            await relay.close()

    @contextlib.asynccontextmanager
    async def serial_relay(
        self, path: str, *, baudrate: int = 115200, parity: Parity = "N", stop_bits: float = 1
    ) -> AsyncIterator[str]:
        """Give a library that opens serial lines itself a path that leads to the device."""

        async def dial(protocol: asyncio.Protocol) -> None:
            line = SerialPort(path)

            async def begin(channel: Channel) -> None:
                line.open(channel, path, baudrate, parity, stop_bits)

            await self.open("serial", path, protocol, begin, stream=True)

        relay = PtyRelay(dial)
        try:
            yield await relay.open()
        finally:
            await relay.close()

    async def open(
        self,
        transport: str,
        target: str,
        protocol: asyncio.Protocol,
        begin: Callable[[Channel], Awaitable[None]],
        *,
        stream: bool,
        limit: float = LIMIT,
    ) -> Channel:
        """Open a connection of any kind: what a new transport is built on.

        Args:
            transport: the kind's name, such as `usb`.
            target: where it leads, in the same words each time.
            protocol: the driver's side; hears of data and of the end.
            begin: opens the real thing below the channel, which is its protocol. Not called while a
                recording is played.
            stream: bytes without borders; False for packets.
            limit: seconds.
        """
        self._number += 1
        channel = Channel(self, self._number, transport, target, protocol, stream=stream)
        self._channels = {one for one in self._channels if not one.over}
        self._channels.add(channel)
        try:
            try:
                async with asyncio.timeout(limit) as timer:
                    await self._through_faults(f"{transport} {target}")
                    if self.replay is not None:
                        await self.replay.open(channel)
                    else:
                        await begin(channel)
            except TimeoutError as error:
                text = f"no connection within {limit:g} s" if timer.expired() else str(error)
                raise Unreachable(text) from error
        except FAILURES as error:
            self._channels.discard(channel)
            told = device_error(error, f"{transport} {target}")
            if self.recorder is not None:
                self.recorder.note(
                    channel.number,
                    "fail",
                    transport=transport,
                    target=target,
                    stream=stream,
                    code=told.code,
                    text=told.detail,
                )
            if told is error:
                raise
            raise told from error
        return channel

    async def _through_faults(self, what: str) -> None:
        await self.moving.wait()
        faults = self.faults
        if faults is not None and faults.unplug:
            raise Unreachable(f"{what}: unplugged (a fault on command)")
        if faults is not None and faults.delay:
            await asyncio.sleep(faults.delay / 1000)

    # What the hub does with them.

    def record(
        self, path: Path, header: Header, *, most_bytes: int, seconds: float | None = None
    ) -> "asyncio.Future[RecordingEnd]":
        """Record from now on; the result tells how it ended.

        Raises:
            OSError: the file cannot be made.
            RuntimeError: it is being recorded already.
        """
        if self.recorder is not None and not self.recorder.ended.done():
            raise RuntimeError("it is being recorded already")
        recorder = Recorder(path, header, self.secrets, most_bytes=most_bytes)
        self.recorder = recorder
        for channel in self._open():
            channel.note_open(late=True)
            channel.tune()
        timer = None
        if seconds is not None:
            timer = asyncio.get_running_loop().call_later(seconds, recorder.stop, "time")

        def over(_: Any) -> None:
            if timer is not None:
                timer.cancel()
            if self.recorder is recorder:
                self.recorder = None
            for channel in self._open():
                channel.tune()

        recorder.ended.add_done_callback(over)
        return recorder.ended

    def set_faults(self, faults: Faults | None) -> None:
        """Put faults into force, in place of those that are; None mends all."""
        if self._mended is not None:
            self._mended.cancel()
            self._mended = None
        self.faults = faults if faults is not None and faults.any else None
        if self.faults is not None and self.faults.stall:
            self.moving.clear()
        else:
            self.moving.set()
        for channel in self._open():
            channel.tune()
        if self.faults is not None and self.faults.seconds is not None:
            loop = asyncio.get_running_loop()
            self._mended = loop.call_later(self.faults.seconds, self.set_faults, None)

    def drop_all(self) -> None:
        """Close what a driver has left open."""
        for channel in self._open():
            channel.abort()
        self._channels.clear()

    def _open(self) -> list[Channel]:
        return [channel for channel in self._channels if channel.begun and not channel.over]

    @property
    def problem(self) -> DeviceError | None:
        """Why a replay cannot go on, None where it can or where there is none."""
        return None if self.replay is None else self.replay.problem
