"""What waits for the district: on the disk, in order, bounded.

A record has a number in the hub's sequence once it is written down, and stays until the district
has confirmed it. Where there is no room the oldest samples go first, alerts and replies to orders
only when no sample is left; what went is counted. Numbers that are missing at the district are
those that were dropped.

A `stream` names one unbroken sequence. A hub whose database was restored from a backup would give
numbers a second time; so how far the district has confirmed stands also in a file that is in no
backup, and a database that is behind it begins a new stream.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.ids import new_id
from hub.plugin import Store
from hub.store import write_whole
from plugins.district.tables import PositionRow, RecordRow

log = logging.getLogger("classhub.plugins.district")

Kind = Literal["health", "uptime", "alert", "reply"]
SAMPLE, ALERT = 0, 1
MOST_BYTES = 32 * 1024 * 1024
_ONLY = 1


@dataclass(frozen=True, slots=True)
class Record:
    """Something to tell the district. `fields` are flat: texts, numbers, true or false, null."""

    kind: Kind
    fields: Mapping[str, Any]

    @property
    def rank(self) -> int:
        """What is dropped first: samples before alerts and replies."""
        return ALERT if self.kind in ("alert", "reply") else SAMPLE


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits, with its number. `body` is its fields as JSON."""

    seq: int
    kind: str
    body: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How the outbox is.

    Attributes:
        stream: names the sequence. next: the number of the next record.
        confirmed: up to which number the district has everything.
        waiting: how many records wait; their bodies have `size` bytes.
        dropped_samples, dropped_alerts: that had to go for want of room, ever.
    """

    stream: str = ""
    next: int = 1
    confirmed: int = 0
    waiting: int = 0
    size: int = 0
    dropped_samples: int = 0
    dropped_alerts: int = 0


class Outbox:
    """The outbox of one hub.

    Args:
        store: of the hub, with this plugin's tables.
        mark: a file beside the database, in no backup: how far the district has confirmed.
        most: how many records wait at most; and `most_bytes` of bodies.
    """

    def __init__(
        self, store: Store, mark: Path, most: int = 50_000, most_bytes: int = MOST_BYTES
    ) -> None:
        self._store = store
        self._mark = mark
        self._most = most
        self._most_bytes = most_bytes
        self._more = asyncio.Event()
        self.now = Standing()

    async def start(self) -> None:
        """Find out where the sequence stands.

        Raises:
            HubError: the database cannot be used. OSError: the mark cannot.
        """
        stream, confirmed = await asyncio.to_thread(self._read_mark)

        def work(session: Session) -> Standing:
            row = session.get(PositionRow, _ONLY)
            if row is None:
                row = PositionRow(
                    id=_ONLY, stream=new_id(), next=1, confirmed=0,
                    dropped_samples=0, dropped_alerts=0,
                )  # fmt: skip
                session.add(row)
            elif row.stream != stream or row.next <= confirmed:
                log.warning("the database was restored: the district gets a new sequence")
                if row.stream == stream:  # the district has all that is in this older database
                    session.execute(delete(RecordRow))
                row.stream = new_id()
            return _standing(session, row)

        self.now = await self._store.write(work)
        await asyncio.to_thread(self._write_mark)

    async def put(
        self,
        records: Sequence[Record],
        also: Callable[[Session], Sequence[Record]] = lambda _session: (),
    ) -> Standing:
        """Write records down; once this returns they survive a power cut.

        Args:
            records: what is told.
            also: is done in the same transaction, and returns more to tell; what it raises undoes
                all of it.

        Raises:
            HubError: they could not be written, none of them.
        """

        def work(session: Session) -> Standing:
            row = _position(session)
            for one in [*records, *also(session)]:
                body = json.dumps(one.fields, ensure_ascii=False, separators=(",", ":"))
                size = len(body.encode())
                session.add(
                    RecordRow(seq=row.next, rank=one.rank, kind=one.kind, size=size, body=body)
                )
                row.next += 1
            session.flush()
            self._make_room(session, row)
            return _standing(session, row)

        self.now = await self._store.write(work)
        self._more.set()
        return self.now

    async def after(self, seq: int, most: int) -> list[Waiting]:
        """Return what waits after a number, in order."""

        def work(session: Session) -> list[Waiting]:
            rows = session.execute(
                select(RecordRow.seq, RecordRow.kind, RecordRow.body)
                .where(RecordRow.seq > seq)
                .order_by(RecordRow.seq)
                .limit(most)
            )
            return [Waiting(*row) for row in rows]

        return await self._store.read(work)

    async def confirm(self, seq: int) -> None:
        """Forget everything up to a number: the district has it."""
        if seq <= self.now.confirmed or seq >= self.now.next:
            return

        def work(session: Session) -> Standing:
            row = _position(session)
            row.confirmed = max(row.confirmed, seq)
            session.execute(delete(RecordRow).where(RecordRow.seq <= seq))
            return _standing(session, row)

        self.now = await self._store.write(work)
        await asyncio.to_thread(self._write_mark)

    async def more(self, limit: float) -> None:
        """Wait until something was put, or so many seconds."""
        try:
            async with asyncio.timeout(limit):
                await self._more.wait()
        except TimeoutError:
            return
        finally:
            self._more.clear()

    def _make_room(self, session: Session, row: PositionRow) -> None:
        count, size = _amount(session)
        for rank in (SAMPLE, ALERT):
            while count > self._most or size > self._most_bytes:
                over = max(count - self._most, 1)
                oldest = session.execute(
                    select(RecordRow.seq, RecordRow.size)
                    .where(RecordRow.rank == rank)
                    .order_by(RecordRow.seq)
                    .limit(over)
                ).all()
                if not oldest:
                    break
                numbers = [seq for seq, _ in oldest]
                session.execute(
                    delete(RecordRow).where(RecordRow.rank == rank, RecordRow.seq <= numbers[-1])
                )
                count -= len(oldest)
                size -= sum(one for _, one in oldest)
                if rank == SAMPLE:
                    row.dropped_samples += len(oldest)
                else:
                    row.dropped_alerts += len(oldest)

    def _read_mark(self) -> tuple[str, int]:
        try:
            found = json.loads(self._mark.read_bytes())
            return str(found["stream"]), int(found["confirmed"])
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return "", 0

    def _write_mark(self) -> None:
        self._mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        told = {"stream": self.now.stream, "confirmed": self.now.confirmed}
        write_whole(self._mark, json.dumps(told).encode())


def _position(session: Session) -> PositionRow:
    row = session.get(PositionRow, _ONLY)
    if row is None:
        raise LookupError("the outbox was not started")
    return row


def _amount(session: Session) -> tuple[int, int]:
    count, size = session.execute(
        select(func.count(RecordRow.seq), func.coalesce(func.sum(RecordRow.size), 0))
    ).one()
    return int(count), int(size)


def _standing(session: Session, row: PositionRow) -> Standing:
    session.flush()
    count, size = _amount(session)
    return Standing(
        row.stream, row.next, row.confirmed, count, size, row.dropped_samples, row.dropped_alerts
    )
