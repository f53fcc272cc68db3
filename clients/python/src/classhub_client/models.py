"""What the hub answers with, as frozen dataclasses. Times are `datetime` in UTC.

Names, titles and notes are what people wrote: untrusted text. Fields that this version does not
know are left out, so that a newer hub can be spoken to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self


def time_of(text: str) -> datetime:
    """Return a time of the API (RFC 3339)."""
    return datetime.fromisoformat(text)


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else time_of(text)


@dataclass(frozen=True, slots=True)
class HubInfo:
    """What the hub is. `virtual`: its devices are simulated."""

    id: str
    name: str
    version: str
    language: str
    languages: tuple[str, ...]
    virtual: bool
    time: datetime

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(
            data["id"],
            data["name"],
            data["version"],
            data["language"],
            tuple(data["languages"]),
            data["virtual"],
            time_of(data["time"]),
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a device or operation, and what to do now."""

    code: str
    title: str
    hint: str
    detail: str
    severity: str

    @classmethod
    def of(cls, data: Mapping[str, Any] | None) -> Self | None:
        """Read it from JSON; None where all is well."""
        if data is None:
            return None
        words = ("code", "title", "hint", "detail", "severity")
        return cls(*(str(data.get(word, "")) for word in words))


@dataclass(frozen=True, slots=True)
class State:
    """How a device is.

    Attributes:
        presence: `present`, `absent` or `unknown`.
        reachable: it can be used now; if not, `problem` says why.
        process: of its driver: `starting`, `running`, `restarting`, `fault`, `stopped`.
        health: None where it is well.
    """

    presence: str
    reachable: bool
    process: str
    problem: Problem | None
    health: Problem | None
    since: datetime

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(
            data["presence"],
            data["reachable"],
            data["process"],
            Problem.of(data["problem"]),
            Problem.of(data["health"]),
            time_of(data["since"]),
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A value of a property in its unit, when it was read; quality is `good`, `stale` or `bad`."""

    value: Any
    time: datetime
    quality: str

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(data["value"], time_of(data["time"]), data["quality"])


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """A device as it was when the hub was asked.

    Attributes:
        kind: such as `microscope`; empty while its driver is not known.
        streams: the names of its streams of pictures.
        description: properties, actions, events with schemas and units; only where one device
            was asked for, and once the device has been reached.
    """

    id: str
    name: str
    kind: str
    driver: str
    seat: str | None
    state: State
    properties: Mapping[str, Reading]
    streams: tuple[str, ...]
    description: Mapping[str, Any] | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(
            data["id"],
            data["name"],
            data["kind"],
            data["driver"],
            data["seat"],
            State.of(data["state"]),
            {name: Reading.of(one) for name, one in data["properties"].items()},
            tuple(data["streams"]),
            data.get("description"),
        )


@dataclass(frozen=True, slots=True)
class OperationState:
    """How far an operation is.

    Attributes:
        status: `pending`, `running`, `done`, `failed`, `cancelled` or `interrupted`.
        fraction: 0..1.
    """

    id: str
    device: str | None
    action: str
    status: str
    fraction: float
    message: str
    result: Any
    problem: Problem | None
    started: datetime
    ended: datetime | None

    @property
    def over(self) -> bool:
        """It will not change any more."""
        return self.ended is not None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(
            data["id"],
            data["device"],
            data["action"],
            data["status"],
            data["fraction"],
            data["message"],
            data["result"],
            Problem.of(data["problem"]),
            time_of(data["started"]),
            _maybe(data["ended"]),
        )


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson; it runs while `ended` is None. `code`: six digits to join with, for teachers."""

    id: str
    title: str
    group: str | None
    started: datetime
    ended: datetime | None
    code: str | None
    join_url: str | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(
            data["id"],
            data["title"],
            data["group"],
            time_of(data["started"]),
            _maybe(data["ended"]),
            data["code"],
            data["join_url"],
        )


@dataclass(frozen=True, slots=True)
class Asset:
    """Something that a lesson made. `size` in bytes, `width` and `height` in pixels.

    `owner` is the owner's id, `damaged`: its file is gone and only this record is left.
    """

    id: str
    title: str
    note: str
    media_type: str
    sha256: str
    size: int
    width: int | None
    height: int | None
    owner: str
    owner_name: str
    lesson: str | None
    device: str | None
    derived_from: str | None
    created: datetime
    damaged: bool
    info: Mapping[str, Any]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read it from JSON."""
        return cls(
            data["id"],
            data["title"],
            data["note"],
            data["media_type"],
            data["sha256"],
            data["size"],
            data["width"],
            data["height"],
            data["owner"]["id"],
            data["owner"]["name"],
            data["lesson"],
            data["device"],
            data["derived_from"],
            time_of(data["created"]),
            data["damaged"],
            data["info"],
        )


@dataclass(frozen=True, slots=True)
class Message:
    """Something that happened, by its topic; `payload` is JSON data."""

    topic: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Change:
    """A property of a device has a new reading."""

    device: str
    property: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class Event:
    """An event of a device, such as its button being pressed."""

    device: str
    name: str
    data: Any
    time: datetime


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture of a stream: the camera's own bytes. Give `id` to a capture to keep this one."""

    device: str
    stream: str
    id: int
    time: datetime
    media_type: str
    data: bytes

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file and return its path."""
        path = Path(path)
        path.write_bytes(self.data)
        return path


def frame_time(frame: int) -> datetime:
    """Return when a frame was taken: its id is milliseconds since the epoch."""
    return datetime.fromtimestamp(frame / 1000, UTC)
