"""HTTP authorisation of devices: Basic (RFC 7617) and Digest (RFC 7616, qop auth)."""

import base64
import hashlib
import re
import secrets

_PARAMETER = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,]+))')
_BASIC = re.compile(r"\bbasic\b", re.IGNORECASE)
# MD5 is what cameras ask for; it protects nothing here that the plain connection would not give.
_HASHES = {"md5": "md5", "sha-256": "sha256"}


class Credentials:
    """A user name and password, and how they answer a device's challenge.

    Nothing is sent before the device has asked: one that knows Digest never sees the password.
    """

    def __init__(self, user: str, password: str) -> None:
        self._user = user
        self._password = password
        self._basic = False
        self._digest: dict[str, str] | None = None

    def take(self, challenge: str) -> bool:
        """Keep a challenge for the next requests; False where it cannot be answered."""
        self._digest = _digest_of(challenge)
        self._basic = self._digest is None and bool(_BASIC.search(challenge))
        return self._basic or self._digest is not None

    def answer(self, method: str, target: str) -> str:
        """Return the Authorization header, empty while nothing was asked."""
        if self._basic:
            pair = f"{self._user}:{self._password}".encode()
            return "Basic " + base64.b64encode(pair).decode()
        digest = self._digest
        if digest is None:
            return ""
        name = _HASHES[digest.get("algorithm", "MD5").lower()]

        def h(text: str) -> str:
            return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

        realm, nonce = digest["realm"], digest["nonce"]
        secret = h(f"{self._user}:{realm}:{self._password}")
        request = h(f"{method}:{target}")
        fields = {"username": self._user, "realm": realm, "nonce": nonce, "uri": target}
        plain = {"algorithm": digest.get("algorithm", "MD5")}
        if "auth" in re.split(r"\s*,\s*", digest.get("qop", "")):
            cnonce = secrets.token_hex(8)
            fields["cnonce"] = cnonce
            fields["response"] = h(f"{secret}:{nonce}:00000001:{cnonce}:auth:{request}")
            plain |= {"qop": "auth", "nc": "00000001"}
        else:
            fields["response"] = h(f"{secret}:{nonce}:{request}")
        if "opaque" in digest:
            fields["opaque"] = digest["opaque"]
        quoted = [f'{key}="{_quoted(value)}"' for key, value in fields.items()]
        return "Digest " + ", ".join([*quoted, *(f"{k}={v}" for k, v in plain.items())])


def _quoted(text: str) -> str:
    return re.sub(r"[\r\n\0]", "", text).replace("\\", "\\\\").replace('"', '\\"')


def _digest_of(challenge: str) -> dict[str, str] | None:
    """Return the parameters of a Digest challenge that can be answered, None otherwise."""
    found = re.search(r"\bdigest\s", challenge, re.IGNORECASE)
    if not found:
        return None
    pairs = _PARAMETER.findall(challenge[found.end() :])
    digest = {key.lower(): quoted or bare for key, quoted, bare in pairs}
    known = digest.get("algorithm", "MD5").lower() in _HASHES
    return digest if known and {"realm", "nonce"} <= digest.keys() else None
