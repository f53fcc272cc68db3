"""From minutes to chunks: each value is counted once in every tier, whenever the power is cut.

An hour is folded a few series at a time, each time in a short transaction, so that nobody else who
writes waits for long. That transaction puts the values of these series into the chunks and notes
how far it came (`FoldRow`); of the hour's rows, a series up to there counts no more. The last one
takes out the rows and the note. Wherever it was cut, it goes on from the note.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from plugins.health.series.codec import (
    Bucket,
    Damaged,
    Point,
    append_buckets,
    pack_buckets,
    pack_points,
    unpack_buckets,
    unpack_minute,
    unpack_points,
)
from plugins.health.series.tiers import HOUR, TIERS, Tier, bucket_start, chunk_start
from plugins.health.tables import ChunkRow, FoldRow, MinuteRow

T = TypeVar("T")

# Of one series in one hour: one a second. What comes faster is thinned out evenly.
MOST_POINTS = 3600
# Series of one transaction: on an old computer it takes a tenth of a second.
PIECE = 6


@dataclass(frozen=True, slots=True)
class Hour:
    """What is still to be folded of an hour.

    Attributes:
        hour: where it begins, seconds since the epoch.
        until: id of the newest of its rows; what comes later is for another time.
        values: by series, in the order in which they are folded.
        damaged: how many of its rows could not be read.
    """

    hour: int
    until: int
    values: Mapping[int, list[Point]]
    damaged: int


def hours_to_fold(session: Session, current: int) -> list[int]:
    """Return the hours to fold, first the one in which folding was cut (and once more after it).

    Args:
        session: of the database.
        current: the hour that is not over yet.
    """
    begun = list(session.scalars(select(FoldRow.hour).order_by(FoldRow.hour)))
    # Those ahead are of a clock that was: they are folded as well, once it is right again.
    over = (MinuteRow.hour < current) | (MinuteRow.hour > current + HOUR)
    hours = session.scalars(select(MinuteRow.hour).where(over).distinct())
    return [*begun, *sorted(hours)]


def read_hour(session: Session, hour: int) -> Hour:
    """Return what is still to be folded of an hour."""
    query = select(MinuteRow.id, MinuteRow.data).where(MinuteRow.hour == hour)
    begun = session.get(FoldRow, hour)
    if begun is not None:
        query = query.where(MinuteRow.id <= begun.until)
    rows = session.execute(query.order_by(MinuteRow.id)).all()
    values, damaged = by_series(data for _, data in rows)
    folded = 0 if begun is None else begun.series
    left = {series: values[series] for series in sorted(values) if series > folded}
    until = max((id_ for id_, _ in rows), default=0)
    return Hour(hour, until if begun is None else begun.until, left, damaged)


def pieces(hour: Hour) -> list[list[int]]:
    """Return the series of an hour as they are folded together; the last one has none."""
    if not hour.until:
        return []
    series = list(hour.values)
    return [*(series[at : at + PIECE] for at in range(0, len(series), PIECE)), []]


def fold_piece(session: Session, hour: Hour, piece: Sequence[int]) -> None:
    """Put the values of some series into the chunks; without any, the hour is done."""
    if not piece:
        of_hour = (MinuteRow.hour == hour.hour, MinuteRow.id <= hour.until)
        session.execute(delete(MinuteRow).where(*of_hour))
        session.execute(delete(FoldRow).where(FoldRow.hour == hour.hour))
        return
    values = {one: sorted(hour.values[one], key=lambda point: point.time) for one in piece}
    minutes = {
        one: merged(Tier.MINUTE, (Bucket.of(int(at), value) for at, value in points))
        for one, points in values.items()
    }
    _add_points(session, values)
    for tier in (Tier.MINUTE, Tier.HOUR, Tier.DAY):
        _add_buckets(session, tier, {one: merged(tier, of) for one, of in minutes.items()})
    forget_oldest(session, piece)
    session.merge(FoldRow(hour=hour.hour, until=hour.until, series=max(piece)))


def unfolded(session: Session, wanted: Collection[int]) -> dict[int, list[Point]]:
    """Return the points of some series that are in no chunk yet."""
    begun = {one.hour: one for one in session.scalars(select(FoldRow))}
    values: dict[int, list[Point]] = {}
    query = select(MinuteRow.id, MinuteRow.hour, MinuteRow.data).order_by(MinuteRow.id)
    for id_, hour, data in session.execute(query):
        note = begun.get(hour)
        folded = note.series if note is not None and id_ <= note.until else 0
        found, _ = by_series([data], {one for one in wanted if one > folded})
        for series, points in found.items():
            values.setdefault(series, []).extend(points)
    return values


def by_series(
    rows: Iterable[bytes], wanted: Collection[int] | None = None
) -> tuple[dict[int, list[Point]], int]:
    """Return the points of each series in rows of minutes, and how many rows were damaged.

    Args:
        rows: of minutes.
        wanted: series that are looked for; left out: all.
    """
    values: dict[int, list[Point]] = defaultdict(list)
    damaged = 0
    for data in rows:
        try:
            for series, point in unpack_minute(data, wanted):
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
    known = _chunks(session, Tier.RAW, new.keys())
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
    known = _chunks(session, tier, new.keys())
    packed = {
        (series, start): _with(known.get((series, start)), start, buckets)
        for (series, start), buckets in new.items()
    }
    _put(session, tier, packed)


def _with(known: bytes | None, start: int, buckets: Sequence[Bucket]) -> bytes:
    """Return a chunk that has what is known of it and these buckets, which rise in time."""
    if known is not None:
        try:
            appended = append_buckets(start, known, buckets)
        except Damaged:
            known = appended = None
        if appended is not None:
            return appended
    all_ = {bucket.start: bucket for bucket in _safely(unpack_buckets, start, known)}
    for bucket in buckets:
        if bucket.start in all_:
            all_[bucket.start].add(bucket)
        else:
            all_[bucket.start] = bucket
    return pack_buckets(start, [all_[at] for at in sorted(all_)])


def _safely(unpack: Callable[[int, bytes], list[T]], start: int, data: bytes | None) -> list[T]:
    if data is None:
        return []
    try:
        return unpack(start, data)
    except Damaged:
        return []


def _chunks(
    session: Session, tier: Tier, wanted: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Return the chunks of a tier, by series and start."""
    query = select(ChunkRow.series, ChunkRow.start, ChunkRow.data).where(
        ChunkRow.tier == tier,
        ChunkRow.series.in_({series for series, _ in wanted}),
        ChunkRow.start.in_({start for _, start in wanted}),
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


def forget_oldest(session: Session, series: Collection[int]) -> None:
    """Delete the oldest chunks of some series beyond those that their tiers keep."""
    for tier, keeping in TIERS.items():
        rank = (
            func.row_number()
            .over(partition_by=ChunkRow.series, order_by=ChunkRow.start.desc())
            .label("rank")
        )
        ranked = (
            select(ChunkRow.series, ChunkRow.start, rank)
            .where(ChunkRow.tier == tier, ChunkRow.series.in_(series))
            .subquery()
        )
        old = select(ranked.c.series, ranked.c.start).where(ranked.c.rank > keeping.kept)
        session.execute(
            delete(ChunkRow).where(
                ChunkRow.tier == tier, tuple_(ChunkRow.series, ChunkRow.start).in_(old)
            )
        )
