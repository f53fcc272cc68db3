"""What a series is, as values."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from hub.clock import now, rfc3339
from hub.plugin import SYSTEM, Access, Lesson, Principal, Role
from plugins.microscopy.tables import SeriesRow

MOST_GAPS = 100


class Kind(StrEnum):
    """What is taken."""

    BURST = "burst"
    CLIP = "clip"
    TIME_LAPSE = "time-lapse"
    STACK = "stack"
    MOSAIC = "mosaic"


MOVING = (Kind.STACK, Kind.MOSAIC)
"""The hub moves the microscope for them."""


class State(StrEnum):
    """How far it is. What is taken is being made into a video or one picture, but for a burst."""

    RUNNING = "running"
    MAKING = "making"
    WAITING = "waiting"
    """For the next start of the hub: it could not be made now."""
    DONE = "done"
    FAILED = "failed"


UNDER_WAY = (State.RUNNING, State.MAKING)
UNFINISHED = (*UNDER_WAY, State.WAITING)


@dataclass(frozen=True, slots=True)
class Series:
    """A burst, clip, time-lapse, stack or mosaic; see `SeriesRow` for its fields."""

    id: str
    kind: str
    state: str
    device: str
    owner: str
    owner_name: str
    lesson: str | None
    title: str
    note: str
    settled: dict[str, Any]
    started: float
    ended: float | None
    stopped: bool
    place: int
    taken: int
    missed: int
    gaps: list[dict[str, Any]]
    problem: dict[str, Any] | None
    result: str | None
    tries: int

    @classmethod
    def of(cls, row: SeriesRow) -> "Series":
        """Return a row as a value."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})

    @property
    def under_way(self) -> bool:
        """Whether something is still to come."""
        return self.state in UNDER_WAY

    @property
    def principal(self) -> Principal:
        """Whoever began it, as the owner of what it makes; it may have left since."""
        return replace(
            SYSTEM,
            id=self.owner,
            name=self.owner_name,
            role=Role.PUPIL,
            lesson=self.lesson,
        )

    def access(self, op: str) -> Access:
        """Who may see it (as its pictures) or stop it (its owner, teachers)."""
        return Access(
            role=Role.PUPIL,
            lesson=self.lesson if op == "view" else None,
            persons=frozenset({self.owner}),
            private=True,
        )

    @property
    def total(self) -> float:
        """How many pictures, or seconds of a clip, it is to have."""
        return float(self.settled["seconds" if self.kind == Kind.CLIP else "count"])

    def running(self) -> dict[str, Any]:
        """Return what everybody may know while it runs: that it does, and until when."""
        clip = self.kind == Kind.CLIP
        length = self.total if clip else (self.total - 1) * self.settled["interval"]
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "taken": self.taken,
            "missed": self.missed,
            "count": None if clip else self.settled["count"],
            "seconds": max(length, 0.0),
            "elapsed": min(max(now() - self.started, 0.0), max(length, 0.0)),
            "started": rfc3339(self.started),
        }


def planned(started: float, interval: float, until: float) -> int:
    """Return how many pictures a time-lapse has, the first at once, the last not after `until`."""
    return math.floor((until - started) / interval + 1e-9) + 1


def with_gap(
    gaps: list[dict[str, Any]], moment: float, missed: int, problem: dict[str, Any]
) -> list[dict[str, Any]]:
    """Return the gaps with so many missed pictures added; a gap that goes on is one."""
    known = [dict(gap) for gap in gaps]
    last = known[-1] if known else None
    if last is not None and (
        (last["open"] and last["problem"]["code"] == problem["code"]) or len(known) >= MOST_GAPS
    ):
        last.update(until=rfc3339(moment), missed=last["missed"] + missed, open=True)
        return known
    new = {"since": rfc3339(moment), "until": rfc3339(moment), "missed": missed}
    return [*closed(known), {**new, "problem": problem, "open": True}]


def closed(gaps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the gaps as they are once a picture came again."""
    return [{**gap, "open": False} for gap in gaps]


def lesson_id(lesson: Lesson | None) -> str | None:
    """Return the id of a lesson where there is one."""
    return None if lesson is None else lesson.id
