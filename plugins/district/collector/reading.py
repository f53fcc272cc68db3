"""What hubs tell, read. They are many, of several versions, and nobody is believed for nothing."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from plugins.district.messages import ROOT

MOST_TEXT = 300
MOST_SEQ = 2**62
_TOPIC = re.compile(rf"{ROOT}/(?P<hub>[a-z0-9][a-z0-9-]{{0,62}})/(?P<last>[a-z]+(/[a-z]+)?)")


class Head(msgspec.Struct):
    """What every record has."""

    v: int
    id: str
    school: str
    stream: str
    seq: int
    after: int


class Body(msgspec.Struct):
    """The base of what each kind of record has; its fields are the columns of its table."""

    def row(self) -> tuple[Any, ...]:
        """Return the values of the columns."""
        return tuple(_kept(getattr(self, name)) for name in self.__struct_fields__)


class Health(Body):
    """How a device is."""

    time: datetime
    device: str
    device_kind: str
    status: str
    presence: str
    reachable: bool
    code: str


class Uptime(Body):
    """For how long a device could be used."""

    time: datetime
    begin: datetime
    device: str
    device_kind: str
    known: float
    up: float
    downs: int


class Alert(Body):
    """Something happened to an alert."""

    time: datetime
    alert: str
    what: str
    state: str
    severity: str
    cause: str
    fired: str
    rules: str
    devices: str
    device_count: int
    flapping: bool
    lesson: bool
    # Only where the school tells names.
    said_ru: str = ""
    said_kk: str = ""
    said_en: str = ""


class Reply(Body):
    """What became of something that the district asked for; `result` is in English."""

    time: datetime
    order: str
    command: str
    device: str
    state: str
    code: str
    result: str
    agreed: str
    key: str
    # Older hubs say it in English alone.
    result_kk: str = ""
    result_ru: str = ""


KINDS: dict[str, type[Body]] = {
    "health": Health,
    "uptime": Uptime,
    "alert": Alert,
    "reply": Reply,
}
COLUMNS = {datetime: "timestamptz", str: "text", bool: "boolean", float: "real", int: "integer"}
_HEAD = msgspec.json.Decoder(Head)
_BODIES = {kind: msgspec.json.Decoder(body) for kind, body in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it came. `body` is None where it cannot be read; then `why` says so."""

    hub: str
    school: str
    stream: str
    seq: int
    after: int
    kind: str
    body: Body | None
    why: str
    payload: bytes


class Unreadable(ValueError):
    """Not even its number can be read: it is nobody's."""


def topic_of(topic: str) -> tuple[str, str] | None:
    """Return the hub and the last part of a topic, None where it is none of ours."""
    found = _TOPIC.fullmatch(topic)
    return None if found is None else (found["hub"], found["last"])


def record_of(hub: str, kind: str, payload: bytes) -> Record:
    """Read a record.

    Args:
        hub: of its topic, for which the broker vouches.
        kind: of its topic.
        payload: as it came.

    Raises:
        Unreadable: it has no number, or is another hub's.
    """
    try:
        head = _HEAD.decode(payload)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(str(error)[:MOST_TEXT]) from error
    if head.id != hub or not 0 < head.seq < MOST_SEQ or not 0 <= head.after < head.seq:
        raise Unreadable("its name or its numbers cannot be")
    if not 0 < len(head.stream) <= 64 or "\0" in head.stream:
        raise Unreadable("its stream cannot be")
    body, why = None, ""
    try:
        body = _BODIES[kind].decode(payload)
        _look(body)
    except KeyError:
        why = "a kind that is not known"
    except (msgspec.DecodeError, ValueError) as error:
        body, why = None, str(error)[:MOST_TEXT]
    return Record(
        hub, _kept(head.school), head.stream, head.seq, head.after, kind, body, why, payload
    )


def _look(body: Body) -> None:
    for name in body.__struct_fields__:
        value = getattr(body, name)
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError(f"{name} has no time zone")
        if type(value) is int and not 0 <= value < 2**31:
            raise ValueError(f"{name} is out of range")
        if isinstance(value, float) and not 0 <= value < 1e9:
            raise ValueError(f"{name} is out of range")


def _kept(value: Any) -> Any:
    # PostgreSQL keeps no zeros in texts.
    return value.replace("\0", "")[:MOST_TEXT] if isinstance(value, str) else value
