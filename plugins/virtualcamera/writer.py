"""The program that writes to a node, from the hub's side: started, told, ended."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from plugins.virtualcamera import writing
from plugins.virtualcamera.errors import WriterFailed, refused
from plugins.virtualcamera.settings import VirtualCameraSettings

STARTING = 30.0
ANSWER = 10.0
ENDING = 3.0
_LINE = 4096


class Writer:
    """A running program; one thing is told at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def picture(self, jpeg: bytes) -> bool:
        """Show a JPEG picture from now on; False where it cannot be read (HubError)."""
        return await self._show(b"J", jpeg)

    async def card(self, title: str, text: str) -> None:
        """Show a card with words (HubError)."""
        await self._show(b"C", json.dumps({"title": title, "text": text}).encode())

    async def opened(self) -> None:
        """Wait until it has the node. Raises HubError: it has not, and why."""
        said = await self._said(STARTING)
        if "mode" not in said:
            raise WriterFailed(f"it says {said}")

    async def _show(self, kind: bytes, data: bytes) -> bool:
        if self._process.stdin is None:
            raise WriterFailed("it has no input")
        try:
            async with asyncio.timeout(ANSWER):
                self._process.stdin.write(kind + len(data).to_bytes(4, "little") + data)
                await self._process.stdin.drain()
        except TimeoutError:
            raise WriterFailed(f"it took nothing for {ANSWER:g} s") from None
        except ConnectionError:
            pass  # it has ended; its last words say why
        return bool((await self._said(ANSWER)).get("good"))

    async def _said(self, limit: float) -> dict[str, Any]:
        if self._process.stdout is None:
            raise WriterFailed("it has no output")
        try:
            async with asyncio.timeout(limit):
                line = await self._process.stdout.readline()
            said = json.loads(line) if line else {}
        except TimeoutError:
            raise WriterFailed(f"it said nothing for {limit:g} s") from None
        except ValueError:
            raise WriterFailed("it says what makes no sense") from None
        if not line:
            raise WriterFailed("it has ended")
        if "refused" in said:
            raise refused(int(said["refused"]), str(said.get("text")))
        return dict(said)

    async def end(self) -> None:
        """End it: other programs see no camera any more."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(ENDING):
                await self._process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


@contextlib.asynccontextmanager
async def writer_to(path: str, settings: VirtualCameraSettings) -> AsyncIterator[Writer]:
    """Have a program that writes to a node while the block lasts.

    Raises:
        HubError: it could not be started, or the node cannot be had.
    """
    numbers = (settings.width, settings.height, settings.rate)
    try:
        process = await asyncio.create_subprocess_exec(
            *writing.PROGRAM,
            path,
            *map(str, numbers),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LINE,
        )
    except OSError as error:
        raise WriterFailed(str(error)) from error
    writer = Writer(process)
    try:
        await writer.opened()
        yield writer
    finally:
        await asyncio.shield(_kept(writer))


_ending: set[asyncio.Task[None]] = set()


def _kept(writer: Writer) -> "asyncio.Task[None]":
    """End a program in a task that is held, also where whoever waits is cancelled."""
    task = asyncio.create_task(writer.end(), name="virtual camera: the writer ends")
    _ending.add(task)
    task.add_done_callback(_ending.discard)
    return task
