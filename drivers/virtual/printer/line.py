"""The printer's serial line: a pseudo-terminal that can be pulled and put back."""

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import tty
from collections.abc import Callable
from pathlib import Path

MOST_UNREAD = 64 * 1024
MOST_UNSENT = 64 * 1024 * 1024
# Linux' `struct termios2` has speeds as numbers, also those that no constant stands for.
_TCGETS2 = 0x802C542A
_TERMIOS2 = struct.Struct("=IIII20sII")


class Line:
    """The printer's end of a serial line whose path stays the same when it is put back.

    What nobody listens to is lost, as on a real line.

    Args:
        path: a name for whoever opens the line.
        baudrate: its speed: at any other both sides hear noise. Without, every speed is right.
    """

    def __init__(self, path: Path, baudrate: int | None = None) -> None:
        self.path = path
        self._baudrate = baudrate
        self._master = self._slave = -1
        self._come = bytearray()
        self._unsent = bytearray()
        self._news: Callable[[], None] = lambda: None

    def open(self, news: Callable[[], None]) -> None:
        """Put the cable in; `news` is called when something has come."""
        # Our own hold of the far end keeps the line up while nobody has it open.
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._news = news
        self._come.clear()
        self._unsent.clear()
        self.path.symlink_to(os.ttyname(self._slave))
        asyncio.get_running_loop().add_reader(self._master, self._readable)

    def close(self) -> None:
        """Pull the cable: who has the line open sees it hung up, and the path is gone."""
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        self.path.unlink(missing_ok=True)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1

    def take(self) -> bytes:
        """Return what has come."""
        come, self._come = bytes(self._come), bytearray()
        return come

    def write(self, data: bytes) -> None:
        """Say something, as fast as it is read."""
        if not data or self._master < 0:
            return
        data = self._across(data)
        if self._unsent:
            self._unsent += data[: MOST_UNSENT - len(self._unsent)]
            return
        rest = data[self._push(data) :]
        if rest:
            self._unsent += rest
            asyncio.get_running_loop().add_writer(self._master, self._writable)

    def _across(self, data: bytes) -> bytes:
        """Return what arrives of it at the other end."""
        if self._baudrate is None or self._baudrate == _speed(self._master):
            return data
        return bytes(0x80 | (byte * 37 & 0x7F) for byte in data)

    def _push(self, data: bytes | bytearray) -> int:
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def _writable(self) -> None:
        del self._unsent[: self._push(self._unsent)]
        if not self._unsent:
            asyncio.get_running_loop().remove_writer(self._master)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._come += self._across(os.read(self._master, 4096))
            del self._come[:-MOST_UNREAD]
            self._news()


def _speed(line: int) -> int:
    """Return the speed that whoever opened the line has set, in baud."""
    return int(_TERMIOS2.unpack(fcntl.ioctl(line, _TCGETS2, bytes(_TERMIOS2.size)))[-1])
