"""What is measured, taken in and found again."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.plugin import N_, HubError, Latch, Store
from plugins.health.series.codec import (
    Bucket,
    Damaged,
    Point,
    pack_minute,
    unpack_buckets,
    unpack_points,
)
from plugins.health.series.folding import (
    fold_piece,
    hours_to_fold,
    pieces,
    read_hour,
    unfolded,
)
from plugins.health.series.tiers import TIERS, Tier, chunk_start
from plugins.health.tables import ChunkRow, MinuteRow, RunRow, SeriesRow

log = logging.getLogger("classhub.plugins.health")

MOST_SERIES = 2000
LARGEST = 1e30
"""What is more measures nothing, and its sums and means would be no numbers any more."""
# An hour of 240 series every ten seconds: as long as nothing can be written they wait here.
MOST_WAITING = 100_000
MOST_PLOTTED = 2000
_FINER: tuple[Tier, ...] = (Tier.RAW, Tier.MINUTE, Tier.HOUR, Tier.DAY)


class UnknownSeries(HubError):
    """No such series."""

    code = "unknown-series"
    status = 404
    title = N_("Nothing of this name is measured.")
    hint = N_("Look at the list of what is measured.")


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """What is measured.

    Attributes:
        id: of the series in this hub; 0 until something was written of it.
        subject: a device's id, `computer`, `network` or `hub`.
        name: of what is measured there, such as `temperature`.
        title: for people: message ids in lines, the whole before the part.
        unit: UCUM, empty where there is none.
        sums: values are increments, and a stretch of time has their sum (metres, restarts); else
            they are states, and it has their mean (degrees).
    """

    subject: str
    name: str
    title: str
    unit: str = ""
    sums: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True)
class Plotted:
    """A stretch of time of one series, as a plot has it.

    Attributes:
        series: which.
        step: seconds between two buckets.
        buckets: rising in time; where nothing was measured there is none.
    """

    series: SeriesInfo
    step: float
    buckets: list[Bucket]


class History:
    """Values of all series: of days each one, of weeks by minutes, of a year by hours.

    Values wait in memory until `flush` writes them down, once a minute: what a power cut takes is
    at most that. `fold` puts whole hours into chunks.

    Args:
        store: where it is kept.

    Attributes:
        began: when this run of the hub began (or the clock was set), seconds since the epoch.
        run: the row that says so, None until the first `flush`.
        dropped: values that could not be kept. odd: values that were no number.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[str, str], SeriesInfo] = {}
        self._waiting: list[tuple[SeriesInfo, float, float]] = []
        self._newest: dict[tuple[str, str], float] = {}
        self.began = 0.0
        self.run: int | None = None
        self._writing: list[tuple[SeriesInfo, float, float]] = []
        self._writes = Latch(
            log,
            "what is measured cannot be written down: %s",
            "what is measured is written down again",
        )
        self.dropped = 0
        self.odd = 0
        self._listeners: list[Callable[[SeriesInfo, float], None]] = []

    def listen(self, listener: Callable[[SeriesInfo, float], None]) -> None:
        """Have `listener` told of each value that is taken in; it must return at once."""
        self._listeners.append(listener)

    async def start(self, now: float) -> None:
        """Learn what is measured already, and that a run of the hub begins.

        Nothing is written here, since a hub starts on a full disk, too: `flush` notes the run.
        """
        self.began = now
        known = await self._store.read(
            lambda session: [_info(row) for row in session.scalars(select(SeriesRow))]
        )
        self._known = {(one.subject, one.name): one for one in known}

    def clock_set(self, now: float) -> None:
        """Begin another run: the times of the one before say nothing of those from now on.

        The one before ends where it was written down last, a minute ago at most.
        """
        self.began, self.run = now, None

    def record(self, series: SeriesInfo, time: float, value: float) -> None:
        """Take in a value. One that is no number is left out and counted (`odd`)."""
        if not abs(value) <= LARGEST or not math.isfinite(time):
            self.odd += 1
            return
        key = (series.subject, series.name)
        if key not in self._known:
            if len(self._known) >= MOST_SERIES:
                self.dropped += 1
                return
            self._known[key] = series
        self._newest[key] = value
        self._waiting.append((series, time, value))
        for listener in self._listeners:
            listener(series, value)
        if len(self._waiting) > MOST_WAITING:
            del self._waiting[0]
            self.dropped += 1

    async def flush(self, now: float) -> None:
        """Write down what waits; what cannot be written stays and is tried again."""
        taken = self._writing = self._waiting
        self._waiting = []

        def work(session: Session) -> tuple[list[SeriesInfo], int]:
            new = _register(session, {one for one, _, _ in taken}, self._known)
            ids = {(one.subject, one.name): one.id for one in (*self._known.values(), *new)}
            hours: dict[int, list[tuple[int, float, float]]] = {}
            for series, time, value in taken:
                at = chunk_start(Tier.RAW, time)
                row = (ids[series.subject, series.name], time, value)
                hours.setdefault(at, []).append(row)
            for hour, values in hours.items():
                session.add(MinuteRow(hour=hour, data=pack_minute(values)))
            run = None if self.run is None else session.get(RunRow, self.run)
            if run is None:
                run = RunRow(began=self.began)
                session.add(run)
            run.seen = now
            session.flush()
            return new, run.id

        try:
            new, self.run = await self._store.write(work)
        except HubError as error:
            self._writes.failed(error)
            room = max(0, MOST_WAITING - len(self._waiting))
            kept = taken[-room:] if room else []
            self.dropped += len(taken) - len(kept)
            self._waiting[:0] = kept
            return
        finally:
            self._writing = []
        self._writes.worked()
        self._known |= {(one.subject, one.name): one for one in new}

    async def fold(self, now: float) -> int:
        """Put the hours that are over into chunks, a few series at a time; returns how many hours.

        Nothing else may fold meanwhile.
        """
        current = chunk_start(Tier.RAW, now)
        found = await self._store.read(lambda session: hours_to_fold(session, current))
        for one in found:
            hour = await self._store.read(lambda session, one=one: read_hour(session, one))  # type: ignore[misc]
            for piece in pieces(hour):
                await self._store.write(
                    lambda session, hour=hour, piece=piece: fold_piece(session, hour, piece)  # type: ignore[misc]
                )
            if hour.damaged:
                log.warning("%d minutes of measured values could not be read", hour.damaged)
        return len(found)

    def series(self, subject: str | None = None) -> list[SeriesInfo]:
        """Return what is measured, of one subject or of all, in order."""
        found = (one for one in self._known.values() if one.id)
        wanted = [one for one in found if subject is None or one.subject == subject]
        return sorted(wanted, key=lambda one: (one.subject, one.name))

    def last(self, subject: str) -> dict[str, float]:
        """Return the newest value of each series of a subject in this run, by name."""
        return {name: value for (of, name), value in self._newest.items() if of == subject}

    async def plot(
        self, ids: Sequence[int], begin: float, end: float, points: int = 300
    ) -> list[Plotted]:
        """Return stretches of time, as finely as `points` of them need and as is kept.

        Raises:
            UnknownSeries: an id is none.
        """
        by_id = {one.id: one for one in self._known.values() if one.id}
        if unknown := [one for one in ids if one not in by_id]:
            raise UnknownSeries(str(unknown[0]))
        step = max((end - begin) / min(points, MOST_PLOTTED), 1.0)
        waiting: dict[int, list[Point]] = {}
        for series, time, value in (*self._writing, *self._waiting):
            known = self._known.get((series.subject, series.name))
            if known is not None:
                waiting.setdefault(known.id, []).append(Point(time, value))

        def work(session: Session) -> list[list[Bucket]]:
            minutes = unfolded(session, set(ids))
            return [
                _between(
                    [
                        *_chunks(session, one, _tier(step), begin, end),
                        *_each([*minutes.get(one, ()), *waiting.get(one, ())]),
                    ],
                    begin,
                    end,
                    step,
                )
                for one in ids
            ]

        found = await self._store.read(work)
        return [Plotted(by_id[one], step, buckets) for one, buckets in zip(ids, found, strict=True)]


