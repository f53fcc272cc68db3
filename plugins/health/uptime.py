"""How much of the school's time a device could be used: not of the calendar's."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from plugins.health.watching.changes import Change

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class SchoolHours(BaseModel):
    """When the school needs its devices.

    Attributes:
        days: of the week. begins, ends: on each of them, the computer's local time.
        lessons: when each lesson begins; left out: each hour counted from `begins`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: list[Day] = Field(list(_DAYS[:6]), min_length=1)
    begins: dt.time = dt.time(8, 0)
    ends: dt.time = dt.time(18, 0)
    lessons: list[dt.time] = Field([], max_length=24)

    @model_validator(mode="after")
    def _in_order(self) -> "SchoolHours":
        if self.begins >= self.ends:
            raise ValueError("the school day begins before it ends")
        if self.lessons != sorted(set(self.lessons)):
            raise ValueError("`lessons` begin one after the other")
        if self.lessons and not self.begins <= self.lessons[0] <= self.lessons[-1] < self.ends:
            raise ValueError("`lessons` begin within the school day")
        return self

    @property
    def slots(self) -> list[dt.time]:
        """When each lesson of a school day begins; the last one lasts until `ends`."""
        if self.lessons:
            return self.lessons
        hours = range(self.begins.hour, self.ends.hour + 1)
        each = (self.begins.replace(hour=hour) for hour in hours)
        return [one for one in each if one < self.ends]

    def of(self, day: date) -> "Span | None":
        """Return the school's hours of a day; None where there are none."""
        if _DAYS[day.weekday()] not in self.days:
            return None
        begin = datetime.combine(day, self.begins).astimezone()
        return Span(begin.timestamp(), datetime.combine(day, self.ends).astimezone().timestamp())


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, seconds since the epoch."""

    begin: float
    end: float


@dataclass(frozen=True, slots=True)
class Uptime:
    """How a device was in some spans.

    Attributes:
        known: seconds in which the hub ran and knew how the device was.
        up: of them, in which it was reachable and reported no fault.
        downs: how often it went from up to down.
    """

    known: float
    up: float
    downs: int

    @property
    def share(self) -> float | None:
        """The part of the known time in which it was up; None where nothing is known."""
        return self.up / self.known if self.known else None


def school_days(hours: SchoolHours, begin: float, end: float) -> Iterator[tuple[date, Span]]:
    """Yield the days of a stretch of time that have school hours, cut to it."""
    day = datetime.fromtimestamp(begin).astimezone().date()
    last = datetime.fromtimestamp(end).astimezone().date()
    while day <= last:
        span = hours.of(day)
        if span is not None and (cut := _both(span, Span(begin, end))) is not None:
            yield day, cut
        day += timedelta(days=1)


def lesson_spans(hours: SchoolHours, begin: float, end: float) -> dict[dt.time, list[Span]]:
    """Return for each lesson of the school day when it was, in a stretch of time and cut to it."""
    slots = hours.slots
    found: dict[dt.time, list[Span]] = {one: [] for one in slots}
    for day, within in school_days(hours, begin, end):
        for one, after in zip(slots, [*slots[1:], hours.ends], strict=True):
            first = datetime.combine(day, one).astimezone().timestamp()
            last = datetime.combine(day, after).astimezone().timestamp()
            if (cut := _both(Span(first, last), within)) is not None:
                found[one].append(cut)
    return found


def uptime(changes: Sequence[Change], spans: Iterable[Span], runs: Sequence[Span]) -> Uptime:
    """Return how one device was in spans, all of them together; see `uptimes`."""
    return together(uptimes(changes, list(spans), runs))


def together(parts: Iterable[Uptime]) -> Uptime:
    """Return the uptime of spans of which none lies over another."""
    known = up = 0.0
    downs = 0
    for one in parts:
        known, up, downs = known + one.known, up + one.up, downs + one.downs
    return Uptime(known, up, downs)


def uptimes(changes: Sequence[Change], spans: Sequence[Span], runs: Sequence[Span]) -> list[Uptime]:
    """Return how one device was in each of the spans, however often it came and went.

    Args:
        changes: the device's, in order, with the last one before the spans.
        spans: that count, in order, without overlaps.
        runs: of the hub: of the time between them nothing is known. A change is of the run in
            which it was noted: after a start the device counts as down until the hub has it again.
    """
    known, up, downs = [0.0] * len(spans), [0.0] * len(spans), [0] * len(spans)
    before_up = False
    for state, is_up in _states(changes, runs):
        at = bisect_right(spans, state.begin, key=_end_of)
        if before_up and not is_up and at < len(spans) and spans[at].begin <= state.begin:
            downs[at] += 1
        before_up = is_up
        while at < len(spans) and spans[at].begin < state.end:
            both = min(spans[at].end, state.end) - max(spans[at].begin, state.begin)
            known[at] += both
            if is_up:
                up[at] += both
            at += 1
    return [Uptime(*one) for one in zip(known, up, downs, strict=True)]


def _end_of(span: Span) -> float:
    return span.end


def _time_of(change: Change) -> float:
    return change.time


def apart(runs: Iterable[Span]) -> list[Span]:
    """Return runs of the hub without overlaps: where two say something, the later one counts.

    A clock that was set back makes two runs of one time. One that was ahead for years when the hub
    ended made a run of years: the next one ends it.

    Args:
        runs: in the order in which they were.
    """
    found: list[Span] = []
    for run in runs:
        if run.begin >= run.end:
            continue
        left: list[Span] = []
        for one in found:
            if one.begin < run.begin:
                left.append(Span(one.begin, min(one.end, run.begin)))
            elif one.end > run.end:
                left.append(Span(max(one.begin, run.end), one.end))
        found = [*left, run]
    return sorted(found, key=lambda one: one.begin)


def is_up(change: Change) -> bool:
    """Tell whether a device in this state can be used."""
    return change.reachable and change.severity != "fault"


def _states(changes: Sequence[Change], runs: Sequence[Span]) -> Iterator[tuple[Span, bool]]:
    for run in runs:
        earlier = bisect_left(changes, run.begin, key=_time_of)
        within = changes[earlier : bisect_left(changes, run.end, key=_time_of)]
        first = within[0].time if within else run.end
        if earlier and first > run.begin:
            yield Span(run.begin, first), is_up(changes[earlier - 1])
        for at, change in enumerate(within):
            end = within[at + 1].time if at + 1 < len(within) else run.end
            if end > change.time:
                yield Span(change.time, end), is_up(change)


def _both(one: Span, other: Span) -> Span | None:
    begin, end = max(one.begin, other.begin), min(one.end, other.end)
    return Span(begin, end) if begin < end else None
