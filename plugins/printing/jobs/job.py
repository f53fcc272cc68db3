"""A print job as a value."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

from hub.plugin import SYSTEM, Access, Principal, Role
from plugins.printing.jobs.states import ENDED, RULES, UNDER_WAY, JobState, Step
from plugins.printing.tables import JobFileRow, JobRow

_TEACHER = Access(role=Role.TEACHER)


@dataclass(frozen=True, slots=True)
class JobFile:
    """A file of a job, see `JobFileRow`."""

    role: str
    asset: str
    made: str
    revision: int
    info: dict[str, Any]
    created: float

    @classmethod
    def of(cls, row: JobFileRow) -> "JobFile":
        """Return a row as a value."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Job:
    """A print job; see `JobRow` for its fields.

    Attributes:
        files: all that were ever made of it, the oldest first.
        pictures: of its print: role and asset, the oldest first.
    """

    id: str
    name: str
    state: JobState
    kind: str
    owner: str
    owner_name: str
    lesson: str | None
    group: str | None
    origin: str
    printer_wanted: str | None
    printer: str | None
    settings: dict[str, Any]
    revision: int
    tries: int
    verdict: dict[str, Any] | None
    estimate: dict[str, Any] | None
    facts: dict[str, Any] | None
    note: str
    problem: dict[str, Any] | None
    progress: dict[str, Any] | None
    ending: dict[str, Any] | None
    approval: str | None
    place: float | None
    reprint_of: str | None
    created: float
    updated: float
    started: float | None
    ended: float | None
    files: tuple[JobFile, ...] = field(default=())
    pictures: tuple[tuple[str, str], ...] = field(default=())

    @classmethod
    def of(cls, row: JobRow, files: tuple[JobFile, ...] = ()) -> "Job":
        """Return a row as a value."""
        said = {
            name: getattr(row, name) for name in cls.__slots__ if name not in ("files", "pictures")
        }
        return cls(**{**said, "state": JobState(row.state)}, files=files)

    def file(self, role: str, *, current: bool = False) -> JobFile | None:
        """Return the last file of a role; `current`: only if it belongs to this revision."""
        for one in reversed(self.files):
            if one.role == role and (not current or one.revision == self.revision):
                return one
        return None

    @property
    def source(self) -> str:
        """The asset that was handed in, or its last version."""
        found = self.file("model" if self.kind == "model" else "gcode")
        if found is None:
            raise LookupError(f"job {self.id} has no file")
        return found.asset

    @property
    def gcode(self) -> str | None:
        """The asset that is printed, once there is one for this revision."""
        found = self.file("gcode", current=self.kind == "model")
        return None if found is None else found.asset

    @property
    def mark(self) -> str:
        """What an approval is for: changes with the G-code, and with what is left out of it."""
        what = json.dumps([self.gcode, (self.facts or {}).get("stripped", [])])
        return hashlib.sha256(what.encode()).hexdigest()[:16]

    @property
    def under_way(self) -> bool:
        """Whether it is on a printer now."""
        return self.state in UNDER_WAY

    @property
    def over(self) -> bool:
        """Whether nothing will become of it any more."""
        return self.state in ENDED

    @property
    def principal(self) -> Principal:
        """Whoever handed it in, as the owner of what is made for them; they may have left since."""
        return replace(SYSTEM, id=self.owner, name=self.owner_name, role=Role.PUPIL)

    def access(self, step: Step | None = None) -> Access:
        """Who may see it (None) or take a step: its owner and teachers, or teachers alone."""
        if step is not None and not RULES[step].owner:
            return _TEACHER
        return Access(role=Role.PUPIL, persons=frozenset({self.owner}), private=True)
