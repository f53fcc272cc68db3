"""One look at everything: how devices are now, how they were, what changed."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.plugin import DeviceHandle, PluginHub
from plugins.health.series import History
from plugins.health.tables import RunRow
from plugins.health.uptime import (
    SchoolHours,
    Span,
    Uptime,
    apart,
    is_up,
    lesson_spans,
    school_days,
    together,
    uptime,
    uptimes,
)
from plugins.health.watching import Change, Changes
from plugins.health.watching.computer import COMPUTER

_DAYS = 7
MOMENT = 20.0


@dataclass(frozen=True, slots=True)
class DeviceHealth:
    """How a device is and was.

    Attributes:
        device: it.
        days: of the last school days, the newest last.
        week: the same of all of them together.
        since_yesterday: how often it changed since yesterday's morning.
    """

    device: DeviceHandle
    days: list[tuple[date, Uptime]]
    week: Uptime
    since_yesterday: int


class Overview:
    """What the engineer's page shows.

    Args:
        hub: whose devices they are.
        history, changes: what was measured and what changed.
        hours: when the school needs its devices.
    """

    def __init__(
        self, hub: PluginHub, history: History, changes: Changes, hours: SchoolHours
    ) -> None:
        self._hub = hub
        self._history = history
        self._changes = changes
        self._hours = hours

    @property
    def computer(self) -> dict[str, float]:
        """The newest values of the computer, by name."""
        return self._history.last(COMPUTER)

    async def devices(self, days: int = _DAYS) -> list[DeviceHealth]:
        """Return how each device is and was in the last days."""
        end = now()
        begin = _morning(end, days - 1)
        yesterday = _morning(end, 1)
        by_subject = _by_subject(await self._changes.between(None, begin, end))
        runs = await self.runs(begin, end)
        days_of = list(school_days(self._hours, begin, end))
        spans = [span for _, span in days_of]

        def reckon(device: DeviceHandle) -> DeviceHealth:
            changes = by_subject.get(device.id, [])
            ups = uptimes(changes, spans, runs)
            each = [(day, up) for (day, _), up in zip(days_of, ups, strict=True)]
            lately = _changed_since(yesterday, changes)
            return DeviceHealth(device, each, together(ups), lately)

        devices = self._hub.devices.list()
        # A device that came and went the whole week has tens of thousands of changes.
        return await asyncio.to_thread(lambda: [reckon(one) for one in devices])

    async def lessons(self, device: str, days: int) -> list[tuple[dt.time, Uptime]]:
        """Return how a device was in each lesson of the school day, over the last days."""
        end = now()
        begin = _morning(end, days - 1)
        changes = await self._changes.between(device, begin, end)
        runs = await self.runs(begin, end)
        spans = lesson_spans(self._hours, begin, end)
        return await asyncio.to_thread(
            lambda: [(at, uptime(changes, of, runs)) for at, of in spans.items()]
        )

    async def changed(
        self, subject: str | None, begin: float, end: float, most: int
    ) -> list[Change]:
        """Return the newest changes of a stretch of time that a person would tell, newest first.

        Left out is what was over in a moment (the steps of a start), and what leads back to how it
        was before.
        """
        told: list[Change] = []
        for changes in _by_subject(await self._changes.between(subject, begin, end)).values():
            before: Change | None = None
            for at, one in enumerate(changes):
                later = changes[at + 1] if at + 1 < len(changes) else None
                if later is not None and later.time - one.time < MOMENT:
                    continue
                if before is None or (is_up(one), one.code) != (is_up(before), before.code):
                    if one.time >= begin:
                        told.append(one)
                    before = one
        told.sort(key=lambda one: one.time, reverse=True)
        return told[:most]

    async def runs(self, begin: float, end: float) -> list[Span]:
        """Return when the hub ran, in a stretch of time; the run that goes on ends with it."""

        def work(session: Session) -> list[Span]:
            rows = session.scalars(select(RunRow).where(RunRow.seen > begin).order_by(RunRow.id))
            spans = [Span(row.began, row.seen) for row in rows if row.id != self._history.run]
            spans.append(Span(self._history.began, end))
            return [span for span in apart(spans) if span.end > begin and span.begin < end]

        return await self._hub.store.read(work)


def status_of(device: DeviceHandle) -> str:
    """Return `ok`, `warning` or `fault`: what the colour of its sign says."""
    state = device.state
    if not state.reachable:
        return "fault"
    if state.health is None:
        return "ok"
    return str(state.health.severity)


def _changed_since(time: float, changes: Sequence[Change]) -> int:
    """Return how often a device was otherwise than before, since then."""
    first = sum(one.time >= time for one in changes[:1])
    return first + sum(
        one.time >= time and one.sort != before.sort for before, one in pairwise(changes)
    )


def _by_subject(changes: Sequence[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = defaultdict(list)
    for one in changes:
        found[one.subject].append(one)
    return found


def _morning(at: float, days: int) -> float:
    """Return midnight, so many days before."""
    local = datetime.fromtimestamp(at).astimezone()
    day = (local - timedelta(days=days)).date()
    return datetime.combine(day, datetime.min.time()).astimezone().timestamp()
