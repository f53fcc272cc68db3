"""Text as it is read to text as it is said: figures, years, units and abbreviations in words.

The voice reads Kazakh and Russian figures wrongly, and abbreviations letter by letter; English it
reads well.
"""

import re
from collections.abc import Callable, Mapping

from plugins.globe.atlas.words import russian_form, words, year_words

_UNITS: Mapping[str, tuple[str, tuple[str, str, str]]] = {
    "км²": (
        "шаршы километр",
        ("квадратный километр", "квадратных километра", "квадратных километров"),
    ),
    "км": ("километр", ("километр", "километра", "километров")),
    "м": ("метр", ("метр", "метра", "метров")),
    "°C": ("градус", ("градус", "градуса", "градусов")),
    "°": ("градус", ("градус", "градуса", "градусов")),
    "%": ("пайыз", ("процент", "процента", "процентов")),
    "млн": ("миллион", ("миллион", "миллиона", "миллионов")),
    "млрд": ("миллиард", ("миллиард", "миллиарда", "миллиардов")),
    "кг": ("килограмм", ("килограмм", "килограмма", "килограммов")),
}
"""By their signs: the Kazakh word, and the Russian one after 1, 2 and 5."""

_SHORT: Mapping[str, Mapping[str, str]] = {
    "kk": {
        "б.з.д.": "біздің заманымызға дейінгі",
        "б.з.б.": "біздің заманымыздан бұрынғы",
        "т.б.": "тағы басқалар",
        "т.с.с.": "тағы сол сияқтылар",
    },
    "ru": {
        "до н. э.": "до нашей эры",
        "до н.э.": "до нашей эры",
        "н. э.": "нашей эры",
        "н.э.": "нашей эры",
        "т. е.": "то есть",
        "и т. д.": "и так далее",
        "и т.д.": "и так далее",
        "и др.": "и другие",
    },
}
_NUMBER = r"\d+(?:[\u00a0\u202f ]\d{3})*"
_UNIT = "|".join(sorted((re.escape(one) for one in _UNITS), key=len, reverse=True))
_MEASURED = re.compile(rf"({_NUMBER})[\u00a0\u202f ]?({_UNIT})(?!\w)")
_PLAIN = re.compile(_NUMBER)
_KK_YEAR = re.compile(r"(\d{1,4})(?:-|[\u00a0 ])(?=жыл|ғасыр)")
_KK_SHORT_YEAR = re.compile(r"(\d{1,4})(?:-|[\u00a0 ])(ж|ғ)\.")
_RU_YEAR = re.compile(r"(?:\b([вкВК]о?) )?(\d{1,4})[\u00a0 ](год[ау]?|век[аеу]?|г\.|в\.)(?!\w)")


def speakable(text: str, language: str) -> str:
    """Return text as the voice is to say it."""
    if language not in _SHORT:
        return text
    for short, whole in _SHORT[language].items():
        text = text.replace(short, whole)
    if language == "kk":
        text = _KK_SHORT_YEAR.sub(_kk_short, text)
        text = _KK_YEAR.sub(lambda match: f"{year_words(int(match[1]), 'kk')} ", text)
    else:
        text = _RU_YEAR.sub(_ru_year, text)
    text = _MEASURED.sub(_measured(language), text)
    return _PLAIN.sub(lambda match: words(_figure(match[0]), language), text)


def _figure(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def _measured(language: str) -> Callable[[re.Match[str]], str]:
    def said(match: re.Match[str]) -> str:
        number = _figure(match[1])
        kk, ru = _UNITS[match[2]]
        return f"{words(number, language)} {kk if language == 'kk' else russian_form(number, ru)}"

    return said


def _kk_short(match: re.Match[str]) -> str:
    return f"{match[1]} {'жылы' if match[2] == 'ж' else 'ғасыр'}"


def _ru_year(match: re.Match[str]) -> str:
    """Return a year or century in the case that its preposition and its noun ask for."""
    before, number, noun = match[1] or "", int(match[2]), match[3]
    if noun in ("г.", "в."):
        stem, of = ("год", "году") if noun == "г." else ("век", "веке")
        noun = of if before.lower() in ("в", "во") else stem
    ending = ""
    if noun in ("году", "веке", "веку"):
        ending = "ому" if before.lower() in ("к", "ко") else "ом"
    elif noun in ("года", "века"):
        ending = "ого"
    said = year_words(number, "ru")
    if ending:
        *first, last = said.split()
        stem, ending = (last[:-2] + "ь", _SOFT[ending]) if last == "третий" else (last[:-2], ending)
        said = " ".join([*first, stem + ending])
    return f"{before} {said} {noun}".strip()


_SOFT = {"ом": "ем", "ому": "ему", "ого": "его"}
