"""What is measured is kept once, found again, and takes bounded space."""

import random
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from hub.store import Store
from plugins.health.series import History, SeriesInfo, UnknownSeries
from plugins.health.series import folding as folding_module
from plugins.health.series import history as history_module
from plugins.health.series.codec import (
    Bucket,
    Damaged,
    Point,
    append_buckets,
    pack_buckets,
    pack_minute,
    pack_points,
    unpack_buckets,
    unpack_minute,
    unpack_points,
)
from plugins.health.series.tiers import DAY, HOUR, TIERS, Tier
from plugins.health.tables import MIGRATIONS, ChunkRow, FoldRow, MinuteRow

NOW = 1_796_000_400.0
WARM = SeriesInfo("printer", "temperatures.bed.actual", "Temperatures", "Cel")
LOST = SeriesInfo("printer", "losses", "Connections lost", "1", sums=True)
FINITE = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.fixture
async def store(tmp_path):
    store = Store(tmp_path / "hub.sqlite")
    store.open()
    store.migrate(MIGRATIONS)
    yield store
    store.close()


async def history_of(store, at=NOW):
    history = History(store)
    await history.start(at)
    return history


async def plotted(history, begin, end, points=300, series=WARM):
    (info,) = [one for one in history.series(series.subject) if one.name == series.name]
    (plot,) = await history.plot([info.id], begin, end, points)
    return plot


# The layout


@given(st.lists(st.tuples(st.integers(0, 3_599_999), FINITE)))
def test_points_come_back_to_the_millisecond(values):
    points = [Point(NOW + at / 1000, value) for at, value in values]
    back = unpack_points(int(NOW), pack_points(int(NOW), points))
    assert [(pytest.approx(one.time, abs=0.001), one.value) for one in back] == points


@given(st.lists(st.tuples(st.integers(0, 31_000_000), st.integers(1, 9999), FINITE)))
def test_buckets_come_back(values):
    buckets = [Bucket(at, n, value * n, value, value, value) for at, n, value in values]
    assert unpack_buckets(0, pack_buckets(0, buckets)) == buckets


@given(st.sets(st.integers(0, 31_000_000), min_size=2), st.integers(0, 200), FINITE)
def test_later_buckets_are_put_behind(starts, cut, value):
    buckets = [Bucket(at, 2, value * 2, value, value, value) for at in sorted(starts)]
    before, later = buckets[:cut], buckets[cut:]
    whole = append_buckets(0, pack_buckets(0, before), later)
    assert unpack_buckets(0, whole) == buckets
    if before and later:
        assert append_buckets(0, pack_buckets(0, later), before) is None


@given(st.binary(max_size=200))
def test_bytes_of_others_are_told_from_ours(data):
    for unpack in (lambda: unpack_points(0, data), lambda: unpack_minute(data)):
        with pytest.raises(Damaged):
            unpack()


def test_a_page_that_unpacks_to_everything_is_refused():
    packed = bytearray(pack_minute([(1, NOW, 1.0)] * 60_000))
    with pytest.raises(Damaged, match="rows"):
        unpack_minute(bytes(packed))
    with pytest.raises(Damaged):
        unpack_points(0, bytes(packed[:40]))


# What is taken in is found again


async def test_what_was_just_measured_is_plotted_before_it_is_written(store):
    history = await history_of(store)
    history.record(WARM, NOW, 60.0)
    await history.flush(NOW)
    history.record(WARM, NOW + 10, 62.0)
    plot = await plotted(history, NOW - 60, NOW + 60)
    assert [bucket.last for bucket in plot.buckets] == [60.0, 62.0]


async def test_what_is_no_number_is_left_out_and_counted(store):
    history = await history_of(store)
    for value in (float("nan"), float("inf"), -float("inf"), 1e308, 1e9):
        history.record(WARM, NOW, value)
    await history.flush(NOW)
    plot = await plotted(history, NOW - 60, NOW + 60)
    assert (history.odd, [bucket.last for bucket in plot.buckets]) == (4, [1e9])


async def test_a_name_that_is_none_is_said(store):
    history = await history_of(store)
    with pytest.raises(UnknownSeries):
        await history.plot([7], NOW, NOW + 1)


async def test_a_restart_goes_on_where_it_was(store):
    first = await history_of(store)
    first.record(LOST, NOW, 2.0)
    await first.flush(NOW)
    second = await history_of(store)
    second.record(LOST, NOW + 60, 3.0)
    await second.flush(NOW + 60)
    assert len(second.series()) == 1
    plot = await plotted(second, NOW - HOUR, NOW + HOUR, points=1, series=LOST)
    assert [(bucket.count, bucket.total) for bucket in plot.buckets] == [(2, 5.0)]


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32))
async def test_each_value_is_counted_once_in_every_tier_whatever_happens(tmp_path_factory, seed):
    """Values at any time, the clock set back and forth, folded at any moment, power cut in between.

    The cut is within a transaction or between two of them: pieces are of one series here.
    """
    chance = random.Random(seed)
    store = Store(tmp_path_factory.mktemp("any") / "hub.sqlite")
    store.open()
    try:
        store.migrate(MIGRATIONS)
        history = await history_of(store)
        told, at = defaultdict(list), NOW
        for _ in range(chance.randrange(1, 12)):
            for _ in range(chance.randrange(12)):
                at += chance.choice((1, 10, 55, 600, 4000, -3000, 90_000))
                series = chance.choice(SEVERAL)
                told[series].append((at, float(chance.randrange(-50, 90))))
                history.record(series, *told[series][-1])
            await history.flush(at)
            if chance.random() < 0.6 and await folded(history, at, chance.choice(CUTS)):
                # The computer is on again, and the hub with it.
                history = await history_of(store, at)
            for series in told:
                await all_there(history, series, told[series], points=chance.choice((1, 60)))
        for series in told:
            for points in (2000, 60, 3, 1):
                await all_there(history, series, told[series], points)
        assert not await folded(history, at + 100 * DAY, cut=None)
        ids = {one.id: one.name for one in history.series()}
        kept = {ids[series]: tiers for series, tiers in (await counted(store)).items()}
        assert kept == {one.name: dict.fromkeys(Tier, len(told[one])) for one in told}
        for table in (MinuteRow, FoldRow):
            assert await store.read(lambda session, of=table: session.query(of).count()) == 0
    finally:
        store.close()


