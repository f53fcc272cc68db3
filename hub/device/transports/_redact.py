"""Secrets are taken out of recordings before anything is written.

What is replaced, byte for byte by `*` (lengths stay, so that a protocol's own lengths stay true):

- the values of the settings that are `SecretStr`, as they are and as protocols write them: JSON,
  percent-encoded, hexadecimal, UTF-16, base64 (also in the middle of something else);
- the values of the headers `Authorization`, `Proxy-Authorization`, `Cookie`, `Set-Cookie`,
  `X-Api-Key`, `X-Auth-Token` (HTTP, RTSP).

A secret may arrive in pieces: what could be the beginning of one is held back until it is known.
"""

import base64
import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from pydantic import BaseModel, SecretBytes, SecretStr

_NAMES = (
    b"authorization:",
    b"proxy-authorization:",
    b"cookie:",
    b"set-cookie:",
    b"x-api-key:",
    b"x-auth-token:",
)
_HEADER = re.compile(b"|".join(_NAMES), re.IGNORECASE)
_FIRST = frozenset(b"apcsxAPCSX")
_LONGEST_NAME = max(len(name) for name in _NAMES)


RELAY = b"127.0.0.1:00000"
"""Stands in recordings for the address of a relay, which is another one each time."""
_MOST_RELAYS = 8


class Secrets:
    """The secrets of one device, in every form that they are known to travel in.

    Addresses of relays are replaced too, by `RELAY`: libraries say them (HTTP's `Host`), and what
    is said must be the same when it is played.
    """

    def __init__(self, values: Iterable[str | bytes] = ()) -> None:
        found: set[bytes] = set()
        for value in values:
            if value:
                found.update(_forms(value))
        self._own = frozenset(found)
        self._relays: dict[str, bytes] = {}
        self._arrange()

    def _arrange(self) -> None:
        forms = self._own | set(self._relays.values())
        self.longest = max((len(form) for form in forms), default=0)
        self.first = frozenset(form[0] for form in forms)
        self.forms = tuple(sorted(forms, key=lambda form: (-len(form), form)))

    def relay(self, target: str, address: str) -> None:
        """Have the local address of a relay to `target` replaced from now on."""
        form = address.encode()
        if len(form) != len(RELAY):
            return
        self._relays.pop(target, None)
        while len(self._relays) >= _MOST_RELAYS:
            del self._relays[next(iter(self._relays))]
        self._relays[target] = form
        self._arrange()

    def here(self, target: str, data: bytes) -> bytes:
        """Return what a recorded device said with the address that its relay has now."""
        form = self._relays.get(target)
        return data if form is None else data.replace(RELAY, form)

    def instead(self, form: bytes) -> bytes:
        """Return what a form is replaced by: as many bytes."""
        return b"*" * len(form) if form in self._own else RELAY

    def is_secret(self, form: bytes) -> bool:
        """Tell whether a form is one of a secret, not of a relay."""
        return form in self._own

    @classmethod
    def of(cls, settings: BaseModel) -> "Secrets":
        """Return those of a driver's settings."""
        return cls(_secrets_in(settings))

    def text(self, text: str) -> str:
        """Return a text with every secret in it replaced."""
        mask = Mask(self)
        masked = mask.feed(text.encode()) + mask.finish()
        return masked.decode(errors="replace")

    def data(self, data: Any) -> Any:
        """Return JSON-ready data with every secret in its texts replaced."""
        if isinstance(data, str):
            return self.text(data)
        if isinstance(data, Mapping):
            return {self.text(str(key)): self.data(value) for key, value in data.items()}
        if isinstance(data, list | tuple):
            return [self.data(value) for value in data]
        return data


