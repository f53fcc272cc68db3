"""Passwords of devices never reach the log, whatever a driver prints."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from hub.secret_settings import secret_texts, texts

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
    passwords = (_password_in(text) for text in texts(settings) if "@" in text and "://" in text)
    return [*secret_texts(schema, settings), *(one for found in passwords for one in found)]


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return a text with what is secret blotted out, also where it is percent-encoded."""
    for secret in secrets:
        if len(secret) >= _SHORTEST:
            for form in {secret, quote(secret, safe="")}:
                text = text.replace(form, HIDDEN)
    return text


def _password_in(address: str) -> list[str]:
    try:
        password = urlsplit(address).password
    except ValueError:
        return []
    return [password] if password else []
