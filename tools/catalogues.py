"""Translation catalogues: compile them, check them, list what is missing.

    catalogues.py build     compile locale/<lang>.po for Python (.mo) and for the pages (.json)
    catalogues.py check     each message of the code is translated everywhere, none is left over,
                            and none is said in two ways: pages read all areas as one
    catalogues.py missing   print the missing ones as .po entries

One catalogue per area (the kernel, the drivers, each plugin) serves Python and pages alike.
Messages are marked by N_() and t(), plurals by tn().
"""

import gzip
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as CatalogMessage
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("kk", "ru")
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
CALL = re.compile(
    rf"(?<![\w.$])(?:tn\(\s*(?P<first>{LITERAL})\s*,\s*(?P<plural>{LITERAL})|(?:t|N_)\(\s*(?P<single>{LITERAL}))"
)
PLACEHOLDER = re.compile(r"\{(\w+)\}")

Message = str | tuple[str, ...]


def areas() -> list[Path]:
    """Return the folders that have a catalogue of their own."""
    plugins = sorted(path.parent for path in (ROOT / "plugins").glob("*/__init__.py"))
    return [ROOT / "hub", ROOT / "drivers", *plugins]


def messages(area: Path) -> dict[Message, str]:
    """Return the messages that an area's code marks, each with where it stands."""
    found: dict[Message, str] = {}
    for path in sorted(area.rglob("*")):
        parts = path.relative_to(area).parts
        if {"node_modules", "dist"} & set(parts) or path.name.endswith((".test.ts", ".d.ts")):
            continue
        extract = {".py": from_python, ".ts": from_pages}.get(path.suffix)
        if extract is not None:
            for line, message in extract(path):
                found.setdefault(message, f"{path.relative_to(ROOT)}:{line}")
    for manifest in sorted(area.glob("web/web.json")):
        described = json.loads(manifest.read_text(encoding="utf-8"))
        shown = [one["shows"] for one in described["elements"] if "shows" in one]
        opens = [page["opens"] for page in described["pages"] if "title" in page.get("opens", {})]
        guide = [described["guide"]] if "guide" in described else []
        for titled in (*described["pages"], *shown, *opens, *guide):
            found.setdefault(titled["title"], str(manifest.relative_to(ROOT)))
    return found


def from_python(path: Path) -> Iterator[tuple[int, Message]]:
    """Yield the messages that N_() marks in a Python file."""
    with path.open("rb") as file:
        for line, _, message, _ in extract_python(file, ["N_"], [], {"encoding": "utf-8"}):
            yield line, message if isinstance(message, str) else message[0]


def from_pages(path: Path) -> Iterator[tuple[int, Message]]:
    """Yield the messages of t("…"), N_("…") and tn("…", "…") in a TypeScript file."""
    text = path.read_text(encoding="utf-8")
    for match in CALL.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        first = json.loads(match["first"] or match["single"])
        yield line, first if match["plural"] is None else (first, json.loads(match["plural"]))


def catalogue(area: Path, language: str) -> Catalog:
    """Read an area's catalogue; an area without one has an empty one."""
    path = area / "locale" / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def build() -> None:
    """Compile every catalogue for Python and for the pages."""
    for area in areas():
        for language in LANGUAGES:
            if not (area / "locale" / f"{language}.po").exists():
                continue
            read = catalogue(area, language)
            mo = area / "locale" / language / "LC_MESSAGES" / "messages.mo"
            mo.parent.mkdir(parents=True, exist_ok=True)
            with mo.open("wb") as file:
                write_mo(file, read)
            pages = {
                (m.id[0] if isinstance(m.id, tuple) else m.id): (
                    list(m.string) if isinstance(m.string, tuple) else m.string
                )
                for m in read
                if m.id and m.string
            }
            text = json.dumps(pages, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            file = area / "locale" / f"{language}.json"
            file.write_text(text + "\n", encoding="utf-8")
            # Served to whoever takes it; without a time, so that each build gives the same bytes.
            file.with_suffix(".json.gz").write_bytes(gzip.compress(file.read_bytes(), mtime=0))


def translations(entry: CatalogMessage | None) -> tuple[str, ...]:
    """Return an entry's translations, one for each plural form; empty where one is missing."""
    if entry is None or not entry.string:
        return ()
    strings = entry.string if isinstance(entry.string, tuple) else (entry.string,)
    return strings if all(strings) else ()


def faults() -> list[str]:
    """Return what is wrong with the catalogues, one sentence each."""
    wrong = []
    for area in areas():
        wanted = messages(area)
        for language in LANGUAGES:
            name = f"{area.relative_to(ROOT)}/locale/{language}.po"
            have = {m.id: m for m in catalogue(area, language) if m.id}
            for message, where in wanted.items():
                entry = have.get(message)
                strings = translations(entry)
                if entry is None or not strings:
                    wrong.append(f"{name}: no translation of {message!r} ({where})")
                    continue
                if entry.fuzzy:
                    wrong.append(f"{name}: {message!r} is marked fuzzy")
                fields = placeholders(message[-1] if isinstance(message, tuple) else message)
                wrong += [
                    f"{name}: {text!r} has other placeholders than {message!r}"
                    for text in strings
                    if placeholders(text) != fields
                ]
            wrong += [f"{name}: {m!r} is used nowhere" for m in have if m not in wanted]
    return wrong + said_in_two_ways()


def said_in_two_ways() -> list[str]:
    """Return messages that two areas translate differently: one word with two meanings."""
    wrong = []
    for language in LANGUAGES:
        said: dict[object, dict[object, str]] = {}
        for area in areas():
            for message in catalogue(area, language):
                if message.id and translations(message):
                    ways = said.setdefault(message.id, {})
                    ways.setdefault(message.string, area.name)
        wrong += [
            f"{language}: {message!r} means {' and '.join(f'{t!r} ({a})' for t, a in ways.items())}"
            for message, ways in said.items()
            if len(ways) > 1
        ]
    return wrong


def placeholders(text: str) -> set[str]:
    """Return the `{names}` in a text; `{n}` may be left out of a plural form."""
    return set(PLACEHOLDER.findall(text)) - {"n"}


def missing() -> None:
    """Print what has no translation yet, ready to be filled in."""
    for area in areas():
        for language in LANGUAGES:
            have = {m.id for m in catalogue(area, language) if m.id and translations(m)}
            rest = {m: where for m, where in messages(area).items() if m not in have}
            if rest:
                print(f"# {area.relative_to(ROOT)}/locale/{language}.po")
            for message, where in rest.items():
                source = message if isinstance(message, tuple) else (message,)
                one, *many = (json.dumps(text, ensure_ascii=False) for text in source)
                print(f"#: {where}\nmsgid {one}")
                print(f'msgid_plural {many[0]}\nmsgstr[0] ""\n' if many else 'msgstr ""\n')


def main() -> int:
    """Run the command named on the command line."""
    command = sys.argv[1] if len(sys.argv) > 1 else "check"
    if command == "build":
        build()
    elif command == "missing":
        missing()
    elif command == "check":
        wrong = faults()
        print("\n".join(wrong))
        return bool(wrong)
    else:
        print(__doc__)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