def without_secrets(settings: BaseModel) -> dict[str, Any]:
    """Return settings as JSON-ready data, secrets replaced by as many `*` as they have letters."""
    return {name: _plain(value) for name, value in settings}


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr | SecretBytes):
        return "*" * len(value.get_secret_value())
    if isinstance(value, BaseModel):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def _secrets_in(value: Any) -> Iterator[str | bytes]:
    if isinstance(value, SecretStr | SecretBytes):
        yield value.get_secret_value()
    elif isinstance(value, BaseModel):
        for _, item in value:
            yield from _secrets_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _secrets_in(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from _secrets_in(item)


def _forms(value: str | bytes) -> Iterator[bytes]:
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield from _base64_forms(raw)
    quoted = {quote(raw), quote(raw, safe=""), quote_plus(raw)}
    yield from (text.encode() for text in quoted)
    yield from (re.sub("%..", lambda m: m[0].lower(), text).encode() for text in quoted)
    if isinstance(value, str):
        yield value.encode("utf-16-le", "surrogatepass")
        yield json.dumps(value)[1:-1].encode()
        yield json.dumps(value, ensure_ascii=False)[1:-1].encode("utf-8", "surrogatepass")
        with contextlib.suppress(UnicodeEncodeError):
            yield value.encode("latin-1")  # only whole: what is left of "пароль1" is in every text


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """Yield what every base64 text around the secret contains, at each of the three alignments."""
    for before, lost in ((0, 0), (1, 2), (2, 3)):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(bytes(before) + raw).rstrip(b"=")
            if (before + len(raw)) % 3:
                text = text[:-1]  # its last letter depends on what follows
            if len(text) - lost >= 4:
                yield text[lost:]


class Mask:
    """Takes the bytes of one direction of a connection, gives them back with secrets replaced.

    It lags: `feed` keeps what may be the beginning of a secret. In total as many bytes come out as
    went in.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._tail = b""  # not given back yet
        self._masked_tail = b""
        self._in_value = False  # the tail begins inside a header's value
        self._line = True  # the tail begins at the beginning of a line

    def feed(self, data: bytes) -> bytes:
        """Take more, and return what is certain now."""
        text = self._tail + data
        masked = bytearray(self._masked_tail + data)
        self._mask_forms(text, masked)
        spans = list(self._values(text))
        for start, end in spans:
            masked[start:end] = b"*" * (end - start)
        cut = len(text) - max(self._begun(text), self._begun_header(text))
        if cut:
            self._line = text[cut - 1] == 0x0A
            self._in_value = any(start <= cut <= end for start, end in spans)
        self._tail, self._masked_tail = text[cut:], bytes(masked[cut:])
        return bytes(masked[:cut])

    def finish(self) -> bytes:
        """Return what is left. A beginning that is half a secret or more is replaced too."""
        masked = bytearray(self._masked_tail)
        for form in self._secrets.forms:
            size = _overlap(self._tail, form)
            if size * 2 >= len(form) and self._secrets.is_secret(form):
                masked[len(masked) - size :] = b"*" * size
        if self._tail:
            self._line = self._tail.endswith(b"\n")
        self._tail = self._masked_tail = b""
        return bytes(masked)

    def _mask_forms(self, text: bytes, masked: bytearray) -> None:
        for form in self._secrets.forms:
            at = text.find(form)
            while at >= 0:
                masked[at : at + len(form)] = self._secrets.instead(form)
                at = text.find(form, at + 1)

    def _values(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Yield where the values of secret headers are."""
        if self._in_value:
            yield 0, _line_end(text, 0)
        start = 0 if self._line else text.find(b"\n") + 1
        while 0 <= start < len(text) and (self._line or start > 0):
            if text[start] in _FIRST and (found := _HEADER.match(text, start)):
                yield found.end(), _line_end(text, found.end())
            start = text.find(b"\n", start) + 1
            if start == 0:
                return

    def _begun(self, text: bytes) -> int:
        """Return how many of the last bytes may be the beginning of a secret."""
        window = (
            text[max(len(text) - self._secrets.longest + 1, 0) :] if self._secrets.forms else b""
        )
        for at, byte in enumerate(window):
            if byte in self._secrets.first:
                rest = window[at:]
                if any(
                    len(form) > len(rest) and form.startswith(rest) for form in self._secrets.forms
                ):
                    return len(rest)
        return 0

    def _begun_header(self, text: bytes) -> int:
        newline = text.rfind(b"\n")
        if newline < 0 and not self._line:
            return 0
        rest = text[newline + 1 :]
        if not rest or len(rest) >= _LONGEST_NAME:
            return 0
        begun = rest.lower()
        return len(rest) if any(name.startswith(begun) for name in _NAMES if name != begun) else 0


def _line_end(text: bytes, start: int) -> int:
    ends = [at for at in (text.find(b"\r", start), text.find(b"\n", start)) if at >= 0]
    return min(ends, default=len(text))


def _overlap(text: bytes, form: bytes) -> int:
    """Return how many of the last bytes of `text` are the first ones of `form`."""
    for size in range(min(len(text), len(form)), 0, -1):
        if text.endswith(form[:size]):
            return size
    return 0
