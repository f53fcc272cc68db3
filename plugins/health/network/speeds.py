"""Measurements of the internet's speed: made one at a time, kept with their date and method."""

import asyncio
import json
import logging
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.plugin import N_, HubError, Store
from hub.programs import run_program
from plugins.health.network.addresses import address_of
from plugins.health.network.measuring import Job
from plugins.health.network.settings import SpeedSettings
from plugins.health.tables import SpeedRow

log = logging.getLogger("classhub.plugins.health")

KEPT = 2000
MEGA = 1_000_000
_MORE = 40.0
"""Seconds beyond those of measuring: the program's start, name servers, a server that hangs."""


class NoSpeedAddress(HubError):
    """Nobody has set against whom the speed is measured."""

    code = "speed-not-set"
    status = 409
    title = N_("No address is set against which the internet's speed could be measured.")
    hint = N_(
        "Write it into the hub's settings, under [plugins.health.network.speed], and start the"
        " hub again."
    )


class SpeedNotMeasured(HubError):
    """The other side did not answer as it must for measuring."""

    code = "speed-not-measured"
    status = 502
    title = N_("The internet's speed could not be measured.")
    hint = N_(
        "Look whether the internet works, and whether the address in the settings answers with at"
        " least 10 MB and takes uploads."
    )
    retryable = True


@dataclass(frozen=True, slots=True)
class SpeedFound:
    """A measurement.

    Attributes:
        id: rises with each. at: when it began, seconds since the epoch.
        download, upload: Mbit/s; None where it was not measured.
        bytes: that it took. address: against whom. by: who asked; empty for the timetable.
        said: what a direction failed at, for engineers; empty where nothing failed.
    """

    id: int
    at: float
    download: float | None
    upload: float | None
    bytes: int
    address: str
    by: str
    said: str


class Speeds:
    """Makes measurements and knows those that were made.

    Args:
        store: where they are kept. settings: against whom; None: nobody.
        tell: is called when one begins and when one is over.
    """

    def __init__(
        self, store: Store, settings: SpeedSettings | None, tell: Callable[[], None]
    ) -> None:
        self._store = store
        self.settings = settings
        self._tell = tell
        self._task: asyncio.Task[SpeedFound] | None = None
        self._began = 0.0
        self.newest: SpeedFound | None = None
        self.failed: HubError | None = None

    @property
    def running(self) -> bool:
        """Whether one is being made."""
        return self._task is not None

    @property
    def last(self) -> float:
        """When the last one began, in this run also one that failed; 0 for none.

        The last by order, not by time: one of a clock that was ahead must not count for years.
        """
        return self._began or (0.0 if self.newest is None else self.newest.at)

    async def start(self) -> None:
        """Learn of the newest one."""
        found = await self.made(1)
        self.newest = found[0] if found else None

    async def stop(self) -> None:
        """End the one that is being made; it is not kept."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def begin(self, by: str) -> bool:
        """Begin one; False where one is being made, which is as good.

        Raises:
            NoSpeedAddress: it is set against nobody.
        """
        if self.settings is None:
            raise NoSpeedAddress
        if self._task is not None:
            return False
        self._began = now()
        self._task = asyncio.create_task(self._make(self.settings, by), name="health speed")
        self._task.add_done_callback(self._ended)
        self._tell()
        return True

    async def make(self, by: str = "") -> SpeedFound:
        """Make one, or wait for the one that is being made.

        Raises:
            NoSpeedAddress, SpeedNotMeasured: it cannot be made.
            HubError: it could not be kept, or took too long.
        """
        self.begin(by)
        assert self._task is not None  # noqa: S101 - it has just begun
        return await asyncio.shield(self._task)

    async def made(self, limit: int) -> list[SpeedFound]:
        """Return the newest ones, the newest first."""
        newest = select(SpeedRow).order_by(SpeedRow.id.desc()).limit(limit)

        def work(session: Session) -> list[SpeedFound]:
            return [_found(row) for row in session.scalars(newest)]

        return await self._store.read(work)

    async def count_before(self, moment: float) -> int:
        """Return how many were made before a time."""
        old = select(func.count()).select_from(SpeedRow).where(SpeedRow.at < moment)
        return await self._store.read(lambda session: session.scalar(old) or 0)

    async def delete_before(self, moment: float) -> int:
        """Delete those that were made before a time; returns how many."""

        def work(session: Session) -> int:
            gone = session.execute(delete(SpeedRow).where(SpeedRow.at < moment))
            return int(gone.rowcount)  # type: ignore[attr-defined]

        return await self._store.write(work)

    async def _make(self, settings: SpeedSettings, by: str) -> SpeedFound:
        job = Job(settings.download, settings.upload, settings.seconds, settings.megabytes * MEGA)

        async def feed() -> AsyncIterator[bytes]:
            yield json.dumps(asdict(job)).encode() + b"\n"

        command = [sys.executable, "-m", "plugins.health.network.measuring"]
        limit = 2 * settings.seconds + _MORE
        lines = await run_program(command, limit=limit, feed=feed())
        answer = json.loads(lines[-1]) if lines else {"said": ["the program said nothing"]}
        said = "; ".join(answer.get("said", ()))
        if answer.get("download") is None and answer.get("upload") is None:
            raise SpeedNotMeasured(said)
        servers = [one for one in (settings.download, settings.upload) if one is not None]
        row = SpeedRow(
            at=self._began,
            download=answer["download"],
            upload=answer["upload"],
            bytes=answer["bytes"],
            address=", ".join(dict.fromkeys(address_of(one).server for one in servers)),
            by=by,
            said=said,
        )

        def work(session: Session) -> SpeedFound:
            session.add(row)
            session.flush()
            session.execute(delete(SpeedRow).where(SpeedRow.id <= row.id - KEPT))
            return _found(row)

        return await self._store.write(work)

    def _ended(self, task: "asyncio.Task[SpeedFound]") -> None:
        self._task = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.newest, self.failed = task.result(), None
        elif isinstance(error, HubError):
            self.failed = error
            log.warning("the internet's speed was not measured: %s", error)
        else:
            log.error("measuring the internet's speed failed", exc_info=error)
            self.failed = SpeedNotMeasured(type(error).__name__)
        self._tell()


def _found(row: SpeedRow) -> SpeedFound:
    return SpeedFound(
        row.id, row.at, row.download, row.upload, row.bytes, row.address, row.by, row.said
    )
