"""Device nodes and datagram sockets as asyncio transports, driven by the event loop."""

import asyncio
import errno
import os
import select
from collections import deque
from collections.abc import Callable
from typing import Any, cast

HIGH = 64 * 1024
LOW = 16 * 1024
MOST_WRITE = 1024 * 1024


class NodeTransport(asyncio.Transport):
    """A file descriptor of a character device: serial line, hidraw, evdev, pty, FIFO.

    Args:
        fd: open and non-blocking; `close_node` closes it.
        protocol: hears of it.
        most: bytes of one read; one read is one packet where the node has packets.
        target: named in errors.
    """

    def __init__(
        self,
        fd: int,
        protocol: asyncio.Protocol,
        *,
        most: int,
        target: str,
        close_node: Callable[[], None],
    ) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._fd = fd
        self._protocol: asyncio.BaseProtocol = protocol
        self._most = most
        self._target = target
        self._close_node = close_node
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._reading = False
        self._paused = False
        self._closing = False
        self._gone = False
        protocol.connection_made(self)
        if not self._closing:
            self.resume_reading()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, self._most)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._break(error)
            return
        if data:
            self._come(data)
        elif self._hung_up():
            self._break(OSError(errno.EIO, "it was unplugged"))

    def _come(self, data: bytes) -> None:
        cast("asyncio.Protocol", self._protocol).data_received(data)

    def _hung_up(self) -> bool:
        """Tell a line that was hung up from one that was flushed just now (termios, VMIN 0)."""
        poll = select.poll()
        poll.register(self._fd, select.POLLIN)
        events = dict(poll.poll(0)).get(self._fd, 0)
        return bool(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send; what the device does not take at once is sent when it does, 1 MB at most."""
        if self._closing or self._gone or not data:
            return
        if not self._waiting and not self._push(bytes(data)):
            return
        if self._waiting:
            self._loop.add_writer(self._fd, self._writable)
        if self._size > MOST_WRITE:
            self._break(TimeoutError(errno.ETIMEDOUT, "it takes nothing more"))

    def _push(self, data: bytes) -> bool:
        """Write now, keep what is left; False where the device has gone."""
        try:
            sent = os.write(self._fd, data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError as error:
            self._break(error)
            return False
        if sent < len(data):
            self._waiting.appendleft(data[sent:])
            self._size += len(data) - sent
            if self._size > HIGH and not self._paused:
                self._paused = True
                self._protocol.pause_writing()
        return True

    def _writable(self) -> None:
        while self._waiting:
            data = self._waiting.popleft()
            self._size -= len(data)
            left = len(self._waiting)
            if not self._push(data):
                return
            if len(self._waiting) > left:
                break
        if not self._waiting:
            self._loop.remove_writer(self._fd)
            if self._closing:
                self._end(None)
                return
        if self._paused and self._size < LOW:
            self._paused = False
            self._protocol.resume_writing()

    def pause_reading(self) -> None:
        """Take nothing for now."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._fd)

    def resume_reading(self) -> None:
        """Take what comes."""
        if not self._reading and not self._closing and not self._gone:
            self._reading = True
            self._loop.add_reader(self._fd, self._readable)

    def is_reading(self) -> bool:
        """Tell whether what comes is taken."""
        return self._reading

    def close(self) -> None:
        """Close once all is written."""
        if not self._closing:
            self._closing = True
            self.pause_reading()
            if not self._waiting:
                self._end(None)

    def abort(self) -> None:
        """Close now."""
        self._closing = True
        self._end(None)

    def is_closing(self) -> bool:
        """Tell whether it is over or about to be."""
        return self._closing or self._gone

    def get_write_buffer_size(self) -> int:
        """Return how many bytes wait."""
        return self._size

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol go on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who hears of it."""
        return self._protocol

    def _break(self, error: OSError) -> None:
        if error.filename is None:
            error = type(error)(error.errno, error.strerror, self._target)
        self._end(error)

    def _end(self, error: Exception | None) -> None:
        if self._gone:
            return
        self._gone = True
        self.pause_reading()
        self._loop.remove_writer(self._fd)
        self._waiting.clear()
        self._size = 0
        self._close_node()
        self._loop.call_soon(lambda: self._protocol.connection_lost(error))


class DatagramAdapter(asyncio.Transport, asyncio.DatagramProtocol):
    """A datagram socket that talks to one peer: each datagram is one packet."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._protocol: asyncio.BaseProtocol = protocol
        self._socket: asyncio.DatagramTransport | None = None
        self._error: Exception | None = None
        self._reading = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._socket = cast("asyncio.DatagramTransport", transport)
        self._protocol.connection_made(self)

    def datagram_received(self, data: bytes, addr: Any) -> None:  # noqa: ARG002 - asyncio's
        """Hand on; while nothing is taken, datagrams are lost as on any network."""
        if self._reading and data:
            cast("asyncio.Protocol", self._protocol).data_received(data)

    def error_received(self, exc: Exception) -> None:
        """End: nobody listens there, or there is no way."""
        self._error = exc
        self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._protocol.connection_lost(self._error or exc)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send one datagram."""
        if self._socket is not None and not self._socket.is_closing():
            self._socket.sendto(data)

    def close(self) -> None:
        """Close once all is sent."""
        if self._socket is not None:
            self._socket.close()

    def abort(self) -> None:
        """Close now."""
        if self._socket is not None:
            self._socket.abort()

    def is_closing(self) -> bool:
        """Tell whether it is over or about to be."""
        return self._socket is None or self._socket.is_closing()

    def pause_reading(self) -> None:
        """Take nothing for now."""
        self._reading = False

    def resume_reading(self) -> None:
        """Take what comes."""
        self._reading = True

    def is_reading(self) -> bool:
        """Tell whether what comes is taken."""
        return self._reading

    def get_write_buffer_size(self) -> int:
        """Return 0: a datagram that cannot be sent now is lost as on any network."""
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol go on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who hears of it."""
        return self._protocol
