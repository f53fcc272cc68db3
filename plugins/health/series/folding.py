"""From minutes to chunks: each value is counted once in every tier, in one transaction.

The rows of an hour are taken out in the very transaction that puts their values into the chunks. A
power cut before it leaves the rows, after it the chunks; there is no between.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from plugins.health.series.codec import (
    Bucket,
    Damaged,
    Point,
    pack_buckets,
    pack_points,
    unpack_buckets,
    unpack_minute,
    unpack_points,
)
from plugins.health.series.tiers import TIERS, Tier, bucket_start, chunk_start
from plugins.health.tables import ChunkRow, MinuteRow

T = TypeVar("T")

# Of one series in one hour: one a second. What comes faster is thinned out evenly.
MOST_POINTS = 3600


def finished_hours(session: Session, before: int) -> list[int]:
    """Return the hours that hold rows of minutes and began before this time."""
    hours = select(MinuteRow.hour).where(MinuteRow.hour < before).distinct()
    return sorted(session.scalars(hours))


def fold_hour(session: Session, hour: int) -> int:
    """Put the values of an hour into the chunks; returns how many rows were damaged."""
    rows = session.execute(
        select(MinuteRow.id, MinuteRow.data).where(MinuteRow.hour == hour).order_by(MinuteRow.id)
    ).all()
    values, damaged = by_series(data for _, data in rows)
    minutes: dict[int, list[Bucket]] = {}
    for series, points in values.items():
        points.sort(key=lambda point: point.time)
        fine = (Bucket.of(int(at), value) for at, value in points)
        minutes[series] = merged(Tier.MINUTE, fine)
    _add_points(session, values)
    for tier in (Tier.MINUTE, Tier.HOUR, Tier.DAY):
        _add_buckets(session, tier, {one: merged(tier, of) for one, of in minutes.items()})
    session.execute(delete(MinuteRow).where(MinuteRow.id.in_([id_ for id_, _ in rows])))
    forget_oldest(session)
    return damaged


def by_series(rows: Iterable[bytes]) -> tuple[dict[int, list[Point]], int]:
    """Return the points of each series in rows of minutes, and how many rows were damaged."""
    values: dict[int, list[Point]] = defaultdict(list)
    damaged = 0
    for data in rows:
        try:
            for series, point in unpack_minute(data):
                values[series].append(point)
        except Damaged:
            damaged += 1
    return values, damaged


def merged(tier: Tier, buckets: Iterable[Bucket]) -> list[Bucket]:
    """Return the buckets of a tier that finer ones make, which rise in time."""
    found: dict[int, Bucket] = {}
    for bucket in buckets:
        start = bucket_start(tier, bucket.start)
        if start in found:
            found[start].add(bucket)
        else:
            found[start] = replace(bucket, start=start)
    return [found[start] for start in sorted(found)]


def _add_points(session: Session, values: Mapping[int, Sequence[Point]]) -> None:
    new: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for series, points in values.items():
        for point in points:
            new[series, chunk_start(Tier.RAW, point.time)].append(point)
    known = _chunks(session, Tier.RAW, {start for _, start in new})
    packed = {}
    for (series, start), points in new.items():
        # A clock that was set back: what is there is from an earlier pass of this hour.
        before = _safely(unpack_points, start, known.get((series, start)))
        all_ = sorted([*before, *points], key=lambda point: point.time)
        thinned = all_[:: len(all_) // MOST_POINTS + 1]
        packed[series, start] = pack_points(start, thinned)
    _put(session, Tier.RAW, packed)


def _add_buckets(session: Session, tier: Tier, values: Mapping[int, Sequence[Bucket]]) -> None:
    new: dict[tuple[int, int], list[Bucket]] = defaultdict(list)
    for series, buckets in values.items():
        for bucket in buckets:
            new[series, chunk_start(tier, bucket.start)].append(bucket)
    known = _chunks(session, tier, {start for _, start in new})
    packed = {}
    for (series, start), buckets in new.items():
        before = _safely(unpack_buckets, start, known.get((series, start)))
        all_ = {bucket.start: bucket for bucket in before}
        for bucket in buckets:
            if bucket.start in all_:
                all_[bucket.start].add(bucket)
            else:
                all_[bucket.start] = bucket
        packed[series, start] = pack_buckets(start, [all_[at] for at in sorted(all_)])
    _put(session, tier, packed)


def _safely(unpack: Callable[[int, bytes], list[T]], start: int, data: bytes | None) -> list[T]:
    if data is None:
        return []
    try:
        return unpack(start, data)
    except Damaged:
        return []


def _chunks(session: Session, tier: Tier, starts: set[int]) -> dict[tuple[int, int], bytes]:
    """Return the chunks of a tier that begin then, by series and start."""
    query = select(ChunkRow.series, ChunkRow.start, ChunkRow.data).where(
        ChunkRow.tier == tier, ChunkRow.start.in_(starts)
    )
    return {(series, start): data for series, start, data in session.execute(query)}


def _put(session: Session, tier: Tier, packed: Mapping[tuple[int, int], bytes]) -> None:
    rows = [
        {"series": series, "tier": tier.value, "start": start, "data": data}
        for (series, start), data in packed.items()
    ]
    if not rows:
        return
    new = insert(ChunkRow)
    session.execute(
        new.on_conflict_do_update(
            index_elements=[ChunkRow.series, ChunkRow.tier, ChunkRow.start],
            set_={"data": new.excluded.data},
        ),
        rows,
    )


def forget_oldest(session: Session) -> None:
    """Delete the oldest chunks of each series beyond those that its tiers keep."""
    for tier, keeping in TIERS.items():
        rank = (
            func.row_number()
            .over(partition_by=ChunkRow.series, order_by=ChunkRow.start.desc())
            .label("rank")
        )
        ranked = (
            select(ChunkRow.series, ChunkRow.start, rank).where(ChunkRow.tier == tier).subquery()
        )
        old = select(ranked.c.series, ranked.c.start).where(ranked.c.rank > keeping.kept)
        session.execute(
            delete(ChunkRow).where(
                ChunkRow.tier == tier, tuple_(ChunkRow.series, ChunkRow.start).in_(old)
            )
        )
