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
from plugins.globe.games.buzzer import Mode
from plugins.globe.games.games import Games
from plugins.globe.games.levels import Level, QuestionKind, rules
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
PlayerNumber = Annotated[int, Field(ge=0, lt=4, strict=True)]
QuestionNumber = Annotated[int, Field(ge=0, le=1000, strict=True)]
MOST_ROUNDS = 20
MOST_SECONDS = 600
AskedKind = Literal[
    "find", "capital", "flag", "neighbour", "constellation", "continent", "currency", "centre"
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
    kinds: list[AskedKind] = Field(
        [], max_length=len(QuestionKind), description="None: what is usual at the level."
    )
    level: Level = Level.FIRST
    mode: Mode = Mode.TURNS
    seconds: int | None = Field(
        None,
        ge=0,
        le=MOST_SECONDS,
        description="For a question, 0: as long as it takes; null: as is usual at the level.",
    )
    own: list[OwnQuestion] = Field(
        [], max_length=200, description="In place of the hub's own questions."
    )
    rounds: int = Field(5, ge=1, le=MOST_ROUNDS, description="Questions for each player.")


class GlobeAnswer(Body):
    """An answer."""

    question: QuestionNumber
    place: PlaceId | None = Field(
        description="Null: whoever is asked does not know, or nobody presses."
    )
    player: PlayerNumber | None = Field(
        None, description="Whose answer it is, where the first answers; null: whoever has pressed."
    )


class GlobePress(Body):
    """A player wants to answer."""

    question: QuestionNumber
    player: PlayerNumber


class GlobeNext(Body):
    """From which question to go on."""

    question: QuestionNumber


class PlayerModel(BaseModel):
    """A player; `asked` counts the questions that were asked of them, or that they answered."""

    name: str
    right: int
    asked: int


class TryModel(BaseModel):
    """An answer of a player who was first."""

    player: int
    answer: PlaceShort | None = Field(description="Null where they did not know.")
    right: bool


class QuestionModel(BaseModel):
    """The question that is asked now."""

    number: int
    of: int
    player: int | None = Field(
        description="Who is to answer, from 0; null where the first answers and nobody has pressed."
    )
    kind: QuestionKind
    text: str
    picture: str | None = Field(description="Of which place a flag or the stars are shown.")
    choices: list[PlaceShort] = Field(description="None where the place is touched on the globe.")
    answered: bool
    answer: PlaceShort | None
    right: bool | None
    solution: list[PlaceShort]
    explained: list[str]
    tries: list[TryModel] = Field(description="Where the first answers: who has, in this question.")


class GlobeGameModel(BaseModel):
    """How a game stands."""

    id: str
    over: bool
    mode: Mode
    level: Level
    seconds: int = Field(description="For a question; 0: as long as it takes.")
    ended: str | None
    players: list[PlayerModel]
    question: QuestionModel


class LevelModel(BaseModel):
    """How pupils of some classes are asked."""

    id: Level
    kinds: list[QuestionKind] = Field(description="What is asked where nobody chooses.")
    choices: int = Field(description="How many answers there are to choose from.")
    seconds: int = Field(description="For a question; 0: as long as it takes.")


class LevelsModel(BaseModel):
    """All levels, the youngest first."""

    items: list[LevelModel]


def others(asked: OwnQuestion) -> list[str]:
    """Return the wrong places of a question, each once, and the right one not among them."""
    return [one for one in dict.fromkeys(asked.wrong) if one != asked.right]


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
        """In turn, or whoever is first. Changes are told on `x/globe/games/<id>`."""
        kinds = [QuestionKind(one) for one in dict.fromkeys(body.kinds)]
        own = [(one.text, one.right, others(one)) for one in body.own]
        begun = await games.begin(
            body.players,
            kinds,
            body.level,
            body.rounds,
            mode=body.mode,
            seconds=body.seconds,
            own=own,
            by=caller,
        )
        return game_model(begun, atlas, say, language)

    @router.get(
        "/globe/games",
        operation_id="listGlobeGames",
        summary="The games of the lesson",
        response_model=Page[GlobeGameModel],
    )
    async def listed(
        caller: Pupil, language: Language, state: Literal["over", "running"] = "over"
    ) -> dict[str, Any]:
        """Those that are over, or are played now; the newest first."""
        found = await games.listed(caller, over=state == "over")
        return {"items": [game_model(one, atlas, say, language) for one in found], "next": None}

    @router.get(
        "/globe/levels",
        operation_id="listGlobeLevels",
        summary="How pupils of which classes are asked",
        response_model=LevelsModel,
    )
    async def levels(caller: Pupil) -> dict[str, Any]:  # noqa: ARG001
        """What a game of a level does where nobody chooses otherwise."""
        said = rules().items()
        names = ("kinds", "choices", "seconds")
        items = [{"id": one, **{name: getattr(how, name) for name in names}} for one, how in said]
        return {"items": items}

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
        "/globe/games/{game}/presses",
        operation_id="pressInGlobeGame",
        summary="Press to answer, where the first answers",
        response_model=GlobeGameModel,
        responses=problems(404, 409, 422),
    )
    async def press(
        game: Id, body: GlobePress, caller: Pupil, language: Language
    ) -> dict[str, Any]:
        """The question's `player` says who was first; too late, a press changes nothing."""
        told = await games.press(game, body.question, body.player, caller)
        return game_model(told, atlas, say, language)

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
        told = await games.answer(game, body.question, body.place or "", caller, player=body.player)
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
