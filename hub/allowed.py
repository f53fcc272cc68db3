"""What a JSON Schema allows, in words for an engineer, and which known word somebody meant."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

_MOST_NAMED = 20
_DEEPEST = 8
_PLAIN = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
_FORMS = {
    "path": "a path",
    "file-path": "a path of a file",
    "directory-path": "a path of a folder",
    "password": "text (a secret)",
    "uri": "an address",
}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, None where none is near."""
    found = difflib.get_close_matches(word[:100], list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def resolve(schema: Schema, whole: Schema) -> Schema:
    """Return what a schema refers to, or, of several, the one that is not null."""
    for _ in range(_DEEPEST):
        reference = str(schema.get("$ref", ""))
        if reference.startswith("#/$defs/"):
            schema = whole.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
            continue
        options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if len(options) != 1:
            break
        about = {name: schema[name] for name in ("description", "examples") if name in schema}
        schema = {**resolve(options[0], whole), **about}
    return schema


def inside(schema: Schema, place: Sequence[str | int], whole: Schema) -> Schema:
    """Return the schema of a place inside what `schema` describes, empty where it says nothing.

    Args:
        schema: where to start.
        place: keys of tables and numbers of list items.
        whole: the document that has the `$defs`.
    """
    here = resolve(schema, whole)
    for step in place:
        if isinstance(step, int):
            following = here.get("items", {})
        else:
            following = here.get("properties", {}).get(step, here.get("additionalProperties", {}))
        if not isinstance(following, Mapping):
            return {}
        here = resolve(following, whole)
    return here


def allowed(schema: Schema, whole: Schema | None = None) -> str:
    """Return in words what a schema allows: `a whole number from 0 to 65535`.

    Args:
        schema: of one value.
        whole: the document that has the `$defs`; the schema itself where left out.
    """
    whole = schema if whole is None else whole
    schema = resolve(schema, whole)
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return "one of " + ", ".join(str(value) for value in schema["enum"][:_MOST_NAMED])
    options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        return ", or ".join(allowed(one, whole) for one in options[:_MOST_NAMED])
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return _PLAIN[kind] + _span(schema)
    if kind == "string":
        return _text(schema)
    if kind == "array":
        return _list(schema, whole)
    if "properties" in schema:
        names = ", ".join(list(schema["properties"])[:_MOST_NAMED])
        return f"a table with {names}"
    return _PLAIN.get(str(kind), "any value")


def _span(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    said = []
    if low is not None:
        said.append(f"at least {low:g}")
    if "exclusiveMinimum" in schema:
        said.append(f"more than {schema['exclusiveMinimum']:g}")
    if high is not None:
        said.append(f"at most {high:g}")
    if "exclusiveMaximum" in schema:
        said.append(f"less than {schema['exclusiveMaximum']:g}")
    return f", {' and '.join(said)}" if said else ""


def _text(schema: Schema) -> str:
    said = _FORMS.get(str(schema.get("format", "")), "text")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if least and most:
        said += f" of {least} to {most} characters"
    elif most:
        said += f" of at most {most} characters"
    elif least:
        said += f" of at least {least} character{'s' if least > 1 else ''}"
    if "pattern" in schema:
        said += f" that fits {schema['pattern']}"
    return said


def _list(schema: Schema, whole: Schema) -> str:
    said = "a list"
    if isinstance(schema.get("items"), Mapping):
        said += f" (of {allowed(schema['items'], whole)})"
    if "maxItems" in schema:
        said += f", at most {schema['maxItems']} of them"
    return said
