"""Making a check: all devices side by side, told while it runs, kept when it is done."""

import asyncio
import json
import logging
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.clock import now, rfc3339
from hub.plugin import DeviceHandle, HubError, PluginHub, Translator
from plugins.health.selfcheck.judging import Result, Status, judge, untried, worst
from plugins.health.selfcheck.tables import CheckRow

log = logging.getLogger("classhub.plugins.health")

LIMIT = 50.0
"""Seconds for one device: with what comes before and after, all are done within a minute."""
AT_ONCE = 32
KEPT = 2000
TOPIC = "check"
LANGUAGES = ("kk", "ru", "en")


@dataclass(frozen=True, slots=True)
class Check:
    """A check that was made.

    Attributes:
        id: rises with each.
        began, ended: seconds since the epoch.
        by: the id of whoever asked for it; empty for the timetable.
        status: of the worst device.
        results: of each device, the worst first.
    """

    id: int
    began: float
    ended: float
    by: str
    status: Status
    results: list[Result]


class Checks:
    """Makes checks, one at a time, and knows those that were made.

    Args:
        hub: whose devices they are.
        limit: seconds after which a device counts as one that does not answer.
    """

    def __init__(self, hub: PluginHub, *, limit: float = LIMIT) -> None:
        self._hub = hub
        self._limit = limit
        self._task: asyncio.Task[Check] | None = None
        self._began = 0.0
        self._done = 0
        self._of = 0
        self.newest: Check | None = None

    @property
    def running(self) -> bool:
        """Whether a check is being made."""
        return self._task is not None

    @property
    def last(self) -> float:
        """When the newest check began, seconds since the epoch; 0 for none."""
        if self.running:
            return self._began
        return 0.0 if self.newest is None else self.newest.began

    @property
    def progress(self) -> tuple[int, int]:
        """How many devices are done, of how many."""
        return self._done, self._of

    async def start(self) -> None:
        """Learn of the newest check, and tell it."""
        found = await self.made(1)
        self.newest = found[0] if found else None
        self._tell()

    async def stop(self) -> None:
        """End the check that is being made; it is not kept."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def begin(self, by: str) -> bool:
        """Begin a check; False where one is being made, which is as good.

        Args:
            by: the id of whoever asks for it; empty for the timetable.
        """
        if self._task is not None:
            return False
        self._began, self._done = now(), 0
        devices = self._hub.devices.list()
        self._of = len(devices)
        self._task = asyncio.create_task(self._make(devices, by), name="health check")
        self._task.add_done_callback(self._ended)
        self._tell()
        return True

    async def make(self, by: str = "") -> Check:
        """Make a check, or wait for the one that is being made.

        Raises:
            HubError: it could not be kept.
        """
        self.begin(by)
        assert self._task is not None  # noqa: S101 - it has just begun
        return await asyncio.shield(self._task)

    async def made(self, limit: int, before: int | None = None) -> list[Check]:
        """Return the newest checks, the newest first; those before the id `before`."""
        newest = select(CheckRow).order_by(CheckRow.id.desc()).limit(limit)
        if before is not None:
            newest = newest.where(CheckRow.id < before)

        def work(session: Session) -> list[Check]:
            return [_check(row) for row in session.scalars(newest)]

        return await self._hub.store.read(work)

    async def count_before(self, moment: float) -> int:
        """Return how many were made before a time."""
        old = select(func.count()).select_from(CheckRow).where(CheckRow.began < moment)
        return await self._hub.store.read(lambda session: session.scalar(old) or 0)

    async def delete_before(self, moment: float) -> int:
        """Delete those that were made before a time; returns how many."""

        def work(session: Session) -> int:
            gone = session.execute(delete(CheckRow).where(CheckRow.began < moment))
            return int(gone.rowcount)  # type: ignore[attr-defined]

        return await self._hub.store.write(work)

    async def _make(self, devices: list[DeviceHandle], by: str) -> Check:
        seats = asyncio.Semaphore(AT_ONCE)

        async def one(device: DeviceHandle) -> Result:
            async with seats:
                try:
                    result = await judge(device, self._limit)
                except Exception:
                    log.exception("%s could not be tried", device.id, extra={"device": device.id})
                    result = untried(device)
            self._done += 1
            self._tell()
            return result

        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(one(device), name=f"health check of {device.id}")
                for device in devices
            ]
        results = sorted((task.result() for task in tasks), key=_urgency)
        self.newest = check = await self._keep(by, results)
        log.info("checked %d devices: %s", len(results), check.status, extra={"code": check.status})
        return check

    async def _keep(self, by: str, results: list[Result]) -> Check:
        began, ended, status = self._began, now(), worst(results)
        told = json.dumps([asdict(one) for one in results], ensure_ascii=False)

        def work(session: Session) -> int:
            row = CheckRow(began=began, ended=ended, by=by, status=status, results=told)
            session.add(row)
            session.flush()
            session.execute(delete(CheckRow).where(CheckRow.id <= row.id - KEPT))
            return row.id

        try:
            number = await self._hub.store.write(work)
        except HubError as error:
            log.error("a check could not be kept: %s", error)
            # A full disk must not keep the engineer from learning what works.
            number = 0 if self.newest is None else self.newest.id
        return Check(number, began, ended, by, status, results)

    def _ended(self, task: "asyncio.Task[Check]") -> None:
        self._task = None
        if not task.cancelled() and task.exception() is not None:
            log.error("the check of devices failed", exc_info=task.exception())
        self._tell()

    def _tell(self) -> None:
        self._hub.publish(TOPIC, self.told(), retained=True)

    def told(self) -> dict[str, Any]:
        """Return what everyone may know of it, as told on `x/health/check`.

        Of each device that does not work, what is wrong and what to do, in each language.
        """
        newest = self.newest
        return {
            "running": self.running,
            "done": self._done if self.running else None,
            "of": self._of if self.running else None,
            "newest": None
            if newest is None
            else {
                "began": rfc3339(newest.began),
                "ended": rfc3339(newest.ended),
                "status": newest.status,
                "devices": [told_of(one, self._hub.say) for one in newest.results],
            },
        }


def told_of(one: Result, say: Translator) -> dict[str, Any]:
    """Return what everyone may know of a device that was tried."""
    told = {"device": one.device, "status": one.status, "code": one.code or None}
    if one.status == "ok":
        return told

    def each(message: str, params: dict[str, Any] | None = None) -> dict[str, str]:
        return {language: say.say(message, language, params) for language in LANGUAGES}

    return {
        **told,
        "icon": one.icon,
        "name": one.name,
        "kind": each(one.kind_title),
        "said": each(one.said, one.params),
        "hint": each(one.hint, one.params),
    }


_RANK: dict[str, int] = {"fault": 0, "warning": 1, "ok": 2}


def _urgency(one: Result) -> tuple[int, str]:
    return _RANK[one.status], one.name


_FIELDS = tuple(field.name for field in fields(Result))


def _check(row: CheckRow) -> Check:
    results = [Result(**{name: one[name] for name in _FIELDS}) for one in json.loads(row.results)]
    status: Any = row.status
    return Check(row.id, row.began, row.ended, row.by, status, results)
