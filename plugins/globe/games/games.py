"""Games as they are played, in turn or by who is first; every answer is kept, then acknowledged.

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
from plugins.globe.games.buzzer import Mode, answered, holder, is_over, pressed
from plugins.globe.games.errors import InTurn, NoLessonForGame, NotAsked, OtherAnswers
from plugins.globe.games.levels import Level, QuestionKind, rules
from plugins.globe.games.questions import own_questions, questions
from plugins.globe.tables import GameRow

MOST_LISTED = 200
MOST_RUNNING = 3
RUNNING_FOR = 2 * 3600.0
"""Seconds; a game that was begun before that was left."""

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
        mode: Mode = Mode.TURNS,
        seconds: int | None = None,
        own: Sequence[tuple[str, str, Sequence[str]]] = (),
        by: Principal,
    ) -> Told:
        """Begin a game.

        Args:
            players: their names.
            kinds: what is asked; none: what is usual at the level.
            level: for pupils of which classes.
            rounds: questions for each player.
            mode: in turn, or whoever is first.
            seconds: for a question, 0: as long as it takes; None: as is usual at the level.
            own: a teacher's questions in place of ours (text, right place, wrong ones).
            by: who begins it.

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
                mode=mode.value,
                seconds=rules()[level].seconds if seconds is None else seconds,
                questions=[one._asdict() for one in asked],
                answers=[],
                tries=[],
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

    async def press(self, game: str, question: int, player: int, by: Principal) -> Told:
        """Take a press: the first one may answer. Too late, or a second time, it changes nothing.

        Raises:
            NotFound, Forbidden: there is no such game, or it is another lesson's.
            NotAsked: another question is asked.
            InTurn: in this game nobody presses.
            Invalid: there is no such player.
        """
        lesson = await self._lesson(await self.get(game, by), by)

        def work(session: Session) -> Told:
            row = _row(session, game)
            if row.mode != Mode.BUZZER:
                raise InTurn
            if player >= len(row.players):
                raise Invalid(f"there is no player {player}")
            if row.ended is not None or question != row.at:
                raise NotAsked(f"question {row.at} is asked")
            if len(row.answers) <= question:
                row.tries = pressed(row.tries, question, player)
            return _game(row)

        return self._tell(await self._hub.store.write(work), lesson)

    async def answer(
        self, game: str, question: int, place: str, by: Principal, *, player: int | None = None
    ) -> Told:
        """Take the answer to a question; the same one again changes nothing.

        Where the first answers, a wrong answer passes to those who have not tried yet.

        Args:
            game: its id.
            question: which.
            place: the answer; empty: whoever is asked does not know, or nobody presses.
            by: who tells it.
            player: whose answer it is, where the first answers; None: whoever has pressed.

        Raises:
            NotFound, Forbidden: there is no such game, or it is another lesson's.
            NotAsked: another question is asked, or this one has another answer already.
            NotPressed, OtherAnswers: it is not this player who may answer.
            Invalid: the place is none to choose from.
        """
        lesson = await self._lesson(await self.get(game, by), by)

        def work(session: Session) -> Told:
            row = _row(session, game)
            if row.ended is not None or question != row.at:
                raise NotAsked(f"question {row.at} is asked")
            asked = row.questions[question]
            if place and place not in (asked["choices"] or self._atlas.places):
                raise Invalid(f"{place} is no answer")
            over = len(row.answers) > question
            if row.mode == Mode.BUZZER:
                nobody = not place and player is None
                if nobody and not over and (held := holder(row.tries, question)) is not None:
                    raise OtherAnswers(f"player {held} has just pressed")
                if not nobody:
                    row.tries = answered(row.tries, question, place, player)
                over_now = is_over(row.tries, question, asked["right"], len(row.players))
                if (nobody or over_now) and not over:
                    row.answers = [*row.answers, place]
            elif not over:
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
                row.tries = [one for one in row.tries if one["place"] is not None]
                if row.at + 1 < len(row.questions):
                    row.at += 1
                else:
                    row.ended = now()
            return _game(row)

        return self._tell(await self._hub.store.write(work), lesson)

    async def listed(self, by: Principal, *, over: bool = True) -> list[Told]:
        """Return the games of the lesson that `by` is in, the newest first: over, or played now."""
        lesson = await self._hub.school.default_lesson(by)
        if lesson is None:
            return []
        check(by, self._hub.school.lesson_access(lesson))

        def work(session: Session) -> list[Told]:
            query = select(GameRow).where(GameRow.lesson == lesson.id).order_by(GameRow.id.desc())
            if over:
                query = query.where(GameRow.ended.is_not(None)).limit(MOST_LISTED)
            else:
                since = GameRow.started > now() - RUNNING_FOR
                query = query.where(GameRow.ended.is_(None), since).limit(MOST_RUNNING)
            rows = session.scalars(query)
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
        "mode": row.mode,
        "seconds": row.seconds,
        "questions": list(row.questions),
        "answers": list(row.answers),
        "tries": list(row.tries),
        "at": row.at,
        "ended": row.ended,
    }
