"""Questions made of the atlas: what is asked, what may be answered, why it is right."""

import random
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.place import Place, PlaceKind

CHOICES = 4
EASY = 40
MIDDLE = 130


class QuestionKind(StrEnum):
    """What is asked for."""

    FIND = "find"
    CAPITAL = "capital"
    FLAG = "flag"
    NEIGHBOUR = "neighbour"
    CONSTELLATION = "constellation"
    CONTINENT = "continent"
    CURRENCY = "currency"
    OWN = "own"


class Level(StrEnum):
    """How well known the places are."""

    EASY = "easy"
    MIDDLE = "middle"
    HARD = "hard"


class Question(NamedTuple):
    """One question.

    Attributes:
        kind: what is asked for.
        subject: the id of the place that the question is about.
        right: the ids of the places that are right.
        choices: ids to choose from; none where the place is touched.
        text: what is asked, of a teacher's own question.
    """

    kind: QuestionKind
    subject: str
    right: tuple[str, ...]
    choices: tuple[str, ...] = ()
    text: str = ""


def known_at(atlas: Atlas, level: Level) -> list[Place]:
    """Return the countries that are asked about: where most people live, and our neighbours."""
    countries = [
        place
        for place in atlas.of(PlaceKind.COUNTRY)
        if place.facts["capital"].value is not None and place.facts["population"].value
    ]
    countries.sort(key=lambda place: -place.facts["population"].value)
    most = {Level.EASY: EASY, Level.MIDDLE: MIDDLE, Level.HARD: len(countries)}[level]
    near = {"KZ", *atlas.places["KZ"].facts["neighbours"].value}
    return [place for at, place in enumerate(countries) if at < most or place.id in near]


def questions(
    atlas: Atlas, kinds: Sequence[QuestionKind], level: Level, count: int, dice: random.Random
) -> list[Question]:
    """Return so many questions, no two about the same place of a kind while there are others."""
    countries = known_at(atlas, level)
    stars = list(atlas.of(PlaceKind.CONSTELLATION))
    if level is not Level.HARD:
        stars = [place for place in stars if place.facts["seen"].value]
    asked: set[tuple[QuestionKind, str]] = set()
    made: list[Question] = []
    while len(made) < count:
        kind = kinds[len(made) % len(kinds)]
        among = stars if kind is QuestionKind.CONSTELLATION else countries
        if kind is QuestionKind.CURRENCY:
            among = [one for one in countries if one.facts["currencies"].value]
        if kind is QuestionKind.NEIGHBOUR:
            among = [one for one in countries if one.facts["neighbours"].value]
        fresh = [one for one in among if (kind, one.id) not in asked] or among
        subject = dice.choice(fresh)
        asked.add((kind, subject.id))
        made.append(_about(kind, subject, among, countries, dice))
    return made


def _about(
    kind: QuestionKind,
    subject: Place,
    among: Sequence[Place],
    countries: Sequence[Place],
    dice: random.Random,
) -> Question:
    if kind is QuestionKind.FIND:
        return Question(kind, subject.id, (subject.id,))
    if kind is QuestionKind.NEIGHBOUR:
        neighbours: tuple[str, ...] = subject.facts["neighbours"].value
        right = dice.choice(neighbours)
        others = [one.id for one in countries if one.id not in {*neighbours, subject.id}]
        return Question(kind, subject.id, neighbours, _mixed(right, others, dice))
    if kind in (QuestionKind.CONTINENT, QuestionKind.CURRENCY):
        others = [one.id for one in countries if not _shares(kind, subject, one)]
        return Question(kind, subject.id, (subject.id,), _mixed(subject.id, others, dice))
    others = [one.id for one in among if one.id != subject.id and one.names != subject.names]
    if kind is QuestionKind.CAPITAL:
        name = subject.facts["capital"].value
        by_id = {one.id: one for one in among}
        others = [one for one in others if by_id[one].facts["capital"].value != name]
    return Question(kind, subject.id, (subject.id,), _mixed(subject.id, others, dice))


def own_questions(
    asked: Sequence[tuple[str, str, Sequence[str]]], count: int, dice: random.Random
) -> list[Question]:
    """Return so many of a teacher's questions (text, right place, wrong ones), in a new order.

    One without wrong places is answered by touching. Where there are fewer, they come again.
    """
    made: list[Question] = []
    while len(made) < count:
        for text, right, wrong in dice.sample(list(asked), len(asked)):
            choices = [right, *wrong] if wrong else []
            dice.shuffle(choices)
            made.append(Question(QuestionKind.OWN, right, (right,), tuple(choices), text))
    return made[:count]


def _shares(kind: QuestionKind, one: Place, other: Place) -> bool:
    """Tell whether two countries lie in one part of the world, or pay with the same money."""
    if kind is QuestionKind.CONTINENT:
        return bool(one.facts["continent"].value == other.facts["continent"].value)
    money = one.facts["currencies"].value
    return not set(money).isdisjoint(other.facts["currencies"].value)


def _mixed(right: str, others: list[str], dice: random.Random) -> tuple[str, ...]:
    chosen = [right, *dice.sample(others, CHOICES - 1)]
    dice.shuffle(chosen)
    return tuple(chosen)
