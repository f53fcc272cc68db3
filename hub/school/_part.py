"""What the parts of the school share."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from hub.bus import Bus
from hub.clock import now
from hub.errors import Invalid
from hub.ids import is_id
from hub.rights import Access
from hub.store import Store

LIMIT = 200


class Part:
    """The store, the bus and the clocks."""

    def __init__(
        self,
        store: Store,
        bus: Bus,
        *,
        clock: Callable[[], float] = now,
        monotonic: Callable[[], float] = time.monotonic,
        lesson_hours: float = 12.0,
    ) -> None:
        self._store = store
        self._bus = bus
        self._clock = clock
        self._monotonic = monotonic
        self._lesson_seconds = lesson_hours * 3600

    def _tell(self, topic: str, change: str, audience: Access, **payload: Any) -> None:
        self._bus.publish(topic, {"change": change, **payload}, audience=audience)

    def _forget_credentials(self) -> None:
        """Look every credential up again; `Credentials` does."""


def page_of(
    session: Session, query: Select[Any], key: Any, cursor: str | None, limit: int, *, newest: bool
) -> tuple[list[Any], str | None]:
    """Return a page of rows ordered by their ids, and the cursor of the next one."""
    limit = max(1, min(limit, LIMIT))
    if cursor is not None:
        if not is_id(cursor):
            raise Invalid(f"{cursor[:40]!r} is no cursor of this list", field="cursor")
        query = query.where(key < cursor if newest else key > cursor)
    query = query.order_by(key.desc() if newest else key).limit(limit + 1)
    rows = list(session.execute(query).all())
    if len(rows) > limit:
        return rows[:limit], rows[limit - 1][0].id
    return rows, None
