"""A year of measured values: how much room it takes, how long a plot takes, what an hour costs.

Twelve devices with twenty series each, on a computer that is never switched off. The newest hours
and days are taken in as the hub does it; older hours and days are written as their chunks, which
are what folding would have left.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hub.store import Store
from plugins.health.series import History, SeriesInfo
from plugins.health.series.codec import Bucket, pack_buckets
from plugins.health.series.tiers import DAY, HOUR, Tier, chunk_start
from plugins.health.tables import MIGRATIONS, ChunkRow
from tests.bench._table import Row

DEVICES, SERIES = 12, 20
EVERY = 10.0
FULL_HOURS = 72
MINUTE_DAYS = 21
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
            folds = await _newest(history, every)
            await store.write(lambda session: session.add_all(_older(history)))
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            rows = [
                Row("health: a year of 240 series", f"{size / 1e6:.0f} MB", "≤ 200 MB"),
                Row(
                    "health: an hour folded, at most",
                    f"{max(folds) * 1000:.0f} ms",
                    "–",
                    f"median {statistics.median(folds) * 1000:.0f} ms; other writes wait for it",
                ),
            ]
            for span, hours in SPANS.items():
                took = []
                for _ in range(9):
                    one = random.choice(history.series()).id
                    began = time.perf_counter()
                    await history.plot([one], NOW - hours * HOUR, NOW)
                    took.append(time.perf_counter() - began)
                worst = f"{max(took) * 1000:.0f} ms"
                rows.append(Row(f"health: plot of {span}, slowest of 9", worst, "≤ 300 ms"))
            return rows
        finally:
            store.close()


async def _newest(history: History, every: list[SeriesInfo]) -> list[float]:
    """Take in the newest days; returns how long each of the last hours took to fold."""
    chance, took = random.Random(1), []
    hour = NOW - MINUTE_DAYS * DAY
    while hour < NOW - HOUR:
        full = hour >= NOW - FULL_HOURS * HOUR
        step = EVERY if full else 60.0
        at = hour
        while at < hour + HOUR:
            for series in every:
                history.record(series, at, round(20 + chance.random() * 5, 2))
            at += step
            if int(at - hour) % 600 < step:
                await history.flush(at)
        began = time.perf_counter()
        await history.fold(hour + 2 * HOUR)
        if full:
            took.append(time.perf_counter() - began)
        hour += HOUR
    return took


def _older(history: History) -> Iterator[ChunkRow]:
    """Yield the hours of the months before the newest days; days take next to no room."""
    chance = random.Random(2)
    last = chunk_start(Tier.HOUR, NOW - MINUTE_DAYS * DAY)
    for series in history.series():
        chunks: dict[int, list[Bucket]] = {}
        for at in range(int(NOW - 366 * DAY) // HOUR * HOUR, last, HOUR):
            low = round(20 + chance.random() * 5, 2)
            bucket = Bucket(at, 360, low * 360, low, low + 4, low + 1)
            chunks.setdefault(chunk_start(Tier.HOUR, at), []).append(bucket)
        for begins, buckets in chunks.items():
            data = pack_buckets(begins, buckets)
            yield ChunkRow(tier=Tier.HOUR, series=series.id, start=begins, data=data)
