"""Values that a device gives: readings, health, frames."""

import time
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler
from pydantic_core import CoreSchema

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


class AssetFile(BaseModel):
    """A file lent to a driver: the input of an action that works on what the hub keeps.

    Callers name an asset by its id (a string in the schema, `format: asset`) which they must be
    allowed to view. The hub puts this in its place; no path ever comes from a caller. The file may
    be read once the action runs; what needs it for longer opens it then.

    Attributes:
        asset: the asset's id.
        path: of its content, on this computer.
        size: bytes. sha256: of the content.
        media_type: as it was kept.
        title: what people call it; untrusted text.
    """

    model_config = ConfigDict(frozen=True)

    asset: str
    path: Path
    size: int
    sha256: str
    media_type: str
    title: str

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say what callers send: the asset's id."""
        return {"type": "string", "format": "asset", "minLength": 1, "maxLength": 64}


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