SEVERAL = [SeriesInfo("printer", f"temperatures.tool{n}.actual", "Heat", "Cel") for n in range(4)]
# Before which transaction of folding the power is cut, or within it; None: it is not.
CUTS = (None, *((when, within) for when in range(6) for within in (False, True)))


async def folded(history, at, cut):
    """Fold, until the power is cut where it is; returns whether it was."""
    done = 0

    def piece(session, hour, series):
        nonlocal done
        if cut is not None and done == cut[0] and not cut[1]:
            raise PowerCut
        folding_module.fold_piece(session, hour, series)
        if cut is not None and done == cut[0]:
            raise PowerCut
        done += 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding_module, "PIECE", 1)
        patch.setattr(history_module, "fold_piece", piece)
        try:
            await history.fold(at)
        except PowerCut:
            return True
    return False


async def all_there(history, series, told, points):
    """Each value is in the plot once."""
    begin, end = min(told)[0], max(told)[0] + 1
    plot = await plotted(history, begin - 2 * DAY, end + 2 * DAY, points, series)
    assert sum(bucket.count for bucket in plot.buckets) == len(told)
    assert sum(bucket.total for bucket in plot.buckets) == sum(value for _, value in told)
    assert min(b.least for b in plot.buckets) == min(value for _, value in told)


class PowerCut(Exception):
    """The computer is off."""


async def counted(store):
    """How many values of each series there are in each tier."""

    def work(session):
        found = defaultdict(lambda: dict.fromkeys(Tier, 0))
        for row in session.scalars(select(ChunkRow)):
            of = found[row.series]
            if row.tier == Tier.RAW:
                of[Tier.RAW] += len(unpack_points(row.start, row.data))
            else:
                buckets = unpack_buckets(row.start, row.data)
                of[Tier(row.tier)] += sum(bucket.count for bucket in buckets)
        return dict(found)

    return await store.read(work)


@pytest.mark.slow
async def test_the_newest_chunks_stay_and_what_is_older_is_there_more_coarsely(store):
    history = await history_of(store)
    hours = 100
    for hour in range(hours):
        for value in (1.0, 2.0, 3.0):
            history.record(WARM, NOW + hour * HOUR + value, value)
    await history.flush(NOW)
    await history.fold(NOW + (hours + 1) * HOUR)

    def chunks(session):
        by_tier = select(ChunkRow.tier, func.count()).group_by(ChunkRow.tier)
        return dict(session.execute(by_tier).all())

    kept = await store.read(chunks)
    assert kept[Tier.RAW] == TIERS[Tier.RAW].kept
    # A plot that is fine enough for single values gets them where they are, else by the minute.
    plot = await plotted(history, NOW - HOUR, NOW + hours * HOUR, points=2000)
    assert sum(bucket.count for bucket in plot.buckets) == 3 * hours
    assert await store.read(lambda session: session.scalar(select(func.count(MinuteRow.id)))) == 0


async def test_a_damaged_page_costs_what_was_on_it_and_nothing_else(store):
    history = await history_of(store)
    history.record(WARM, NOW, 1.0)
    await history.flush(NOW)
    await store.write(
        lambda session: session.add(MinuteRow(hour=int(NOW // HOUR * HOUR), data=b"x"))
    )
    history.record(WARM, NOW + 5, 2.0)
    await history.flush(NOW)
    await history.fold(NOW + 2 * HOUR)
    plot = await plotted(history, NOW - 60, NOW + 60)
    assert [bucket.last for bucket in plot.buckets] == [1.0, 2.0]
    for start in (0, 40):
        await store.write(lambda session, start=start: damage(session, start))
    assert (await plotted(history, NOW - 60, NOW + 60)).buckets == []


def damage(session, start):
    for row in session.scalars(select(ChunkRow)):
        row.data = row.data[:start]


async def test_a_full_disk_loses_the_oldest_of_what_waits_and_says_so_once(
    store, caplog, monkeypatch
):
    history = await history_of(store)
    monkeypatch.setattr("plugins.health.series.history.MOST_WAITING", 5)
    real, full = store.write, True

    async def write(work, **more):
        if full:
            from hub.store import StorageFull

            raise StorageFull("no room")
        return await real(work, **more)

    monkeypatch.setattr(store, "write", write)
    for value in range(8):
        history.record(WARM, NOW + value, float(value))
        await history.flush(NOW)
    assert sum("cannot be written" in one.message for one in caplog.records) == 1
    full = False
    await history.flush(NOW)
    plot = await plotted(history, NOW - 60, NOW + 60)
    assert [bucket.last for bucket in plot.buckets] == [3.0, 4.0, 5.0, 6.0, 7.0]
    assert history.dropped == 3
