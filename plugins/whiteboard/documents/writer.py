"""Writes what comes to a board, in the order in which it came: the disk first, then everybody.

Whatever has come while the disk was busy goes into one transaction.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from hub.errors import NotFound
from hub.plugin import HubError
from plugins.whiteboard.documents.document import EMPTY, Document
from plugins.whiteboard.documents.shelf import Shelf, Written, wants_folding
from plugins.whiteboard.errors import BadUpdate

log = logging.getLogger("classhub.whiteboard")

MOST_AT_ONCE = 500
SETTLES = 4.0
FULL = 48 << 20
"""Bytes of a document that take no more."""


@dataclass(slots=True)
class Entry:
    """An update on its way.

    Attributes:
        own: made by the hub; the document in memory has it already.
        source: who sent it; is not told of it.
        done: gets None when it is on the disk, or why it is not.
    """

    document: Document
    data: bytes
    by: str
    own: bool
    source: object = None
    done: Callable[[HubError | None], None] = field(default=lambda _error: None)


class Writer:
    """The one who writes to a board's documents.

    Args:
        board: its id.
        shelf: where they are kept.
        tell: told of each update that is on the disk, before its `done`.
        spoilt: told of a document whose copy in memory is no good; it is unloaded.
    """

    def __init__(
        self,
        board: str,
        shelf: Shelf,
        tell: Callable[[Entry], None],
        spoilt: Callable[[Document, HubError], None],
    ) -> None:
        self._board = board
        self._shelf = shelf
        self._tell = tell
        self._spoilt = spoilt
        self._pending: list[Entry] = []
        self._batch: list[Entry] = []
        self._stopped = False
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = asyncio.create_task(self._run(), name=f"board {board}: writer")

    def add(self, entry: Entry) -> None:
        """Have an update written; of a board that is closed its `done` gets `NotFound`."""
        if self._stopped:
            entry.done(NotFound(f"board {self._board} is closed"))
            return
        self._pending.append(entry)
        self._idle.clear()
        self._wake.set()

    async def settle(self) -> None:
        """Wait until all that was added is written, or not."""
        await self._idle.wait()

    async def stop(self) -> None:
        """Write what waits, and end. Who waits for what could not be written is told so."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLES):
                await self.settle()
        self._stopped = True
        self._task.cancel()
        await asyncio.wait([self._task], timeout=1.0)
        left, self._batch, self._pending = [*self._batch, *self._pending], [], []
        for one in left:
            one.done(NotFound(f"board {self._board} is closed"))
        self._idle.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._batch, self._pending = self._pending[:MOST_AT_ONCE], self._pending[MOST_AT_ONCE:]
            if self._batch:
                await self._write(self._batch)
                self._batch = []
            if not self._pending:
                self._wake.clear()
                self._idle.set()

    async def _write(self, batch: list[Entry]) -> None:
        real = [one for one in batch if one.data != EMPTY]
        try:
            written = [Written(one.document, one.data, one.by) for one in real]
            seqs = await self._shelf.append(self._board, written) if real else []
        except Exception as error:
            if not isinstance(error, HubError):
                log.exception("a board could not be written")
            why = error if isinstance(error, HubError) else HubError(type(error).__name__)
            for one in {id(one.document): one for one in batch if one.own}.values():
                self._throw_away(one.document, why)
            for one in batch:
                one.done(why)
            return
        places = dict(zip(map(id, real), seqs, strict=True))
        struck = [places[id(one)] for one in batch if not self._take_in(one)]
        try:
            if struck:
                await self._shelf.strike(struck)
            for document in {id(one.document): one.document for one in real}.values():
                if document.loaded and wants_folding(document):
                    await self._shelf.fold(document)
        except HubError as error:
            log.warning("a board's log could not be folded: %s", error)

    def _take_in(self, one: Entry) -> bool:
        """Apply and tell what is on the disk; returns False where it is no update after all."""
        try:
            # One that was thrown away a moment ago gets this from the disk.
            if not one.own and one.data != EMPTY and one.document.loaded:
                one.document.apply(one.data)
        except BadUpdate as error:
            self._throw_away(one.document, error)
            one.done(error)
            return False
        if one.data != EMPTY:
            self._tell(one)
        one.done(None)
        return True

    def _throw_away(self, document: Document, why: HubError) -> None:
        document.unload()
        self._spoilt(document, why)
