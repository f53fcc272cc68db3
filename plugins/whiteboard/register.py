"""Boards in the store: what is known of them beside their documents."""

from dataclasses import dataclass, replace

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hub import clock
from hub.errors import NotFound
from hub.ids import new_id
from hub.plugin import Store
from hub.store import Page
from plugins.whiteboard.errors import TooManyBoards
from plugins.whiteboard.names import SHARED
from plugins.whiteboard.tables import BoardRow, DocumentRow, UpdateRow

MOST_IN_A_LESSON = 50


@dataclass(frozen=True, slots=True)
class Board:
    """A board. Times are seconds since the epoch; `owner`: who made it."""

    id: str
    title: str
    lesson: str
    owner: str
    created: float
    updated: float


class Register:
    """All boards of the hub."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def get(self, board: str) -> Board:
        """Return a board. Raises `NotFound`."""
        return await self._store.read(lambda session: _board(_row(session, board)))

    async def of(self, lessons: list[str] | None, *, cursor: str | None, limit: int) -> Page[Board]:
        """Return boards, the newest first; of these lessons, or of all."""

        def work(session: Session) -> Page[Board]:
            query = select(BoardRow).order_by(BoardRow.id.desc()).limit(limit + 1)
            if lessons is not None:
                query = query.where(BoardRow.lesson.in_(lessons))
            if cursor is not None:
                query = query.where(BoardRow.id < cursor)
            rows = [_board(row) for row in session.scalars(query)]
            return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)

        return await self._store.read(work)

    async def authors(self, board: str) -> list[tuple[str, str]]:
        """Return names and colours of a board's documents."""
        query = select(DocumentRow.name, DocumentRow.colour).where(DocumentRow.board == board)

        def work(session: Session) -> list[tuple[str, str]]:
            return [
                (row.name, row.colour) for row in session.execute(query.order_by(DocumentRow.id))
            ]

        return await self._store.read(work)

    async def add(self, title: str, lesson: str, owner: str, shared: bytes) -> Board:
        """Make a board whose shared document holds the update `shared`. Raises `TooManyBoards`."""
        now = clock.now()
        made = Board(new_id(), title, lesson, owner, now, now)

        def work(session: Session) -> None:
            query = select(func.count()).where(BoardRow.lesson == lesson)
            if (session.scalar(query) or 0) >= MOST_IN_A_LESSON:
                raise TooManyBoards(f"lesson {lesson}")
            session.add(
                BoardRow(
                    id=made.id, title=title, lesson=lesson, owner=owner, created=now, updated=now
                )
            )
            session.flush()
            document = DocumentRow(
                board=made.id, name=SHARED, colour="", created=now, snapshot=b"", through=0
            )
            session.add(document)
            session.flush()
            session.add(UpdateRow(document=document.id, data=shared, time=now, by=owner))

        await self._store.write(work)
        return made

    async def rename(self, board: str, title: str) -> Board:
        """Give a board another title. Raises `NotFound`."""
        now = clock.now()

        def work(session: Session) -> Board:
            found = _board(_row(session, board))
            change = update(BoardRow).where(BoardRow.id == board)
            session.execute(change.values(title=title, updated=now))
            return replace(found, title=title, updated=now)

        return await self._store.write(work)

    async def unchanged_since(self, time: float) -> list[str]:
        """Return the ids of boards to which nothing was written since a time (epoch seconds)."""
        query = select(BoardRow.id).where(BoardRow.updated < time)
        return await self._store.read(lambda session: list(session.scalars(query)))

    async def delete(self, board: str) -> None:
        """Delete a board with all that is on it. Raises `NotFound`."""

        def work(session: Session) -> None:
            _row(session, board)
            session.execute(delete(BoardRow).where(BoardRow.id == board))

        await self._store.write(work)


def _row(session: Session, board: str) -> BoardRow:
    found = session.get(BoardRow, board)
    if found is None:
        raise NotFound(f"board {board}")
    return found


def _board(row: BoardRow) -> Board:
    return Board(row.id, row.title, row.lesson, row.owner, row.created, row.updated)
