"""What the routes of quizzes take and answer with."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from hub.plugin import Body, IdField
from plugins.touch.quiz.quizzes import MOST_QUESTIONS
from plugins.touch.quiz.rules import FEWEST_TEAMS, MOST_TEAMS

_PRINTABLE = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=_PRINTABLE),
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300, pattern=_PRINTABLE),
]
TeamName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=_PRINTABLE)
]
Number = Annotated[int, Field(ge=0, le=1000, strict=True)]


class QuestionModel(Body):
    """A question with two to four answers."""

    text: Text
    answers: list[Title] = Field(min_length=2, max_length=4)
    right: int = Field(ge=0, le=3, strict=True, description="Which answer, from 0.")

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.right >= len(self.answers):
            raise ValueError("right is none of the answers")
        return self


class QuizBody(Body):
    """A quiz as it is to be kept."""

    title: Title
    questions: list[QuestionModel] = Field(min_length=1, max_length=MOST_QUESTIONS)
    revision: int = Field(0, ge=0, le=2**31, strict=True, description="The one that was changed.")


class QuizShort(BaseModel):
    """A quiz, without its questions."""

    id: str
    title: str
    count: int = Field(description="Questions.")
    revision: int
    changed: str


class QuizModel(QuizShort):
    """A quiz with its right answers."""

    questions: list[QuestionModel]


class NewGame(Body):
    """Who plays what."""

    quiz: IdField
    teams: list[TeamName] = Field(min_length=FEWEST_TEAMS, max_length=MOST_TEAMS)
    lesson: IdField | None = Field(None, description="The one that you are in where left out.")


class GivenAnswer(Body):
    """An answer of a team. All are counted from 0."""

    question: Number
    team: Number
    answer: Number


class GoOn(Body):
    """Which question to leave behind."""

    question: Number


class TeamModel(BaseModel):
    """A team of a game."""

    name: str
    points: int
    right: int = Field(description="Right answers to the questions that are over.")
    answered: bool = Field(description="The question that is asked.")
    answer: int | None = Field(description="Null until every team has answered.")


class AskedModel(BaseModel):
    """The question that is asked."""

    number: int = Field(description="From 0.")
    of: int
    text: str
    answers: list[str]
    right: int | None = Field(description="Null until every team has answered.")


class GameModel(BaseModel):
    """How a game stands."""

    id: str
    lesson: str
    title: str
    over: bool
    teams: list[TeamModel]
    question: AskedModel


class TeamResult(Body):
    """What a team reached."""

    name: TeamName
    points: int = Field(ge=0, le=100_000, strict=True)
    right: Number
    of: Number


class NewResult(Body):
    """What came out of an activity that the table's page judges itself."""

    activity: Literal["match"]
    title: Title
    teams: list[TeamResult] = Field(min_length=1, max_length=MOST_TEAMS)
    lesson: IdField | None = None


class ResultModel(BaseModel):
    """What came out of an activity."""

    id: str
    lesson: str
    activity: Literal["quiz", "match"]
    title: str
    teams: list[TeamResult] = Field(description="The best first.")
    ended: str
