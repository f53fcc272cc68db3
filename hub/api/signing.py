"""Signed addresses: a picture or stream that a simple client opens without a token.

A signature binds the path, the principal that asked for it and an end within the hour. Whoever has
the address may open that one path until then, and no longer than the principal itself lives.
"""

import base64
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from hub.device import Role
from hub.errors import N_, HubError
from hub.rights import Principal
from hub.store import write_whole

log = logging.getLogger("classhub.api")

LONGEST = 3600.0
_KEY_BYTES = 32


class BadLink(HubError):
    """The signature of an address is wrong, or it has expired."""

    code = "bad-link"
    status = 403
    title = N_("This link is no longer good.")
    hint = N_("Open the page again to get a new one.")


def load_key(file: Path) -> bytes:
    """Return the hub's key, made at the first call and readable by the hub alone.

    A key that a power cut has damaged is made anew: links live an hour at most.
    """
    try:
        key = file.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) == _KEY_BYTES:
        return key
    if key:
        log.warning("%s was damaged; a new key is made, links given out until now are void", file)
    key = secrets.token_bytes(_KEY_BYTES)
    write_whole(file, key)
    return key


class Signer:
    """Makes and checks signed addresses.

    Args:
        key: 32 random bytes.
        clock: seconds since the epoch.
    """

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        self._key = key
        self._clock = clock

    def sign(self, path: str, principal: Principal, seconds: float = LONGEST) -> tuple[str, float]:
        """Return the address with its signature, and when it ends (seconds since the epoch)."""
        expires = int(self._clock() + min(seconds, LONGEST))
        who = _word(f"{principal.via}:{principal.id}")
        return (
            f"{path}?expires={expires}&by={who}&signature={self._mac(path, expires, who)}",
            expires,
        )

    def check(self, path: str, expires: str, by: str, signature: str) -> Principal:
        """Return the principal that the address was made for, as far as the address tells.

        Its role is the least; whoever asks the school for it learns what it may do now.

        Raises:
            BadLink: the signature does not fit the path, or its time is over.
        """
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            raise BadLink("no time in the address")
        until = int(expires)
        if not hmac.compare_digest(
            self._mac(path, until, by).encode(), signature.encode("utf-8", "replace")
        ):
            raise BadLink("the signature does not fit")
        now = self._clock()
        if not now < until <= now + LONGEST + 60:
            raise BadLink("the address has expired")
        via, _, identity = _unword(by).partition(":")
        return Principal(
            id=identity, name="", role=Role.DISPLAY, via="token" if via == "token" else "session"
        )

    def _mac(self, path: str, expires: int, by: str) -> str:
        text = f"classhub-link-1\n{path}\n{expires}\n{by}".encode("utf-8", "replace")
        return _b64(hmac.digest(self._key, text, hashlib.sha256))


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _word(text: str) -> str:
    return _b64(text.encode())


def _unword(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
