"""The database: one writer, a few readers.

All writes go through one thread, one transaction each, in the order in which they were asked for;
reads run beside them on connections of their own and never wait for a writer. When `write` has
returned, its transaction is on the disk (`synchronous = FULL`).
"""

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from hub.errors import HubError
from hub.histogram import Histogram
from hub.store import _sqlite as sqlite
from hub.store import tables
from hub.store._errors import StorageFull, StoreBusy, StoreClosed, StoreDamaged, StoreUnreachable
from hub.store._files import sync_folder
from hub.store._migrations import Migrations, migrate
from hub.store._room import storage_error

log = logging.getLogger("classhub.store")

T = TypeVar("T")

KERNEL = Migrations("hub", Path(__file__).parent / "migrations", tables.Base.metadata)
QUEUE = 256
READERS = 3
_STOP_LIMIT = 15.0
_NO_ROOM = (sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE)
_UNREACHABLE = (
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
)


@dataclass(slots=True)
class _Job:
    work: Callable[[Session], Any]
    after: Callable[[Any], None] | None
    result: "Future[Any]"


class Store:
    """The hub's SQLite database. What `write` has returned for survives a power cut.

    Attributes:
        path: the database file; its folder is made where it is missing.
        writes: how long each change took, failed ones included.
        failing: why the last change could not be written; None where it was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writes = Histogram()
        self.failing: HubError | None = None
        self._jobs: queue.Queue[_Job | None] = queue.Queue(QUEUE)
        self._thread: threading.Thread | None = None
        self._readers: ThreadPoolExecutor | None = None
        self._reading: Engine | None = None
        self._reads = threading.BoundedSemaphore(QUEUE)
        self._watch: sqlite3.Connection | None = None
        self._watching = threading.Lock()
        self._is_new = False
        self._closing = threading.Lock()

    def open(self) -> None:
        """Open it, and make or migrate the kernel's tables. Blocking.

        Raises:
            MigrationFailed: the tables could not be brought to this version; nothing was changed.
            StoreDamaged: the file is no database of the hub.
            StoreUnreachable: the folder or the file cannot be written to.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._is_new = not self.path.exists() or self.path.stat().st_size == 0
            migrate(self.path, KERNEL, copy=not self._is_new)
            sync_folder(self.path.parent)
        except OSError as error:
            raise storage_error(error) from error
        except sqlite3.DatabaseError as error:
            raise _translated(error) or StoreDamaged(f"{self.path}: {error}") from error
        self._reading = sqlite.engine(self.path, read_only=True, connections=READERS)
        self._watch = sqlite.connect(self.path, read_only=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-read")
        self._thread = threading.Thread(target=self._write_all, name="store-write", daemon=True)
        self._thread.start()

    def migrate(self, migrations: Migrations) -> None:
        """Bring a plugin's tables to their newest form. Blocking.

        Raises:
            MigrationFailed: nothing was changed; the plugin must not be used.
        """
        migrations.check(KERNEL)
        migrate(self.path, migrations, copy=not self._is_new)

    def close(self) -> None:
        """Finish what is queued and close. Blocking; may be called twice."""
        with self._closing:
            thread, self._thread = self._thread, None
            readers, self._readers = self._readers, None
        if thread is None or readers is None or self._reading is None:
            return
        with contextlib.suppress(queue.Full):
            self._jobs.put(None, timeout=_STOP_LIMIT)
        thread.join(_STOP_LIMIT)
        if thread.is_alive():
            log.error("the writer did not end within %.0f s", _STOP_LIMIT)
        readers.shutdown(wait=True, cancel_futures=True)
        self._reading.dispose()
        with self._watching:
            if self._watch is not None:
                self._watch.close()
            self._watch = None

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work` with a session that sees one state of the database and cannot write.

        Rows that it returns stay usable (what was not loaded of them is not).

        Raises:
            StoreBusy: too many reads are waiting already.
            StoreClosed: the store is not open.
        """
        readers = self._readers
        if readers is None:
            raise StoreClosed
        if not self._reads.acquire(blocking=False):
            raise StoreBusy(f"{QUEUE} reads are waiting")
        try:
            future = readers.submit(self._read_now, work)
        except RuntimeError as error:
            self._reads.release()
            raise StoreClosed(str(error)) from error
        future.add_done_callback(lambda _done: self._reads.release())
        return await asyncio.wrap_future(future)

    async def write(
        self, work: Callable[[Session], T], *, after: Callable[[T], None] | None = None
    ) -> T:
        """Run `work` in a transaction; once this returns, what it did survives a power cut.

        An exception in `work` undoes it and is raised here. Once begun it is finished, even when
        the caller is cancelled meanwhile.

        Args:
            work: gets a session; runs on the writer's thread, alone.
            after: runs on the writer's thread after the commit, before any other write.

        Raises:
            StoreBusy: too many writes are waiting already, or another process holds the lock.
            StorageFull: the disk is full; nothing was written.
            StoreClosed: the store is not open.
        """
        if self._thread is None:
            raise StoreClosed
        job = _Job(work, after, Future())
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise StoreBusy(f"{QUEUE} writes are waiting") from None
        waiting = asyncio.wrap_future(job.result)
        # Where the caller is gone by then, nobody is left to take a failure.
        waiting.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(waiting)

    async def probe(self) -> None:
        """Write a page as it is: whether anything can be written, for whoever looks after it.

        Raises:
            HubError: as `write` does.
        """

        def again(session: Session) -> None:
            # The number is nobody's; to set it writes a page, whichever it is.
            number = session.execute(text("PRAGMA user_version")).scalar_one()
            session.execute(text(f"PRAGMA user_version = {int(number)}"))

        await self.write(again)

    async def version(self) -> int:
        """Return a number that changes whenever anybody has changed the database."""
        return await self.read(lambda _session: self._version_now())

    def _version_now(self) -> int:
        # The number is only comparable on one and the same connection.
        with self._watching:
            if self._watch is None:
                raise StoreClosed
            row = self._watch.execute("PRAGMA data_version").fetchone()
            return int(row[0])

    def _read_now(self, work: Callable[[Session], T]) -> T:
        with Session(self._reading, expire_on_commit=False) as session:
            try:
                return work(session)
            except DatabaseError as error:
                raise _translated(error.orig) or error from error

    def _write_all(self) -> None:
        engine = sqlite.engine(self.path)
        try:
            while (job := self._jobs.get()) is not None:
                self._write_one(engine, job)
        finally:
            while not self._jobs.empty():
                left = self._jobs.get_nowait()
                if left is not None:
                    left.result.set_exception(StoreClosed())
            engine.dispose()

    def _write_one(self, engine: Engine, job: _Job) -> None:
        if not job.result.set_running_or_notify_cancel():
            return
        try:
            with (
                self.writes.timed(),
                Session(engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                result = job.work(session)
            if job.after is not None:
                job.after(result)
        except DatabaseError as error:
            translated = _translated(error.orig)
            self.failing = translated or self.failing
            job.result.set_exception(translated or error)
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits for the job
            job.result.set_exception(error)
        else:
            self.failing = None
            job.result.set_result(result)


def _translated(cause: object) -> HubError | None:
    """Return what an error of SQLite is to whoever waits; it says nothing of what was written."""
    whole = getattr(cause, "sqlite_errorcode", 0)
    code, said = whole & 0xFF, str(cause)
    # Growing the file that is shared by the processes fails as an I/O error on a full disk.
    if code == sqlite3.SQLITE_FULL or whole in _NO_ROOM:
        return StorageFull(said)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreBusy(said)
    if code in _UNREACHABLE:
        return StoreUnreachable(said)
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreDamaged(said)
    return None
