"""The school's one face."""

import asyncio
import contextlib
import logging

from hub.errors import HubError
from hub.logs import Latch
from hub.school._accounts import Accounts
from hub.school._credentials import Credentials
from hub.school._people import People
from hub.school._seating import Seating
from hub.school._tasks import Tasks

log = logging.getLogger("classhub.school")

_ROUND = 60.0


class School(Seating, Tasks, Credentials, People, Accounts):
    """People, groups, seats, lessons, and who is signed in; told on the bus as they change.

    Args of the constructor:
        store: opened before `start`.
        bus: hears `lessons/<id>` and `school/seats/<lesson>` (those in the lesson), and
            `people/<id>` (teachers).
        clock: seconds since the epoch.
        monotonic: seconds that never go back, for what is counted by the minute.
        lesson_hours: after this a lesson ends by itself.
    """

    _task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """End the lessons that are overdue, and go on doing so until `stop`."""
        await self.end_overdue()
        self._task = asyncio.create_task(self._keep(), name="school-keeper")

    async def stop(self) -> None:
        """Leave off; may be called twice."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep(self) -> None:
        latch = Latch(
            log, "overdue lessons could not be ended: %s", "overdue lessons are ended again"
        )
        while True:
            await asyncio.sleep(_ROUND)
            try:
                await self.end_overdue()
                await self.forget_ended()
            except HubError as error:
                latch.failed(error)
            else:
                latch.worked()
