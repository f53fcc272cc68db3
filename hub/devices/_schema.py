"""Checking values against the JSON Schemas of members, strictly.

Knows the keywords that descriptions hold (JSON Schema 2020-12, as pydantic writes it, and what a
driver narrows). Stricter than JSON Schema where a class would be surprised: true is no number, an
object has no names but those listed, numbers are finite, texts are of bounded length.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hub.device import OutOfRange
from hub.errors import Invalid

LONGEST_TEXT = 10_000
MOST_ITEMS = 10_000
MOST_NESTING = 32

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where. `range` tells that the type is right and only the value is not."""

    field: str
    message: str
    range: bool = False


def check_value(schema: Schema, value: Any, *, field: str = "value") -> None:
    """Return when `value` fits `schema`.

    Raises:
        OutOfRange: it is of the right type, but not within the range or among the choices.
        Invalid: it is of another type or shape.
        Both have `params["errors"]`: a list of {"field", "message"}.
    """
    faults = list(_faults(schema, value, field, schema, 0))
    if not faults:
        return
    detail = "; ".join(f"{fault.field}: {fault.message}" for fault in faults[:10])
    errors = [{"field": fault.field, "message": fault.message} for fault in faults[:10]]
    cls = OutOfRange if all(fault.range for fault in faults) else Invalid
    raise cls(detail, errors=errors)


def _faults(schema: Schema, value: Any, at: str, root: Schema, depth: int) -> Iterator[Fault]:
    if depth > MOST_NESTING:
        yield Fault(at, "too deeply nested")
        return
    if "$ref" in schema:
        yield from _faults(_resolve(schema["$ref"], root), value, at, root, depth + 1)
    for part in schema.get("allOf", ()):
        yield from _faults(part, value, at, root, depth + 1)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        tried = [list(_faults(choice, value, at, root, depth + 1)) for choice in choices]
        if all(tried):
            yield from min(tried, key=_distance)
            return
    types = schema.get("type")
    if types is not None:
        allowed = [types] if isinstance(types, str) else types
        if not any(_is(value, name) for name in allowed):
            yield Fault(at, f"must be {' or '.join(allowed)}")
            return
    yield from _among(schema, value, at)
    yield from _by_type(schema, value, at, root, depth)


def _by_type(schema: Schema, value: Any, at: str, root: Schema, depth: int) -> Iterator[Fault]:
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield from _number(schema, value, at)
    elif isinstance(value, str):
        yield from _text(schema, value, at)
    elif isinstance(value, list):
        yield from _array(schema, value, at, root, depth)
    elif isinstance(value, dict):
        yield from _object(schema, value, at, root, depth)


def _distance(faults: list[Fault]) -> tuple[bool, int]:
    """Order the alternatives: the one whose type fits says best what is wrong."""
    return not all(fault.range for fault in faults), len(faults)


def _resolve(ref: str, root: Schema) -> Schema:
    found: Any = root
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    result: Schema = found
    return result


def _is(value: Any, name: str) -> bool:
    match name:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "array":
            return isinstance(value, list)
        case _:
            return isinstance(value, dict)


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal as JSON: 1 and true are not."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


def _among(schema: Schema, value: Any, at: str) -> Iterator[Fault]:
    choices = schema.get("enum")
    if choices is not None and not any(_same(value, choice) for choice in choices):
        named = ", ".join(str(choice) for choice in choices[:20])
        yield Fault(at, f"must be one of {named}", range=True)
    if "const" in schema and not _same(value, schema["const"]):
        yield Fault(at, f"must be {schema['const']}", range=True)


def _number(schema: Schema, value: float, at: str) -> Iterator[Fault]:
    try:
        finite = math.isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        yield Fault(at, "must be a finite number")
        return
    if "minimum" in schema and value < schema["minimum"]:
        yield Fault(at, f"must be at least {schema['minimum']:g}", range=True)
    if "maximum" in schema and value > schema["maximum"]:
        yield Fault(at, f"must be at most {schema['maximum']:g}", range=True)
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        yield Fault(at, f"must be more than {schema['exclusiveMinimum']:g}", range=True)
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        yield Fault(at, f"must be less than {schema['exclusiveMaximum']:g}", range=True)


def _text(schema: Schema, value: str, at: str) -> Iterator[Fault]:
    most = min(schema.get("maxLength", LONGEST_TEXT), LONGEST_TEXT)
    if len(value) > most:
        yield Fault(at, f"must have at most {most} characters", range=True)
    if len(value) < schema.get("minLength", 0):
        yield Fault(at, f"must have at least {schema['minLength']} characters", range=True)
    elif "pattern" in schema and re.search(schema["pattern"], value[:LONGEST_TEXT]) is None:
        yield Fault(at, f"must have the form {schema['pattern']}", range=True)
    if any("\ud800" <= char <= "\udfff" for char in value):
        yield Fault(at, "must be Unicode text")


def _array(schema: Schema, value: list[Any], at: str, root: Schema, depth: int) -> Iterator[Fault]:
    most = min(schema.get("maxItems", MOST_ITEMS), MOST_ITEMS)
    if len(value) > most:
        yield Fault(at, f"must have at most {most} items", range=True)
        return
    if len(value) < schema.get("minItems", 0):
        yield Fault(at, f"must have at least {schema['minItems']} items", range=True)
    first = schema.get("prefixItems", [])
    rest = schema.get("items", {})
    for index, item in enumerate(value):
        part = first[index] if index < len(first) else rest
        if isinstance(part, dict):
            yield from _faults(part, item, f"{at}.{index}", root, depth + 1)


def _object(
    schema: Schema, value: dict[str, Any], at: str, root: Schema, depth: int
) -> Iterator[Fault]:
    known = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Fault(f"{at}.{name}", "is missing")
    if len(value) > MOST_ITEMS:
        yield Fault(at, f"must have at most {MOST_ITEMS} names")
        return
    other = schema.get("additionalProperties", not known)
    for name, item in value.items():
        if name in known:
            yield from _faults(known[name], item, f"{at}.{name}", root, depth + 1)
        elif other is False:
            yield Fault(f"{at}.{name[:100]}", "is not known here")
        elif isinstance(other, dict):
            yield from _faults(other, item, f"{at}.{name[:100]}", root, depth + 1)
