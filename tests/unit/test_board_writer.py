"""Whoever has something written on a board learns what came of it, also when the board is closed."""

import asyncio

from hub.errors import NotFound
from plugins.whiteboard.documents import writer
from plugins.whiteboard.documents.document import Document
from plugins.whiteboard.documents.writer import Entry, Writer


class Shelf:
    """A disk that never answers."""

    async def append(self, _board, _written):
        await asyncio.Event().wait()


async def test_what_comes_to_a_closed_board_and_what_it_did_not_write_are_told_so(monkeypatch):
    monkeypatch.setattr(writer, "SETTLES", 0.05)
    told = []
    writing = Writer("b1", Shelf(), lambda _entry: None, lambda _document, _why: None)
    document = Document("pens", "#000000")
    for name in ("on its way", "waits"):
        done = lambda error, name=name: told.append((name, type(error)))  # noqa: E731
        writing.add(Entry(document, b"x", "pens", own=False, done=done))
        await asyncio.sleep(0.01)
    await writing.stop()
    assert told == [("on its way", NotFound), ("waits", NotFound)]
    writing.add(Entry(document, b"x", "pens", own=False, done=lambda e: told.append(type(e))))
    assert told[2:] == [NotFound]
    async with asyncio.timeout(1):
        await writing.settle()
