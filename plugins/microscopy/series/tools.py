"""What the three kinds of series have in common."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from drivers.microscope.contract import Microscope
from hub.frames import FrameFeed, LiveFrame
from hub.plugin import Asset, AssetRow, PluginHub
from plugins.microscopy.captures import Captures
from plugins.microscopy.series.encoding import Encoder, Video
from plugins.microscopy.series.register import Register
from plugins.microscopy.series.values import Series

T = TypeVar("T")
Progress = Callable[[float, str], None]


@dataclass(slots=True)
class Tools:
    """What takes and keeps.

    Attributes:
        folder: where recordings are while they are made.
        room: raises `StorageFull` where so many bytes must not be written.
        closing: the hub ends: whoever is cancelled leaves things as they are.
    """

    hub: PluginHub
    captures: Captures
    register: Register
    encoder: Encoder
    folder: Path
    room: Callable[[int], None]
    closing: bool = field(default=False)

    def feed(self, device: str) -> FrameFeed:
        """Return the live view of a microscope. Raises `NotFound`."""
        return self.captures.microscope(device).frames(Microscope.view.name)

    async def keep_picture(self, series: Series, frame: LiveFrame, place: int) -> None:
        """Keep a picture of a series; begun, it is finished even when the caller is cancelled.

        Raises:
            HubError: it was not kept.
        """
        school = self.hub.school
        lesson = None if series.lesson is None else await school.lesson(series.lesson)
        await finished(
            self.captures.keep(
                self.captures.microscope(series.device),
                frame,
                by=series.principal,
                title=series.title,
                note=series.note,
                lesson=lesson,
                info={"series": series.id, "place": place},
                also=self.register.took(series.id, place),
            )
        )

    async def keep_video(
        self,
        series: Series,
        file: Path,
        video: Video,
        info: dict[str, Any],
        also: Callable[[Session, AssetRow], None],
        derived_from: str | None = None,
    ) -> Asset:
        """Keep a video of a series; the file is moved in."""
        handle = self.captures.microscope(series.device)
        about = {"process": series.kind, "series": series.id, "seconds": round(video.seconds, 3)}
        about |= {"device": series.device, "device_name": handle.name, **info}
        if series.problem is not None:
            about["problem"] = series.problem["code"]
        return await self.hub.assets.add(
            content=file,
            media_type="video/mp4",
            title=series.title,
            note=series.note,
            owner=series.principal,
            lesson=series.lesson,
            device=series.device,
            derived_from=derived_from,
            info={name: value for name, value in about.items() if value is not None},
            width=video.width,
            height=video.height,
            also=also,
        )

    def asked_to_stop(self) -> bool:
        """Tell, in the task that was cancelled, whether to keep what is there and go on to the end.

        Not where the hub ends: then all stays as it is, for the next start.
        """
        task = asyncio.current_task()
        if self.closing or task is None:
            return False
        while task.uncancel():
            pass
        return True

    async def through(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it to its end, however often it is asked to stop; only the end of the hub ends it."""
        task = asyncio.create_task(work, name="series-making")
        while True:
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                if task.done() or not self.asked_to_stop():
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
                    raise


async def finished(work: Awaitable[T]) -> T:
    """Await something to its end, also when cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise
