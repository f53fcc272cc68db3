"""What is known of all series: kept in the store, told to whoever looks at the microscope."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.device import Problem
from hub.errors import HubError, NotFound
from hub.plugin import AssetRow, PluginHub, Principal, may
from hub.store import StorageFull
from plugins.microscopy.series.values import UNFINISHED, Series, State, closed, with_gap
from plugins.microscopy.tables import SeriesPictureRow, SeriesRow

MOST_LISTED = 50
_PATIENCE = 3600.0
_AGAIN = 1.0


class Register:
    """The rows of all series. Every change is told on `x/microscopy/<device>/series`, retained."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._running: dict[str, Series] = {}

    def running(self) -> list[Series]:
        """Return what is under way, the oldest first."""
        return list(self._running.values())

    async def take_up(self) -> list[Series]:
        """Return what was under way when the hub ended, and know it again."""

        def work(session: Session) -> list[Series]:
            query = select(SeriesRow).where(SeriesRow.state.in_(UNFINISHED)).order_by(SeriesRow.id)
            return [Series.of(row) for row in session.scalars(query)]

        found = await self._hub.store.read(work)
        self._running = {series.id: series for series in found if series.under_way}
        for device in {series.device for series in found}:
            self._tell(device)
        return found

    async def add(self, series: Series) -> None:
        """Write a new series down."""
        row = {name: getattr(series, name) for name in Series.__slots__}
        await self._hub.store.write(lambda session: session.add(SeriesRow(**row)))
        self._know(series)

    async def get(self, id: str) -> Series:  # noqa: A002 - the word of the API
        """Return one. Raises `NotFound`."""

        def work(session: Session) -> Series:
            return Series.of(_row(session, id))

        return await self._hub.store.read(work)

    async def newest(self, device: str, by: Principal) -> list[Series]:
        """Return the newest of a microscope that `by` may see."""

        def work(session: Session) -> list[Series]:
            query = select(SeriesRow).where(SeriesRow.device == device)
            found = session.scalars(query.order_by(SeriesRow.id.desc()).limit(10 * MOST_LISTED))
            return [Series.of(row) for row in found]

        seen = [one for one in await self._hub.store.read(work) if may(by, one.access("view"))]
        return seen[:MOST_LISTED]

    async def pictures(self, id: str) -> list[str]:  # noqa: A002 - the word of the API
        """Return the pictures of a series that are still there, in their order."""

        def work(session: Session) -> list[str]:
            wanted = select(SeriesPictureRow.asset).where(SeriesPictureRow.series == id)
            return list(session.scalars(wanted.order_by(SeriesPictureRow.place)))

        return await self._hub.store.read(work)

    def took(self, id: str, place: int) -> Callable[[Session, AssetRow], None]:  # noqa: A002
        """Return what notes the picture of this place, in the transaction that keeps it."""

        def also(session: Session, asset: AssetRow) -> None:
            row = _row(session, id)
            session.add(SeriesPictureRow(asset=asset.id, series=id, place=place))
            row.taken += 1
            row.place = place + 1
            row.gaps = closed(row.gaps)

        return also

    async def reload(self, id: str) -> Series:  # noqa: A002 - the word of the API
        """Return one as it is now, and tell it."""
        series = await self.get(id)
        self._know(series)
        return series

    async def miss(self, id: str, count: int, error: HubError) -> Series:  # noqa: A002
        """Note that pictures were missed, and why."""
        problem = said(error)

        def work(session: Session) -> Series:
            row = _row(session, id)
            row.missed += count
            row.place += count
            row.gaps = with_gap(row.gaps, now(), count, problem)
            return Series.of(row)

        series = await self._written(work)
        self._know(series)
        return series

    async def set(self, id: str, **values: Any) -> Series:  # noqa: A002 - the word of the API
        """Change fields."""

        def work(session: Session) -> Series:
            row = _row(session, id)
            for name, value in values.items():
                setattr(row, name, value)
            return Series.of(row)

        series = await self._written(work)
        self._know(series)
        return series

    async def _written(self, work: Callable[[Session], Series]) -> Series:
        """Write; where not even a row has room any more, wait for somebody to make some.

        What is under way would else stand there as if it ran, until the hub's next start.
        """
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return await self._hub.store.write(work)
            except StorageFull:
                if time.monotonic() > until:
                    raise
            await asyncio.sleep(_AGAIN)

    def made(self, id: str) -> Callable[[Session, AssetRow], None]:  # noqa: A002
        """Return what notes the video, in the transaction that keeps it."""

        def also(session: Session, asset: AssetRow) -> None:
            row = _row(session, id)
            row.result = asset.id
            row.state = State.DONE
            row.ended = now()

        return also

    def _know(self, series: Series) -> None:
        if series.under_way:
            self._running[series.id] = series
        else:
            self._running.pop(series.id, None)
        self._tell(series.device)

    def _tell(self, device: str) -> None:
        shown = [one.running() for one in self._running.values() if one.device == device]
        self._hub.publish(f"{device}/series", {"running": shown}, retained=True)


def said(error: HubError) -> dict[str, Any]:
    """Return an error as what is kept of it."""
    problem: dict[str, Any] = Problem.of(error).model_dump(mode="json")
    return problem


def _row(session: Session, id: str) -> SeriesRow:  # noqa: A002 - the word of the API
    row = session.get(SeriesRow, id)
    if row is None:
        raise NotFound(f"no series {id}")
    return row
