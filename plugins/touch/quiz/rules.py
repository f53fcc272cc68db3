"""The rules of a quiz. Pure: what was answered, in its order, says how everything stands.

Every team answers every question once. A right answer is worth `RIGHT` points, the first right one
`FIRST` more. A question is over when every team has answered, or when it is passed over.
"""

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

RIGHT = 10
FIRST = 5
FEWEST_TEAMS, MOST_TEAMS = 2, 4


class Answer(NamedTuple):
    """An answer of a team: indices of question, team and answer, from 0."""

    question: int
    team: int
    answer: int


class Score(NamedTuple):
    """How a team stands."""

    points: int
    right: int


def mixed(questions: Sequence[dict[str, Any]], seed: random.Random) -> list[dict[str, Any]]:
    """Return questions as they are asked: the answers of each in another order."""
    asked = []
    for question in questions:
        order = list(range(len(question["answers"])))
        seed.shuffle(order)
        answers = [question["answers"][at] for at in order]
        asked.append({**question, "answers": answers, "right": order.index(question["right"])})
    return asked


def scores(
    questions: Sequence[dict[str, Any]], answers: Sequence[Answer], teams: int
) -> list[Score]:
    """Return how each team stands."""
    points, right = [0] * teams, [0] * teams
    found: set[int] = set()
    for one in answers:
        if one.answer == questions[one.question]["right"]:
            points[one.team] += RIGHT + (0 if one.question in found else FIRST)
            right[one.team] += 1
            found.add(one.question)
    return [Score(*one) for one in zip(points, right, strict=True)]


def answered(answers: Sequence[Answer], question: int) -> dict[int, int]:
    """Return what each team has answered to a question."""
    return {one.team: one.answer for one in answers if one.question == question}
