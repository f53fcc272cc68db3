"""Documents in the store: a log of updates, folded into a snapshot now and then.

What `append` has returned for survives a power cut (`synchronous = FULL`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pycrdt
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hub import clock
from hub.plugin import Store
from plugins.whiteboard.documents.document import Document, built
from plugins.whiteboard.tables import BoardRow, DocumentRow, UpdateRow

FOLD_ENTRIES = 1000
FOLD_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Written:
    """An update to be written. `by`: who sent it."""

    document: Document
    data: bytes
    by: str


class Shelf:
    """The documents of all boards."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def documents(self, board: str) -> list[Document]:
        """Return a board's documents, not loaded, in the order in which they came to be."""

        def work(session: Session) -> list[Document]:
            sizes = (
                select(UpdateRow.document, func.count(), func.sum(func.length(UpdateRow.data)))
                .group_by(UpdateRow.document)
                .subquery()
            )
            query = (
                select(
                    DocumentRow.id,
                    DocumentRow.name,
                    DocumentRow.colour,
                    DocumentRow.through,
                    func.length(DocumentRow.snapshot),
                    *sizes.c[1:],
                )
                .outerjoin(sizes, sizes.c[0] == DocumentRow.id)
                .where(DocumentRow.board == board)
                .order_by(DocumentRow.id)
            )
            found = []
            for row, name, colour, through, snapshot, entries, size in session.execute(query):
                one = Document(name, colour, row)
                one.through, one.tail = through, (entries or 0, size or 0)
                one.size = snapshot + one.tail[1]
                found.append(one)
            return found

        return await self._store.read(work)

    async def load(self, document: Document) -> None:
        """Load a document. Raises `BadUpdate` where the store has what is no update."""
        row = document.row
        if row is None:
            document.take(built(()))
            return

        def work(session: Session) -> "tuple[pycrdt.Doc[Any], int, tuple[int, int], int]":
            found = session.execute(
                select(DocumentRow.snapshot, DocumentRow.through).where(DocumentRow.id == row)
            ).one()
            query = select(UpdateRow.seq, UpdateRow.data).where(UpdateRow.document == row)
            tail = session.execute(query.order_by(UpdateRow.seq)).all()
            updates = [found.snapshot] if found.snapshot else []
            updates += [data for _, data in tail]
            # Built in the store's own thread: a full board takes a tenth of a second.
            doc = built(updates)
            size = (len(tail), sum(len(data) for _, data in tail))
            return doc, tail[-1].seq if tail else found.through, size, sum(map(len, updates))

        doc, document.through, document.tail, document.size = await self._store.read(work)
        document.take(doc)

    async def append(self, board: str, entries: Sequence[Written]) -> list[int]:
        """Write updates, all or none; returns their places in the log.

        Raises:
            StoreBusy, StorageFull, StoreClosed: nothing was written.
        """
        now = clock.now()

        def work(session: Session) -> tuple[list[int], dict[Document, int]]:
            made: dict[Document, int] = {}
            seqs = []
            for one in entries:
                row = one.document.row or made.get(one.document)
                if row is None:
                    row = made[one.document] = _add(session, board, one.document, now)
                entry = UpdateRow(document=row, data=one.data, time=now, by=one.by)
                session.add(entry)
                session.flush()
                seqs.append(entry.seq)
            session.execute(update(BoardRow).where(BoardRow.id == board).values(updated=now))
            return seqs, made

        seqs, made = await self._store.write(work)
        for document, row in made.items():
            document.row = row
        for one, seq in zip(entries, seqs, strict=True):
            count, size = one.document.tail
            one.document.tail = (count + 1, size + len(one.data))
            one.document.size += len(one.data)
            one.document.through = max(one.document.through, seq)
        return seqs

    async def strike(self, seqs: Sequence[int]) -> None:
        """Take entries out again that turned out to be none."""
        await self._store.write(
            lambda session: session.execute(delete(UpdateRow).where(UpdateRow.seq.in_(seqs)))
        )

    async def fold(self, document: Document) -> None:
        """Make one snapshot of a document that is in memory, with all that is in its log."""
        whole, through, row = document.whole(), document.through, document.row

        def work(session: Session) -> None:
            session.execute(
                update(DocumentRow)
                .where(DocumentRow.id == row)
                .values(snapshot=whole, through=through)
            )
            folded = UpdateRow.document == row, UpdateRow.seq <= through
            session.execute(delete(UpdateRow).where(*folded))

        await self._store.write(work)
        document.tail, document.size = (0, 0), len(whole)


def wants_folding(document: Document) -> bool:
    """Tell whether the log has grown so much that a snapshot is worth while."""
    entries, size = document.tail
    return entries >= FOLD_ENTRIES or size >= max(FOLD_BYTES, (document.size - size) // 2)


def _add(session: Session, board: str, document: Document, now: float) -> int:
    row = DocumentRow(
        board=board,
        name=document.name,
        colour=document.colour,
        created=now,
        snapshot=b"",
        through=0,
    )
    session.add(row)
    session.flush()
    return row.id
