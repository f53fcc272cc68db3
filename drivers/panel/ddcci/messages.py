"""Messages of DDC/CI, byte by byte.

Sources: VESA DDC/CI 1.1, sections 4.3 to 4.6 (framing, null message, get and set VCP feature,
capabilities string); VESA MCCS 2.2a (codes and values of features).

    to the monitor    51 80+n …n bytes… check      6E ^ all before it
    its answer        6E 80+n …n bytes… check      50 ^ all before it
    null message      6E 80 BE                     it has nothing to say
"""

import re
from dataclasses import dataclass
from typing import Final

ADDRESS: Final = 0x37
"""Where a monitor listens (7 bits)."""
_TO, _FROM, _CHECK_TO, _CHECK_FROM = 0x51, 0x6E, 0x6E, 0x50
_GET, _TOLD, _SET, _CAPABILITIES, _CAPABLE = 0x01, 0x02, 0x03, 0xF3, 0xE3
MOST_ANSWER: Final = 40
_NOT_KNOWN: Final = 1
MOST_TEXT: Final = 4096


class Garbled(Exception):
    """What came is no answer: noise, a wrong checksum, the answer to another question."""


class Nothing(Exception):
    """A null message: it has nothing to say, now or ever."""


class NotKnownThere(Exception):
    """The monitor does not know the feature."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What a monitor tells of a feature: its value now, and the largest it can have."""

    value: int
    most: int


def get(code: int) -> bytes:
    """Return the question for a feature."""
    return _packed(bytes([_GET, code]))


def set_to(code: int, value: int) -> bytes:
    """Return the order that sets a feature (0 to 65535)."""
    return _packed(bytes([_SET, code]) + value.to_bytes(2, "big"))


def capabilities(offset: int) -> bytes:
    """Return the question for the capabilities string from a place on."""
    return _packed(bytes([_CAPABILITIES]) + offset.to_bytes(2, "big"))


def feature(code: int, answer: bytes) -> Feature:
    """Read the answer to `get(code)`.

    Raises:
        Nothing, Garbled: ask again. NotKnownThere: it has no such feature.
    """
    body = _body(answer)
    if len(body) != 8 or body[0] != _TOLD or body[2] != code:
        raise Garbled(f"no answer to {code:02X}: {answer.hex()}")
    if body[1] == _NOT_KNOWN:
        raise NotKnownThere(f"{code:02X}")
    if body[1]:
        raise Garbled(f"result {body[1]}")
    return Feature(int.from_bytes(body[6:8], "big"), int.from_bytes(body[4:6], "big"))


def fragment(offset: int, answer: bytes) -> bytes:
    """Read the answer to `capabilities(offset)`: a piece of the string, empty at its end.

    Raises:
        Nothing, Garbled: ask again.
    """
    body = _body(answer)
    if len(body) < 3 or body[0] != _CAPABLE or int.from_bytes(body[1:3], "big") != offset:
        raise Garbled(f"no capabilities from {offset}: {answer.hex()}")
    return body[3:].rstrip(b"\0")


def values_of(text: str, code: int) -> list[int] | None:
    """Return the values that a capabilities string lists for a feature, None where it lists none.

    `(prot(monitor)…vcp(02 10 12 60(0F 11 12) D6(01 04))…)`
    """
    match = re.search(rf"\b{code:02X}\s?\(([0-9A-F ]{{2,100}})\)", text, re.IGNORECASE)
    return (
        None
        if match is None
        else [int(one, 16) for one in re.findall(r"[0-9A-F]{2}", match[1], re.IGNORECASE)]
    )


def knows(text: str, code: int) -> bool:
    """Tell whether a capabilities string names a feature."""
    _, _, features = text.partition("vcp(")
    plain = re.sub(r"\([^()]*\)", " ", features)
    return f"{code:02X}" in plain.upper().partition(")")[0].split()


def _packed(body: bytes) -> bytes:
    message = bytes([_TO, 0x80 | len(body)]) + body
    return message + bytes([_sum(_CHECK_TO, message)])


def _body(answer: bytes) -> bytes:
    if len(answer) < 3 or answer[0] != _FROM or not answer[1] & 0x80:
        raise Garbled(answer[:8].hex())
    size = answer[1] & 0x7F
    if size == 0:
        raise Nothing
    if len(answer) < size + 3 or _sum(_CHECK_FROM, answer[: size + 2]) != answer[size + 2]:
        raise Garbled(f"its checksum is wrong: {answer[: size + 3].hex()}")
    return answer[2 : size + 2]


def _sum(start: int, data: bytes) -> int:
    for byte in data:
        start ^= byte
    return start
