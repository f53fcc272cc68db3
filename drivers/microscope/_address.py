"""Addresses in the settings of cameras."""

from collections.abc import Callable
from urllib.parse import urlsplit


def address_of(*schemes: str) -> Callable[[str], str]:
    """Return a validator of URLs with one of these schemes, a host, and no password in them."""
    begins = " or ".join(f"{scheme}://" for scheme in schemes)

    def check(url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"the address begins with {begins} and names a host")
        if parts.username or parts.password:
            raise ValueError("user name and password have fields of their own")
        if not url.isascii() or not url.isprintable() or " " in url:
            raise ValueError("the address has characters that must be written as %..")
        _ = parts.port  # raises ValueError where it is no port
        return url

    return check
