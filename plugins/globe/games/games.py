"""Games as they are played: turn by turn; every answer is kept before it is acknowledged.

`x/globe/games/<id>` tells those in the lesson that a game has changed. A game that is over is the
result that stays with the lesson.
"""

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import Invalid, NotFound
from hub.ids import new_id
from hub.plugin import Lesson, PluginHub, Principal, check
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.games.errors import NoLessonForGame, NotAsked
from plugins.globe.games.questions import Level, QuestionKind, own_questions, questions
from plugins.globe.tables import GameRow

MOST_LISTED = 200

Told = dict[str, Any]


class Games:
    """The games of all lessons."""

    def __init__(self, hub: PluginHub, atlas: Atlas) -> None:
        self._hub = hub
        self._atlas = atlas

    async def begin(
        self,
        players: list[str],
        kinds: list[QuestionKind],
        level: Level,
        rounds: int,
        *,
        own: Sequence[tuple[str, str, Sequence[str]]] = (),
        by: Principal,
    ) -> Told:
        """Begin a game of so many questions for each player; `own`: a teacher's in place of ours.

        Raises:
            NoLessonForGame: none runs.
            Invalid: a question of theirs names a place that there is not.
        """
        lesson = await self._hub.school.default_lesson(by)
        if lesson is None or not lesson.running:
            raise NoLessonForGame
        count, dice = rounds * len(players), random.SystemRandom()
        for _, right, wrong in own:
            for place in (right, *wrong):
                if place not in self._atlas.places:
                    raise Invalid(f"there is no place {place}")
        asked = (
            own_questions(own, count, dice)
            if own
            else questions(self._atlas, kinds, level, count, dice)
        )

        def work(session: Session) -> Told:
            row = GameRow(
                id=new_id(),
                lesson=lesson.id,
                players=players,
                level=level.value,
                questions=[one._asdict() for one in asked],
                answers=[],
                at=0,
                started=now(),
            )
            session.add(row)
            return _game(row)

        return self._tell(await self._hub.store.write(work), lesson)

    async def get(self, game: str, by: Principal) -> Told:
        """Return how a game stands. Raises `NotFound`, `Forbidden`."""
        told = await self._hub.store.read(lambda session: _game(_row(session, game)))
        await self._lesson(told, by)
        return told

    async def answer(self, game: str, question: int, place: str, by: Principal) -> Told:
        """Take the answer to a question; the same one again changes nothing.

        Raises:
            NotFound, Forbidden: there is no such game, or it is another lesson's.
            NotAsked: another question is asked, or this one has another answer already.
            Invalid: the place is none to choose from.
        """
        lesson = await self._lesson(await self.get(game, by), by)

        def work(session: Session) -> Told:
            row = _row(session, game)
            if row.ended is not None or question != row.at:
                raise NotAsked(f"question {row.at} is asked")
            choices = row.questions[question]["choices"]
            if place not in (choices or self._atlas.places):
                raise Invalid(f"{place} is no answer")
            if len(row.answers) <= question:
                row.answers = [*row.answers, place]
            elif row.answers[question] != place:
                raise NotAsked("it is answered")
            return _game(row)

        return self._tell(await self._hub.store.write(work), lesson)

    async def go_on(self, game: str, question: int, by: Principal) -> Told:
        """Go on from a question to the next, or to the end; from an earlier one changes nothing."""
        lesson = await self._lesson(await self.get(game, by), by)

        def work(session: Session) -> Told:
            row = _row(session, game)
            if row.ended is None and question == row.at:
                if len(row.answers) <= row.at:
                    row.answers = [*row.answers, ""]  # nobody knew
                if row.at + 1 < len(row.questions):
                    row.at += 1
                else:
                    row.ended = now()
            return _game(row)

        return self._tell(await self._hub.store.write(work), lesson)

    async def results(self, by: Principal) -> list[Told]:
        """Return the games of the lesson that `by` is in, the newest first."""
        lesson = await self._hub.school.default_lesson(by)
        if lesson is None:
            return []
        check(by, self._hub.school.lesson_access(lesson))

        def work(session: Session) -> list[Told]:
            query = select(GameRow).where(GameRow.lesson == lesson.id, GameRow.ended.is_not(None))
            rows = session.scalars(query.order_by(GameRow.id.desc()).limit(MOST_LISTED))
            return [_game(row) for row in rows]

        return await self._hub.store.read(work)

    async def _lesson(self, game: Told, by: Principal) -> Lesson:
        lesson = await self._hub.school.lesson(game["lesson"])
        check(by, self._hub.school.lesson_access(lesson))
        return lesson

    def _tell(self, game: Told, lesson: Lesson) -> Told:
        news = {"id": game["id"], "at": game["at"], "over": game["ended"] is not None}
        access = self._hub.school.lesson_access(lesson)
        self._hub.publish(f"games/{game['id']}", news, audience=access)
        return game


def _row(session: Session, game: str) -> GameRow:
    row = session.get(GameRow, game)
    if row is None:
        raise NotFound(f"no game {game}")
    return row


def _game(row: GameRow) -> Told:
    return {
        "id": row.id,
        "lesson": row.lesson,
        "players": list(row.players),
        "level": row.level,
        "questions": list(row.questions),
        "answers": list(row.answers),
        "at": row.at,
        "ended": row.ended,
    }
