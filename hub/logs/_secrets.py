"""Passwords of devices never reach the log, whatever a driver prints."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

HIDDEN = "••••"
# Shorter ones would blot out words that have nothing to do with them.
_SHORTEST = 4


def secrets_of(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Return what is secret in the settings of a device.

    That is what the driver declares as `SecretStr`, and the password of every address
    (`rtsp://user:password@…`).

    Args:
        settings: as they were given; raw values.
        schema: the JSON Schema of the driver's settings.
    """
    declared = {
        name
        for name, field in (schema.get("properties") or {}).items()
        if any(one.get("format") == "password" or one.get("writeOnly") for one in _choices(field))
    }
    found = []
    for name, value in settings.items():
        text = value.get_secret_value() if hasattr(value, "get_secret_value") else value
        if not isinstance(text, str):
            continue
        if name in declared or text is not value:
            found.append(text)
        elif "@" in text and "://" in text:
            found += _password_in(text)
    return found


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return a text with what is secret blotted out, also where it is percent-encoded."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            for form in {secret, quote(secret, safe="")}:
                text = text.replace(form, HIDDEN)
    return text


def _choices(field: Any) -> list[Mapping[str, Any]]:
    if not isinstance(field, Mapping):
        return []
    return [field, *(one for one in field.get("anyOf", ()) if isinstance(one, Mapping))]


def _password_in(address: str) -> list[str]:
    try:
        password = urlsplit(address).password
    except ValueError:
        return []
    return [password] if password else []
