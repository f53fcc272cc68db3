"""What the page asks the database: bounded, over a few connections, reading only."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from hub.i18n import LANGUAGES

ON_A_PAGE = 200
SECONDS = 10.0
STATES = ("silent", "fault", "warning", "ok", "unknown")
"""The worst first; `unknown` has never sent a summary."""
_STATE = (
    "CASE WHEN silent THEN 'silent' WHEN status IN ('fault', 'warning', 'ok') THEN status"
    " ELSE 'unknown' END"
)


@dataclass(frozen=True, slots=True)
class School:
    """A hub as the list shows it. `seen`: when something was heard of it."""

    hub: str
    school: str
    state: str
    online: bool
    seen: datetime
    devices: int | None
    devices_fault: int | None
    alerts_open: int | None
    waiting: int | None
    dropped: int
    version: str | None


@dataclass(frozen=True, slots=True)
class Device:
    """How a device of one hub was last."""

    device: str
    device_kind: str
    status: str
    code: str
    time: datetime
    up: float | None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert of one hub that is not cleared.

    `said`: in words, by language; those of a school that tells no names, or of an older hub, may
    be empty.
    """

    severity: str
    rules: str
    devices: str
    time: datetime
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of something that the district asked for; `said`: in words, by language."""

    time: datetime
    command: str
    device: str
    state: str
    code: str
    said: Mapping[str, str]


class Queries:
    """Asks the database.

    Args:
        url: `postgresql://…`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None
        self._first = asyncio.Lock()

    async def close(self) -> None:
        """Let the connections go."""
        if self._pool is not None:
            await self._pool.close()

    async def counts(self) -> dict[str, int]:
        """Return how many hubs are in each state."""
        # The words are this module's own.
        rows = await self._ask(
            f"SELECT {_STATE} AS state, count(*) FROM district.now GROUP BY 1"  # noqa: S608
        )
        return {state: int(number) for state, number in rows}

    async def schools(self, state: str, text: str, page: int) -> list[School]:
        """Return hubs, the worst first, and of those the longest unheard of.

        Args:
            state: only those; empty for all.
            text: that the school's or the hub's name has.
            page: from 0, of `ON_A_PAGE` each.
        """
        query = (
            f"SELECT hub, school, {_STATE} AS state, online, seen, devices, devices_fault,"  # noqa: S608
            " alerts_open, waiting, coalesce(dropped_samples, 0) + coalesce(dropped_alerts, 0),"
            f" version FROM district.now WHERE ($1 = '' OR {_STATE} = $1)"
            " AND ($2 = '' OR position(lower($2) IN lower(school || ' ' || hub)) > 0)"
            f" ORDER BY array_position($5::text[], {_STATE}), devices_fault DESC NULLS LAST,"
            " seen, hub LIMIT $3 OFFSET $4"
        )
        rows = await self._ask(query, state, text, ON_A_PAGE + 1, page * ON_A_PAGE, list(STATES))
        return [School(*row) for row in rows]

    async def school(self, hub: str) -> School | None:
        """Return one hub."""
        rows = await self._ask(
            f"SELECT hub, school, {_STATE}, online, seen, devices, devices_fault, alerts_open,"  # noqa: S608
            " waiting, coalesce(dropped_samples, 0) + coalesce(dropped_alerts, 0), version"
            " FROM district.now WHERE hub = $1",
            hub,
        )
        return School(*rows[0]) if rows else None

    async def devices(self, hub: str) -> list[Device]:
        """Return the devices of a hub as they were last, faults first; uptime of 30 days."""
        rows = await self._ask(
            "WITH mine AS (SELECT id FROM district.stream WHERE hub = $1),"
            " newest AS (SELECT DISTINCT ON (device) device, device_kind, status, code, time"
            "  FROM district.health_record WHERE stream IN (SELECT id FROM mine)"
            "  ORDER BY device, time DESC, seq DESC),"
            " used AS (SELECT device, sum(up) / nullif(sum(known), 0) AS share"
            "  FROM district.uptime_record WHERE stream IN (SELECT id FROM mine)"
            "  AND time > now() - interval '30 days' GROUP BY device)"
            " SELECT newest.*, used.share FROM newest LEFT JOIN used USING (device)"
            " ORDER BY array_position(ARRAY['fault', 'warning', 'ok'], status), device LIMIT 200",
            hub,
        )
        return [Device(*row) for row in rows]

    async def alerts(self, hub: str) -> list[Alert]:
        """Return the alerts of a hub that are not cleared, the newest first."""
        rows = await self._ask(
            "SELECT severity, rules, devices, time, said_kk, said_ru, said_en FROM ("
            "  SELECT DISTINCT ON (alert) alert_record.* FROM district.alert_record"
            "  WHERE stream IN (SELECT id FROM district.stream WHERE hub = $1)"
            "  ORDER BY alert, time DESC, seq DESC) newest"
            " WHERE state <> 'cleared' ORDER BY time DESC LIMIT 100",
            hub,
        )
        return [
            Alert(severity, rules, devices, time, _by_language(said))
            for severity, rules, devices, time, *said in rows
        ]

    async def replies(self, hub: str) -> list[Reply]:
        """Return what became of what the district asked a hub to do, the newest first."""
        rows = await self._ask(
            "SELECT time, command, device, state, code, result_kk, result_ru, result"
            " FROM district.reply_record"
            " WHERE stream IN (SELECT id FROM district.stream WHERE hub = $1)"
            " ORDER BY time DESC, seq DESC LIMIT 30",
            hub,
        )
        return [
            Reply(time, command, device, state, code, _by_language(said))
            for time, command, device, state, code, *said in rows
        ]

    async def _ask(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        async with self._first:  # several are asked at once: one pool for all of them
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=0,
                    max_size=4,
                    timeout=5,
                    command_timeout=SECONDS,
                    server_settings={"default_transaction_read_only": "on"},
                )
        return [tuple(row) for row in await self._pool.fetch(query, *given)]


def _by_language(said: Sequence[str]) -> dict[str, str]:
    return dict(zip(LANGUAGES, said, strict=True))
