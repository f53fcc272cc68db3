"""Open Sound Control packets (OSC 1.0): bundles, messages, arguments, read and written.

Small and strict: what comes from the network is untrusted. Sizes, depth and counts are bounded, and
whatever does not fit is `BadPacket`. Drivers read with it and plugins write with it, so it stands
beside the contract.
"""

import math
import struct
from collections.abc import Iterable
from typing import NamedTuple

MOST_BYTES = 65536
MOST_MESSAGES = 1024
MOST_ARGUMENTS = 2048
DEEPEST = 4

Argument = int | float | str | bytes | bool | None

AT_ONCE = 1
"""The time of a bundle that means: at once (OSC 1.0, "OSC Time Tags")."""
_SINCE_1900 = 2_208_988_800  # seconds from 1900 to 1970


class BadPacket(ValueError):
    """A packet is no OSC."""


class OscMessage(NamedTuple):
    """One message: its address and what it says."""

    address: str
    arguments: tuple[Argument, ...]


def parse_packet(data: bytes) -> list[OscMessage]:
    """Return the messages of a packet, those of bundles in their order.

    Raises:
        BadPacket: it is cut, too large, nested too deep, or has no meaning.
    """
    if len(data) > MOST_BYTES:
        raise BadPacket(f"{len(data)} bytes")
    messages: list[OscMessage] = []
    _packet(data, messages, 0)
    return messages


def _packet(data: bytes, messages: list[OscMessage], depth: int) -> None:
    if data[:8] != b"#bundle\0":
        if len(messages) >= MOST_MESSAGES:
            raise BadPacket("too many messages")
        messages.append(_message(data))
        return
    if depth >= DEEPEST:
        raise BadPacket("bundles in bundles")
    at = 16  # after the time
    if len(data) < at:
        raise BadPacket("a bundle without a time")
    while at < len(data):
        if at + 4 > len(data):
            raise BadPacket("it ends within a bundle")
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        if size <= 0 or size % 4 or at + size > len(data):
            raise BadPacket(f"a part of {size} bytes")
        _packet(data[at : at + size], messages, depth + 1)
        at += size


def _message(data: bytes) -> OscMessage:
    address, at = _text(data, 0)
    if not address.startswith("/"):
        raise BadPacket("no address")
    if at >= len(data):
        return OscMessage(address, ())
    tags, at = _text(data, at)
    if not tags.startswith(",") or len(tags) > MOST_ARGUMENTS:
        raise BadPacket("no types of its arguments")
    arguments: list[Argument] = []
    for tag in tags[1:]:
        value, at = _argument(data, at, tag)
        arguments.append(value)
    return OscMessage(address, tuple(arguments))


_NUMBERS = {"i": ">i", "f": ">f", "h": ">q", "d": ">d", "t": ">Q", "r": ">I"}
_CONSTANTS: dict[str, Argument] = {"T": True, "F": False, "N": None}


def _argument(data: bytes, at: int, tag: str) -> tuple[Argument, int]:
    if tag in _CONSTANTS:
        return _CONSTANTS[tag], at
    if tag == "s":
        return _text(data, at)
    if tag == "b":
        if at + 4 > len(data):
            raise BadPacket("it ends within an argument")
        (size,) = struct.unpack_from(">i", data, at)
        at += 4
        if size < 0 or at + size > len(data):
            raise BadPacket("it ends within an argument")
        return data[at : at + size], at + (size + 3) // 4 * 4
    layout = _NUMBERS.get(tag)
    if layout is None:
        raise BadPacket(f"an argument of the type {tag!r}")
    end = at + struct.calcsize(layout)
    if end > len(data):
        raise BadPacket("it ends within an argument")
    (value,) = struct.unpack_from(layout, data, at)
    if isinstance(value, float) and not math.isfinite(value):
        raise BadPacket("a number that is not finite")
    return value, end


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.find(b"\0", at)
    if end < 0:
        raise BadPacket("a text without an end")
    try:
        text = data[at:end].decode("ascii")
    except UnicodeDecodeError:
        raise BadPacket("a text that is not ASCII") from None
    return text, (end // 4 + 1) * 4


class TimeTag(int):
    """A time as OSC says it: 32 bits of seconds since 1900, 32 bits of their fraction."""

    __slots__ = ()

    @classmethod
    def of(cls, seconds: float) -> "TimeTag":
        """Return the time tag of seconds since 1970."""
        return cls(int((seconds + _SINCE_1900) * 2**32) % 2**64)


def encode_message(address: str, *arguments: Argument) -> bytes:
    """Return a message: integers of 32 bits, floats of 32, texts, blobs, time tags.

    Raises:
        ValueError: a text is not ASCII or has a zero in it; a number does not fit into 32 bits.
    """
    tags, body = [","], []
    for one in arguments:
        tag, data = _encode_argument(one)
        tags.append(tag)
        body.append(data)
    return b"".join((_encode_text(address), _encode_text("".join(tags)), *body))


def encode_bundle(messages: Iterable[bytes], time: int = AT_ONCE) -> bytes:
    """Return a bundle of messages that are encoded already."""
    parts = [b"#bundle\0", struct.pack(">Q", time)]
    for message in messages:
        parts += (struct.pack(">i", len(message)), message)
    return b"".join(parts)


def _encode_argument(value: Argument) -> tuple[str, bytes]:
    try:
        match value:
            case bool():
                return ("T" if value else "F"), b""
            case None:
                return "N", b""
            case TimeTag():
                return "t", struct.pack(">Q", value)
            case int():
                return "i", struct.pack(">i", value)
            case float():
                return "f", struct.pack(">f", value)
            case str():
                return "s", _encode_text(value)
            case bytes():
                filler = bytes(-len(value) % 4)
                return "b", struct.pack(">i", len(value)) + value + filler
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{value!r} is no argument of 32 bits") from error


def _encode_text(text: str) -> bytes:
    data = text.encode("ascii")
    if b"\0" in data:
        raise ValueError("a zero within a text")
    return data + bytes(4 - len(data) % 4)
