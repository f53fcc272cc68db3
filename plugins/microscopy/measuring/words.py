"""Words on what leaves the hub: tables and pictures in the language of whoever takes them."""

from pathlib import Path

from hub.i18n import LANGUAGES, Translator, negotiate
from hub.plugin import N_
from plugins.microscopy.measuring.values import for_people, rounded

_SAY = Translator()
_SAY.add("microscopy", Path(__file__).parents[1] / "locale")

UNITS = {
    "um": N_("µm"),
    "mm": N_("mm"),
    "um2": N_("µm²"),
    "mm2": N_("mm²"),
    "px": N_("px"),
    "px2": N_("px²"),
    "deg": "°",
    "1": "",
}
KIND_WORDS = {
    "length": N_("Length"),
    "polyline": N_("Curve"),
    "angle": N_("Angle"),
    "area": N_("Area"),
    "count": N_("Count"),
    "label": N_("Label"),
    "arrow": N_("Arrow"),
}


def language_of(wanted: str | None, accept: str | None) -> str:
    """Return the language: the one that is asked for, else what the browser likes best."""
    return wanted if wanted in LANGUAGES else negotiate(accept or "", _SAY.default)


def say(message: str, language: str) -> str:
    """Return a message of this plugin in a language."""
    return _SAY.say(message, language)


def unit_text(unit: str, language: str) -> str:
    """Return a unit as people write it."""
    return say(UNITS.get(unit, unit), language)


def value_text(value: float, unit: str, language: str) -> str:
    """Return a value for people: `1,25 мм`, `42.5°`."""
    shown, in_unit = for_people(value, unit)
    figure = rounded(shown)
    if language != "en":
        figure = figure.replace(".", ",")
    words = unit_text(in_unit, language)
    return figure + (words if words in ("", "°") else f"\N{NO-BREAK SPACE}{words}")
