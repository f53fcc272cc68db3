"""A place and what is known of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

LANGUAGES = ("en", "kk", "ru")

PLACE_ID = r"^([A-Z]{2}(-[A-Z0-9]{1,3})?|[A-Z][A-Za-z]{2}|HIP[0-9]{1,6})$"
"""ISO 3166-1 alpha-2, ISO 3166-2, a constellation by its IAU abbreviation, a star of Hipparcos."""


class Names(NamedTuple):
    """What something is called."""

    en: str
    kk: str
    ru: str

    def said(self, language: str) -> str:
        """Return the name in a language; in English where the language is not one of ours."""
        return str(getattr(self, language)) if language in LANGUAGES else self.en


class Independence(NamedTuple):
    """Since when a country has been one of its own, or whose it is.

    Attributes:
        year: since when; None where it is none.
        before: ids of the states that it was a part of; of some there are no more (`Atlas.states`).
        of: the id of the country that it belongs to; empty where it is independent.
    """

    year: int | None
    before: tuple[str, ...] = ()
    of: str = ""


class PlaceKind(StrEnum):
    """What kind of place it is."""

    COUNTRY = "country"
    REGION = "region"
    CONSTELLATION = "constellation"
    STAR = "star"


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts come from.

    Attributes:
        id: by which facts name it. title: for people. version: of the very data.
        date: of it, or of its review. licence: SPDX where there is one. url: may be empty.
    """

    id: str
    title: str
    version: str
    date: str
    licence: str
    url: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known.

    Attributes:
        value: what; its type depends on which fact it is.
        source: the id of its source.
        year: for which year it holds; None where it does not change by the year.
        by: who counted, where the source gathers from several.
        note: what has to be said beside it; None where nothing.
    """

    value: Any
    source: str
    year: int | None = None
    by: str = ""
    note: Names | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A place.

    Attributes:
        id: see `PLACE_ID`. kind: what it is. names: what it is called.
        centre: longitude and latitude in degrees (of the sky: right ascension and declination).
        facts: what is known, by the fact's name.
        missing: names of facts that such a place should have and nobody has told us.
        numeric: ISO 3166-1 numeric, by which maps know a country; empty else.
        within: the id of the place that it is a part of; empty where there is none.
    """

    id: str
    kind: PlaceKind
    names: Names
    centre: tuple[float, float] | None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    numeric: str = ""
    within: str = ""
