"""Policies: which commands of a file a printer is given, which are left out, which refuse it.

They are data, `configs/gcode-policy.toml`; docs/gcode-policy.md tells what each list means.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from drivers.printer.gcode.reasons import REASONS

FILE: Final = Path(__file__).resolve().parents[3] / "configs" / "gcode-policy.toml"
DEFAULT: Final = "default"
SCHEMA: Final = 1
UNKNOWN: Final = "unknown"

Verdict = Literal["allow", "strip", "refuse"]
Ruling = tuple[Verdict, str]
"""What happens to a command, and by which reason (empty where it is allowed)."""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\Z")
_WORD: Final = re.compile(r"(?:[GMT]\d{1,4}(?:\.\d{1,3})?|[A-Z_]{2,}[A-Z0-9_]*)\Z")
_COMMAND: Final = re.compile(rb"[GMT](\d+)(?:\.\d+)?\Z")
_MACRO: Final = re.compile(rb"[A-Z_]{3,}[A-Z0-9_]*(?:\.[\w.]+)?\Z")
_LONGEST_NUMBER: Final = 4
"""Digits: firmware counts in sixteen bits, where `M66533` is `M997`."""
_SWITCHES: Final = ("heats", "homes")
_ALLOWED: Final[Ruling] = ("allow", "")


class PolicyError(ValueError):
    """The file of policies is wrong; the text says where."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What of a file a printer is given.

    Attributes:
        name: of the policy.
        rulings: by a command's word, as `word_of` gives it.
        unknown: what happens to G, M and T commands without a ruling.
        margin: millimetres beyond the printer's volume that a nozzle may go.
        heats: a file must heat the nozzle before it pushes plastic.
        homes: a file must home before it prints.
    """

    name: str
    rulings: Mapping[bytes, Ruling] = field(repr=False)
    unknown: Verdict = "strip"
    margin: float = 5.0
    heats: bool = True
    homes: bool = True

    def ruling(self, word: bytes) -> Ruling:
        """Return what happens to commands that begin with a word.

        A ruling on `G29.1` goes before one on `G29`; without one, firmware that knows no
        subcommands takes the one for the other.
        """
        found = self.rulings.get(word)
        if found is not None:
            return found
        base, dot, _ = word.partition(b".")
        if dot and (found := self.rulings.get(base)) is not None:
            return found
        return self._unknown(base if dot else word)

    def _unknown(self, word: bytes) -> Ruling:
        number = _COMMAND.match(word)
        if number and len(number[1]) <= _LONGEST_NUMBER:
            return self.unknown, UNKNOWN
        if word[:1] == b"@":
            return "strip", "host"
        if word[:1] in (b"{", b"["):
            return "refuse", "placeholder"
        return "refuse", "other-printer" if _MACRO.match(word) else "not-gcode"

    @property
    def mark(self) -> str:
        """Its name and a sum of its rules: equal marks leave out and refuse the same."""
        rules = [f"{word.decode()} {' '.join(self.rulings[word])}" for word in sorted(self.rulings)]
        rules += [self.unknown, f"{self.margin:g}", str(self.heats), str(self.homes)]
        return f"{self.name}@{hashlib.sha256(chr(10).join(rules).encode()).hexdigest()[:12]}"

    def sends(self, word: bytes) -> bool:
        """Tell whether commands that begin with this word go to the printer."""
        return self.ruling(word)[0] == "allow"


class Policies(Mapping[str, Policy]):
    """All policies, by name."""

    def __init__(self, policies: Iterable[Policy]) -> None:
        self._by_name = {one.name: one for one in policies}

    def __getitem__(self, name: str) -> Policy:
        return self._by_name[name]

    def __iter__(self) -> Any:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


@cache
def load_policies(path: Path = FILE) -> Policies:
    """Read the policies.

    Raises:
        PolicyError: the file is wrong.
        OSError: it cannot be read.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path}: {error}") from error
    if given.get("schema") != SCHEMA:
        raise PolicyError(f"{path}: schema is not {SCHEMA}")
    tables = given.get("policies")
    if not isinstance(tables, dict) or DEFAULT not in tables:
        raise PolicyError(f"{path}: there is no [policies.{DEFAULT}]")
    made: dict[str, Policy] = {}
    for name, table in tables.items():
        try:
            made[name] = _policy(name, table, made)
        except PolicyError as error:
            raise PolicyError(f"{path}: [policies.{name}]: {error}") from None
    return Policies(made.values())


def _policy(name: str, table: Any, made: Mapping[str, Policy]) -> Policy:
    if not _NAME.match(name) or not isinstance(table, dict):
        raise PolicyError("is no policy")
    unknown = set(table) - {"extends", "allow", "strip", "refuse", "unknown", "margin", *_SWITCHES}
    if unknown:
        raise PolicyError(f"unknown: {', '.join(sorted(unknown))}")
    base = Policy(name, {})
    if "extends" in table:
        if table["extends"] not in made:
            raise PolicyError(f"extends {table['extends']!r}, which does not stand before it")
        base = made[table["extends"]]
    return Policy(
        name,
        MappingProxyType({**base.rulings, **_rulings(table)}),
        _unknown(table.get("unknown", base.unknown)),
        _margin(table.get("margin", base.margin)),
        *(_switch(one, table.get(one, getattr(base, one))) for one in _SWITCHES),
    )


def _rulings(table: Mapping[str, Any]) -> dict[bytes, Ruling]:
    rulings: dict[bytes, Ruling] = {}
    for word in _words("allow", table.get("allow", [])):
        _add(rulings, word, _ALLOWED)
    verdicts: tuple[Verdict, Verdict] = ("strip", "refuse")
    for verdict in verdicts:
        for reason, words in dict(table.get(verdict, {})).items():
            if reason not in REASONS:
                raise PolicyError(f"{verdict}: there is no reason {reason!r}")
            for word in _words(reason, words):
                _add(rulings, word, (verdict, reason))
    return rulings


def _words(where: str, words: Any) -> list[bytes]:
    if not isinstance(words, list):
        raise PolicyError(f"{where} is no list")
    for word in words:
        if not isinstance(word, str) or not _WORD.match(word):
            raise PolicyError(f"{where}: {word!r} is no command")
    return [word.encode() for word in words]


def _add(rulings: dict[bytes, Ruling], word: bytes, ruling: Ruling) -> None:
    if word in rulings:
        raise PolicyError(f"{word.decode()} stands in two lists")
    rulings[word] = ruling


def _unknown(value: Any) -> Verdict:
    if value not in ("allow", "strip", "refuse"):
        raise PolicyError("unknown is none of allow, strip, refuse")
    return value  # type: ignore[no-any-return]


def _margin(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise PolicyError("margin is no number from 0 to 100")
    return float(value)


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise PolicyError(f"{name} is neither true nor false")
    return value
