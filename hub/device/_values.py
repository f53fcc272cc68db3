"""Values that a device gives: readings, health, frames."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from hub.errors import HubError

T = TypeVar("T")


class Quality(StrEnum):
    """How far a reading can be trusted."""

    GOOD = "good"
    STALE = "stale"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value of a property, when it was read (seconds since the epoch, UTC) and its quality."""

    value: T
    time: float
    quality: Quality = Quality.GOOD


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of a stream, in the very bytes that the camera made.

    Attributes:
        data: the encoded picture.
        media_type: its type, `image/jpeg` for cameras.
        time: when it was taken or received, seconds on the monotonic clock of this computer.
    """

    data: bytes
    media_type: str = "image/jpeg"
    time: float = field(default_factory=time.monotonic)


class Severity(StrEnum):
    """How much a health code matters to the lesson."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


class Problem(BaseModel):
    """What is wrong and what to do now: a `HubError` or a health code as data.

    `title` and `hint` are message ids; `params` fill their `{placeholders}`.
    """

    model_config = ConfigDict(frozen=True)

    code: str
    title: str
    hint: str = ""
    detail: str = ""
    severity: Severity = Severity.FAULT
    params: dict[str, Any] = {}

    @classmethod
    def of(cls, error: HubError) -> "Problem":
        """Return the problem that `error` describes."""
        severity = Severity.WARNING if error.retryable else Severity.FAULT
        return cls(
            code=error.code,
            title=error.title,
            hint=error.hint,
            detail=error.detail,
            severity=severity,
            params=error.params,
        )
