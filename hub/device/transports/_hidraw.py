"""Raw HID: reports as packets, feature reports and names by ioctl (linux/hidraw.h)."""

import fcntl
import os
import struct

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


class HidrawPort(PacketPort):
    """A HID device: each packet is one report, its number first where the device numbers them."""

    oldest = 2.0

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self._fd = -1
        self._busy = 0  # calls in threads that use the node
        self._closing = False

    def open(self, channel: Channel, path: str) -> None:
        """Open the node (OSError)."""
        self._fd = open_node(path, os.O_RDWR)
        NodeTransport(self._fd, channel, most=MOST_REPORT, target=path, close_node=self._close_node)

    def _close_node(self) -> None:
        self._closing = True
        self._let_go()

    def _let_go(self) -> None:
        """Close the node once nothing uses it, and once only: its number is soon another's."""
        if self._closing and not self._busy and self._fd >= 0:
            number, self._fd = self._fd, -1
            os.close(number)

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
        # A report may travel to the device and back: in a thread, the node open until it has.
        self._busy += 1
        try:
            return await self.channel.call(
                name, request, lambda: ioctl(self._fd, code, request), blocking=True
            )
        finally:
            self._busy -= 1
            self._let_go()


def ioctl(fd: int, code: int, request: bytes) -> bytes:
    """Do an ioctl that fills a buffer, and return the filled part (OSError)."""
    buffer = bytearray(request)
    answered = fcntl.ioctl(fd, code, buffer)
    return bytes(buffer[:answered] if 0 < answered <= len(buffer) else buffer)
