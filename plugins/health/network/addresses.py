"""Addresses that are asked: `http://` and `https://` without a password."""

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """Whom to ask for what.

    Attributes:
        tls: whether it is `https`. host, port: where. path: with its question.
    """

    tls: bool
    host: str
    port: int
    path: str

    @property
    def server(self) -> str:
        """The host, with its port where that is not the usual one; for people and `Host`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def address_of(text: str) -> Address:
    """Return an address. Raises ValueError where it is none that can be asked."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an address such as https://school.example/file")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must hold no name and no password")
    if any(one.isspace() or ord(one) < 32 or ord(one) > 126 for one in text):
        raise ValueError("must hold no spaces and only ASCII letters")
    tls = parts.scheme == "https"
    port = parts.port if parts.port is not None else (443 if tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(tls, parts.hostname, port, path)
