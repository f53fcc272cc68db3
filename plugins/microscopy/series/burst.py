"""A burst: several stills in a row, as fast as the camera or at an interval."""

import asyncio
from typing import Any

from hub.clock import now
from hub.errors import HubError
from hub.frames import LiveFrame
from hub.plugin import N_
from plugins.microscopy.series.errors import CameraLost, NothingKept
from plugins.microscopy.series.recorder import FIRST_LIMIT
from plugins.microscopy.series.register import said
from plugins.microscopy.series.tools import Progress, Tools
from plugins.microscopy.series.values import Series, State

_WAITING = 64 << 20
"""Bytes of pictures that wait to be kept."""
_EARLY = 0.005


class Picker:
    """Picks those pictures of the live view that the burst wants."""

    def __init__(self, count: int, interval: float) -> None:
        self._count = count
        self._interval = interval
        self._picked = 0
        self._begun = 0.0
        self._waiting: asyncio.Queue[LiveFrame] = asyncio.Queue()
        self._size = 0

    def see(self, frame: LiveFrame) -> None:
        """Look at the next picture of the live view."""
        if self._picked == 0:
            self._begun = frame.received
        due = self._begun + self._picked * self._interval
        if self._picked >= self._count or frame.received < due - _EARLY or self._size > _WAITING:
            return
        self._picked += 1
        self._size += len(frame.data)
        self._waiting.put_nowait(frame)

    async def next(self) -> LiveFrame:
        """Return the next picked one."""
        frame = await self._waiting.get()
        self._size -= len(frame.data)
        return frame


class Burst:
    """Takes bursts."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def take(self, series: Series, progress: Progress) -> dict[str, Any]:
        """Take one; what came before a fault, or before somebody stopped it, is kept."""
        problem: HubError | None = None
        stopped = False
        try:
            await self._pictures(series, progress)
        except HubError as error:
            problem = error
        except asyncio.CancelledError:
            if not self._tools.asked_to_stop():
                raise
            stopped = True
        return await self._tools.through(self.end(series.id, problem, stopped=stopped))

    async def end(
        self,
        id: str,  # noqa: A002 - the word of the API
        problem: HubError | None,
        *,
        stopped: bool = False,
    ) -> dict[str, Any]:
        """Close a burst with what is kept. Raises the problem where that is nothing."""
        register = self._tools.register
        series = await register.reload(id)
        if not series.taken and problem is None:
            problem = NothingKept(f"series {id}")
        await register.set(
            id,
            state=State.DONE if series.taken else State.FAILED,
            stopped=stopped,
            problem=None if problem is None else said(problem),
            ended=now(),
        )
        if problem is not None and not series.taken:
            raise problem
        told = None if problem is None else said(problem)
        return {"series": id, "assets": await register.pictures(id), "problem": told}

    async def _pictures(self, series: Series, progress: Progress) -> None:
        count, interval = series.settled["count"], series.settled["interval"]
        picker = Picker(count, interval)
        feed = self._tools.feed(series.device)
        leave = feed.watch(picker.see)
        try:
            for place in range(count):
                try:
                    async with asyncio.timeout(FIRST_LIMIT + interval):
                        frame = await picker.next()
                except TimeoutError:
                    why = feed.problem
                    raise CameraLost("" if why is None else f"{why.code}: {why.detail}") from None
                await self._tools.keep_picture(series, frame, place)
                progress((place + 1) / count, N_("Taking pictures"))
        finally:
            leave()
