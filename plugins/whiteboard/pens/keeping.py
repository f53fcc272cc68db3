"""Writes what pens have drawn and rubbed out, in its order."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from hub.plugin import HubError, Latch
from plugins.whiteboard import pages
from plugins.whiteboard.pens.rubbing import Lines, Place, take
from plugins.whiteboard.pens.strokes import Stroke
from plugins.whiteboard.sync.room import Room

log = logging.getLogger("classhub.whiteboard")

BY = "pens"
MOST_WAITING = 500
AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rubbed:
    """A part of the path of an eraser, in page units."""

    document: str
    page: str
    device: str
    path: Sequence[Place]


Work = Stroke | Rubbed


class Keeper:
    """Writes finished strokes and takes off what was rubbed out; where the disk is full, again."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[tuple[Room, Work]] = asyncio.Queue(MOST_WAITING)
        self._lines: dict[str, Lines] = {}
        self._lines_of: Room | None = None
        self._unkept = Latch(log, "strokes of pens wait: %s", "strokes of pens are kept again")

    def put(self, room: Room, work: Work) -> None:
        """Have something written; a stroke that finds no room is lost, and that is logged."""
        try:
            self._waiting.put_nowait((room, work))
        except asyncio.QueueFull:
            log.error("a stroke of %s is lost: %d wait for the disk", work.device, MOST_WAITING)

    async def settle(self, limit: float | None = None) -> None:
        """Wait until all is written, at most `limit` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit):
                await self._waiting.join()

    def forget(self) -> None:
        """Forget what is known of a board's strokes: pens write on another one."""
        self._lines.clear()
        self._lines_of = None

    async def run(self) -> None:
        """Write, for ever."""
        while True:
            room, work = await self._waiting.get()
            try:
                await self._keep(room, work)
            except Exception:  # else nothing that pens draw would be kept any more
                log.exception("a stroke of %s is lost", work.device)
            finally:
                self._waiting.task_done()

    async def _keep(self, room: Room, work: Work) -> None:
        while True:
            try:
                if isinstance(work, Rubbed):
                    await self._rub(room, work)
                else:
                    await room.change(work.document, pages.add_item(work.key, work.item()), BY)
            except HubError as error:
                self._unkept.failed(error)
                if not error.retryable and error.status != 507:
                    log.error("a stroke of %s is lost: %s", work.device, error)
                    return
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                self._unkept.worked()
                return

    async def _rub(self, room: Room, work: Rubbed) -> None:
        if self._lines_of is not room:
            self._lines.clear()
            self._lines_of = room
        document = await room.document(work.document)
        lines = self._lines.get(work.document)
        if lines is None or lines.document is not document:
            lines = self._lines[work.document] = Lines(document)
        gone = await lines.touched(work.page, work.path)
        if gone:
            await room.change(work.document, take(gone), BY)
