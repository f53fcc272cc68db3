"""Raw HID: reports as packets, feature reports and names by ioctl (linux/hidraw.h)."""

import contextlib
import errno
import fcntl
import os
import struct
import threading
from collections.abc import Iterator

from hub.device._errors import Unreachable
from hub.device.transports._channel import Channel
from hub.device.transports._ends import PacketPort
from hub.device.transports._nodes import NodeTransport

MOST_REPORT = 4096
_WRITE, _READ = 1, 2


def ioc(direction: int, group: str, number: int, size: int) -> int:
    """Return an ioctl's request code (asm-generic/ioctl.h: nr 8 bits, type 8, size 14, dir 2)."""
    return direction << 30 | size << 16 | ord(group) << 8 | number


def open_node(path: str, flags: int) -> int:
    """Open a device node for the event loop (OSError)."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)


class _Node:
    """An open node, closed once nothing uses it, and once only: its number is soon another's.

    A call whose caller was cancelled is still under way in its thread; so it is the thread that
    counts.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._lock = threading.Lock()
        self._users = 0
        self._closing = fd < 0

    @contextlib.contextmanager
    def used(self) -> Iterator[int]:
        """Keep it open meanwhile (OSError where it is closed already)."""
        with self._lock:
            if self._closing:
                raise OSError(errno.ENODEV, "it is closed")
            self._users += 1
        try:
            yield self._fd
        finally:
            with self._lock:
                self._users -= 1
                self._let_go()

    def close(self) -> None:
        """Close it, now or with the last call; never waits."""
        with self._lock:
            self._closing = True
            self._let_go()

    def _let_go(self) -> None:
        if self._closing and not self._users and self._fd >= 0:
            number, self._fd = self._fd, -1
            os.close(number)


class HidrawPort(PacketPort):
    """A HID device: each packet is one report, its number first where the device numbers them."""

    oldest = 2.0

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self._node = _Node(-1)

    def open(self, channel: Channel, path: str) -> None:
        """Open the node (OSError)."""
        fd = open_node(path, os.O_RDWR)
        self._node = _Node(fd)
        NodeTransport(fd, channel, most=MOST_REPORT, target=path, close_node=self._node.close)

    async def name(self) -> str:
        """Return what the device calls itself; untrusted."""
        answer = await self._ioctl("HIDIOCGRAWNAME", ioc(_READ, "H", 0x04, 256), bytes(256))
        return answer.split(b"\0")[0].decode(errors="replace")

    async def descriptor(self) -> bytes:
        """Return the report descriptor."""
        size = await self._ioctl("HIDIOCGRDESCSIZE", ioc(_READ, "H", 0x01, 4), bytes(4))
        request = size + bytes(MOST_REPORT)
        answer = await self._ioctl("HIDIOCGRDESC", ioc(_READ, "H", 0x02, len(request)), request)
        return answer[4 : 4 + struct.unpack("=I", size)[0]]

    async def feature(self, number: int, size: int) -> bytes:
        """Return a feature report; `size` counts its first byte, the number."""
        request = bytes([number]) + bytes(size - 1)
        return await self._ioctl("HIDIOCGFEATURE", ioc(3, "H", 0x07, size), request)

    async def set_feature(self, report: bytes) -> None:
        """Set a feature report; its first byte is its number, 0 where there are none."""
        await self._ioctl("HIDIOCSFEATURE", ioc(3, "H", 0x06, len(report)), report)

    async def _ioctl(self, name: str, code: int, request: bytes) -> bytes:
        if self.channel is None:
            raise Unreachable("it is not open")
        node = self._node

        def work() -> bytes:
            with node.used() as fd:
                return ioctl(fd, code, request)

        # A report may travel to the device and back: in a thread.
        return await self.channel.call(name, request, work, blocking=True)


def ioctl(fd: int, code: int, request: bytes) -> bytes:
    """Do an ioctl that fills a buffer, and return the filled part (OSError)."""
    buffer = bytearray(request)
    answered = fcntl.ioctl(fd, code, buffer)
    return bytes(buffer[:answered] if 0 < answered <= len(buffer) else buffer)
