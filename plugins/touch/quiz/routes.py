"""The routes of quizzes, games and results."""

from typing import Annotated, Any

from fastapi import Query

from hub.ids import ID_PATTERN
from hub.plugin import Id, Page, Principal, Requires, Role, Router, problems
from plugins.touch.quiz.games import Games
from plugins.touch.quiz.models import (
    GameModel,
    GivenAnswer,
    GoOn,
    NewGame,
    NewResult,
    QuizBody,
    QuizModel,
    QuizShort,
    ResultModel,
)
from plugins.touch.quiz.quizzes import Quizzes
from plugins.touch.quiz.rules import Answer

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]
LessonQuery = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="The one that you are in where left out.")
]


def make_quiz_routes(quizzes: Quizzes) -> Router:
    """Return the routes of quizzes as teachers prepare them."""
    router = Router(tags=["Touch tables"])

    @router.get(
        "/touch/quizzes",
        operation_id="listQuizzes",
        summary="The quizzes",
        response_model=Page[QuizShort],
    )
    async def listed(caller: Pupil) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """Without their questions; the one changed last first."""
        return {"items": await quizzes.all(), "next": None}

    @router.post(
        "/touch/quizzes",
        operation_id="addQuiz",
        summary="Make a quiz",
        status_code=201,
        response_model=QuizModel,
        responses=problems(409),
    )
    async def add(body: QuizBody, caller: Teacher) -> dict[str, Any]:
        """Its `revision` is 0 before."""
        given = body.model_dump()
        return await quizzes.save(
            None, body.title, given["questions"], revision=body.revision, by=caller
        )

    @router.get(
        "/touch/quizzes/{quiz}",
        operation_id="getQuiz",
        summary="A quiz with its right answers",
        response_model=QuizModel,
        responses=problems(404),
    )
    async def one(quiz: Id, caller: Teacher) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """For teachers: pupils are told the right answer once they have answered."""
        return await quizzes.get(quiz)

    @router.put(
        "/touch/quizzes/{quiz}",
        operation_id="editQuiz",
        summary="Change a quiz",
        response_model=QuizModel,
        responses=problems(404, 409),
    )
    async def edit(quiz: Id, body: QuizBody, caller: Teacher) -> dict[str, Any]:
        """Games that have begun go on with the questions that they began with."""
        given = body.model_dump()
        return await quizzes.save(
            quiz, body.title, given["questions"], revision=body.revision, by=caller
        )

    @router.delete(
        "/touch/quizzes/{quiz}",
        operation_id="deleteQuiz",
        summary="Delete a quiz",
        status_code=204,
        responses=problems(404),
    )
    async def delete(quiz: Id, caller: Teacher) -> None:
        """Results stay with their lessons."""
        await quizzes.delete(quiz, by=caller)

    return router


def make_game_routes(games: Games) -> Router:
    """Return the routes of games and results."""
    router = Router(tags=["Touch tables"])

    @router.post(
        "/touch/games",
        operation_id="beginGame",
        summary="Begin a quiz of two to four teams",
        status_code=201,
        response_model=GameModel,
        responses=problems(404, 409),
    )
    async def begin(body: NewGame, caller: Pupil) -> dict[str, Any]:
        """Answers are mixed anew in each game. Changes are told on `x/touch/games/<id>`."""
        return await games.begin(body.quiz, body.teams, lesson=body.lesson, by=caller)

    @router.get(
        "/touch/games/{game}",
        operation_id="getGame",
        summary="How a game stands",
        response_model=GameModel,
        responses=problems(404, 409),
    )
    async def game(game: Id, caller: Pupil) -> dict[str, Any]:
        """The right answer is told once every team has answered."""
        return await games.get(game, caller)

    @router.post(
        "/touch/games/{game}/answers",
        operation_id="answerGame",
        summary="Answer for a team",
        response_model=GameModel,
        responses=problems(404, 409),
    )
    async def answer(game: Id, body: GivenAnswer, caller: Pupil) -> dict[str, Any]:
        """Once for each team and question; the same answer again changes nothing."""
        return await games.answer(game, Answer(body.question, body.team, body.answer), caller)

    @router.post(
        "/touch/games/{game}/next",
        operation_id="goOnWithGame",
        summary="Go on to the next question, or to the end",
        response_model=GameModel,
        responses=problems(404, 409),
    )
    async def go_on(game: Id, body: GoOn, caller: Pupil) -> dict[str, Any]:
        """A team that has not answered gets nothing; of two who go on at once one is enough."""
        return await games.go_on(game, body.question, caller)

    @router.get(
        "/touch/results",
        operation_id="listTouchResults",
        summary="What came out of a lesson's activities",
        response_model=Page[ResultModel],
        responses=problems(404, 409),
    )
    async def results(caller: Pupil, lesson: LessonQuery = None) -> dict[str, Any]:
        """The newest first; for those in the lesson, and teachers."""
        return {"items": await games.results(lesson, caller), "next": None}

    @router.post(
        "/touch/results",
        operation_id="addTouchResult",
        summary="Keep what came out of an activity",
        status_code=201,
        response_model=ResultModel,
        responses=problems(404, 409),
    )
    async def keep(body: NewResult, caller: Pupil) -> dict[str, Any]:
        """Of activities that the table's page judges itself."""
        teams = [team.model_dump() for team in body.teams]
        return await games.keep(body.activity, body.title, teams, lesson=body.lesson, by=caller)

    return router
