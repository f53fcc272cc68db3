r"""Templates of messages: what is said, and what is understood.

A template is text; `<0D>` is a byte, and in braces stands what differs from message to message:

| part | said | heard |
|---|---|---|
| `{id}` | the panel's number, as the table writes it | the same |
| `{value}` | the value | the value |
| `{check}` | the checksum | verified |
| `{size}` | the number of bytes of the whole message, as one byte | verified |
| `{skip}`, `{skip*3}` | zero bytes | any so many bytes |
| `{any}` | nothing | at most eight bytes |

One template both makes and reads: so a table can be played by a simulator, and there is no pattern
in a school's file that could keep a processor busy for ever. Letters are heard in either case.
"""

import re
from dataclasses import dataclass
from typing import Final

from drivers.panel.command_table.checksums import CHECKSUMS, width

LONGEST: Final = 64
MOST_ANY: Final = 8
MOST_VALUE: Final = 40
_PART: Final = re.compile(
    r"<(?P<byte>[0-9A-Fa-f]{2})>|\{(?P<field>[a-z]+)(?:\*(?P<count>\d{1,2}))?\}"
)
_FIELDS: Final = frozenset({"id", "value", "check", "size", "skip", "any"})
_ONCE: Final = frozenset({"value", "check", "size"})

Piece = bytes | tuple[str, int]


class TemplateError(ValueError):
    """A template is wrong; the text says how."""


@dataclass(frozen=True, slots=True)
class Check:
    """How a message is checked.

    Attributes:
        kind: of the checksum. start: the first byte that is summed; the last stands before it.
        as_text: it is written as hexadecimal text, not as bytes.
    """

    kind: str
    start: int = 0
    as_text: bool = False

    def of(self, before: bytes) -> bytes:
        """Return the checksum of what stands before it."""
        made = CHECKSUMS[self.kind](before[self.start :])
        return made.hex().upper().encode() if self.as_text else made

    @property
    def width(self) -> int:
        """How many bytes it takes in the message."""
        return width(self.kind) * (2 if self.as_text else 1)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that fits a template."""

    value: bytes


class Template:
    """A message that can be said and understood.

    Args:
        text: as in a table.
        check: of messages; None where there is no checksum.

    Raises:
        TemplateError: it makes no sense.
    """

    def __init__(self, text: str, check: Check | None = None) -> None:
        self.text = text
        self._check = check
        self._pieces = list(_pieces(text))
        names = [piece[0] for piece in self._pieces if isinstance(piece, tuple)]
        for name in _ONCE:
            if names.count(name) > 1:
                raise TemplateError(f"{text!r}: {{{name}}} stands there twice")
        if "check" in names and check is None:
            raise TemplateError(f"{text!r}: the table names no checksum")
        self.has_value = "value" in names
        self._patterns: dict[bytes, re.Pattern[bytes]] = {}

    def say(self, identity: bytes, value: bytes = b"") -> bytes:
        """Return the message."""
        size = sum(self._length(piece, identity, value) for piece in self._pieces)
        if size > 255:
            raise TemplateError(f"{self.text!r}: longer than 255 bytes")
        made = bytearray()
        for piece in self._pieces:
            if isinstance(piece, bytes):
                made += piece
                continue
            name, count = piece
            match name:
                case "id":
                    made += identity
                case "value":
                    made += value
                case "size":
                    made.append(size)
                case "skip":
                    made += bytes(count)
                case "check":
                    assert self._check is not None  # noqa: S101 - looked at when it was made
                    made += self._check.of(bytes(made))
        return bytes(made)

    def hear(self, identity: bytes, heard: bytes) -> Heard | None:
        """Return what a message says, None where it is another or is garbled.

        What stands before it (an echo, noise) is passed over.
        """
        match = self._pattern(identity).search(heard)
        if match is None:
            return None
        message = match[0]
        groups = match.groupdict()
        if "size" in groups and groups["size"] != bytes([len(message)]):
            return None
        if "check" in groups:
            assert self._check is not None  # noqa: S101 - looked at when it was made
            at = match.start("check") - match.start()
            if groups["check"].upper() != self._check.of(message[:at]).upper():
                return None
        return Heard(groups.get("value") or b"")

    def _length(self, piece: Piece, identity: bytes, value: bytes) -> int:
        if isinstance(piece, bytes):
            return len(piece)
        name, count = piece
        check = 0 if self._check is None else self._check.width
        sizes = {"id": len(identity), "value": len(value), "check": check, "size": 1, "any": 0}
        return sizes.get(name, count)

    def _pattern(self, identity: bytes) -> re.Pattern[bytes]:
        known = self._patterns.get(identity)
        if known is None:
            flags = re.DOTALL | re.IGNORECASE
            known = self._patterns[identity] = re.compile(self._regex(identity), flags)
        return known

    def _regex(self, identity: bytes) -> bytes:
        made = b""
        for piece in self._pieces:
            if isinstance(piece, bytes):
                made += re.escape(piece)
                continue
            name, count = piece
            match name:
                case "id":
                    made += re.escape(identity)
                case "value":
                    made += b"(?P<value>.{1,%d}?)" % MOST_VALUE
                case "size":
                    made += b"(?P<size>.)"
                case "skip":
                    made += b".{%d}" % count
                case "any":
                    made += b".{0,%d}?" % MOST_ANY
                case "check":
                    assert self._check is not None  # noqa: S101 - looked at when it was made
                    made += b"(?P<check>.{%d})" % self._check.width
        return made + rb"\Z"


def _pieces(text: str) -> list[Piece]:
    if not text or len(text) > 4 * LONGEST:
        raise TemplateError(f"{text[:60]!r}: empty, or longer than {4 * LONGEST} letters")
    found: list[Piece] = []
    at = 0
    for match in _PART.finditer(text):
        found += _plain(text, at, match.start())
        at = match.end()
        if match["byte"]:
            found.append(bytes.fromhex(match["byte"]))
            continue
        field, count = match["field"], int(match["count"] or 1)
        if field not in _FIELDS:
            raise TemplateError(f"{text!r}: there is no {{{field}}}")
        if match["count"] and field != "skip":
            raise TemplateError(f"{text!r}: only {{skip}} is counted")
        if not 1 <= count <= LONGEST:
            raise TemplateError(f"{text!r}: {{skip*{count}}} is not from 1 to {LONGEST}")
        found.append((field, count))
    return [*found, *_plain(text, at, len(text))]


def _plain(text: str, start: int, end: int) -> list[Piece]:
    part = text[start:end]
    if not part:
        return []
    if not part.isascii() or not part.isprintable():
        raise TemplateError(f"{text!r}: write bytes that are no letters as <0D>")
    if set("{}<") & set(part):
        raise TemplateError(f"{text!r}: {part!r} is neither text, nor <0D>, nor a part in braces")
    return [part.encode("ascii")]


def literal(text: str) -> bytes:
    """Return the bytes of a template without anything in braces (TemplateError otherwise)."""
    made = b""
    for piece in _pieces(text):
        if isinstance(piece, tuple):
            raise TemplateError(f"{text!r}: only text and bytes can stand here")
        made += piece
    return made
