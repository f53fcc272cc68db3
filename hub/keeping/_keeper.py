"""Looks after what is kept: room, clock, retention, backups."""

import asyncio
import contextlib
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hub.assets import Assets
from hub.audit import Audit
from hub.bus import Bus
from hub.clock import CLOCK, RELEASED, SteadyClock, now, rfc3339
from hub.errors import N_, HubError
from hub.keeping._backup import Backup, backup, backups, next_name, prune, sweep
from hub.keeping._health import BackupFailed, ClockWrong, DiskLow, Health
from hub.keeping._journal import OperationJournal
from hub.keeping._retention import OldAssets, Retention, Rule
from hub.keeping.settings import KeepingSettings
from hub.operations import Operation, Operations, Progress
from hub.rights import SYSTEM, Principal
from hub.store import (
    RESERVE,
    StorageFull,
    Store,
    StoreBusy,
    StoreDamaged,
    StoreUnreachable,
    storage_error,
)

log = logging.getLogger("classhub.keeping")

LOW = 8 * RESERVE
"""With less free than this (512 MiB) the hub warns; below `RESERVE` it takes no more files."""

_LOOK = 10.0
_FIRST = 600.0
_DAY = 86400.0
_JUMP = 120.0
_DEFAULT_FOLDER = "backups"
# In the order in which they are said.
_OF_STORE = tuple(one.code for one in (StoreUnreachable, StorageFull, StoreDamaged, StoreBusy))


@dataclass(frozen=True, slots=True)
class Room:
    """How much the disk of the data directory holds, in bytes; `low`: people should make room."""

    free: int
    total: int
    low: bool


