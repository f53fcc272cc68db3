"""Secrets among the settings of a device: which they are, and the settings without them.

Secrets go in and never come out: neither by the API nor into the log. A setting is a secret where
its schema says `writeOnly` or `format: password`, as it does for pydantic's `SecretStr`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
MOST_NESTING = 16


def without_secrets(schema: Schema, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the settings that may be told, and the dotted names of the secrets that are set."""
    hidden: list[tuple[str, Any]] = []
    shown = _shown(schema, schema, dict(values), "", hidden, 0)
    return shown, sorted(place for place, _ in hidden)


def secret_texts(schema: Schema, values: Mapping[str, Any]) -> list[str]:
    """Return the secrets themselves, so that they can be blotted out elsewhere."""
    hidden: list[tuple[str, Any]] = []
    _shown(schema, schema, dict(values), "", hidden, 0)
    return [text for _, value in hidden for text in texts(value)]


def texts(value: Any) -> Iterator[str]:
    """Yield every text in JSON-ready data, at most `MOST_NESTING` levels deep."""
    level = [value]
    for _ in range(MOST_NESTING):
        yield from (one for one in level if isinstance(one, str))
        level = [item for one in level for item in _parts(one)]


def merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with changes (RFC 7396): what is absent stays, null takes away."""
    found = dict(values)
    for name, change in changes.items():
        if change is None:
            found.pop(name, None)
        elif isinstance(change, dict):
            before = found.get(name)
            found[name] = merged(before if isinstance(before, dict) else {}, change)
        else:
            found[name] = change
    return found


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _shown(
    schema: Schema,
    root: Schema,
    value: Any,
    at: str,
    hidden: list[tuple[str, Any]],
    depth: int,
) -> Any:
    if depth > MOST_NESTING:
        return None
    forms = list(_forms(schema, root, 0))
    if isinstance(value, dict):
        parts: dict[str, Schema] = {}
        for form in forms:
            parts.update(form.get("properties", {}))
        found = {}
        for name, item in value.items():
            place = f"{at}.{name}" if at else name
            part = parts.get(name)
            if part is None and parts:
                continue  # nobody says that it is no secret
            part = part or {}
            if any(_is_secret(form) for form in _forms(part, root, 0)):
                if item is not None:
                    hidden.append((place, item))
            else:
                found[name] = _shown(part, root, item, place, hidden, depth + 1)
        return found
    if isinstance(value, list):
        items: Schema = next(
            (form["items"] for form in forms if isinstance(form.get("items"), dict)), {}
        )
        if any(_is_secret(form) for form in _forms(items, root, 0)):
            hidden.append((at, value))
            return []
        return [
            _shown(items, root, item, f"{at}.{index}", hidden, depth + 1)
            for index, item in enumerate(value)
        ]
    return value


def _is_secret(form: Schema) -> bool:
    return form.get("writeOnly") is True or form.get("format") == "password"


def _forms(schema: Schema, root: Schema, depth: int) -> Iterator[Schema]:
    """Yield a schema and all that it refers to or chooses among."""
    if depth > MOST_NESTING:
        return
    yield schema
    if "$ref" in schema:
        found: Any = root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found.get(step, {}) if isinstance(found, dict) else {}
        yield from _forms(found, root, depth + 1)
    for word in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(word, ()):
            yield from _forms(one, root, depth + 1)
