"""A time-lapse: a picture at every interval, for hours if need be, and a video at its end.

Each picture is kept when it is taken, in one transaction with the place it has; so a hub that ends
takes none twice, and goes on at the next place that is due. What is missed is told, with why.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from hub.clock import now, rfc3339
from hub.errors import HubError, NotFound
from hub.frames import FrameFeed
from hub.plugin import N_
from hub.store import FileDamaged
from plugins.microscopy.scales import scale_of
from plugins.microscopy.series import matroska
from plugins.microscopy.series.errors import HubEnded, NothingKept, TooSlow
from plugins.microscopy.series.recorder import FIRST_LIMIT
from plugins.microscopy.series.register import said
from plugins.microscopy.series.tools import Progress, Tools
from plugins.microscopy.series.values import Series, State

_TAKING = 0.9
_HOLD = 10.0
"""With intervals up to this the camera is kept running; it needs seconds to start."""
_LOOK = 5.0


def _elapsed() -> float:
    """Return seconds that only go forward, also while the computer sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class _Watch:
    """Keeps the camera running between two pictures."""

    feed: FrameFeed | None = None
    leave: Callable[[], None] = field(default=lambda: None)

    def on(self, feed: FrameFeed) -> None:
        if feed is not self.feed:
            self.leave()
            self.feed, self.leave = feed, feed.watch(lambda _: None)


class TimeLapse:
    """Takes time-lapses."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def take(self, series: Series, progress: Progress) -> dict[str, Any]:
        """Take all that is still due, then make the video. Asked to stop, it makes what it has."""
        if series.state == State.RUNNING:
            stopped = False
            try:
                await self._pictures(series, progress)
            except asyncio.CancelledError:
                if not self._tools.asked_to_stop():
                    raise
                stopped = True
            register = self._tools.register
            change = register.set(series.id, state=State.MAKING, stopped=stopped)
            series = await self._tools.through(change)
        return await self._tools.through(self._make(series, progress))

    async def _pictures(self, series: Series, progress: Progress) -> None:
        count, interval = series.settled["count"], series.settled["interval"]
        # The clock is asked once; from here on only the seconds that pass count.
        begun = _elapsed() - max(now() - series.started, 0.0)
        why: HubError = HubEnded(f"series {series.id}")
        watch = _Watch()
        place = series.place
        try:
            while place < count:
                due = begun + place * interval
                await _until(due)
                late = int((_elapsed() - due) // interval)
                if late >= 1:
                    missed = min(late, count - place)
                    await self._tools.register.miss(series.id, missed, why)
                    place += missed
                else:
                    why = await self._picture(series, place, watch) or TooSlow(series.device)
                    place += 1
                progress(_TAKING * place / count, N_("Taking pictures"))
        finally:
            watch.leave()

    async def _picture(self, series: Series, place: int, watch: _Watch) -> HubError | None:
        """Take the picture of this place; return why there is none."""
        interval = series.settled["interval"]
        tools = self._tools
        try:
            feed = tools.feed(series.device)
            if interval <= _HOLD:
                watch.on(feed)
            after = 0 if feed.latest is None else feed.latest.id
            frame = await feed.next(after=after, timeout=min(FIRST_LIMIT, max(interval, 1.0)))
            await tools.keep_picture(series, frame, place)
        except HubError as error:
            await tools.register.miss(series.id, 1, error)
            return error
        await tools.register.reload(series.id)
        return None

    async def _make(self, series: Series, progress: Progress) -> dict[str, Any]:
        tools = self._tools
        message = N_("Making the video")
        progress(_TAKING, message)
        ids = await tools.register.pictures(series.id)
        target = tools.folder / f"{series.id}.mp4"
        reel = _Reel(tools, ids, series.settled["rate"])
        asset = None
        try:
            if not ids:
                raise NothingKept(f"{series.missed} pictures were missed")
            tools.room(0)
            video = await tools.encoder.encode(
                target,
                seconds=len(ids) / series.settled["rate"],
                feed=reel.pieces(),
                tell=lambda part: progress(_TAKING + (1 - _TAKING) * part, message),
            )
            asset = await tools.keep_video(
                series,
                target,
                video,
                {
                    "pictures": reel.shown,
                    "missed": series.missed,
                    "interval": series.settled["interval"],
                    "rate": series.settled["rate"],
                    "taken": rfc3339(series.started),
                    "scale": reel.scale if reel.width - video.width in (0, 1) else None,
                },
                tools.register.made(series.id),
                derived_from=reel.first,
            )
        except HubError as error:
            # The pictures are there; only the video is not.
            target.unlink(missing_ok=True)
            state = State.DONE if ids else State.FAILED
            await tools.register.set(series.id, state=state, problem=said(error), ended=now())
            raise
        series = await tools.register.reload(series.id)
        shown = {"pictures": len(ids), "missed": series.missed, "gaps": series.gaps}
        return {"series": series.id, "asset": asset.id, **shown}


class _Reel:
    """The pictures of a time-lapse as a stream, those that are still there."""

    def __init__(self, tools: Tools, ids: list[str], rate: int) -> None:
        self._tools = tools
        self._ids = ids
        self._rate = rate
        self._scales: set[tuple[float | None, int, int]] = set()
        self.shown = 0
        self.first: str | None = None
        self.width = 0

    @property
    def scale(self) -> float | None:
        """The scale, where all have the same."""
        return next(iter(self._scales))[0] if len(self._scales) == 1 else None

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the stream."""
        assets = self._tools.hub.assets
        for each in self._ids:
            try:
                asset = await assets.get(each)
                content = await asyncio.to_thread(assets.content(asset).read_bytes)
            except (NotFound, FileDamaged, FileNotFoundError):
                continue
            if self.first is None:
                self.first, self.width = asset.id, asset.width
                yield matroska.header(asset.width, asset.height)
            self._scales.add((scale_of(asset), asset.width, asset.height))
            yield matroska.picture(round(self.shown * 1000 / self._rate), content)
            self.shown += 1


async def _until(moment: float) -> None:
    # In pieces: a computer that slept meanwhile must not sleep on.
    while (left := moment - _elapsed()) > 0:  # noqa: ASYNC110 - time is what is waited for
        await asyncio.sleep(min(left, _LOOK))
