"""A year of measured values: how much room it takes, how long a plot takes, what an hour costs.

Twelve devices with twenty series each, on a computer that is never switched off: every tier as full as
it is kept. Its chunks are packed by the hub's own code and written in bulk; that folding leaves just
these is what `tests/unit/test_health_history.py` shows. The newest hours are taken in, flushed and
folded as the hub does it, beside the full tables, and what they cost is measured.
"""

import asyncio
import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from sqlalchemy import delete, false, func, insert, select

from hub.store import Store
from plugins.health.series import History, SeriesInfo
from plugins.health.series.codec import Bucket, Point, pack_buckets, pack_points
from plugins.health.series.folding import merged
from plugins.health.series.tiers import DAY, HOUR, TIERS, Tier, chunk_start
from plugins.health.tables import MIGRATIONS, ChunkRow, MinuteRow
from tests.bench._table import Row

DEVICES, SERIES = 12, 20
EVERY = 10
FOLDED = 3
NOW = 1_796_000_400.0
SPANS = {"an hour": 1, "a day": 24, "a week": 168, "a month": 744, "a year": 8784}


def measure() -> list[Row]:
    """Return the rows of the table."""
    return asyncio.run(_measure())


async def _measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hub.sqlite"
        store = Store(path)
        store.open()
        try:
            store.migrate(MIGRATIONS)
            history = History(store)
            await history.start(NOW)
            every = [
                SeriesInfo(f"device-{device}", f"series-{one}", "Series", "Cel")
                for device in range(DEVICES)
                for one in range(SERIES)
            ]
            for one in every:
                history.record(one, NOW - (FOLDED + 1) * HOUR, 20.0)
            await history.flush(NOW)
            known = [one.id for one in history.series()]
            assert len(known) == DEVICES * SERIES
            # In pieces: one transaction of it all would leave a log as large as the database.
            for rows in batched(_chunks(known), 500):
                await store.write(
                    lambda session, rows=rows: session.execute(insert(ChunkRow), rows)
                )
            folds, waited = await _newest(store, history, every)
            await store.read(_check)
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            rows = [
                Row("health: a year of 240 series", f"{size / 1e6:.0f} MB", "≤ 200 MB"),
                Row(
                    "health: an hour folded, at most",
                    f"{max(folds) * 1000:.0f} ms",
                    "–",
                    f"median {statistics.median(folds) * 1000:.0f} ms",
                ),
                Row(
                    "health: meanwhile another write waits, at most",
                    f"{max(waited) * 1000:.0f} ms",
                    "≤ 1000 ms",
                    f"median {statistics.median(waited) * 1000:.0f} ms of {len(waited)}",
                ),
            ]
            for span, hours in SPANS.items():
                took = []
                for _ in range(9):
                    one = random.choice(known)
                    began = time.perf_counter()
                    (plot,) = await history.plot([one], NOW - hours * HOUR, NOW)
                    took.append(time.perf_counter() - began)
                    assert len(plot.buckets) > 100, (span, len(plot.buckets))
                worst = f"{max(took) * 1000:.0f} ms"
                rows.append(Row(f"health: plot of {span}, slowest of 9", worst, "≤ 300 ms"))
            return rows
        finally:
            store.close()


async def _newest(
    store: Store, history: History, every: list[SeriesInfo]
) -> tuple[list[float], list[float]]:
    """Take in the newest hours; returns how long each took to fold, and how long others waited."""
    chance, took = random.Random(1), []
    waited: list[float] = []
    hour = int(NOW) // HOUR * HOUR - FOLDED * HOUR
    for begins in range(hour, hour + FOLDED * HOUR, HOUR):
        for at in range(begins, begins + HOUR, EVERY):
            for series in every:
                history.record(series, at, round(20 + chance.random() * 5, 2))
            if at % 60 == 0:
                await history.flush(at)
        await history.flush(begins + HOUR)
        other = asyncio.create_task(_other(store, waited), name="another writer")
        began = time.perf_counter()
        await history.fold(begins + HOUR)
        took.append(time.perf_counter() - began)
        other.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await other
    return took, waited


async def _other(store: Store, waited: list[float]) -> None:
    """Write again and again, and note how long each took."""
    while True:
        began = time.perf_counter()
        await store.write(lambda session: session.execute(delete(MinuteRow).where(false())))
        waited.append(time.perf_counter() - began)
        await asyncio.sleep(0.01)


def _chunks(series: list[int]) -> Iterator[dict[str, object]]:
    """Yield all that is kept of the time before the newest hours, as rows.

    A chunk counts from its own start, and is compressed by itself: one that was packed once takes as
    much room wherever it is written again, so that a year is made in seconds.
    """
    chance = random.Random(2)
    newest = int(NOW) // HOUR * HOUR - FOLDED * HOUR
    patterns = [list(_pattern(chance, newest)) for _ in range(SERIES)]
    for at, one in enumerate(series):
        for tier, start, data in patterns[at % SERIES]:
            yield {"tier": tier.value, "series": one, "start": start, "data": data}


def _pattern(chance: random.Random, newest: int) -> Iterator[tuple[Tier, int, bytes]]:
    """Yield all chunks of a series: tier, start, bytes."""
    points = [Point(at, round(20 + chance.random() * 5, 2)) for at in range(0, DAY, EVERY)]
    minutes = merged(Tier.MINUTE, (Bucket.of(int(at), value) for at, value in points))
    packed = {
        Tier.RAW: pack_points(0, points[: HOUR // EVERY]),
        Tier.MINUTE: pack_buckets(0, minutes),
    }
    for tier, length in ((Tier.RAW, HOUR), (Tier.MINUTE, DAY)):
        # The day in which the newest hours begin is there already: folding adds them to it.
        first = chunk_start(tier, newest - 1)
        for back in range(TIERS[tier].kept):
            yield tier, first - back * length, packed[tier]
    hours = merged(Tier.HOUR, minutes)
    months: dict[int, list[Bucket]] = {}
    for begins in range(newest - 366 * DAY, newest, HOUR):
        bucket = replace(hours[begins // HOUR % 24], start=begins)
        months.setdefault(chunk_start(Tier.HOUR, begins), []).append(bucket)
    days = merged(Tier.DAY, (each for month in months.values() for each in month))
    for begins, buckets in months.items():
        yield Tier.HOUR, begins, pack_buckets(begins, buckets)
    years: dict[int, list[Bucket]] = {}
    for bucket in days:
        years.setdefault(chunk_start(Tier.DAY, bucket.start), []).append(bucket)
    for begins, buckets in years.items():
        yield Tier.DAY, begins, pack_buckets(begins, buckets)


def batched(rows: Iterator[dict[str, object]], most: int) -> Iterator[list[dict[str, object]]]:
    """Yield them in lists (`itertools.batched` is of Python 3.12)."""
    while piece := list(islice(rows, most)):
        yield piece


def _check(session: object) -> None:
    """See that every tier is as full as it can be: else the figures would flatter."""
    counts = dict(
        session.execute(  # type: ignore[attr-defined]
            select(ChunkRow.tier, func.count()).group_by(ChunkRow.tier)
        ).all()
    )
    of_each = {tier: counts[tier.value] / (DEVICES * SERIES) for tier in TIERS}
    assert of_each[Tier.RAW] == TIERS[Tier.RAW].kept, of_each
    assert of_each[Tier.MINUTE] == TIERS[Tier.MINUTE].kept, of_each
    assert of_each[Tier.HOUR] >= 13, of_each
