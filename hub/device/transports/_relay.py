"""A relay for libraries that open their own connections: a local address that leads to the device.

What passes goes through a `Channel` like everything else, so it is recorded, replayed and spoilt.
Any program on this computer could use the address while it is open.
"""

import asyncio
import os
import pty
import tty
from collections.abc import Awaitable, Callable
from typing import cast

from hub.device._errors import DeviceError
from hub.device.transports._nodes import NodeTransport

Dial = Callable[["Leg"], Awaitable[None]]

_LEAST_PORT = 10000  # five digits: as many as its stand-in in recordings has
_TRIES = 20


class Leg(asyncio.Protocol):
    """One side of a relayed connection: gives what comes to the other side."""

    def __init__(self, open_legs: "set[Leg]") -> None:
        self.other: Leg | None = None
        self._open = open_legs
        self._transport: asyncio.Transport | None = None
        self._over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the side that was open first has waited for this one."""
        self._transport = cast("asyncio.Transport", transport)
        self._open.add(self)
        other = self.other
        if other is None:
            return
        if self._over or other._over:  # noqa: SLF001 - its twin: it hung up meanwhile
            self._transport.close()
        elif other._transport is None:  # noqa: SLF001 - its twin
            # Not at once: older asyncio begins to read after this, whether paused or not.
            asyncio.get_running_loop().call_soon(self._wait)
        else:
            other._transport.resume_reading()  # noqa: SLF001 - its twin

    def _wait(self) -> None:
        """Read nothing until the other side is there to take it."""
        waiting = self.other is not None and self.other._transport is None  # noqa: SLF001 - its twin
        if waiting and self._transport is not None and not self._over:
            self._transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Hand on."""
        if self.other is not None and self.other._transport is not None:  # noqa: SLF001 - its twin
            self.other._transport.write(data)  # noqa: SLF001 - its twin

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's
        """End the other side too."""
        self._over = True
        self._open.discard(self)
        if self.other is not None:
            self.other.close()

    def pause_writing(self) -> None:
        """This side does not keep up: the other one waits."""
        if self.other is not None and self.other._transport is not None:  # noqa: SLF001 - its twin
            self.other._transport.pause_reading()  # noqa: SLF001 - its twin

    def resume_writing(self) -> None:
        """This side keeps up again."""
        if self.other is not None and self.other._transport is not None:  # noqa: SLF001 - its twin
            self.other._transport.resume_reading()  # noqa: SLF001 - its twin

    def close(self) -> None:
        """Close, what was sent before included."""
        if self._transport is not None and not self._over:
            self._transport.close()
        self._over = True


def joined(open_legs: set[Leg]) -> tuple[Leg, Leg]:
    """Return two sides of one connection; each is in `open_legs` while it is open."""
    near, far = Leg(open_legs), Leg(open_legs)
    near.other, far.other = far, near
    return near, far


class TcpRelay:
    """A listener on a free loopback port; each connection to it becomes one to the device."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: set[Leg] = set()

    async def open(self) -> tuple[str, int]:
        """Listen; return host and port (OSError)."""
        loop = asyncio.get_running_loop()
        for _ in range(_TRIES):
            self._server = await loop.create_server(self._accept, "127.0.0.1", 0)
            host, port = self._server.sockets[0].getsockname()[:2]
            if port >= _LEAST_PORT:
                break
            self._server.close()
        return str(host), int(port)

    async def close(self) -> None:
        """Stop, and close what is open."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for leg in list(self._open):
            leg.close()

    def _accept(self) -> Leg:
        near, far = joined(self._open)
        task = asyncio.create_task(self._connect(near, far), name="relay")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return near

    async def _connect(self, near: Leg, far: Leg) -> None:
        try:
            await self._dial(far)
        except DeviceError:
            near.close()  # the library sees that nobody answers


class PtyRelay:
    """A pseudo-terminal that leads to a serial device: a path for a library to open."""

    def __init__(self, dial: Dial) -> None:
        self._dial = dial
        self._slave = -1
        self._near: Leg | None = None

    async def open(self) -> str:
        """Open both ends; return the path (DeviceError where the device cannot be opened)."""
        near, far = joined(set())
        await self._dial(far)
        master, self._slave = pty.openpty()  # our own end keeps it open between two openings
        tty.setraw(self._slave)
        os.set_blocking(master, False)
        path = os.ttyname(self._slave)
        NodeTransport(master, near, most=65536, target=path, close_node=lambda: os.close(master))
        self._near = near
        return path

    async def close(self) -> None:
        """Close both ends."""
        if self._near is not None:
            self._near.close()
            os.close(self._slave)
            if self._near.other is not None:
                self._near.other.close()