def _info(row: SeriesRow) -> SeriesInfo:
    return SeriesInfo(row.subject, row.name, row.title, row.unit, row.sums, row.id)


def _register(
    session: Session, series: set[SeriesInfo], known: dict[tuple[str, str], SeriesInfo]
) -> list[SeriesInfo]:
    """Give those an id that have none; a title or unit that is another now is taken over."""
    new = []
    for one in series:
        before = known.get((one.subject, one.name))
        if before is not None and before.id:
            said = replace(one, id=before.id)
            if said == before:
                continue
            row = session.get(SeriesRow, before.id)
        else:
            row = SeriesRow(subject=one.subject, name=one.name)
            session.add(row)
        if row is None:
            continue
        row.title, row.unit, row.sums = one.title, one.unit, one.sums
        session.flush()
        new.append(_info(row))
    return new


def _tier(step: float) -> Tier:
    """Return the coarsest tier that is still as fine as `step`."""
    return next(tier for tier in reversed(_FINER) if TIERS[tier].step <= step)


def _chunks(session: Session, series: int, tier: Tier, begin: float, end: float) -> list[Bucket]:
    """Return what a tier has of a stretch, and of what it has no more the coarser ones."""
    found: list[Bucket] = []
    until = end
    for one in _FINER[_FINER.index(tier) :]:
        of_tier = (ChunkRow.series == series, ChunkRow.tier == one)
        earliest = session.scalar(select(func.min(ChunkRow.start)).where(*of_tier))
        if earliest is None:
            continue
        rows = session.scalars(
            select(ChunkRow)
            .where(*of_tier, ChunkRow.start <= until, ChunkRow.start >= chunk_start(one, begin))
            .order_by(ChunkRow.start)
        )
        for row in rows:
            found += (bucket for bucket in _read(one, row) if begin <= bucket.start < until)
        until = min(until, float(earliest))
        if until <= begin:
            break
    return sorted(found, key=lambda bucket: bucket.start)


def _read(tier: Tier, row: Any) -> list[Bucket]:
    try:
        if tier is Tier.RAW:
            return _each(unpack_points(row.start, row.data))
        return unpack_buckets(row.start, row.data)
    except Damaged as error:
        log.warning("what was measured in a stretch of time cannot be read: %s", error)
        return []


def _each(points: Sequence[Point]) -> list[Bucket]:
    return [Bucket.of(int(point.time), point.value) for point in points]


def _between(buckets: Sequence[Bucket], begin: float, end: float, step: float) -> list[Bucket]:
    """Return buckets of `step` seconds from `begin` on, made of finer ones."""
    found: dict[int, Bucket] = {}
    for bucket in sorted(buckets, key=lambda one: one.start):
        if not begin <= bucket.start < end:
            continue
        at = int(begin + (bucket.start - begin) // step * step)
        if at in found:
            found[at].add(bucket)
        else:
            found[at] = replace(bucket, start=at)
    return [found[at] for at in sorted(found)]
