"""A TCP peer of a test's own, in the test's event loop."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def serving(
    answer: Answer, host: str = "127.0.0.1", *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """Let `answer` hold each conversation, encrypted with `tls`; yields the port.

    Whatever is still said at the end is cut off, and every socket is closed before this is left:
    one left open would be found by the garbage collector in some later test.
    """
    talks: set[asyncio.Task[None]] = set()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        quiet = (OSError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*quiet):
            await answer(reader, writer)
            await writer.drain()
        writer.close()
        with contextlib.suppress(*quiet):
            await writer.wait_closed()

    server = await asyncio.start_server(talk, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in talks:
            one.cancel()
        if talks:
            await asyncio.wait(talks)
        await server.wait_closed()
