"""The outbox for the district: numbered, bounded, there after a restart, never numbered twice."""

import shutil

import pytest

from plugins.district.outbox import Record
from tests.district import outbox_in, store_in


def sample(number):
    return Record("health", {"n": number})


def alert(number):
    return Record("alert", {"n": number})


@pytest.fixture
def store(tmp_path):
    made = store_in(tmp_path)
    yield made
    made.close()


async def waiting(outbox):
    return [(one.seq, one.kind) for one in await outbox.after(0, 1000)]


async def test_records_are_numbered_and_are_there_after_a_restart(tmp_path, store):
    outbox = await outbox_in(tmp_path, store)
    await outbox.put([sample(1), alert(2)])
    await outbox.put([sample(3)])
    again = await outbox_in(tmp_path, store)
    assert again.now.stream == outbox.now.stream
    assert await waiting(again) == [(1, "health"), (2, "alert"), (3, "health")]
    await again.put([sample(4)])
    assert (await again.after(3, 10))[0].body == '{"n":4}'


async def test_what_is_confirmed_is_gone_and_nothing_else(tmp_path, store):
    outbox = await outbox_in(tmp_path, store)
    await outbox.put([sample(n) for n in range(5)])
    await outbox.confirm(3)
    assert await waiting(outbox) == [(4, "health"), (5, "health")]
    await outbox.confirm(1)
    await outbox.confirm(77)
    assert outbox.now.confirmed == 3, "neither back, nor what was never told"
    assert outbox.now.waiting == 2


async def test_a_full_outbox_drops_the_oldest_samples_and_counts_them(tmp_path, store):
    outbox = await outbox_in(tmp_path, store, most=4)
    await outbox.put([alert(1), sample(2), alert(3), sample(4)])
    await outbox.put([sample(5), sample(6)])
    assert await waiting(outbox) == [(1, "alert"), (3, "alert"), (5, "health"), (6, "health")]
    assert (outbox.now.dropped_samples, outbox.now.dropped_alerts) == (2, 0)
    await outbox.put([alert(7), alert(8), alert(9)])
    assert await waiting(outbox) == [(3, "alert"), (7, "alert"), (8, "alert"), (9, "alert")]
    assert (outbox.now.dropped_samples, outbox.now.dropped_alerts) == (4, 1), "alerts last"
    again = await outbox_in(tmp_path, store, most=4)
    assert again.now.dropped_samples == 4, "counted over restarts"


async def test_bytes_are_bounded_too(tmp_path, store):
    outbox = await outbox_in(tmp_path, store, most_bytes=1000)
    for number in range(20):
        await outbox.put([Record("uptime", {"text": "ә" * 50, "n": number})])
    assert outbox.now.size <= 1000
    assert outbox.now.dropped_samples == 20 - outbox.now.waiting
    assert (await outbox.after(0, 100))[-1].seq == 20, "the newest is there"


async def test_a_restored_database_never_gives_a_number_twice(tmp_path, store):
    outbox = await outbox_in(tmp_path, store)
    await outbox.put([sample(1), sample(2)])
    store.close()
    shutil.copy(tmp_path / "hub.sqlite", tmp_path / "backup")
    store.open()
    await outbox.put([sample(3)])
    await outbox.confirm(3)
    store.close()
    for file in tmp_path.glob("hub.sqlite*"):
        file.unlink()
    shutil.copy(tmp_path / "backup", tmp_path / "hub.sqlite")
    store.open()
    restored = await outbox_in(tmp_path, store)
    assert restored.now.stream != outbox.now.stream
    assert await waiting(restored) == [], "the district has them under their old numbers"
    again = await outbox_in(tmp_path, store)
    assert again.now.stream == restored.now.stream, "once, not at each start"


async def test_on_another_computer_what_waits_is_kept_under_a_new_stream(tmp_path, store):
    outbox = await outbox_in(tmp_path, store)
    await outbox.put([alert(1)])
    (tmp_path / "work" / "confirmed.json").unlink()
    elsewhere = await outbox_in(tmp_path, store)
    assert elsewhere.now.stream != outbox.now.stream
    assert await waiting(elsewhere) == [(1, "alert")]


async def test_a_mark_that_is_garbage_is_a_new_stream_and_no_crash(tmp_path, store):
    outbox = await outbox_in(tmp_path, store)
    (tmp_path / "work" / "confirmed.json").write_bytes(b"\xff[")
    assert (await outbox_in(tmp_path, store)).now.stream != outbox.now.stream
