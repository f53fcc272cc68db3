"""Quizzes that teachers have prepared."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.clock import now
from hub.errors import NotFound
from hub.ids import new_id
from hub.plugin import PluginHub, Principal, when
from plugins.touch.quiz.errors import QuizChanged, TooManyQuizzes
from plugins.touch.tables import QuizRow

MOST_QUIZZES = 500
MOST_QUESTIONS = 60

Told = dict[str, Any]


class Quizzes:
    """The quizzes of the school; every teacher may use and change them."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def all(self) -> list[Told]:
        """Return all, the one changed last first, without their questions."""

        def work(session: Session) -> list[Told]:
            rows = session.scalars(select(QuizRow).order_by(QuizRow.changed.desc()))
            return [_told(row) for row in rows]

        return await self._hub.store.read(work)

    async def get(self, quiz: str) -> Told:
        """Return one, with its questions. Raises `NotFound`."""

        def work(session: Session) -> Told:
            row = _row(session, quiz)
            return {**_told(row), "questions": row.questions}

        return await self._hub.store.read(work)

    async def save(
        self, quiz: str | None, title: str, questions: list[Told], *, revision: int, by: Principal
    ) -> Told:
        """Keep a quiz; None makes a new one.

        Raises:
            NotFound: there is no such quiz.
            QuizChanged: `revision` is not the one that is kept.
            TooManyQuizzes: no more are kept.
        """

        def work(session: Session) -> Told:
            if quiz is None:
                count = session.scalar(select(func.count()).select_from(QuizRow)) or 0
                if count >= MOST_QUIZZES:
                    raise TooManyQuizzes(f"{count} quizzes")
                row = QuizRow(id=new_id(), revision=0, owner=by.owner)
                session.add(row)
            else:
                row = _row(session, quiz)
            if row.revision != revision:
                raise QuizChanged(f"revision {row.revision}, not {revision}")
            row.title, row.questions = title, questions
            row.revision, row.changed = revision + 1, now()
            return {**_told(row), "questions": questions}

        return await self._hub.store.write(work)

    async def delete(self, quiz: str, *, by: Principal) -> None:
        """Delete one; games and results of it stay. Raises `NotFound`."""

        def work(session: Session) -> None:
            row = _row(session, quiz)
            record(session, by, "touch.delete-quiz", quiz, {"title": row.title})
            session.delete(row)

        await self._hub.store.write(work)


def _row(session: Session, quiz: str) -> QuizRow:
    row = session.get(QuizRow, quiz)
    if row is None:
        raise NotFound(f"no quiz {quiz}")
    return row


def _told(row: QuizRow) -> Told:
    return {
        "id": row.id,
        "title": row.title,
        "count": len(row.questions),
        "revision": row.revision,
        "changed": when(row.changed),
    }
