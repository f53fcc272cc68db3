"""Languages of the hub: which one a caller wants, and what a message says in it.

English texts are the message ids. Catalogues are found in folders `locale/` of the hub, of the
drivers' packages and of the plugins: `<lang>/LC_MESSAGES/messages.mo` for Python, `<lang>.json` for
the pages. What is missing stays English.
"""

import gettext
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

log = logging.getLogger("classhub.i18n")

LANGUAGES = ("kk", "ru", "en")
DOMAIN = "messages"
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9]{1,8})*\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*$"
)
# As CLDR has them; where none stands here it is a point.
DECIMAL = {"kk": ",", "ru": ","}
_PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def fill(message: str, params: Mapping[str, Any]) -> str:
    """Put `params` into the `{placeholders}` of a message; unknown ones stay as they are."""
    if not params or "{" not in message:
        return message
    return _PLACEHOLDER.sub(
        lambda match: str(params[match[1]]) if match[1] in params else match[0], message
    )


def number(value: float, language: str) -> str:
    """Return a number as it is written in a language: 2.5, in Kazakh and Russian 2,5.

    Args:
        value: rounded already to what is to be read.
        language: of the reader.
    """
    return str(value).removesuffix(".0").replace(".", DECIMAL.get(language, "."))


@lru_cache(maxsize=256)
def negotiate(accept: str, default: str) -> str:
    """Choose the language that an `Accept-Language` header likes best, else `default`.

    What is malformed in the header is passed over.
    """
    best, best_weight = default, 0.0
    for part in accept[:512].split(","):
        if (match := _RANGE.match(part)) is None:
            continue
        weight = float(match[2]) if match[2] else 1.0
        language = match[1].lower()
        language = default if language == "*" else language
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


class Translator:
    """Says messages in the languages of the hub, from any number of catalogue folders.

    Args:
        default: the language of whoever names none.
    """

    def __init__(self, default: str = "kk") -> None:
        self.default = default
        self._catalogues: dict[str, list[gettext.NullTranslations]] = {}
        self._pages: dict[str, dict[str, tuple[Path, str]]] = {}
        self._known: dict[tuple[str, str], str] = {}

    def add(self, name: str, folder: Path) -> None:
        """Add the catalogues of a `locale` folder; a broken one is logged and left out.

        Args:
            name: under which pages find its JSON catalogues: `hub`, `drivers`, a plugin's id.
            folder: may be missing; then nothing is added.
        """
        for language in LANGUAGES:
            compiled = folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
            if compiled.is_file():
                try:
                    with compiled.open("rb") as file:
                        catalogue = gettext.GNUTranslations(file)
                except (OSError, ValueError) as error:
                    log.warning("the catalogue %s cannot be read: %s", compiled, error)
                else:
                    self._catalogues.setdefault(language, []).append(catalogue)
            page = folder / f"{language}.json"
            if page.is_file():
                digest = hashlib.sha256(page.read_bytes()).hexdigest()[:12]
                self._pages.setdefault(name, {})[language] = (page, digest)
        self._known.clear()

    def page_catalogues(self) -> dict[str, list[str]]:
        """Return the addresses of the pages' catalogues: `{"kk": ["/locale/hub/…/kk.json"]}`."""
        found: dict[str, list[str]] = {}
        for name, pages in self._pages.items():
            for language, (_, digest) in pages.items():
                found.setdefault(language, []).append(f"/locale/{name}/{digest}/{language}.json")
        return found

    def page_catalogue(self, name: str, language: str) -> tuple[Path, str] | None:
        """Return the file of a page's catalogue and its hash."""
        return self._pages.get(name, {}).get(language)

    def say(self, message: str, language: str, params: Mapping[str, Any] | None = None) -> str:
        """Return the message in `language`, with its placeholders filled.

        Fractions among `params` are written as the language writes them, if they are floats and no
        texts.
        """
        if not message:
            return ""
        key = (language, message)
        said = self._known.get(key)
        if said is None:
            said = message
            for catalogue in self._catalogues.get(language, ()):
                found = catalogue.gettext(message)
                if found != message:
                    said = found
                    break
            # Message ids may come from devices, so the memory of them is bounded.
            if len(self._known) < 4096:
                self._known[key] = said
        return fill(said, _written(params, language)) if params else said


def _written(params: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    if not any(isinstance(value, float) for value in params.values()):
        return params
    return {
        name: number(value, language) if isinstance(value, float) else value
        for name, value in params.items()
    }


def driver_locales() -> Iterable[tuple[str, Path]]:
    """Yield the `locale` folders of the packages that drivers come from, without importing them."""
    packages = sorted(
        {point.module.split(".")[0] for point in entry_points(group="classhub.drivers")}
    )
    for package in packages:
        spec = find_spec(package)
        for place in (spec.submodule_search_locations or ()) if spec else ():
            yield package, Path(place) / "locale"
