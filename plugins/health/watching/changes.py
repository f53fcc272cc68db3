"""What changed: a subject is otherwise than before. The log and the uptime are made of it."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.plugin import Bus, HubError, Latch, Message, Store
from plugins.health.tables import ChangeRow

log = logging.getLogger("classhub.plugins.health")

KEPT = 50_000
# Of a device that comes and goes a hundred times a second only as much is written as can be read.
EVERY = 0.5
MOST_WAITING = 2000
MOST_SET = 10
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Change:
    """How a subject is from a time on.

    Attributes:
        time: seconds since the epoch.
        subject: a device's id.
        presence, reachable, process: as the device's state has them.
        code, title, severity: of what is wrong (title is a message id), None where nothing is.
    """

    time: float
    subject: str
    presence: str
    reachable: bool
    process: str
    code: str | None = None
    title: str | None = None
    severity: str | None = None

    @property
    def sort(self) -> tuple[Any, ...]:
        """What makes it another than the one before."""
        return (self.presence, self.reachable, self.process, self.code)


class Changes:
    """Writes down each change of a device's state.

    Args:
        bus: where states are told.
        store: where they are kept.
    """

    def __init__(self, bus: Bus, store: Store) -> None:
        self._bus = bus
        self._store = store
        self._last: dict[str, Change] = {}
        self._waiting: list[Change] = []
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = _nothing
        self._set: deque[float] = deque(maxlen=MOST_SET)
        self._writes = Latch(
            log, "changes of devices cannot be written down: %s", "changes are written down again"
        )

    async def start(self) -> None:
        """Learn how each device was when it was last seen, and listen."""
        newest = select(func.max(ChangeRow.id)).group_by(ChangeRow.subject)

        def work(session: Session) -> list[Change]:
            rows = session.scalars(select(ChangeRow).where(ChangeRow.id.in_(newest)))
            return [_change(row) for row in rows]

        self._last = {one.subject: one for one in await self._store.read(work)}
        self._task = asyncio.create_task(self._run(), name="health changes")
        self._leave = self._bus.subscribe("+/state", self._told)

    async def stop(self) -> None:
        """Stop listening; what waits is written."""
        self._leave()
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        await self._write()

    def clock_set(self, now: float) -> None:
        """Note once more how everything is: by the times of before nobody can tell any more.

        A clock that is set again and again is followed ten times an hour: what changed before must
        not be crowded out.
        """
        moment = time.monotonic()
        if len(self._set) == MOST_SET and moment - self._set[0] < _HOUR:
            return
        self._set.append(moment)
        self._note([replace(one, time=now) for one in self._last.values()])

    async def between(self, subject: str | None, begin: float, end: float) -> list[Change]:
        """Return the changes of a stretch of time and, before them, how it was at its beginning."""

        def work(session: Session) -> list[Change]:
            of = () if subject is None else (ChangeRow.subject == subject,)
            first = (
                select(func.max(ChangeRow.id))
                .where(ChangeRow.time < begin, *of)
                .group_by(ChangeRow.subject)
            )
            before = session.scalars(select(ChangeRow).where(ChangeRow.id.in_(first)))
            within = session.scalars(
                select(ChangeRow)
                .where(ChangeRow.time >= begin, ChangeRow.time < end, *of)
                .order_by(ChangeRow.time, ChangeRow.id)
            )
            return [_change(row) for row in (*before, *within)]

        return await self._store.read(work)

    def _told(self, message: Message) -> None:
        subject = message.topic.partition("/")[0]
        state = message.payload
        if state is None or not isinstance(state, dict):
            return
        problem = state.get("health") or state.get("problem") or {}
        change = Change(
            now(),
            subject,
            str(state.get("presence", "unknown")),
            bool(state.get("reachable")),
            str(state.get("process", "")),
            problem.get("code"),
            problem.get("title"),
            problem.get("severity"),
        )
        before = self._last.get(subject)
        if before is not None and before.sort == change.sort:
            return
        self._last[subject] = change
        self._note([change])

    def _note(self, changes: Sequence[Change]) -> None:
        self._waiting += changes
        # Nothing can be written for long: how it is now matters more than how it was.
        del self._waiting[:-MOST_WAITING]
        self._more.set()

    async def _run(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            with contextlib.suppress(HubError):
                await self._write()
            await asyncio.sleep(EVERY)

    async def _write(self) -> None:
        taken, self._waiting = self._waiting, []
        if not taken:
            return

        def work(session: Session) -> None:
            session.add_all(ChangeRow(**_columns(one)) for one in taken)
            session.flush()
            newest = session.scalar(select(func.max(ChangeRow.id))) or 0
            session.execute(delete(ChangeRow).where(ChangeRow.id <= newest - KEPT))

        try:
            await self._store.write(work)
        except HubError as error:
            self._writes.failed(error)
            self._waiting[:0] = taken
            self._more.set()
            raise
        self._writes.worked()


def _nothing() -> None:
    """Listen to nothing yet."""


def _change(row: ChangeRow) -> Change:
    return Change(
        row.time, row.subject, row.presence, row.reachable, row.process,
        row.code, row.title, row.severity,
    )  # fmt: skip


def _columns(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in Change.__dataclass_fields__}
