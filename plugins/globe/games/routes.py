"""The routes of games."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from hub.plugin import (
    Body,
    Id,
    Language,
    Page,
    Principal,
    Requires,
    Role,
    Router,
    Translator,
    problems,
)
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.games.games import Games
from plugins.globe.games.questions import Level, QuestionKind
from plugins.globe.games.shown import game_model
from plugins.globe.maps.file import PlaceId
from plugins.globe.models import PlaceShort

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
PlayerName = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),
]
MOST_ROUNDS = 20
AskedKind = Literal[
    "find", "capital", "flag", "neighbour", "constellation", "continent", "currency"
]


class OwnQuestion(Body):
    """A question that a teacher asks."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
    right: PlaceId
    wrong: list[PlaceId] = Field(
        [], max_length=5, description="None: the place is touched on the globe."
    )


class NewGlobeGame(Body):
    """A game to begin."""

    players: list[PlayerName] = Field(min_length=1, max_length=4)
    kinds: list[AskedKind] = Field(min_length=1, max_length=len(QuestionKind))
    level: Level = Level.EASY
    own: list[OwnQuestion] = Field(
        [], max_length=200, description="In place of the hub's own questions."
    )
    rounds: int = Field(5, ge=1, le=MOST_ROUNDS, description="Questions for each player.")


class GlobeAnswer(Body):
    """An answer."""

    question: int = Field(ge=0, le=1000, strict=True)
    place: PlaceId


class GlobeNext(Body):
    """From which question to go on."""

    question: int = Field(ge=0, le=1000, strict=True)


class PlayerModel(BaseModel):
    """A player; `asked` counts the questions that are over."""

    name: str
    right: int
    asked: int


class QuestionModel(BaseModel):
    """The question that is asked now."""

    number: int
    of: int
    player: int = Field(description="Whose turn it is, from 0.")
    kind: QuestionKind
    text: str
    picture: str | None = Field(description="Of which place a flag or the stars are shown.")
    choices: list[PlaceShort] = Field(description="None where the place is touched on the globe.")
    answered: bool
    answer: PlaceShort | None
    right: bool | None
    solution: list[PlaceShort]
    explained: list[str]


class GlobeGameModel(BaseModel):
    """How a game stands."""

    id: str
    over: bool
    ended: str | None
    players: list[PlayerModel]
    question: QuestionModel


def make_game_routes(games: Games, atlas: Atlas, say: Translator) -> Router:
    """Return the routes."""
    router = Router(tags=["Globe"])

    @router.post(
        "/globe/games",
        operation_id="beginGlobeGame",
        summary="Begin a game of one to four players",
        status_code=201,
        response_model=GlobeGameModel,
        responses=problems(409),
    )
    async def begin(body: NewGlobeGame, caller: Pupil, language: Language) -> dict[str, Any]:
        """Players are asked in turn. Changes are told on `x/globe/games/<id>`."""
        kinds = [QuestionKind(one) for one in dict.fromkeys(body.kinds)]
        own = [(one.text, one.right, one.wrong) for one in body.own]
        begun = await games.begin(body.players, kinds, body.level, body.rounds, own=own, by=caller)
        return game_model(begun, atlas, say, language)

    @router.get(
        "/globe/games",
        operation_id="listGlobeGames",
        summary="The games of the lesson that are over",
        response_model=Page[GlobeGameModel],
    )
    async def results(caller: Pupil, language: Language) -> dict[str, Any]:
        """The newest first."""
        over = await games.results(caller)
        return {"items": [game_model(one, atlas, say, language) for one in over], "next": None}

    @router.get(
        "/globe/games/{game}",
        operation_id="getGlobeGame",
        summary="How a game stands",
        response_model=GlobeGameModel,
        responses=problems(404),
    )
    async def one(game: Id, caller: Pupil, language: Language) -> dict[str, Any]:
        """The right answer is told once one was given."""
        return game_model(await games.get(game, caller), atlas, say, language)

    @router.post(
        "/globe/games/{game}/answers",
        operation_id="answerGlobeGame",
        summary="Answer the question",
        response_model=GlobeGameModel,
        responses=problems(404, 409),
    )
    async def answer(
        game: Id, body: GlobeAnswer, caller: Pupil, language: Language
    ) -> dict[str, Any]:
        """By a choice, or by the place that was touched; the same answer again changes nothing."""
        told = await games.answer(game, body.question, body.place, caller)
        return game_model(told, atlas, say, language)

    @router.post(
        "/globe/games/{game}/next",
        operation_id="goOnWithGlobeGame",
        summary="Go on to the next question, or to the end",
        response_model=GlobeGameModel,
        responses=problems(404, 409),
    )
    async def go_on(game: Id, body: GlobeNext, caller: Pupil, language: Language) -> dict[str, Any]:
        """A question that nobody answered gets no point."""
        told = await games.go_on(game, body.question, caller)
        return game_model(told, atlas, say, language)

    return router
