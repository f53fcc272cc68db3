"""A clip: the live pictures recorded as they come, then made into an MP4."""

import asyncio
import contextlib
import math
from pathlib import Path
from typing import Any

from hub.clock import now, rfc3339
from hub.errors import HubError
from hub.plugin import N_
from plugins.microscopy.series.encoding import BadVideo, Video
from plugins.microscopy.series.errors import HubEnded, NothingKept, NotMade
from plugins.microscopy.series.recorder import Recorded, Recorder
from plugins.microscopy.series.register import said
from plugins.microscopy.series.tools import Progress, Tools
from plugins.microscopy.series.values import Series, State

_RECORDING = 0.7
"""The part of the whole that recording is, for the fraction that is told."""
MOST_TRIES = 3


class Clip:
    """Takes clips."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def take(self, series: Series, progress: Progress) -> dict[str, Any]:
        """Record one and make it. Asked to stop, it makes what it has."""
        tools = self._tools
        seconds = series.settled["seconds"]

        def tell(recorded: float) -> None:
            progress(_RECORDING * min(recorded / seconds, 1.0), N_("Recording"))

        recorder = Recorder(tools.feed(series.device), self._spool(series.id), tools.room, tell)
        stopped = False
        try:
            await recorder.record(seconds)
        except HubError as error:
            await tools.through(self._nothing(series.id, error))
            raise
        except asyncio.CancelledError:
            if not tools.asked_to_stop():
                raise
            stopped = True
        return await tools.through(self._recorded(series, recorder.recorded, progress, stopped))

    async def resume(self, series: Series, progress: Progress) -> dict[str, Any]:
        """Make what an earlier run has recorded."""
        spool = self._spool(series.id)
        if not await asyncio.to_thread(spool.is_file) or series.tries >= MOST_TRIES:
            tried = series.tries >= MOST_TRIES
            error = NotMade(f"tried {series.tries} times") if tried else NothingKept("no recording")
            await self._nothing(series.id, error)
            raise error
        if series.state == State.RUNNING:
            problem = said(HubEnded(f"series {series.id}"))
            series = await self._tools.register.set(series.id, problem=problem)
        return await self._tools.through(self._make(series, {}, progress))

    async def _recorded(
        self, series: Series, recorded: Recorded, progress: Progress, stopped: bool
    ) -> dict[str, Any]:
        if not recorded.pictures:
            error = NothingKept("stopped before the first picture")
            await self._nothing(series.id, error)
            raise error
        before = self._tools.captures.optics_at(series.device, recorded.first)
        after = self._tools.captures.optics_at(series.device, recorded.last)
        facts = {
            "pictures": recorded.pictures,
            "dropped": recorded.dropped,
            "taken": rfc3339(recorded.first),
            "objective": before.objective if before.objective == after.objective else None,
            # One scale for all of it, or none.
            "scale": before.scale if recorded.steady and before == after else None,
            "width": recorded.width,
        }
        problem = None if recorded.problem is None else said(recorded.problem)
        settled = {**series.settled, "facts": facts, "recorded": recorded.seconds}
        series = await self._tools.register.set(
            series.id,
            state=State.MAKING,
            taken=recorded.pictures,
            stopped=stopped,
            problem=problem,
            settled=settled,
        )
        return await self._make(series, facts, progress)

    async def _make(
        self, series: Series, facts: dict[str, Any], progress: Progress
    ) -> dict[str, Any]:
        tools = self._tools
        facts = facts or dict(series.settled.get("facts") or {})
        spool, target = self._spool(series.id), tools.folder / f"{series.id}.mp4"
        series = await tools.register.set(series.id, state=State.MAKING, tries=series.tries + 1)
        message = N_("Making the video")
        progress(_RECORDING, message)
        try:
            tools.room(spool.stat().st_size // 2)
            seconds = series.settled.get("recorded", series.settled["seconds"])
            video = await tools.encoder.encode(
                target,
                seconds=seconds,
                source=spool,
                tell=lambda part: progress(_RECORDING + (1 - _RECORDING) * part, message),
            )
            info = self._info(facts, video)
            also = tools.register.made(series.id)
            asset = await tools.keep_video(series, target, video, info, also)
        except BadVideo as error:
            nothing = NothingKept(error.detail)
            await self._nothing(series.id, nothing)
            raise nothing from error
        except HubError as error:
            target.unlink(missing_ok=True)
            problem = said(error)
            await tools.register.set(series.id, state=State.WAITING, problem=problem)
            raise
        spool.unlink(missing_ok=True)
        await tools.register.reload(series.id)
        return {"series": series.id, "asset": asset.id, "problem": series.problem}

    @staticmethod
    def _info(facts: dict[str, Any], video: Video) -> dict[str, Any]:
        width = facts.pop("width", None)
        # Odd sides lose a pixel; a picture that was made smaller has another scale.
        if width is None or not math.isclose(width, video.width, abs_tol=1):
            facts.pop("scale", None)
        return facts

    async def _nothing(self, id: str, error: HubError) -> None:  # noqa: A002
        problem = said(error)
        await self._tools.register.set(id, state=State.FAILED, problem=problem, ended=now())
        for file in (self._spool(id), self._tools.folder / f"{id}.mp4"):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)

    def _spool(self, id: str) -> Path:  # noqa: A002 - the word of the API
        return self._tools.folder / f"{id}.mkv"
