"""What people type as a value, made into what a JSON Schema asks for."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from hub.allowed import nearest
from hub.cli._common import USAGE, fail
from hub.cli._text import plain

_WORDS = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def typed(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the value that `text` means where `schema` holds; the hub checks it afterwards.

    Text stays as it is where the schema takes text; everything else is read as JSON, and `on`,
    `off`, `yes` and `no` as a truth value where one is asked for.
    """
    types = _types(schema)
    if "string" in types:
        return None if text == "null" and "null" in types else text
    if "boolean" in types and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return json.loads(text)
    except ValueError:
        return text  # such as a word of a choice; what does not fit is refused with what does


def _types(schema: Mapping[str, Any], defined: Mapping[str, Any] | None = None) -> set[str]:
    """Return the JSON types that a schema names, also behind anyOf, enum and references."""
    defined = schema.get("$defs", {}) if defined is None else defined
    found: set[str] = set()
    named = schema.get("type")
    if named is not None:
        found.update([named] if isinstance(named, str) else named)
    if any(isinstance(value, str) for value in schema.get("enum", ())):
        found.add("string")
    if isinstance(schema.get("const"), str):
        found.add("string")
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            found |= _types(one, defined)
    reference = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    if reference in defined:
        others = {name: one for name, one in defined.items() if name != reference}
        found |= _types(defined[reference], others)
    return found


def settings_of(pairs: Iterable[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return `KEY=VALUE` pairs as settings of a driver.

    `KEY=-` asks for the value without showing it. A key that the driver does not know ends the
    command with the nearest that it does.
    """
    known: Mapping[str, Any] = schema.get("properties", {})
    defined = schema.get("$defs", {})
    found: dict[str, Any] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign:
            fail(f"{plain(pair)}: write it as KEY=VALUE", USAGE)
        if key not in known:
            near = nearest(key, known)
            hint = f"; did you mean {near}?" if near else "."
            names = ", ".join(plain(name, 60) for name in known) or "none"
            fail(f"{plain(key)}: the driver has no such setting{hint} It has: {names}", USAGE)
        if text == "-":
            text = click.prompt(plain(key), hide_input=True, err=True)
        found[key] = typed(text, {**known[key], "$defs": defined})
    return found
