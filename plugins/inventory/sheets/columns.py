"""The columns of the inventory's table, and how cells are read and written."""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from hub.plugin import N_, Translator

COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "id": N_("Id in the hub"),
        "name": N_("Name"),
        "kind": N_("Kind"),
        "number": N_("Inventory number"),
        "serial": N_("Serial number"),
        "maker": N_("Maker"),
        "model": N_("Model"),
        "quantity": N_("How many"),
        "purchased": N_("Bought on"),
        "price": N_("Price, tenge"),
        "warranty": N_("Guarantee until"),
        "room": N_("Room"),
        "responsible": N_("Who answers for it"),
        "notes": N_("Notes"),
    }
)
LANGUAGES = ("kk", "ru", "en")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_LOCAL = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_PRICE = re.compile(r"\d{1,12}(\.\d{1,2})?")
_WHOLE = re.compile(r"\d{1,6}")


def headings(say: Translator) -> dict[str, str]:
    """Return which column a heading names, in any of our languages; keys are folded."""
    found = {name: name for name in COLUMNS}
    for name, title in COLUMNS.items():
        found |= {say.say(title, language).casefold(): name for language in LANGUAGES}
    return found


def written(name: str, value: Any) -> str:
    """Return a value as a cell says it."""
    if value is None:
        return ""
    if name == "price":
        return f"{value:.2f}"
    return str(value)


def read(name: str, cell: str) -> Any:
    """Return the value of a cell. Raises ValueError where it makes none."""
    text = cell.strip()
    if name in ("purchased", "warranty"):
        return _day(text) if text else None
    if name == "price":
        plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
        if plain and not _PRICE.fullmatch(plain):
            raise ValueError(text)
        return float(plain) if plain else None
    if name == "quantity":
        if text and not _WHOLE.fullmatch(text):
            raise ValueError(text)
        return int(text) if text else 1
    if name == "kind":
        return text or "other"
    return text


def _day(text: str) -> date:
    if match := _ISO.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _LOCAL.fullmatch(text):
        return date(int(match[3]), int(match[2]), int(match[1]))
    raise ValueError(text)
