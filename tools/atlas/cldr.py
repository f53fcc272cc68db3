"""Names, codes, currencies, languages and continents, of the Unicode CLDR."""

import datetime as dt
from pathlib import Path
from typing import Any

from sources import CLDR, CORE, NAMES, NUMBERS, read

LANGUAGES = ("en", "kk", "ru")
OFFICIAL = {"official", "de_facto_official"}
# UN M49 by CLDR: what a pupil calls a continent. Antarctica and its islands are none of them.
CONTINENTS = {"AF": "002", "AS": "142", "EU": "150", "OC": "009", "NA": "003", "SA": "005"}
SOUTHERN = {"AQ", "BV", "GS", "HM", "TF"}
# What CLDR says in none of its languages, or not in Kazakh: authored.
OWN_LANGUAGES = {
    "zdj": ["Comorian", "комор тілі", "коморский"],
    "hif": ["Fiji Hindi", "фиджи хинди тілі", "фиджийский хинди"],
    "ho": ["Hiri Motu", "хири-моту тілі", "хири-моту"],
    "tkl": ["Tokelau", "токелау тілі", "токелайский"],
    "hak": ["Hakka Chinese", "хакка тілі", "хакка"],
    "nan": ["Min Nan Chinese", "оңтүстік мин тілі", "южноминьский"],
}
# As school books in Kazakhstan call them: CLDR has the usage of another country, and abbreviations that nobody says.
HERE = {
    "AE": {"ru": "Объединённые Арабские Эмираты"},
    "CD": {
        "en": "Democratic Republic of the Congo",
        "kk": "Конго Демократиялық Республикасы",
        "ru": "Демократическая Республика Конго",
    },
    "CG": {
        "en": "Republic of the Congo",
        "kk": "Конго Республикасы",
        "ru": "Республика Конго",
    },
    "FM": {"kk": "Микронезия Федеративтік Штаттары"},
    "HK": {"en": "Hong Kong", "kk": "Гонконг", "ru": "Гонконг"},
    "KG": {"ru": "Кыргызстан"},
    "KP": {"ru": "Северная Корея"},
    "KR": {"ru": "Южная Корея"},
    "KY": {"ru": "Каймановы острова"},
    "KZT": {"ru": "казахстанский тенге"},
    "MM": {"en": "Myanmar", "kk": "Мьянма", "ru": "Мьянма"},
    "MO": {"en": "Macao", "kk": "Макао", "ru": "Макао"},
    "PS": {"en": "Palestine", "kk": "Палестина", "ru": "Палестина"},
    "SH": {"ru": "Остров Святой Елены"},
    "STN": {"kk": "Сан-Томе және Принсипи добрасы"},
    "SZL": {"kk": "Эсватини лилангениі"},
    "TL": {"kk": "Шығыс Тимор"},
    "UM": {"ru": "Внешние малые острова США"},
    "US": {"ru": "Соединённые Штаты Америки"},
    "VG": {"ru": "Британские Виргинские острова"},
    "VI": {"ru": "Американские Виргинские острова"},
    "ZA": {"kk": "Оңтүстік Африка Республикасы"},
}
FIRST = {"KZ": "kk"}  # the state language, though more people know another
LEFT_OUT = {"wni"}  # a dialect of Comorian beside it


def facts(folder: Path, codes: list[str]) -> dict[str, Any]:
    """Return the data file's content."""
    supplemental = CORE.fetched(folder) / "supplemental"
    about = read(supplemental / "territoryInfo.json")["supplemental"]["territoryInfo"]
    money = read(supplemental / "currencyData.json")["supplemental"]["currencyData"]["region"]
    numeric = read(supplemental / "codeMappings.json")["supplemental"]["codeMappings"]
    within = read(supplemental / "territoryContainment.json")["supplemental"][
        "territoryContainment"
    ]
    named = {part: _named(folder, part) for part in ("territories", "languages")}
    names = named["territories"]
    places, spoken, paid = {}, set(), set()
    for code in codes:
        known = about.get(code, {}).get("languagePopulation", {})
        official = [one for one in known if known[one].get("_officialStatus") in OFFICIAL]
        official.sort(key=lambda one: -float(known[one]["_populationPercent"]))
        official.sort(key=lambda one: one != FIRST.get(code))
        languages = list(
            dict.fromkeys(one.split("_")[0] for one in official if one not in LEFT_OUT)
        )
        currencies = _in_use(money[code])
        spoken.update(languages)
        paid.update(currencies)
        places[code] = {
            "name": [named_here(code, one, names[one][code]) for one in LANGUAGES],
            "numeric": numeric[code]["_numeric"],
            "continent": _continent(code, within),
            "languages": languages,
            "currencies": currencies,
        }
    return {
        "source": {
            "id": "cldr",
            "title": "Unicode Common Locale Data Repository",
            "version": CLDR,
            "date": "2026-03-17",
            "licence": "Unicode-3.0",
            "url": "https://cldr.unicode.org",
        },
        "continents": {
            **{key: [names[one][m49] for one in LANGUAGES] for key, m49 in CONTINENTS.items()},
            "AN": [names[one]["AQ"] for one in LANGUAGES],
        },
        "languages": {code: _language(code, named["languages"]) for code in sorted(spoken)},
        "currencies": {code: _currency(folder, code) for code in sorted(paid)},
        "places": places,
    }


def _named(folder: Path, part: str) -> dict[str, dict[str, str]]:
    root = NAMES.fetched(folder) / "main"
    return {
        one: read(root / one / f"{part}.json")["main"][one]["localeDisplayNames"][part]
        for one in LANGUAGES
    }


def _language(code: str, names: dict[str, dict[str, str]]) -> list[str]:
    if code in OWN_LANGUAGES:
        return OWN_LANGUAGES[code]
    return [names[one][code] for one in LANGUAGES]


def _currency(folder: Path, code: str) -> list[str]:
    root = NUMBERS.fetched(folder) / "main"
    return [
        named_here(
            code,
            one,
            read(root / one / "currencies.json")["main"][one]["numbers"]["currencies"][code][
                "displayName"
            ],
        )
        for one in LANGUAGES
    ]


def named_here(code: str, language: str, name: str) -> str:
    """Return what a country or a currency is called in lessons, in whole words."""
    if (ours := HERE.get(code, {}).get(language)) is not None:
        return ours
    if language == "ru" and ("о-ва" in name or "о-в " in name):
        whole = name.replace("о-ва", "острова").replace("о-в ", "остров ")
        return whole[0].upper() + whole[1:]
    return name


def _in_use(rows: list[dict[str, Any]]) -> list[str]:
    """Return the currencies that are legal tender today, the newest first."""
    today = dt.datetime.now(dt.UTC).date().isoformat()
    now = [
        (about.get("_from", ""), code)
        for row in rows
        for code, about in row.items()
        if about.get("_tender") != "false" and about.get("_to", "9") > today
    ]
    return [code for _, code in sorted(now, reverse=True)]


def _continent(code: str, within: dict[str, Any]) -> str:
    if code in SOUTHERN:
        return "AN"
    for key, m49 in CONTINENTS.items():
        if code in _all_of(m49, within):
            return key
    raise SystemExit(f"{code} is in no continent")


def _all_of(group: str, within: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    for one in within.get(group, {}).get("_contains", ()):
        found |= {one} if len(one) == 2 and one.isalpha() else _all_of(one, within)
    return found
