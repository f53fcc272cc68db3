"""Alerts on the disk: what is open, what was, and what waits to be told, in one transaction."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.plugin import Principal, Store
from plugins.health.alerts.book import Alert, kept, restored
from plugins.health.alerts.tables import AlertRow, OutboxRow

KEPT = 5000
MOST_OUTBOX = 500


class Letter(NamedTuple):
    """A message to a destination.

    Attributes:
        alert: its id; empty for a test. what: happened. urgent: it goes in quiet hours, too.
    """

    destination: str
    alert: str
    what: str
    made: float
    urgent: bool
    title: str
    body: str
    id: int = 0


class Waiting(NamedTuple):
    """What is to be written down."""

    alerts: Sequence[Alert]
    letters: Sequence[Letter]


class Kept:
    """Reads and writes alerts.

    Args:
        store: the database.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def open(self) -> list[Alert]:
        """Return the alerts that were open when the hub ended."""

        def work(session: Session) -> list[Any]:
            rows = session.scalars(
                select(AlertRow).where(AlertRow.cleared.is_(None)).order_by(AlertRow.fired)
            )
            return [json.loads(row.data) for row in rows]

        return [restored(one) for one in await self._store.read(work)]

    async def past(self, limit: int, before: float | None = None) -> list[Alert]:
        """Return alerts that are over, the newest first."""

        def work(session: Session) -> list[Any]:
            wanted = select(AlertRow).where(AlertRow.cleared.is_not(None))
            if before is not None:
                wanted = wanted.where(AlertRow.cleared < before)
            rows = session.scalars(wanted.order_by(AlertRow.cleared.desc()).limit(limit))
            return [json.loads(row.data) for row in rows]

        return [restored(one) for one in await self._store.read(work)]

    async def write(
        self,
        alerts: Iterable[Alert],
        letters: Iterable[Letter],
        by: tuple[Principal, str] | None = None,
    ) -> int:
        """Write alerts and what is to be told of them.

        Args:
            alerts: as they are now.
            letters: that are to be sent.
            by: who did it and what, for the audit log.

        Returns:
            How many letters were thrown away since too many wait.
        """
        rows = [(one.id, one.fired, one.cleared, json.dumps(kept(one))) for one in alerts]
        new = [one._asdict() for one in letters]
        for one in new:
            del one["id"]

        def work(session: Session) -> int:
            for id_, fired, cleared, data in rows:
                session.merge(AlertRow(id=id_, fired=fired, cleared=cleared, data=data))
                if by is not None:
                    record(session, by[0], by[1], id_)
            session.add_all(OutboxRow(**one) for one in new)
            session.flush()
            if rows:
                over = select(AlertRow.id).where(AlertRow.cleared.is_not(None))
                old = over.order_by(AlertRow.cleared.desc()).offset(KEPT)
                session.execute(delete(AlertRow).where(AlertRow.id.in_(old)))
            return _bounded(session) if new else 0

        return await self._store.write(work)

    async def waiting(self) -> list[Letter]:
        """Return the messages that wait, in the order in which they were written."""

        def work(session: Session) -> list[Letter]:
            rows = session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [
                Letter(
                    row.destination, row.alert, row.what, row.made, row.urgent, row.title,
                    row.body, row.id,
                )
                for row in rows
            ]  # fmt: skip

        return await self._store.read(work)

    async def sent(self, ids: Sequence[int]) -> None:
        """Take messages out of the outbox."""

        def work(session: Session) -> None:
            session.execute(delete(OutboxRow).where(OutboxRow.id.in_(ids)))

        await self._store.write(work)


def _bounded(session: Session) -> int:
    count = session.scalar(select(func.count(OutboxRow.id))) or 0
    if count <= MOST_OUTBOX:
        return 0
    oldest = select(OutboxRow.id).order_by(OutboxRow.id).limit(count - MOST_OUTBOX)
    session.execute(delete(OutboxRow).where(OutboxRow.id.in_(oldest)))
    return int(count - MOST_OUTBOX)
