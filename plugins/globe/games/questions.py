"""Questions made of the atlas: what is asked, what may be answered, why it is right."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.place import Place, PlaceKind
from plugins.globe.games.levels import (
    Level,
    QuestionKind,
    Rules,
    constellations_at,
    countries_at,
    rules,
)


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


def questions(
    atlas: Atlas, kinds: Sequence[QuestionKind], level: Level, count: int, dice: random.Random
) -> list[Question]:
    """Return so many questions, no two about the same place of a kind while there are others.

    Args:
        atlas: what is known.
        kinds: what is asked, in turn; none: what is usual at the level.
        level: for pupils of which classes.
        count: how many.
        dice: which places.
    """
    kinds = kinds or rules()[level].kinds
    asking = _Asking(atlas, level, dice)
    asked: set[tuple[QuestionKind, str]] = set()
    made: list[Question] = []
    while len(made) < count:
        kind = kinds[len(made) % len(kinds)]
        among = asking.among(kind)
        fresh = [one for one in among if (kind, one.id) not in asked] or among
        subject = dice.choice(fresh)
        asked.add((kind, subject.id))
        made.append(asking.about(kind, subject))
    return made


class _Asking:
    """Makes questions of what pupils of a level know."""

    def __init__(self, atlas: Atlas, level: Level, dice: random.Random) -> None:
        self._rules: Rules = rules()[level]
        self._dice = dice
        self._countries = countries_at(atlas, level)
        self._known = {one.id for one in self._countries}
        self._stars = constellations_at(atlas, level)
        self._regions = [one for one in atlas.of(PlaceKind.REGION) if "centre" in one.facts]

    def among(self, kind: QuestionKind) -> list[Place]:
        """Return the places that a question of a kind may be about."""
        wanted = {QuestionKind.CURRENCY: "currencies", QuestionKind.NEIGHBOUR: "neighbours"}
        if kind is QuestionKind.CONSTELLATION:
            return self._stars
        if kind is QuestionKind.CENTRE:
            return self._regions
        if (fact := wanted.get(kind)) is not None:
            return [one for one in self._countries if one.facts[fact].value]
        return self._countries

    def about(self, kind: QuestionKind, subject: Place) -> Question:
        """Return a question about a place."""
        if kind is QuestionKind.FIND:
            return Question(kind, subject.id, (subject.id,))
        if kind is QuestionKind.NEIGHBOUR:
            neighbours: tuple[str, ...] = subject.facts["neighbours"].value
            known = [one for one in neighbours if one in self._known] or neighbours
            right = self._dice.choice(known)
            others = [one for one in self._countries if one.id not in {*neighbours, subject.id}]
            return Question(kind, subject.id, neighbours, self._mixed(right, others))
        others = [one for one in self.among(kind) if not _same(kind, subject, one)]
        if self._rules.near and kind in (QuestionKind.CAPITAL, QuestionKind.FLAG):
            others = self._nearby(subject, others)
        return Question(kind, subject.id, (subject.id,), self._mixed(subject.id, others))

    def _nearby(self, subject: Place, others: list[Place]) -> list[Place]:
        """Return those of the subject's part of the world, where they are enough."""
        part = subject.facts["continent"].value
        close = [one for one in others if one.facts["continent"].value == part]
        return close if len(close) >= self._rules.choices - 1 else others

    def _mixed(self, right: str, others: list[Place]) -> tuple[str, ...]:
        wrong = self._dice.sample(others, self._rules.choices - 1)
        chosen = [right, *(one.id for one in wrong)]
        self._dice.shuffle(chosen)
        return tuple(chosen)


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


def _same(kind: QuestionKind, one: Place, other: Place) -> bool:
    """Tell whether another place would be as right an answer to a question about one."""
    if one.id == other.id or one.names == other.names:
        return True
    if kind in (QuestionKind.CONTINENT, QuestionKind.CAPITAL):
        fact = kind.value
        return bool(one.facts[fact].value == other.facts[fact].value)
    if kind is QuestionKind.CURRENCY:
        money = set(one.facts["currencies"].value)
        return not money.isdisjoint(other.facts["currencies"].value)
    return False
