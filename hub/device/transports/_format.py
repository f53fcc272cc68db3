"""The format of recordings, version 1: lines of JSON, see docs/recording.md.

What is in a file is untrusted: every size is bounded, and whatever does not fit is `BadRecording`.
"""

import base64
import binascii
import json
import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hub.device.transports._errors import BadRecording

FORMAT = "classhub-recording"
VERSION = 1
MOST_LINE = 512 * 1024
MOST_EVENTS = 1_000_000
MOST_CHANNELS = 100_000
LONGEST = 24 * 3600.0

Kind = Literal["open", "fail", "rx", "tx", "call", "close", "error", "end"]
_KINDS = frozenset({"open", "fail", "rx", "tx", "call", "close", "error", "end"})


class Header(BaseModel):
    """The first line: what was recorded, when, and how its driver is started for a replay.

    Attributes:
        driver: the driver's entry point. kind: of its contract.
        device: the device's id in its hub. revision: of its description then, 0 where unknown.
        date: when the recording began, RFC 3339.
        hub: the hub's version.
        settings: the driver's, secrets replaced.
        found: what discovery had found, None where the device was not found by it.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal["classhub-recording"] = "classhub-recording"
    version: Literal[1] = 1
    driver: str = Field(max_length=200)
    kind: str = Field(default="", max_length=200)
    device: str = Field(default="", max_length=200)
    revision: int = 0
    date: str = Field(default="", max_length=40)
    hub: str = Field(default="", max_length=40)
    settings: dict[str, Any] = {}
    found: dict[str, Any] | None = None


@dataclass(slots=True)
class Event:
    """One event of a connection.

    Attributes:
        time: seconds since the recording began.
        kind: what happened.
        at, size: where its line is in the file; its bytes are read when they are needed.
        info: the fields of its line beside time, channel, kind and data.
    """

    time: float
    kind: str
    at: int
    size: int
    info: dict[str, Any] | None = None


@dataclass(slots=True)
class Connection:
    """One connection of a recording: what was opened, and its events in order.

    Attributes:
        late: it was open already when the recording began, so it cannot be replayed.
        failed: it could not be opened; the event says why.
    """

    number: int
    transport: str
    target: str
    stream: bool
    opened: float
    late: bool = False
    failed: Event | None = None
    events: list[Event] = field(default_factory=list)
    calls: list[Event] = field(default_factory=list)


class Recording:
    """A recording that is read: its connections; bytes come from the file when asked for.

    Raises:
        BadRecording: it is none.
        OSError: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.duration = 0.0
        self.whole = False
        self.connections: list[Connection] = []
        self._by_number: dict[int, Connection] = {}
        self._count = 0
        self._file: IO[bytes] = path.open("rb")
        try:
            self.header = parse_header(self._file.readline(MOST_LINE + 1))
            self._read()
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def data(self, event: Event, key: str = "data") -> bytes:
        """Return an event's bytes."""
        line = os.pread(self._file.fileno(), event.size, event.at)
        return _bytes(_object(line), key)

    def _read(self) -> None:
        at = self._file.tell()
        number = 1
        while line := self._file.readline(MOST_LINE + 1):
            number += 1
            if not line.endswith(b"\n") and len(line) <= MOST_LINE:
                return  # the last line, cut by a crash or a full disk
            try:
                self._take(line, at)
            except BadRecording as error:
                raise BadRecording(f"line {number}: {error.detail}") from None
            at += len(line)

    def _take(self, line: bytes, at: int) -> None:
        if len(line) > MOST_LINE:
            raise BadRecording("the line is too long")
        data = _object(line)
        kind, time = data.get("e"), _time(data)
        self.duration = max(self.duration, time)
        if kind == "end":
            self.whole = True
            return
        if kind not in _KINDS:
            return  # of a later minor version
        self._count += 1
        if self._count > MOST_EVENTS:
            raise BadRecording(f"more than {MOST_EVENTS} events")
        channel = data.get("c")
        if type(channel) is not int:
            raise BadRecording("an event has a channel `c`")
        event = Event(time, str(kind), at, len(line))
        if kind in ("open", "fail"):
            self._open(channel, event, data)
            return
        connection = self._by_number.get(channel)
        if connection is None:
            raise BadRecording(f"channel {channel} was not opened")
        self._add(connection, event, data)

    @staticmethod
    def _add(connection: Connection, event: Event, data: dict[str, Any]) -> None:
        if event.kind in ("rx", "tx", "call"):
            _bytes(data, "data")
        if event.kind == "call":
            _bytes(data, "answer")
            event.info = {"name": _text(data, "name")}
            connection.calls.append(event)
            return
        if event.kind == "close":
            event.info = {"by": _text(data, "by")}
        elif event.kind == "error":
            event.info = {"code": _text(data, "code"), "text": _text(data, "text")}
        connection.events.append(event)

    def _open(self, channel: int, event: Event, data: dict[str, Any]) -> None:
        if channel in self._by_number:
            raise BadRecording(f"channel {channel} is opened twice")
        if len(self.connections) >= MOST_CHANNELS:
            raise BadRecording(f"more than {MOST_CHANNELS} connections")
        connection = Connection(
            channel,
            _text(data, "transport"),
            _text(data, "target"),
            stream=data.get("stream") is not False,
            opened=event.time,
            late=data.get("late") is True,
        )
        if event.kind == "fail":
            event.info = {"code": _text(data, "code"), "text": _text(data, "text")}
            connection.failed = event
        self._by_number[channel] = connection
        self.connections.append(connection)


def parse_header(line: bytes) -> Header:
    """Return the header that a first line says.

    Raises:
        BadRecording: it says none, or one of a later version.
    """
    if len(line) > MOST_LINE:
        raise BadRecording("the first line is too long")
    data = _object(line)
    if data.get("format") != FORMAT:
        raise BadRecording("the first line does not say that this is a recording")
    if data.get("version") != VERSION:
        raise BadRecording(f"this is version {str(data.get('version'))[:20]}; known is {VERSION}")
    try:
        return Header.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise BadRecording(f"the header's {where}: {first['msg']}") from None


def read_header(path: Path) -> Header:
    """Return the header of a file (BadRecording, OSError)."""
    with path.open("rb") as file:
        return parse_header(file.readline(MOST_LINE + 1))


def line_of(**fields: Any) -> bytes:
    """Return a line of the file; bytes are written as base64."""
    ready = {
        key: base64.b64encode(value).decode() if isinstance(value, bytes | bytearray) else value
        for key, value in fields.items()
    }
    return json.dumps(ready, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise BadRecording(f"no JSON: {type(error).__name__}") from None
    if not isinstance(data, dict):
        raise BadRecording("a line is a JSON object")
    return data


def _time(data: dict[str, Any]) -> float:
    time = data.get("t")
    if isinstance(time, bool) or not isinstance(time, int | float):
        raise BadRecording("an event has a time `t` in seconds")
    if not (math.isfinite(time) and 0 <= time <= LONGEST):
        raise BadRecording(f"a time is between 0 and {LONGEST:g} seconds")
    return float(time)


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or len(value) > 2000:
        raise BadRecording(f"`{key}` is a text")
    return value


def _bytes(data: dict[str, Any], key: str) -> bytes:
    value = data.get(key)
    if not isinstance(value, str):
        raise BadRecording(f"`{key}` is base64")
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        raise BadRecording(f"`{key}` is base64") from None
