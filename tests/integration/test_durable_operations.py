"""Operations outlive the hub: what a killed one was about is found again, and says so."""

import signal
import time

import pytest

from hub.bus import Bus
from hub.keeping import OperationJournal
from hub.keeping import _journal as module
from hub.operations import Operations, Status
from hub.rights import SYSTEM
from hub.store import Store

SLOW = """
import asyncio
import hub.keeping._keeper as keeper
async def slow(self, by, progress):
    for step in range(1000):
        progress(step / 1000, "Copying and checking")
        await asyncio.sleep(0.03)
keeper.Keeper._backup = slow
"""


def until(condition, limit=30.0):
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_after_the_hub_s_end_an_operation_is_interrupted_and_still_readable(start, number):
    hub = start(before=SLOW)
    with hub.client("admin") as admin:
        long = admin.post("/api/v1/backups").json()["id"]
        done = admin.post("/api/v1/retention").json()["id"]
        until(lambda: admin.get(f"/api/v1/operations/{done}").json()["status"] == "done")
        before = admin.get(f"/api/v1/operations/{done}").json()
        until(lambda: admin.get(f"/api/v1/operations/{long}").json()["fraction"] > 0.01)
    hub.stop(number)
    token = hub.token("admin")
    again = start()
    again._tokens["admin"] = token
    with again.client("admin") as admin:
        found = admin.get(f"/api/v1/operations/{long}").json()
        assert (found["status"], found["action"]) == ("interrupted", "backup")
        assert found["ended"] is not None
        assert admin.get(f"/api/v1/operations/{done}").json() == before
        listed = [one["id"] for one in admin.get("/api/v1/operations").json()["items"]]
        assert listed.index(long) < listed.index(done)
        assert admin.delete(f"/api/v1/operations/{long}").json()["status"] == "interrupted"
    assert "Traceback" not in again.err.read_text()


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "hub.db")
    store.open()
    yield store
    store.close()


class Run:
    """One run of the hub, as far as operations are concerned."""

    def __init__(self, store):
        self.journal = OperationJournal(store)
        self.operations = Operations(Bus(), keep=self.journal.keep)

    async def __aenter__(self):
        self.operations.take_up(await self.journal.start())
        return self

    async def __aexit__(self, *_):
        await self.operations.stop()
        await self.journal.stop()

    async def do(self, result=None):
        async def work(progress):
            for step in range(1000):
                progress(step / 1000, "")
            return result

        operation = self.operations.start(action="scan", by=SYSTEM, work=work)
        return await self.operations.wait(operation.id, 10)


async def test_start_and_end_are_written_and_no_step_between(store, monkeypatch):
    written = []
    write = module._write
    monkeypatch.setattr(module, "_write", lambda s, rows: (written.extend(rows), write(s, rows)))
    async with Run(store) as run:
        await run.do({"x": 1})
    assert 1 <= len(written) <= 2
    assert (written[-1]["status"], written[-1]["result"]) == ("done", {"x": 1})


async def test_results_and_problems_come_back_and_too_large_ones_do_not(store):
    async with Run(store) as run:
        small = await run.do({"x": [1, "ә"]})
        large = await run.do("x" * 100_000)
        strange = await run.do(float("nan"))
    async with Run(store) as run:
        assert run.operations.get(small.id).payload() == small.payload()
        assert run.operations.get(large.id).result is None
        assert run.operations.get(large.id).status is Status.DONE
        assert run.operations.get(strange.id).result is None


async def test_only_the_newest_and_the_young_are_kept(store):
    async with Run(store) as run:
        made = [(await run.do()).id for _ in range(6)]
        await run.journal.written()
        assert await run.journal.forget(before=0.0, most=4) == 2
    async with Run(store) as run:
        assert [o.id for o in run.operations.list()] == made[:1:-1]
        assert await run.journal.forget(before=9e12) == 4


async def test_what_could_not_be_written_is_written_once_there_is_room(store, monkeypatch, caplog):
    monkeypatch.setattr(module, "_TRY_AGAIN", 0.05)
    full = True
    write = module._write

    def writing(session, rows):
        if full:
            raise module_storage_full()
        write(session, rows)

    def module_storage_full():
        from hub.store import StorageFull

        return StorageFull("no room")

    monkeypatch.setattr(module, "_write", writing)
    async with Run(store) as run:
        operation = await run.do(7)
        import asyncio

        while "cannot be written" not in caplog.text:
            await asyncio.sleep(0.01)
        full = False
        while run.journal._pending:
            await asyncio.sleep(0.01)
    assert caplog.text.count("cannot be written") == 1
    async with Run(store) as run:
        assert run.operations.get(operation.id).result == 7
