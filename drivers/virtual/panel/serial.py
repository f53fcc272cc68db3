"""Where a panel with a table of commands is: on a serial line, or on the network."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from drivers.virtual.panel.table import OnALine, TableLine
from drivers.virtual.peer import Pty


@contextlib.asynccontextmanager
async def on_a_line(panel: OnALine) -> AsyncIterator[str]:
    """Have it on a pseudo-terminal; yields the path."""

    async def listen(line: Pty) -> None:
        while True:
            panel.take(await line.read(), line.write)

    async with Pty() as line:
        listening = asyncio.create_task(listen(line), name="panel on a line")
        try:
            yield line.path
        finally:
            listening.cancel()


@contextlib.asynccontextmanager
async def on_the_network(panel: OnALine) -> AsyncIterator[str]:
    """Have it on a port of loopback; yields the address."""
    loop = asyncio.get_running_loop()
    lines: list[TableLine] = []

    def line() -> TableLine:
        lines.append(TableLine(panel))
        return lines[-1]

    server = await loop.create_server(line, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for one in lines:
            one.close()
        await server.wait_closed()
        await asyncio.sleep(0)  # for the sockets to be closed
