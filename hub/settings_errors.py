"""What is wrong with a setting: where it stands, what is allowed there, which one was meant."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.allowed import allowed, inside, nearest

Place = tuple[str | int, ...]

_FIELD = re.compile(r'field "(\w+)"')
_MOST_NAMED = 30
_MOST_VALUE = 60
_VALUE_SAYS_ALL = frozenset({"extra_forbidden", "missing"})


@dataclass(frozen=True, slots=True)
class Sources:
    """Where settings come from: the command line, the environment, the file.

    Attributes:
        options: of the command line, those that were given.
        prefix: of the environment variables.
        file: None where there is none; `text` is its content.
        schema: the JSON Schema of all settings.
    """

    options: Mapping[str, Any]
    prefix: str
    file: Path | None
    text: str
    schema: Mapping[str, Any]

    def told(self, error: Mapping[str, Any]) -> str:
        """Return one line about one of pydantic's errors."""
        place: Place = error["loc"]
        return f"{self._where(place)}: {self._said(error, place)}"

    def unreadable(self, error: ValueError) -> str:
        """Return one line about a variable of a list or table that is no JSON."""
        field = _FIELD.search(str(error))
        if field is None:
            return f"environment: {error}"
        name = self.prefix + field[1].upper()
        what = allowed(inside(self.schema, (field[1],), self.schema), self.schema)
        return f"environment variable {name}: {field[1]} must be JSON (allowed: {what})"

    def _said(self, error: Mapping[str, Any], place: Place) -> str:
        if error["type"] == "extra_forbidden":
            known = inside(self.schema, place[:-1], self.schema).get("properties", {})
            near = nearest(str(place[-1]), known)
            if near is not None:
                return f"there is no such setting; did you mean {near}?"
            return f"there is no such setting; here are: {', '.join(list(known)[:_MOST_NAMED])}"
        message = str(error["msg"]).removeprefix("Value error, ")
        message = message[:1].lower() + message[1:]
        about = inside(self.schema, place, self.schema)
        if not about:
            return message
        given = "" if error["type"] in _VALUE_SAYS_ALL else _shown(error.get("input"), about)
        meaning = str(about.get("description", "")).split("\n")[0].strip()
        allows = f" (allowed: {allowed(about, self.schema)}{given})"
        return message + allows + (f" {meaning}" if meaning else "")

    def _where(self, place: Place) -> str:
        first = str(place[0]) if place else ""
        if first in self.options:
            return f"option --{first.replace('_', '-')}"
        variable = self._variable(place)
        if variable is not None:
            return f"environment variable {variable}"
        path = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")
        line = line_of(self.text, place)
        where = f", line {line}" if line else ""
        return f"{self.file}{where}: {path}" if self.file is not None else path

    def _variable(self, place: Place) -> str | None:
        """Return the variable that a setting came from, None where it came from none."""
        for count in range(len(place), 0, -1):
            wanted = (self.prefix + "__".join(str(step) for step in place[:count])).upper()
            for name, value in os.environ.items():
                if name.upper() == wanted and (count == len(place) or _has(value, place[count:])):
                    return name
        return None


def _has(text: str, place: Place) -> bool:
    """Tell whether a variable's JSON holds something on the way to a place."""
    try:
        value = json.loads(text)
    except ValueError:
        return False
    if isinstance(value, list):
        return True
    return not isinstance(value, dict) or place[0] in value


def _shown(value: Any, about: Mapping[str, Any]) -> str:
    """Return what was given, where it is short and no secret."""
    if about.get("writeOnly") or about.get("format") == "password":
        return ""
    if not isinstance(value, str | int | float):
        return ""
    text = repr(value)
    return f"; here: {text}" if len(text) <= _MOST_VALUE else ""


def line_of(text: str, loc: Place) -> int | None:
    """Return the line of a TOML text at which a setting stands, or the nearest table around it."""
    table: Place = ()
    counts: dict[str, int] = {}
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if match := re.match(r"\[\[\s*([^\]]+?)\s*\]\]", stripped):
            name = match[1]
            counts[name] = counts.get(name, -1) + 1
            table = (*_keys(name), counts[name])
            here = table
        elif match := re.match(r"\[\s*([^\]]+?)\s*\]", stripped):
            keys = _keys(match[1])
            parent = keys[0] if keys else ""
            table = (parent, counts[parent], *keys[1:]) if parent in counts else tuple(keys)
            here = table
        elif match := re.match(r"([A-Za-z0-9_.\"'-]+)\s*=", stripped):
            here = (*table, *_keys(match[1]))
        else:
            continue
        if here and here == loc[: len(here)] and (best is None or len(here) >= best[0]):
            best = (len(here), number)
    return best[1] if best else None


def _keys(dotted: str) -> list[str]:
    return [key.strip().strip("\"'") for key in dotted.split(".")]
