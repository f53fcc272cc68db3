"""What is known of a place, in a reader's language: as lines to read and as sentences to hear."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hub.errors import N_
from hub.plugin import Translator
from plugins.globe.atlas.atlas import Atlas
from plugins.globe.atlas.evening import LOW, Horizontal, Sky
from plugins.globe.atlas.place import Fact, Independence, Names, Place, PlaceKind, Source
from plugins.globe.atlas.spoken import speakable
from plugins.globe.atlas.words import degrees, rounded, words, year_words

LABELS = {
    "capital": N_("Capital"),
    "population": N_("Population"),
    "area": N_("Territory"),
    "languages": N_("Official languages"),
    "currencies": N_("Currency"),
    "continent": N_("Part of the world"),
    "neighbours": N_("Neighbours"),
    "climate": N_("Climate at the capital"),
    "history": N_("History in short"),
    "independence": N_("Independence"),
    "landmarks": N_("Sights"),
    "heritage": N_("World Heritage sites (UNESCO)"),
    "animals": N_("Animals"),
    "symbol": N_("Animals of its symbols"),
    "magnitude": N_("How bright it looks"),
    "constellation": N_("Constellation"),
    "tonight": N_("Tonight at {time}"),
    "zone": N_("Time there now"),
    "centre": N_("Centre of the region"),
    "country": N_("Country"),
    "latin": N_("Latin name"),
    "best": N_("Best seen in the evening"),
    "brightest": N_("Brightest star"),
    "seen": N_("Over Kazakhstan"),
}
LABEL_OF_ONE = {"languages": N_("Official language"), "neighbours": N_("Neighbour")}
"""Of what has several as a rule, where it has one."""
CLIMATES = {
    "Af": N_("tropical, rain in every month"),
    "Am": N_("tropical, with monsoon rains"),
    "As": N_("tropical, with a dry season"),
    "Aw": N_("tropical, with a dry season"),
    "BSh": N_("hot steppe"),
    "BSk": N_("cold steppe"),
    "BWh": N_("hot desert"),
    "BWk": N_("cold desert"),
    "Cfa": N_("mild, rain in every season, hot summer"),
    "Cfb": N_("mild, rain in every season, warm summer"),
    "Cfc": N_("mild, rain in every season, cool summer"),
    "Csa": N_("Mediterranean, hot dry summer"),
    "Csb": N_("Mediterranean, warm dry summer"),
    "Cwa": N_("mild, dry winter, hot summer"),
    "Cwb": N_("mild, dry winter, warm summer"),
    "Dfa": N_("continental, cold winter, hot summer"),
    "Dfb": N_("continental, cold winter, warm summer"),
    "Dfc": N_("continental, cold winter, short cool summer"),
    "Dwa": N_("continental, cold dry winter, hot summer"),
    "Dwb": N_("continental, cold dry winter, warm summer"),
    "ET": N_("tundra"),
    "EF": N_("eternal frost"),
}
"""Classes of Köppen and Geiger, in words."""
HOURS = {
    22: N_("At ten this evening"),
    23: N_("At eleven this evening"),
    0: N_("At midnight"),
    1: N_("At one at night"),
    2: N_("At two at night"),
}
"""When the sky is told of, see `evening`."""
POINTS = (
    N_("in the north"),
    N_("in the north-east"),
    N_("in the east"),
    N_("in the south-east"),
    N_("in the south"),
    N_("in the south-west"),
    N_("in the west"),
    N_("in the north-west"),
)
SKYFIELD = Source(
    "skyfield",
    "Skyfield, Brandon Rhodes: computed for the school and this evening",
    "1",
    "2026-11-29",
    "MIT",
    "https://rhodesmill.org/skyfield/",
)
MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
SPOKEN = (
    "capital",
    "centre",
    "population",
    "area",
    "continent",
    "languages",
    "currencies",
    "neighbours",
    "climate",
    "history",
    "independence",
    "landmarks",
    "heritage",
    "animals",
    "symbol",
    "constellation",
    "country",
    "best",
    "seen",
)
SAID = {
    "capital": N_("The capital is {said}."),
    "centre": N_("Its centre is {said}."),
    "continent": N_("Part of the world: {said}."),
    "languages": N_("Official languages: {said}."),
    "currencies": N_("The money: {said}."),
    "neighbours": N_("Its neighbours: {said}."),
    "country": N_("The country: {said}."),
    "climate": N_("The climate at the capital: {said}."),
    "landmarks": N_("Sights: {said}."),
    "heritage": N_("World Heritage sites: {said}."),
    "animals": N_("Animals: {said}."),
    "symbol": N_("Animals of its symbols: {said}."),
    "constellation": N_("It is a star of the constellation {said}."),
    "best": N_("It is best seen in the evening: {said}."),
}
SAID_OF_ONE = {
    "languages": N_("The official language: {said}."),
    "neighbours": N_("Its only neighbour on land: {said}."),
}
SAID_BY = {"independence": "history", "symbol": "animals"}
"""What is not said aloud where another fact is known, which says it better."""
SPACE = "\u202f"
"""Between groups of figures, as Kazakh and Russian books have it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact for a reader.

    Attributes:
        name: of the fact. label, text: in the reader's language; an empty text is not known.
        year: for which it holds. source: the id of its source; empty where it is not known.
        by: who counted. note: what is said beside it.
        places: ids of the places that it names.
    """

    name: str
    label: str
    text: str
    year: int | None = None
    source: str = ""
    by: str = ""
    note: str = ""
    places: tuple[str, ...] = ()


class Telling:
    """Tells of places in one language.

    Args:
        atlas: what is known. say: the messages. language: in which.
        sky: this evening's, where something in it is told of.
        said: names of the facts that sentences tell; empty: all.
    """

    def __init__(
        self,
        atlas: Atlas,
        say: Translator,
        language: str,
        sky: Sky | None = None,
        said: Set[str] = frozenset(),
    ) -> None:
        self._atlas = atlas
        self._say = say
        self._language = language
        self._sky = sky
        self._only = said

    def name(self, place: Place) -> str:
        """Return what a place is called."""
        return place.names.said(self._language)

    def facts(self, place: Place, now: dt.datetime) -> list[Told]:
        """Return what is known and what is not, in the atlas's order.

        Args:
            place: of which.
            now: the time, with its zone: of it is said what time it is there.
        """
        known = [self._told(name, fact, now) for name, fact in place.facts.items()]
        if (stands := self._stands(place)) is not None:
            text = self._tonight(stands)
            at = "" if self._sky is None else f"{self._sky.at:%H:%M}"
            label = self._message(LABELS["tonight"], time=at)
            known.append(Told("tonight", label, text, source=SKYFIELD.id))
        unknown = self._message(N_("Not in our sources"))
        return known + [Told(name, self._label(name), unknown) for name in place.missing]

    def sentences(self, place: Place) -> list[str]:
        """Return what the voice says: the name first, then a sentence a fact."""
        said = [f"{self.name(place)}.", *self._spoken(place)]
        if self._sky is not None and (stands := self._stands(place)) is not None:
            said.append(self._tonight_said(stands, self._sky))
        return [capital(one) for one in said]

    def explained(self, place: Place, facts: Sequence[str]) -> list[str]:
        """Return the name, then a sentence for each of these facts that is known of the place."""
        known = [(name, place.facts[name]) for name in facts if name in place.facts]
        said = [self._sentence(name, fact) for name, fact in known]
        return [f"{self.name(place)}.", *(capital(one) for one in said if one)]

    # The sky above the school.

    def _stands(self, place: Place) -> Horizontal | None:
        heavenly = place.kind in (PlaceKind.CONSTELLATION, PlaceKind.STAR)
        if not heavenly or self._sky is None or place.centre is None:
            return None
        return self._sky.of(*place.centre)

    def _tonight(self, stands: Horizontal) -> str:
        if self._sky is not None and self._sky.bright:
            return self._message(N_("The sun does not set tonight"))
        if stands.altitude < LOW:
            return self._message(N_("Not above the horizon"))
        where = self._message(POINTS[stands.point])
        height = str(round(stands.altitude))
        return self._message(N_("{where}, {height}° above the horizon"), where=where, height=height)

    def _tonight_said(self, stands: Horizontal, sky: Sky) -> str:
        if sky.bright:
            return self._message(N_("The sun does not set tonight: no stars are seen."))
        time = self._message(HOURS[sky.at.hour])
        if stands.altitude < LOW:
            return self._message(N_("{time} it is not above the horizon."), time=time)
        return self._message(
            N_("{time} it stands {where}, {degrees} above the horizon."),
            time=time,
            where=self._message(POINTS[stands.point]),
            degrees=degrees(round(stands.altitude), self._language),
        )

    # A line to read.

    def _told(self, name: str, fact: Fact, now: dt.datetime) -> Told:
        return Told(
            name=name,
            label=self._label(name, fact),
            text=self._text(name, fact, now),
            year=fact.year,
            source=fact.source,
            by=fact.by,
            note="" if fact.note is None else fact.note.said(self._language),
            places=fact.value if name in ("neighbours", "country", "constellation") else (),
        )

    def _label(self, name: str, fact: Fact | None = None) -> str:
        one = fact is not None and name in LABEL_OF_ONE and len(fact.value) == 1
        return self._message(LABEL_OF_ONE[name] if one else LABELS[name])

    def _text(self, name: str, fact: Fact, now: dt.datetime) -> str:
        value = fact.value
        if isinstance(value, Names | Independence):
            return self._said(value)
        match name:
            case "capital":
                return self._message(N_("It has none"))
            case "population" | "heritage":
                return self._figures(value) if value else self._message(N_("Nobody lives there"))
            case "area":
                return self._message(N_("{area} km²"), area=self._figures(value))
            case "climate":
                return f"{self._message(CLIMATES[value])} ({value})"
            case "magnitude":
                return f"{self._figures(value)}ᵐ"
            case "zone":
                return self._time(value, now)
            case "best":
                return self._message(MONTHS[value - 1])
            case "seen":
                return self._message(N_("It rises") if value else N_("It never rises"))
            case "brightest":
                star = self._atlas.places.get(f"HIP{value['hip']}")
                name = f"HIP {value['hip']}" if star is None else self.name(star)
                size = self._figures(value["magnitude"])
                return ", ".join(part for part in (name, value["bayer"], f"{size}ᵐ") if part)
            case _:
                return self._list(name, value)

    def _list(self, name: str, value: object) -> str:
        names = self._names(name, value)
        if names:
            return ", ".join(names)
        nothing = {
            "neighbours": N_("None on land"),
            "languages": N_("It has none"),
            "currencies": N_("It has none of its own"),
        }
        return self._message(nothing.get(name, N_("Not in our sources")))

    def _names(self, name: str, value: object) -> list[str]:
        codes = value if isinstance(value, tuple) else (value,)
        places = {code: place.names for code, place in self._atlas.places.items()}
        known = {
            "languages": self._atlas.languages,
            "currencies": self._atlas.currencies,
            "continent": self._atlas.continents,
        }.get(name, places)
        named = [code if isinstance(code, Names) else known[code] for code in codes]
        return [one.said(self._language) for one in named]

    def _said(self, value: Names | Independence) -> str:
        if isinstance(value, Names):
            return value.said(self._language)
        if value.of:
            return self._message(N_("It belongs to {country}"), country=self._state(value.of))
        return self._message(
            N_("{year}; before that: {states}"), year=str(value.year), states=self._before(value)
        )

    def _before(self, value: Independence) -> str:
        return ", ".join(self._state(one) for one in value.before)

    def _state(self, code: str) -> str:
        names = self._atlas.states.get(code) or self._atlas.places[code].names
        return names.said(self._language)

    def _time(self, zone: str, now: dt.datetime) -> str:
        if not zone:
            return self._message(N_("It has no time of its own"))
        there = now.astimezone(ZoneInfo(zone))
        offset = there.utcoffset() or dt.timedelta()
        minutes = round(offset.total_seconds() / 60)
        sign = "+" if minutes >= 0 else "−"
        hours, rest = divmod(abs(minutes), 60)
        ahead = f"UTC{sign}{hours}" + (f":{rest:02d}" if rest else "")
        return f"{there:%H:%M} ({ahead})"

    def _figures(self, number: float) -> str:
        """Write a number as the language groups its figures."""
        text = (
            f"{number:,.2f}".replace("-", "\u2212").rstrip("0").rstrip(".")
            if number % 1
            else f"{round(number):,}"
        )
        if self._language == "en":
            return text
        return text.replace(",", SPACE).replace(".", ",")

    # Sentences to hear.

    def _spoken(self, place: Place) -> Iterator[str]:
        for name in SPOKEN:
            if SAID_BY.get(name) in place.facts or (self._only and name not in self._only):
                continue
            if (fact := place.facts.get(name)) is not None and (said := self._sentence(name, fact)):
                yield said

    def _sentence(self, name: str, fact: Fact) -> str:
        value = fact.value
        if name == "population":
            return self._people(fact) if value else self._message(N_("Nobody lives there."))
        if name == "area":
            if value < 1:
                return self._message(N_("Its area is less than one square kilometre."))
            number = words(rounded(value), self._language)
            return self._message(N_("Its area is {area} square kilometres."), area=number)
        if isinstance(value, Independence):
            return self._free_said(value)
        if name == "history":
            return speakable(value.said(self._language), self._language)
        if name == "seen":
            return "" if value else self._message(N_("It never rises over Kazakhstan."))
        if name == "capital" and value is None:
            return ""
        said = self._value_said(name, value)
        if not said:
            return (
                self._message(N_("It has no neighbours on land.")) if name == "neighbours" else ""
            )
        one = name in SAID_OF_ONE and len(value) == 1
        return self._message((SAID_OF_ONE if one else SAID)[name], said=said)

    def _value_said(self, name: str, value: Any) -> str:
        if isinstance(value, Names):
            return value.said(self._language)
        match name:
            case "best":
                return self._message(MONTHS[value - 1])
            case "climate":
                return self._message(CLIMATES[value])
            case "heritage":
                return words(value, self._language)
        return ", ".join(self._names(name, value))

    def _free_said(self, value: Independence) -> str:
        if value.year is None:
            return self._message(N_("It belongs to: {country}."), country=self._state(value.of))
        return self._message(
            N_("The year of independence: {year}; before that: {states}."),
            year=year_words(value.year, self._language),
            states=self._before(value),
        )

    def _people(self, fact: Fact) -> str:
        number = words(rounded(fact.value), self._language)
        if fact.year is None:
            return ""  # a number of people without its year is none
        return self._message(
            N_("About {number} people live there, as of {year}."),
            number=number,
            year=year_words(fact.year, self._language),
        )

    def _message(self, message: str, **params: str) -> str:
        return self._say.say(message, self._language, params)


def capital(sentences: str) -> str:
    """Return sentences each of which begins with a capital, also where a figure became a word."""
    return re.sub(
        r"(^|[.!?] )([a-zа-яёәіңғүұқөһ])", lambda match: match[1] + match[2].upper(), sentences
    )
