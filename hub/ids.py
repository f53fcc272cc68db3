"""Opaque identifiers: made once, never changed, sorting by the time they were made."""

import re
import secrets

from hub.clock import CLOCK

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_PATTERN = r"^[a-z0-9][a-z0-9-]{0,62}$"
_ID = re.compile(ID_PATTERN)


def new_id() -> str:
    """Return a fresh identifier: 26 letters and digits, a ULID in lower case.

    Later identifiers sort after earlier ones (to the millisecond, and whatever the computer's
    clock does meanwhile), so they serve as cursors.
    """
    number = CLOCK.milliseconds() << 80 | secrets.randbits(80)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_id(text: str) -> bool:
    """Tell whether `text` has the form of an identifier of the hub."""
    return _ID.fullmatch(text) is not None
