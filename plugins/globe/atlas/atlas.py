"""The atlas as it is read from the data files: one file a source, so that each fact has one."""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from plugins.globe.atlas.place import Fact, Independence, Names, Place, PlaceKind, Source

DATA = Path(__file__).resolve().parents[1] / "data"

COUNTRY_FACTS = (
    "capital",
    "population",
    "area",
    "languages",
    "currencies",
    "continent",
    "neighbours",
    "climate",
    "history",
    "independence",
    "landmarks",
    "heritage",
    "animals",
    "symbol",
    "zone",
)
"""What is told of a country, in this order."""


REGION_FACTS = (
    "centre",
    "country",
    "population",
    "area",
    "history",
    "landmarks",
    "animals",
    "zone",
)
CITY_FACTS = tuple(name for name in REGION_FACTS if name not in ("centre", "animals"))
"""A city of the republic has no centre: it is one."""
PARTS = ("africa", "americas", "asia", "europe", "oceania")
"""Of the world, each with a file of its countries' history, sights and animals."""
STAR_FACTS = ("magnitude", "constellation", "seen")
CONSTELLATION_FACTS = ("latin", "brightest", "best", "seen")


class Atlas:
    """All places.

    Attributes:
        places: by their ids. sources: by theirs.
        languages, currencies, continents, states: names by codes; states that there are no more.
    """

    def __init__(self, folder: Path = DATA) -> None:
        self.sources: dict[str, Source] = {}
        self.places: dict[str, Place] = {}
        self._folder = folder
        ours = self._read("lands.toml")
        self.states = {code: Names(*names) for code, names in ours["states"].items()}
        self._lands: dict[str, tuple[str, dict[str, Any]]] = {}
        for written in (ours, *(self._read(f"lands-{part}.toml") for part in PARTS)):
            source = str(written["source"]["id"])
            self._lands |= {code: (source, known) for code, known in written["lands"].items()}
        self._countries()
        self._regions()
        self._constellations()
        self._stars()

    def of(self, kind: PlaceKind) -> Iterator[Place]:
        """Yield the places of a kind."""
        return (place for place in self.places.values() if place.kind is kind)

    def _countries(self) -> None:
        cldr = self._read("cldr.json")
        factbook = self._read("factbook.json")
        territories = self._read("territories.toml")
        capitals = self._read("capitals.toml")
        corrected = self._read("corrections.toml")
        languages = {**cldr["languages"], **corrected["names"]}
        self.languages = {code: Names(*names) for code, names in languages.items()}
        self.currencies = {code: Names(*names) for code, names in cldr["currencies"].items()}
        self.continents = {code: Names(*names) for code, names in cldr["continents"].items()}
        climate = self._read("climate.json")["places"]
        zones = {**self._read("zones.json")["zones"], **capitals["zones"]}
        nations = self._read("nations.json")["places"]
        animals = self._read("animals.toml")["animals"]
        for code, known in cldr["places"].items():
            counted = factbook["places"].get(code) or territories["places"][code]
            source = "factbook" if code in factbook["places"] else "statistics"
            facts = {
                "continent": Fact(known["continent"], "cldr"),
                "languages": Fact(tuple(known["languages"]), "cldr"),
                "currencies": Fact(tuple(known["currencies"]), "cldr"),
                **_counted(counted, source, uninhabited=code in factbook["uninhabited"]),
                **_capital(code, capitals),
                **_nation(nations.get(code, {}), animals),
                **self._land(code),
            }
            _correct(code, facts, corrected)
            if code in climate:
                facts["climate"] = Fact(climate[code], "koppen")
            if (zone := zones.get(code)) is not None:
                facts["zone"] = Fact(zone, "tzdata")
            self._add(
                Place(
                    id=code,
                    kind=PlaceKind.COUNTRY,
                    names=Names(*known["name"]),
                    centre=_centre(counted),
                    numeric=known["numeric"],
                ),
                COUNTRY_FACTS,
                facts,
            )

    def _regions(self) -> None:
        zone = self.places["KZ"].facts["zone"]
        written = self._read("kazakhstan.toml")
        counted = self._read("kazakhstan-counted.toml")
        year, by = counted["year"], counted["by"]
        for code, known in written["regions"].items():
            people, area = counted["regions"][code]
            facts = {
                "country": Fact(("KZ",), "kazakhstan"),
                "zone": zone,
                "population": Fact(people * 100, "kazakhstan-counted", year, by),
                "area": Fact(area * 100, "kazakhstan-counted"),
                **self._land(code),
            }
            if "centre" in known:
                facts["centre"] = Fact(Names(*known["centre"]), "kazakhstan")
            place = Place(
                id=code,
                kind=PlaceKind.REGION,
                names=Names(*known["name"]),
                centre=(known["at"][0], known["at"][1]),
                within="KZ",
            )
            wanted = REGION_FACTS if "centre" in known else CITY_FACTS
            self._add(place, wanted, facts)

    def _land(self, code: str) -> dict[str, Fact]:
        """Return what is written of a country or a region: history, sights, animals."""
        if code not in self._lands:
            return {}
        source, known = self._lands[code]
        facts = {"history": Fact(Names(*known["history"]), source)}
        for name in ("landmarks", "animals"):
            if name in known:
                facts[name] = Fact(tuple(Names(*one) for one in known[name]), source)
        return facts

    def _constellations(self) -> None:
        sky = self._read("sky.json")["places"]
        named = self._read("constellations.toml")
        for code, (kk, ru) in named["names"].items():
            known = sky[code]
            note = named["notes"].get(code)
            x, y = known["centre"]
            facts = {
                "latin": Fact(
                    Names(*[known["latin"]] * 3),
                    "d3-celestial",
                    note=None if note is None else Names(*note),
                ),
                "best": Fact(best_month(x), "d3-celestial"),
                "seen": Fact(y > FARTHEST_SOUTH, "d3-celestial"),
            }
            if known.get("brightest"):
                facts["brightest"] = Fact(known["brightest"], "d3-celestial")
            self._add(
                Place(
                    id=code,
                    kind=PlaceKind.CONSTELLATION,
                    names=Names(known["latin"], kk, ru),
                    centre=(x, y),
                ),
                CONSTELLATION_FACTS,
                facts,
            )

    def _stars(self) -> None:
        sky = self._read("sky.json")["named"]
        for code, (kk, ru) in self._read("stars.toml")["names"].items():
            known = sky[code]
            x, y = known["at"]
            facts = {
                "magnitude": Fact(known["magnitude"], "d3-celestial"),
                "constellation": Fact((known["within"],), "d3-celestial"),
                "seen": Fact(y > FARTHEST_SOUTH, "d3-celestial"),
            }
            self._add(
                Place(
                    id=code,
                    kind=PlaceKind.STAR,
                    names=Names(known["name"], kk, ru),
                    centre=(x, y),
                    within=known["within"],
                ),
                STAR_FACTS,
                facts,
            )

    def _add(self, place: Place, wanted: Sequence[str], facts: Mapping[str, Fact]) -> None:
        """Keep a place with its facts, in the order in which they are told."""
        self.places[place.id] = replace(
            place,
            facts={name: facts[name] for name in wanted if name in facts},
            missing=tuple(name for name in wanted if name not in facts),
        )

    def _read(self, name: str) -> dict[str, Any]:
        file = self._folder / name
        text = file.read_text(encoding="utf-8")
        content: dict[str, Any] = (
            tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
        )
        about = {key: str(value) for key, value in content["source"].items()}
        self.sources[about["id"]] = Source(**about)
        return content


