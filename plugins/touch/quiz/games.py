"""Games: quizzes as they are played. Every answer is kept before it is acknowledged.

`x/touch/games/<id>` tells those in the lesson how a game stands; the right answer only once the
question is over. The end of a game is a result, kept with the lesson.
"""

import random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.errors import Invalid, NotFound
from hub.ids import new_id
from hub.plugin import Lesson, PluginHub, Principal, check, when
from hub.store.tables import LessonRow
from plugins.touch.quiz.errors import NoLessonToPlayIn, NotNow
from plugins.touch.quiz.rules import Answer, answered, mixed, scores
from plugins.touch.tables import GameRow, QuizRow, ResultRow

MOST_RESULTS = 500
"""Of a lesson; what is over that is not kept."""

Told = dict[str, Any]


class Games:
    """The games and results of all lessons."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def lesson(self, lesson: str | None, by: Principal) -> Lesson:
        """Return the lesson that is meant, which `by` is in.

        Raises:
            NotFound: there is no such lesson.
            Forbidden: it is not theirs.
            NoLessonToPlayIn: none is named and none runs.
        """
        school = self._hub.school
        if lesson is None:
            found = await school.default_lesson(by)
            if found is None:
                raise NoLessonToPlayIn
        else:
            found = await school.lesson(lesson)
        check(by, school.lesson_access(found))
        return found

    async def begin(
        self, quiz: str, teams: list[str], *, lesson: str | None, by: Principal
    ) -> Told:
        """Begin a game. Raises as `lesson`, and `NotFound` where there is no such quiz."""
        where = await self.lesson(lesson, by)
        if not where.running:
            raise NoLessonToPlayIn(f"{where.id} has ended")

        def work(session: Session) -> Told:
            known = session.get(QuizRow, quiz)
            if known is None:
                raise NotFound(f"no quiz {quiz}")
            row = GameRow(
                id=new_id(),
                lesson=where.id,
                title=known.title,
                teams=teams,
                questions=mixed(known.questions, random.SystemRandom()),
                answers=[],
                at=0,
                started=now(),
            )
            session.add(row)
            return _game(row)

        return self._tell(await self._hub.store.write(work), where)

    async def get(self, game: str, by: Principal) -> Told:
        """Return how a game stands. Raises `NotFound`, `Forbidden`."""
        told = await self._hub.store.read(lambda session: _game(_row(session, game)))
        await self.lesson(told["lesson"], by)
        return told

    async def answer(self, game: str, given: Answer, by: Principal) -> Told:
        """Take an answer of a team; the same one again changes nothing.

        Raises:
            NotFound, Forbidden: there is no such game, or it is another lesson's.
            Invalid: there is no such team or answer.
            NotNow: another question is asked, or the team has answered already.
        """
        where = await self.lesson((await self.get(game, by))["lesson"], by)

        def work(session: Session) -> Told:
            row = _row(session, game)
            if row.ended is not None or given.question != row.at:
                raise NotNow(f"question {row.at} is asked")
            if given.team >= len(row.teams):
                raise Invalid(f"team {given.team} of {len(row.teams)}")
            if given.answer >= len(row.questions[row.at]["answers"]):
                raise Invalid(f"there is no answer {given.answer}")
            before = answered(_answers(row), row.at).get(given.team)
            if before is None:
                row.answers = [*row.answers, list(given)]
            elif before != given.answer:
                raise NotNow(f"team {given.team} has answered")
            return _game(row)

        return self._tell(await self._hub.store.write(work), where)

    async def go_on(self, game: str, question: int, by: Principal) -> Told:
        """Go on from a question to the next, or to the end; from an earlier one changes nothing.

        Raises:
            NotFound, Forbidden: there is no such game, or it is another lesson's.
        """
        where = await self.lesson((await self.get(game, by))["lesson"], by)

        def work(session: Session) -> Told:
            row = _row(session, game)
            if row.ended is None and question == row.at:
                if row.at + 1 < len(row.questions):
                    row.at += 1
                else:
                    _end(session, row)
            return _game(row)

        return self._tell(await self._hub.store.write(work), where)

    async def keep(
        self, activity: str, title: str, teams: list[Told], *, lesson: str | None, by: Principal
    ) -> Told:
        """Keep what came out of an activity that the table's page judges itself."""
        where = await self.lesson(lesson, by)

        def work(session: Session) -> Told:
            return _result(_keep(session, where.id, activity, title, teams))

        result = await self._hub.store.write(work)
        access = self._hub.school.lesson_access(where)
        self._hub.publish(f"results/{result['id']}", result, audience=access)
        return result

    async def results(self, lesson: str | None, by: Principal) -> list[Told]:
        """Return the results of a lesson, the newest first."""
        where = await self.lesson(lesson, by)

        def work(session: Session) -> list[Told]:
            query = select(ResultRow).where(ResultRow.lesson == where.id)
            rows = session.scalars(query.order_by(ResultRow.id.desc()).limit(MOST_RESULTS))
            return [_result(row) for row in rows]

        return await self._hub.store.read(work)

    def _tell(self, game: Told, lesson: Lesson) -> Told:
        access = self._hub.school.lesson_access(lesson)
        self._hub.publish(f"games/{game['id']}", game, audience=access)
        return game


def _row(session: Session, game: str) -> GameRow:
    row = session.get(GameRow, game)
    if row is None:
        raise NotFound(f"no game {game}")
    return row


def _answers(row: GameRow) -> list[Answer]:
    return [Answer(*one) for one in row.answers]


def _end(session: Session, row: GameRow) -> None:
    row.ended = now()
    standing = scores(row.questions, _answers(row), len(row.teams))
    teams = [
        {"name": name, "points": score.points, "right": score.right, "of": len(row.questions)}
        for name, score in zip(row.teams, standing, strict=True)
    ]
    _keep(session, row.lesson, "quiz", row.title, teams)


def _keep(session: Session, lesson: str, activity: str, title: str, teams: list[Told]) -> ResultRow:
    best_first = sorted(teams, key=lambda team: -team["points"])
    if session.get(LessonRow, lesson) is None:
        raise NotFound(f"no lesson {lesson}")
    row = ResultRow(
        id=new_id(), lesson=lesson, activity=activity, title=title, teams=best_first, ended=now()
    )
    session.add(row)
    return row


def _result(row: ResultRow) -> Told:
    return {
        "id": row.id,
        "lesson": row.lesson,
        "activity": row.activity,
        "title": row.title,
        "teams": row.teams,
        "ended": when(row.ended),
    }


def _game(row: GameRow) -> Told:
    answers = _answers(row)
    given = answered(answers, row.at)
    over = row.ended is not None
    complete = over or len(given) == len(row.teams)
    # What is not over yet counts for nobody: points would tell who was right.
    counted = answers if complete else [one for one in answers if one.question != row.at]
    standing = scores(row.questions, counted, len(row.teams))
    question = row.questions[row.at]
    return {
        "id": row.id,
        "lesson": row.lesson,
        "title": row.title,
        "over": over,
        "teams": [
            {
                "name": name,
                "points": score.points,
                "right": score.right,
                "answered": at in given,
                "answer": given.get(at) if complete else None,
            }
            for at, (name, score) in enumerate(zip(row.teams, standing, strict=True))
        ],
        "question": {
            "number": row.at,
            "of": len(row.questions),
            "text": question["text"],
            "answers": question["answers"],
            "right": question["right"] if complete else None,
        },
    }
