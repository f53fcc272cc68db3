"""Levels by age: which questions pupils of which classes are asked, of which places, and how."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from plugins.globe.atlas.atlas import DATA, Atlas
from plugins.globe.atlas.place import Place, PlaceKind


class QuestionKind(StrEnum):
    """What is asked for."""

    FIND = "find"
    CAPITAL = "capital"
    FLAG = "flag"
    NEIGHBOUR = "neighbour"
    CONSTELLATION = "constellation"
    CONTINENT = "continent"
    CURRENCY = "currency"
    CENTRE = "centre"
    OWN = "own"


class Level(StrEnum):
    """For pupils of which classes (school years) the questions are."""

    FIRST = "1-4"
    MIDDLE = "5-7"
    UPPER = "8-11"


class Rules(NamedTuple):
    """How a level asks.

    Attributes:
        kinds: what is asked where nobody chooses.
        choices: how many answers there are to choose from.
        seconds: for a question, where nobody chooses; 0: as long as it takes.
        near: wrong answers lie in the right one's part of the world.
        countries: that are asked about always.
        most: and so many of those where most people live; None: all.
        constellations: that are asked about; empty: all.
        ours: of them only those that rise over Kazakhstan.
        said: names of the facts that the voice tells; empty: all.
    """

    kinds: tuple[QuestionKind, ...]
    choices: int
    seconds: int
    near: bool
    countries: frozenset[str]
    most: int | None
    constellations: frozenset[str]
    ours: bool
    said: frozenset[str]


@cache
def rules() -> Mapping[Level, Rules]:
    """Return the rules of all levels; read once."""
    said = tomllib.loads((DATA / "levels.toml").read_text(encoding="utf-8"))["levels"]
    return {level: _rules(said[level.value]) for level in Level}


def _rules(said: Mapping[str, Any]) -> Rules:
    return Rules(
        kinds=tuple(QuestionKind(one) for one in said["kinds"]),
        choices=said["choices"],
        seconds=said["seconds"],
        near=said["near"],
        countries=frozenset(said.get("countries", ())),
        most=said.get("most"),
        constellations=frozenset(said.get("constellations", ())),
        ours=said.get("sky") == "ours",
        said=frozenset(said.get("said", ())),
    )


def said_at(level: Level | None) -> frozenset[str]:
    """Return the names of the facts that the voice tells pupils of a level; empty: all."""
    return frozenset() if level is None else rules()[level].said


def countries_at(atlas: Atlas, level: Level) -> list[Place]:
    """Return the countries that pupils of a level are asked about."""
    asked = rules()[level]
    countries = [
        place
        for place in atlas.of(PlaceKind.COUNTRY)
        if place.facts["capital"].value is not None and place.facts["population"].value
    ]
    countries.sort(key=lambda place: -place.facts["population"].value)
    most = len(countries) if asked.most is None else asked.most
    return [one for at, one in enumerate(countries) if at < most or one.id in asked.countries]


def constellations_at(atlas: Atlas, level: Level) -> list[Place]:
    """Return the constellations that pupils of a level are asked about."""
    asked = rules()[level]
    return [
        place
        for place in atlas.of(PlaceKind.CONSTELLATION)
        if (not asked.constellations or place.id in asked.constellations)
        and (not asked.ours or place.facts["seen"].value)
    ]
