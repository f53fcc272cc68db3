"""Recordings of devices that are older than the school keeps them."""

from datetime import datetime

from hub.errors import Conflict, NotFound
from hub.recordings import Recordings, Stored


class OldRecordings:
    """Tells and deletes what was recorded before a time; what runs or has no date stays."""

    def __init__(self, recordings: Recordings) -> None:
        self._recordings = recordings

    async def count(self, before: float) -> int:
        """Return how many recordings began before this time (epoch seconds)."""
        return len(await self._old(before))

    async def delete(self, before: float) -> int:
        """Delete them; returns how many."""
        deleted = 0
        for one in await self._old(before):
            try:
                await self._recordings.delete(one.id)
                deleted += 1
            except (NotFound, Conflict):
                continue
        return deleted

    async def _old(self, before: float) -> list[Stored]:
        return [one for one in await self._recordings.list() if _began(one) < before]


def _began(one: Stored) -> float:
    try:
        return datetime.fromisoformat(one.header.date).timestamp()
    except (ValueError, OverflowError):
        return float("inf")