class Keeper:
    """Runs beside the hub from `start` to `stop`.

    Attributes:
        health: what is wrong with the hub itself.
        retention: what is kept how long. old_assets: assets among it.
    """

    def __init__(
        self,
        settings: KeepingSettings,
        *,
        data: Path,
        config: Path | None,
        bus: Bus,
        store: Store,
        assets: Assets,
        audit: Audit,
        operations: Operations,
        journal: OperationJournal,
        clock: SteadyClock = CLOCK,
    ) -> None:
        self._settings = settings
        self._data = data
        self._config = config
        self._audit = audit
        self._operations = operations
        self._store = store
        self._clock = clock
        self._drift = clock.drift()
        self._jumped: float | None = None
        self._began = time.monotonic()
        self._swept: float | None = None
        self._backed: float | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.health = Health(bus)
        self.retention = Retention()
        self.old_assets = OldAssets(store, assets)
        self.retention.add(
            Rule("assets", settings.assets_days, self.old_assets.count, self.old_assets.delete)
        )
        self._journal = journal

    @property
    def folder(self) -> Path:
        """Where backups go."""
        return self._settings.backup_to or self._data / _DEFAULT_FOLDER

    async def start(self) -> None:
        """Look at room and clock, and go on doing so."""
        newest = await self._audit.newest()
        if newest is not None:
            self._clock.remember(newest)
        self.health.start()
        await self.look()
        await asyncio.to_thread(sweep, self._data, self.folder)
        self._tasks = [
            asyncio.create_task(self._watch(), name="keeper-watch"),
            asyncio.create_task(self._by_the_day(), name="keeper-daily"),
        ]

    async def stop(self) -> None:
        """Leave off; may be called twice."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def room(self) -> Room:
        """Return how much room there is. Raises `StoreUnreachable` where the disk is gone."""
        try:
            about = os.statvfs(self._data)
        except OSError as error:
            raise storage_error(error) from error
        free, total = about.f_bavail * about.f_frsize, about.f_blocks * about.f_frsize
        return Room(free, total, free < LOW)

    async def look(self) -> None:
        """Look at store, room and clock once; what is wrong is told as `hub/health`."""
        of_store = await self._of_store()
        try:
            room = await asyncio.to_thread(self.room)
        except HubError as error:
            of_store[error.code] = error
        else:
            if room.low:
                self.health.set(DiskLow(f"{room.free >> 20} MiB are free"))
            else:
                self.health.clear(DiskLow.code)
        for code in _OF_STORE:
            if code in of_store:
                self.health.set(of_store[code])
            else:
                self.health.clear(code)
        if self._clock.wrong():
            said = f"this version was released on {rfc3339(RELEASED)[:10]}"
            self.health.set(ClockWrong(said))
        else:
            self.health.clear(ClockWrong.code)
        drift = self._clock.drift()
        jump, self._drift = drift - self._drift, drift
        if abs(jump) > _JUMP:
            self._jumped = time.monotonic()
            log.warning("the computer's clock jumped by %.0f s", jump)
            await self._audit.note(SYSTEM, "clock.jump", detail={"seconds": round(jump)})

    async def _of_store(self) -> dict[str, HubError]:
        """Return why nothing can be written; once something was not, it is tried here."""
        failing = self._store.failing
        if failing is not None and failing.code in _OF_STORE:
            # At once: to try it takes as long as the others who wait.
            self.health.set(failing)
        elif not any(one.code in _OF_STORE for one in self.health.problems):
            return {}
        try:
            await self._store.probe()
        except HubError as error:
            return {error.code: error}
        return {}

    def start_backup(self, by: Principal) -> Operation:
        """Begin a backup; follow the operation. Its result names the file."""
        return self._operations.start(
            action="backup",
            by=by,
            work=partial(self._backup, by),
            title=N_("Backup"),
        )

    async def backups(self) -> list[Backup]:
        """Return the backups that are there, the newest first."""
        return await asyncio.to_thread(backups, self.folder)

    def start_sweep(self, by: Principal) -> Operation:
        """Begin to delete what the rules say; its result is how many of each kind."""
        return self._operations.start(
            action="retention",
            by=by,
            work=partial(self._sweep, by),
            title=N_("Deleting what is old"),
        )

    async def _backup(self, by: Principal, progress: Progress) -> dict[str, Any]:
        unwanted = threading.Event()
        loop = asyncio.get_running_loop()
        told = 0.0

        def report(fraction: float) -> None:
            nonlocal told
            if fraction - told >= 0.01:
                told = fraction
                loop.call_soon_threadsafe(progress, fraction, N_("Copying and checking"))

        def work() -> Backup:
            made = backup(
                self._data,
                self.folder / next_name(self.folder),
                config=self._config,
                report=report,
                cancelled=unwanted.is_set,
            )
            prune(self.folder, self._settings.backups_kept)
            return made

        await self._journal.written()
        task = asyncio.create_task(asyncio.to_thread(work), name="backup")
        try:
            made = await asyncio.shield(task)
        except asyncio.CancelledError:
            # The thread ends at its next step, and takes its unfinished file with it.
            unwanted.set()
            with contextlib.suppress(HubError):
                await task
            raise
        self.health.clear(BackupFailed.code)
        said = {"name": made.name, "size": made.size, "missing": made.missing}
        await self._audit.note(by, "backup.make", made.name, said)
        return {**said, "files": made.assets}

    async def _sweep(self, by: Principal, _progress: Progress) -> dict[str, int]:
        if self._clock.wrong() or self._jumped_of_late():
            # Nothing is deleted by a clock that may be wrong.
            raise ClockWrong("nothing is deleted by age within a day of a jump of the clock")
        done = await self.retention.sweep()
        done["operations"] = await self._journal.forget(
            before=now() - self._settings.operations_days * _DAY
        )
        done["audit"] = await self._audit.forget(before=now() - self._settings.audit_days * _DAY)
        gone = {name: count for name, count in done.items() if count}
        if gone:
            await self._audit.note(by, "retention.sweep", detail=gone)
        return done

    def _jumped_of_late(self) -> bool:
        return self._jumped is not None and time.monotonic() - self._jumped < _DAY

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            await self._guarded(self.look)

    async def _by_the_day(self) -> None:
        await asyncio.sleep(_FIRST)
        while True:
            await self._guarded(self._daily)
            await asyncio.sleep(3600.0)

    async def _daily(self) -> None:
        if self._swept is None or time.monotonic() - self._swept >= _DAY:
            self._swept = time.monotonic()
            await self._finish(self.start_sweep(SYSTEM))
        if self._settings.backup_to is None:
            return
        if self._backed is None:
            made = await self.backups()
            ago = now() - made[0].made if made else _DAY
            self._backed = time.monotonic() - (ago if 0 <= ago < _DAY else _DAY)
        if time.monotonic() - self._backed >= _DAY - 1800.0:
            done = await self._finish(self.start_backup(SYSTEM))
            if done.problem is None:
                self._backed = time.monotonic()
            else:
                self.health.set(BackupFailed(f"{done.problem.code}: {done.problem.detail}"))

    async def _finish(self, operation: Operation) -> Operation:
        while operation.ended is None:
            await self._operations.wait(operation.id, 60.0)
        return operation

    @staticmethod
    async def _guarded(work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except Exception:
            log.exception("the keeper failed; it goes on")
