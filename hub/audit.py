"""Who did what: the audit log.

Rows are added and never changed, but for the name of somebody who is erased: the id stays. What is
done in the database is noted in the very transaction that does it (`record`), so both are there
after a power cut or neither is; all else is noted by `Audit.note`, which returns once it is kept.
"""

import json
import logging
import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from hub.clock import now as believed
from hub.device import Role
from hub.errors import HubError, Invalid
from hub.rights import Principal
from hub.store import Page, Store
from hub.store.tables import AuditRow

log = logging.getLogger("classhub.audit")

MOST = 200_000
LIMIT = 200
REFUSALS = 20
"""The most refused sign-ins that are noted in a minute, so that nobody fills the log with them."""
NOBODY = Principal(id="nobody", name="", role=Role.DISPLAY, via="system")

_ACTION, _SUBJECT, _NAME, _DETAIL = 80, 200, 200, 4096
_MINUTE = 60.0
_CURSOR = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did.

    Attributes:
        seq: the order in which it was done, whatever the clock said.
        time: seconds since the epoch.
        by: the person's id, or the program's; `name` is empty once the person is erased.
        role: in which it was done.
        action: such as `token.create`.
        subject: the id of what it was done to; may be empty.
        detail: JSON-ready.
    """

    seq: int
    time: float
    by: str
    name: str
    role: str
    action: str
    subject: str
    detail: dict[str, Any]

    @classmethod
    def of(cls, row: AuditRow) -> "Entry":
        """Return a row as a value."""
        return cls(**{name: getattr(row, name) for name in cls.__slots__})


def record(
    session: Session,
    by: Principal,
    action: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    *,
    at: float | None = None,
) -> None:
    """Note in the caller's own transaction that something is done.

    Args:
        session: of the transaction that does it.
        by: who does it.
        action: what is done: thing and verb, such as `token.create`.
        subject: the id of what it is done to.
        detail: JSON-ready, without secrets and without names of people; at most 4 KiB.
        at: when, in seconds since the epoch; None for now.
    """
    session.add(
        AuditRow(
            time=believed() if at is None else at,
            by=_text(by.owner, _SUBJECT),
            name=_text(by.name, _NAME),
            role=by.role.value,
            action=_text(action, _ACTION),
            subject=_text(subject, _SUBJECT),
            detail=_bounded(detail),
        )
    )


def forget_name(session: Session, person: str) -> None:
    """Take an erased person's name out of the log; what they did stays under their id."""
    session.execute(update(AuditRow).where(AuditRow.by == person).values(name=""))


class Audit:
    """Notes who did what, and finds it again.

    Args:
        store: opened before the first note.
        monotonic: seconds that never go back.
    """

    def __init__(self, store: Store, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._monotonic = monotonic
        self._refused: deque[float] = deque(maxlen=REFUSALS)
        self._unnoted = 0

    async def note(
        self,
        by: Principal,
        action: str,
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Note that something was done; once this returns the note survives a power cut.

        What was done is done: where the note cannot be kept, that is logged and nobody is refused.

        Args:
            by: who did it.
            action: what was done: thing and verb, such as `device.adopt`.
            subject: the id of what it was done to.
            detail: JSON-ready, without secrets and without names of people; at most 4 KiB.
        """
        try:
            await self._store.write(lambda session: record(session, by, action, subject, detail))
        except HubError as error:
            log.error("%s of %s by %s could not be noted: %s", action, subject, by.owner, error)

    async def refused(self, address: str, why: str) -> None:
        """Note that a sign-in was refused; at most `REFUSALS` of them in a minute are noted.

        Args:
            address: where it came from.
            why: the problem's code.
        """
        now = self._monotonic()
        if len(self._refused) == REFUSALS and self._refused[0] > now - _MINUTE:
            self._unnoted += 1
            return
        self._refused.append(now)
        left_out, self._unnoted = self._unnoted, 0
        detail: dict[str, Any] = {"why": why, "from": address[:60]}
        if left_out:
            detail["left_out_before"] = left_out
        await self.note(NOBODY, "session.refuse", detail=detail)

    async def entries(
        self,
        *,
        subject: str | None = None,
        action: str | None = None,
        by: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Entry]:
        """Return a page of what was done, the newest first.

        Args:
            subject: only what was done to this.
            action: only this; `token.*` means all that is done to tokens.
            by: only what this person or program did.
            cursor: `next` of the page before.
            limit: the most on a page, 1 to 200.

        Raises:
            Invalid: the cursor is none of this list.
        """
        query = select(AuditRow).order_by(AuditRow.seq.desc())
        if subject is not None:
            query = query.where(AuditRow.subject == subject)
        if by is not None:
            query = query.where(AuditRow.by == by)
        if action is not None and action.endswith(".*"):
            query = query.where(AuditRow.action.startswith(action[:-1], autoescape=True))
        elif action is not None:
            query = query.where(AuditRow.action == action)
        if cursor is not None:
            if not _CURSOR.match(cursor):
                raise Invalid(f"{cursor[:40]!r} is no cursor of this list", field="cursor")
            query = query.where(AuditRow.seq < int(cursor))
        limit = max(1, min(limit, LIMIT))

        def work(session: Session) -> Page[Entry]:
            rows = list(session.scalars(query.limit(limit + 1)))
            following = str(rows[limit - 1].seq) if len(rows) > limit else None
            return Page([Entry.of(row) for row in rows[:limit]], following)

        return await self._store.read(work)

    async def newest(self) -> float | None:
        """Return when the last thing was noted; None where nothing was."""
        query = select(AuditRow.time).order_by(AuditRow.seq.desc()).limit(1)
        return await self._store.read(lambda session: session.scalar(query))

    async def forget(self, *, before: float, most: int = MOST) -> int:
        """Delete the oldest entries; returns how many.

        Args:
            before: those of an earlier time, in seconds since the epoch.
            most: and those beyond the newest so many.
        """

        def work(session: Session) -> int:
            last = session.scalar(select(func.max(AuditRow.seq))) or 0
            old = (AuditRow.time < before) | (AuditRow.seq <= last - most)
            return int(session.execute(delete(AuditRow).where(old)).rowcount)  # type: ignore[attr-defined]

        return await self._store.write(work)


def _text(text: str, limit: int) -> str:
    return text[:limit].encode("utf-8", "replace").decode("utf-8")


def _bounded(detail: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return `detail` where it is JSON of a sensible size, else what can be said of it."""
    if not detail:
        return {}
    try:
        text = json.dumps(dict(detail), allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return {"unreadable": True}
    return json.loads(text) if len(text) <= _DETAIL else {"cut": text[: _DETAIL // 2]}
