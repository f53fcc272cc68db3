r"""What a peer of the virtual classroom needs: an end, and a serial line to speak on.

A whole peer that gives each line back:

    async def main() -> None:
        async with Pty() as line:
            said(line.path)
            while True:
                line.write(await line.read_line() + b"\n")

    run(main())

The driver opens the path as it would open `/dev/ttyUSB0`.
"""

import asyncio
import contextlib
import os
import pty
import signal
import tty
from collections.abc import Coroutine
from typing import Any, Self

MOST_BUFFERED = 4096


def said(address: str) -> None:
    """Print the line that whoever started this peer waits for."""
    print(f"listening on {address}", flush=True)  # noqa: T201 - the hub reads it


def run(main: Coroutine[Any, Any, None]) -> None:
    """Do `main` until SIGTERM or SIGINT comes or the process that started this one has ended."""
    asyncio.run(_until_told(main))


async def _until_told(main: Coroutine[Any, Any, None]) -> None:
    loop = asyncio.get_running_loop()
    work = asyncio.create_task(main, name="peer")
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    watch = asyncio.create_task(orphaned(), name="parent")
    watch.add_done_callback(lambda _: work.cancel())
    try:
        await work
    except asyncio.CancelledError:
        return
    finally:
        watch.cancel()


async def orphaned() -> None:
    """Return when the process that started this one is gone."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel tells nobody
        await asyncio.sleep(1.0)


class Pty:
    """A serial line's device end: whoever opens `path` speaks with this program.

    As on a real line, what nobody listens to is lost. To leave the context is to pull the cable:
    who has the line open sees it hung up, and the path is gone.
    """

    def __init__(self) -> None:
        self.path = ""
        self._master = -1
        self._slave = -1
        self._come = bytearray()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Open it."""
        # Our own hold of the far end keeps the line up while nobody has it open.
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Pull the cable."""
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    async def read_line(self, end: bytes = b"\n", most: int = 1024) -> bytes:
        """Return the next line without its end; one that is longer than `most` is cut there."""
        while True:
            at = self._come.find(end)
            if at >= 0 or len(self._come) >= most:
                cut = min(at, most) if at >= 0 else most
                line = bytes(self._come[:cut])
                del self._come[: cut + (len(end) if cut == at else 0)]
                return line
            self._news.clear()
            await self._news.wait()

    async def read(self) -> bytes:
        """Return what has come, as soon as something has."""
        while not self._come:
            self._news.clear()
            await self._news.wait()
        come, self._come = bytes(self._come), bytearray()
        return come

    def write(self, data: bytes) -> None:
        """Say something; what does not fit into the line's buffer is lost."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._come += os.read(self._master, MOST_BUFFERED)
            del self._come[:-MOST_BUFFERED]
            self._news.set()
