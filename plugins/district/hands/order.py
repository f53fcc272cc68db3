"""An order of the district's: flat JSON, signed. Schemas: `configs/district/schemas`.

The order is the text `signed` of its envelope, byte for byte; so nobody has to write JSON in one
way only for a signature to hold. Signed by Ed25519 (RFC 8032) are the bytes `PURPOSE` and the text:
a signature made for something else is none here.
"""

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from hub.clock import rfc3339

VERSION = 1
PURPOSE = b"classhub-district/1/command\n"
MOST = 4096
"""Bytes of an envelope."""
MOST_REASON = 200
_ID = re.compile(r"[a-z0-9][a-z0-9-]{7,62}")
_HUB = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_WORD = re.compile(r"[a-z][a-z-]{0,39}")
_KEY = re.compile(r"[0-9a-f]{64}")


class Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is sent. `key` is the id of the key; `signature` is base64."""

    v: int
    key: str
    signed: str
    signature: str


class _Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: int
    id: str
    to: str
    command: str
    issued: datetime
    expires: datetime
    device: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked.

    Attributes:
        id: of this order; nobody may use it twice.
        to: the hub's name at the district.
        command: what is to be done. device: with what; empty where it is with none.
        issued, expires: seconds since the epoch.
        reason: for the school's people; untrusted text.
    """

    id: str
    to: str
    command: str
    issued: float
    expires: float
    device: str = ""
    reason: str = ""


class Unreadable(ValueError):
    """It is no order. The message says why."""


def key_id(public: str) -> str:
    """Return what a public key (64 hex digits) is called: the begin of its SHA-256."""
    return hashlib.sha256(bytes.fromhex(public)).hexdigest()[:16]


def is_key(text: str) -> bool:
    """Tell whether a text is a public key: 64 hex digits, and a point that can verify."""
    if _KEY.fullmatch(text) is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
    except ValueError:
        return False
    return True


def sign(order: Order, private: Ed25519PrivateKey) -> bytes:
    """Return an order as it is sent."""
    fields = {
        "v": VERSION,
        "id": order.id,
        "to": order.to,
        "command": order.command,
        "device": order.device,
        "issued": rfc3339(order.issued),
        "expires": rfc3339(order.expires),
        "reason": order.reason,
    }
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    signature = base64.b64encode(private.sign(PURPOSE + text.encode())).decode()
    key = key_id(private.public_key().public_bytes_raw().hex())
    told = {"v": VERSION, "key": key, "signed": text, "signature": signature}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def read(payload: bytes) -> tuple[Envelope, Order]:
    """Return what came; nothing of it is believed yet.

    Raises:
        Unreadable: it is no order, or one of another version.
    """
    if len(payload) > MOST:
        raise Unreadable("it is too long")
    try:
        envelope = msgspec.json.decode(payload, type=Envelope)
        given = msgspec.json.decode(envelope.signed, type=_Order)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Unreadable(str(error)[:200]) from error
    if (envelope.v, given.v) != (VERSION, VERSION):
        raise Unreadable(f"only version {VERSION} is understood")
    forms = ((_ID, given.id), (_HUB, given.to), (_WORD, given.command))
    if any(form.fullmatch(text) is None for form, text in forms):
        raise Unreadable("its id, its hub or its command cannot be")
    if given.device and _HUB.fullmatch(given.device) is None:
        raise Unreadable("its device cannot be")
    if given.issued.tzinfo is None or given.expires.tzinfo is None:
        raise Unreadable("its times have no zone")
    try:
        times = given.issued.timestamp(), given.expires.timestamp()
    except (OverflowError, ValueError) as error:
        raise Unreadable("its times cannot be") from error
    reason = "".join(one for one in given.reason if one.isprintable())[:MOST_REASON]
    return envelope, Order(given.id, given.to, given.command, *times, given.device, reason)


def is_signed(envelope: Envelope, public: str) -> bool:
    """Tell whether the owner of a public key (64 hex digits) has signed it."""
    try:
        signature = base64.b64decode(envelope.signature, validate=True)
        text = PURPOSE + envelope.signed.encode()
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, text)
    except (binascii.Error, ValueError, InvalidSignature):
        return False
    return True
