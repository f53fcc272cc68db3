"""Operations that outlive a restart.

An operation is written when it starts and when it ends, not at each step, and beside the work: the
caller never waits for the disk. What a killed hub was about (all but the last few milliseconds of
it) is found again as `interrupted`.
"""

import asyncio
import contextlib
import json
import logging
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from hub.clock import now
from hub.device import Problem
from hub.errors import HubError
from hub.operations import MOST_KEPT, Operation, Status
from hub.store import Store
from hub.store.tables import OperationRow

log = logging.getLogger("classhub.keeping")

LARGEST_RESULT = 64 << 10
_TRY_AGAIN = 5.0
_STOP_LIMIT = 5.0


class OperationJournal:
    """Keeps operations in the database; `keep` is what `Operations` tells of each change.

    A result of more than 64 KiB lives in memory alone: after a restart the operation is there
    without it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._pending: dict[str, dict[str, Any]] = {}
        self._wake = asyncio.Event()
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> list[Operation]:
        """Return the operations of earlier runs; those that had not ended are now interrupted."""
        self._task = asyncio.create_task(self._run(), name="operation-journal")
        earlier = await self._store.read(_earlier)
        for operation in earlier:
            if operation.ended is None:
                operation.status, operation.ended = Status.INTERRUPTED, now()
                self.keep(operation)
        return earlier

    async def stop(self) -> None:
        """Write what is not written yet, and leave off."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        try:
            async with asyncio.timeout(_STOP_LIMIT):
                await self.written()
        except (HubError, TimeoutError) as error:
            log.error("%d operation(s) could not be written: %s", len(self._pending), error)

    def keep(self, operation: Operation) -> None:
        """Take note of a change; its start and its end are written soon."""
        if operation.ended is None and operation.status is not Status.PENDING:
            return
        self._pending.pop(operation.id, None)
        self._pending[operation.id] = _values(operation)
        while len(self._pending) > MOST_KEPT:
            del self._pending[next(iter(self._pending))]
        self._wake.set()

    async def written(self) -> None:
        """Return once all that was kept until now survives a power cut."""
        async with self._writing:
            batch = dict(self._pending)
            if not batch:
                return
            await self._store.write(lambda session: _write(session, list(batch.values())))
            for key, values in batch.items():
                if self._pending.get(key) is values:
                    del self._pending[key]

    async def forget(self, *, before: float, most: int = MOST_KEPT) -> int:
        """Delete those that were started earlier (epoch seconds), or beyond the newest `most`."""

        def work(session: Session) -> int:
            newest = select(OperationRow.id).order_by(OperationRow.id.desc()).limit(most)
            old = (OperationRow.started < before) | OperationRow.id.not_in(newest)
            ended = OperationRow.ended.is_not(None)
            return int(session.execute(delete(OperationRow).where(old, ended)).rowcount)  # type: ignore[attr-defined]

        return await self._store.write(work)

    async def _run(self) -> None:
        failing = False
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self.written()
            except HubError as error:
                if not failing:
                    log.warning("operations cannot be written just now: %s", error)
                failing = True
                await asyncio.sleep(_TRY_AGAIN)
                self._wake.set()
            else:
                if failing:
                    log.info("operations are written again")
                failing = False


def _values(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "device": operation.device,
        "action": operation.action,
        "title": operation.title,
        "by": operation.by,
        "status": operation.status.value,
        "fraction": operation.fraction,
        "message": operation.message,
        "result": _bounded(operation),
        "problem": None if operation.problem is None else operation.problem.model_dump(mode="json"),
        "started": operation.started,
        "ended": operation.ended,
    }


def _bounded(operation: Operation) -> Any:
    if operation.result is None:
        return None
    try:
        size = len(json.dumps(operation.result, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        size = LARGEST_RESULT + 1
    if size > LARGEST_RESULT:
        log.info("the result of operation %s is too large to be kept", operation.id)
        return None
    return operation.result


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    statement = insert(OperationRow)
    changed = {
        name: statement.excluded[name]
        for name in ("status", "fraction", "message", "result", "problem", "ended")
    }
    session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changed), rows)


def _earlier(session: Session) -> list[Operation]:
    query = select(OperationRow).order_by(OperationRow.id.desc()).limit(MOST_KEPT)
    return [_operation(row) for row in reversed(list(session.scalars(query)))]


def _operation(row: OperationRow) -> Operation:
    return Operation(
        id=row.id,
        device=row.device,
        action=row.action,
        title=row.title,
        by=row.by,
        status=Status(row.status),
        fraction=row.fraction,
        message=row.message,
        result=row.result,
        problem=None if row.problem is None else Problem.model_validate(row.problem),
        started=row.started,
        ended=row.ended,
    )
