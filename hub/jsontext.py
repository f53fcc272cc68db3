"""JSON of what is said many times a second: fast, by msgspec; everything else is json's.

The same data can be said as MessagePack, in fewer bytes.

Pens and tables say thousands of things a second, each told to every viewer and to MQTT.
"""

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode
_pack = msgspec.msgpack.Encoder().encode
_decode = msgspec.json.Decoder().decode


def to_json(value: Any) -> bytes:
    """Return data as JSON, UTF-8, without spaces.

    A number that is none in JSON (RFC 8259) becomes null.

    Raises:
        TypeError, ValueError: it is no JSON-ready data.
    """
    try:
        return _encode(value)
    except TypeError:
        # Subclasses of str and keys that are None are json's.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def to_msgpack(value: Any) -> bytes:
    """Return data as MessagePack; what `to_json` says otherwise is said so here, too.

    Raises:
        TypeError, ValueError: it is no JSON-ready data.
    """
    try:
        return _pack(value)
    except TypeError:
        return _pack(json.loads(to_json(value)))


def from_json(text: bytes | bytearray | memoryview) -> Any:
    """Return what a text says (ValueError where it is no JSON; NaN and Infinity are none)."""
    try:
        return _decode(text)
    except RecursionError:
        raise ValueError("no JSON: nested too deeply") from None