FARTHEST_SOUTH = -47.0
"""Degrees of declination; what is farther south never rises in the south of Kazakhstan (43° N)."""


def best_month(ascension: float) -> int:
    """Return the month (1-12) in which a right ascension (degrees) culminates at nine p.m.

    In the middle of January a star of 70° stands in the south then; every month brings 30° more.
    """
    return int((ascension - 55) % 360 // 30) + 1


@cache
def atlas() -> Atlas:
    """Return the atlas; read once."""
    return Atlas()


def _counted(known: Mapping[str, Any], source: str, *, uninhabited: bool) -> dict[str, Fact]:
    facts = {"neighbours": Fact(tuple(known["neighbours"]), source)}
    for name in ("area", "population"):
        if name in known:
            about = known[name]
            facts[name] = Fact(about["value"], source, about.get("year"), about.get("by", ""))
    if uninhabited:
        facts["population"] = Fact(0, source)
    return facts


def _capital(code: str, capitals: Mapping[str, Any]) -> dict[str, Fact]:
    names = capitals["capitals"][code]
    note = capitals["notes"].get(code)
    value = Names(*names) if names else None
    return {"capital": Fact(value, "authored", note=None if note is None else Names(*note))}


def _nation(known: Mapping[str, Any], animals: Mapping[str, list[str]]) -> dict[str, Fact]:
    facts = {}
    if (free := known.get("independence")) is not None:
        value = Independence(free.get("year"), tuple(free.get("from", ())), free.get("of", ""))
        facts["independence"] = Fact(value, "factbook")
    if "heritage" in known:
        facts["heritage"] = Fact(known["heritage"], "factbook")
    if "symbol" in known:
        named = tuple(Names(one, *animals[one]) for one in known["symbol"])
        facts["symbol"] = Fact(named, "factbook")
    return facts


def _correct(code: str, facts: dict[str, Fact], corrected: Mapping[str, Any]) -> None:
    """Set right what a source has wrong of a country, and say beside it what has to be said."""
    for name in ("languages", "neighbours"):
        if (ours := corrected[name].get(code)) is not None:
            facts[name] = Fact(tuple(ours), "corrections")
    if (note := corrected["notes"].get(code)) is not None:
        facts["languages"] = replace(facts["languages"], note=Names(*note))


def _centre(known: Mapping[str, Any]) -> tuple[float, float] | None:
    centre = known.get("centre")
    return None if centre is None else (centre[0], centre[1])
