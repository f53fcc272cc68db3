"""The database: what is written stays, what fails leaves nothing, who waits is told."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hub.store import (
    StorageFull,
    Store,
    StoreBusy,
    StoreClosed,
    StoreDamaged,
    StoreUnreachable,
)
from hub.store import _sqlite as sqlite
from hub.store import _store as module
from hub.store.tables import AssetRow, GroupRow, MemberRow


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "data" / "hub.db")
    store.open()
    yield store
    store.close()


def group(name: str) -> GroupRow:
    return GroupRow(id=name, name=name, created=1.0)


def count(session: Session) -> int:
    return session.scalar(select(func.count(GroupRow.id))) or 0


async def test_what_was_written_is_there_in_the_next_run(store: Store) -> None:
    await store.write(lambda session: session.add(group("5A")))
    store.close()
    again = Store(store.path)
    again.open()
    try:
        assert await again.read(lambda session: session.get_one(GroupRow, "5A").name) == "5A"
    finally:
        again.close()


async def test_a_failing_write_changes_nothing_and_raises_at_its_caller(store: Store) -> None:
    def work(session: Session) -> None:
        session.add(group("5A"))
        session.flush()
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.write(work)
    assert await store.read(count) == 0


async def test_foreign_keys_hold(store: Store) -> None:
    member = MemberRow(lesson="none", person="none", joined=1.0, removed=None)
    with pytest.raises(IntegrityError):
        await store.write(lambda session: session.add(member))


async def test_commits_are_synced_in_full(store: Store) -> None:
    def pragmas(session: Session) -> list[object]:
        names = ("synchronous", "journal_mode", "foreign_keys", "secure_delete")
        return [session.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert await store.write(pragmas) == [2, "wal", 1, 1]


async def test_a_read_cannot_write(store: Store) -> None:
    def work(session: Session) -> None:
        session.add(group("5A"))
        session.flush()

    with pytest.raises(StoreUnreachable, match="readonly"):
        await store.read(work)


async def test_a_full_disk_is_said_so_and_changes_nothing(store: Store) -> None:
    def work(session: Session) -> None:
        pages = session.execute(text("PRAGMA page_count")).scalar()
        session.execute(text(f"PRAGMA max_page_count = {pages}"))
        session.add(group("x" * 100_000))

    with pytest.raises(StorageFull):
        await store.write(work)
    assert isinstance(store.failing, StorageFull)
    assert await store.read(count) == 0


async def test_another_process_that_holds_the_lock_makes_it_busy_not_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY", 0.01)
    store = Store(tmp_path / "hub.db")
    store.open()
    other = sqlite.connect(store.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy):
        await store.write(lambda session: session.add(group("5A")))
    assert await store.read(count) == 0
    with pytest.raises(StoreBusy):
        await store.probe()
    assert isinstance(store.failing, StoreBusy)
    other.execute("COMMIT")
    other.close()
    await store.probe()
    assert store.failing is None
    await store.write(lambda session: session.add(group("5A")))
    assert await store.read(count) == 1
    store.close()


async def test_writes_run_one_at_a_time_in_order(store: Store) -> None:
    order: list[int] = []
    await asyncio.gather(*(store.write(lambda _s, n=n: order.append(n)) for n in range(50)))
    assert order == list(range(50))


async def test_a_cancelled_writer_s_work_is_finished_all_the_same(store: Store) -> None:
    go = threading.Event()

    def work(session: Session) -> None:
        go.wait(10)
        session.add(group("5A"))

    task = asyncio.create_task(store.write(work))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()
    assert await store.write(count) == 1


async def test_a_full_queue_says_busy_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUEUE", 2)
    store = Store(tmp_path / "hub.db")
    store.open()
    go, begun = threading.Event(), threading.Event()
    try:
        held = asyncio.create_task(store.write(lambda _s: (begun.set(), go.wait(10))))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.create_task(store.write(count)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(StoreBusy):
            await store.write(count)
        go.set()
        await asyncio.gather(held, *waiting)
    finally:
        go.set()
        store.close()


async def test_closing_finishes_what_was_asked_for(store: Store) -> None:
    tasks = [
        asyncio.create_task(store.write(lambda s, n=n: s.add(group(str(n))))) for n in range(20)
    ]
    await asyncio.sleep(0)
    await asyncio.to_thread(store.close)
    await asyncio.gather(*tasks)
    with pytest.raises(StoreClosed):
        await store.write(count)
    with pytest.raises(StoreClosed):
        await store.read(count)


async def test_after_runs_once_it_is_committed_and_before_the_next_write(store: Store) -> None:
    seen: list[str] = []
    first = store.write(lambda _s: seen.append("work"), after=lambda _r: seen.append("after"))
    await asyncio.gather(first, store.write(lambda _s: seen.append("next")))
    assert seen == ["work", "after", "next"]


async def test_the_version_changes_with_every_writer(store: Store) -> None:
    before = await store.version()
    assert await store.version() == before
    await store.write(lambda session: session.add(group("5A")))
    here = await store.version()
    other = Store(store.path)
    other.open()
    await other.write(lambda session: session.add(group("5B")))
    other.close()
    assert len({before, here, await store.version()}) == 3


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    path.write_bytes(b"this was a database once" * 100)
    with pytest.raises(StoreDamaged):
        Store(path).open()
    assert path.read_bytes() == b"this was a database once" * 100


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file stands here")
    with pytest.raises(StoreUnreachable):
        Store(tmp_path / "data" / "hub.db").open()
    (tmp_path / "hub.db").mkdir()
    with pytest.raises(StoreUnreachable):
        Store(tmp_path / "hub.db").open()


def test_nobody_else_on_the_computer_reads_the_database(store: Store) -> None:
    assert store.path.stat().st_mode & 0o077 == 0


def test_the_sequence_of_assets_is_never_used_twice() -> None:
    assert AssetRow.__table__.dialect_options["sqlite"]["autoincrement"] is True
