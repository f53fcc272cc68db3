"""The I²C wires of a video cable as a transport: a message out, a pause, the answer in.

`/dev/i2c-N` of the kernel's i2c-dev: what is written or read at once is one message on the bus, to
the address that `I2C_SLAVE` has set (linux/i2c-dev.h). Where the path is a socket, a program plays
the monitor: it is sent `w` and bytes that were written, or `r` and how many are wanted, and answers
with them, nothing where it does not acknowledge.
"""

import asyncio
import errno
import fcntl
import os
import socket
import time
from pathlib import Path
from typing import Any, Protocol

from drivers.panel.ddcci.messages import ADDRESS
from hub.device import Unreachable
from hub.device.transports import Channel, Transports

_I2C_SLAVE = 0x0703
_PLAYED_LIMIT = 2.0


class Wires(Protocol):
    """Two wires; calls block, and raise OSError where nobody acknowledges."""

    def write(self, data: bytes) -> None:
        """Say a message."""

    def read(self, size: int) -> bytes:
        """Hear so many bytes."""

    def close(self) -> None:
        """Let go."""


class NodeWires:
    """Those of a node of the kernel (OSError: it is not ours, or another driver's)."""

    def __init__(self, path: str) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.ioctl(self._fd, _I2C_SLAVE, ADDRESS)
        except BaseException:
            os.close(self._fd)
            raise

    def write(self, data: bytes) -> None:
        """Say a message."""
        os.write(self._fd, data)

    def read(self, size: int) -> bytes:
        """Hear so many bytes."""
        return os.read(self._fd, size)

    def close(self) -> None:
        """Let go."""
        number, self._fd = self._fd, -1
        if number >= 0:
            os.close(number)


class PlayedWires:
    """Those of a program that plays the monitor (OSError: it has gone)."""

    def __init__(self, path: str) -> None:
        self._peer = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._peer.settimeout(_PLAYED_LIMIT)
        try:
            self._peer.connect(path)
        except BaseException:
            self._peer.close()
            raise

    def write(self, data: bytes) -> None:
        """Say a message."""
        self._exchange(b"w" + data)

    def read(self, size: int) -> bytes:
        """Hear so many bytes."""
        return self._exchange(b"r" + bytes([size]))

    def close(self) -> None:
        """Let go."""
        self._peer.close()

    def _exchange(self, packet: bytes) -> bytes:
        self._peer.sendall(packet)
        answer = self._peer.recv(256)
        if not answer:
            raise OSError(errno.ENODEV, "it was unplugged")
        if answer[:1] != b"a":
            raise OSError(errno.EREMOTEIO, os.strerror(errno.EREMOTEIO))
        return answer[1:]


def wires(path: str) -> Wires:
    """Open the wires behind a path (OSError)."""
    return PlayedWires(path) if Path(path).is_socket() else NodeWires(path)


class _Below(asyncio.Transport):
    """What is below the channel: it gives nothing unasked."""

    def __init__(self, protocol: asyncio.Protocol, held: Wires) -> None:
        super().__init__()
        self._protocol: asyncio.BaseProtocol = protocol
        self._held = held
        self._closing = False
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        """Say nothing: exchanges are calls."""

    def close(self) -> None:
        """Let the wires go."""
        self.abort()

    def abort(self) -> None:
        """Let the wires go."""
        if not self._closing:
            self._closing = True
            self._held.close()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    def is_closing(self) -> bool:
        """Tell whether they were let go."""
        return self._closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol hear of the end."""
        self._protocol = protocol

    def pause_reading(self) -> None:
        """Nothing comes unasked."""

    def resume_reading(self) -> None:
        """Nothing comes unasked."""


class MonitorBus(asyncio.Protocol):
    """The way to one monitor."""

    def __init__(self) -> None:
        self._channel: Channel | None = None
        self._held: Wires | None = None

    async def open(self, transports: Transports, path: str) -> None:
        """Open it (Unreachable, AccessRefused)."""

        async def begin(channel: Channel) -> None:
            self._held = await asyncio.to_thread(wires, path)
            _Below(channel, self._held)

        self._channel = await transports.open("i2c", path, self, begin, stream=False)

    def close(self) -> None:
        """Let it go; may be called twice."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.abort()

    async def exchange(self, message: bytes, pause: float, size: int) -> bytes:
        """Say a message, wait, and return what the monitor says; size 0: it says nothing.

        Raises:
            Unreachable: nobody acknowledges.
        """
        if self._channel is None:
            raise Unreachable("it is not open")

        def work() -> bytes:
            held = self._held
            if held is None:
                raise OSError(errno.ENODEV, "it is not open")
            held.write(message)
            if not size:
                return b""
            time.sleep(pause)
            return held.read(size)

        return await self._channel.call("exchange", message, work, blocking=True)
