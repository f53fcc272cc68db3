"""Pictures of prints: one at the end, and one of each layer that become a short video.

Any camera of the hub may look at a printer (`PrinterSetup.camera`). What a camera does not give is
left out: no print waits for a picture.
"""

import asyncio
import contextlib
import logging
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hub.assets import Also
from hub.clock import now
from hub.errors import HubError, NotFound
from hub.frames import LiveFrame
from hub.plugin import AssetRow, PluginHub
from hub.programs import ffmpeg, run_program
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.register import Register
from plugins.printing.jobs.states import UNDER_WAY, JobState
from plugins.printing.queue.following import Following
from plugins.printing.queue.printers import Printers
from plugins.printing.tables import PictureRow

log = logging.getLogger("classhub.printing")

MOST = 3000
"""Pictures of one print."""
LEAST = 5
"""Pictures that are worth a video."""
RATE = 15
WAIT = 8.0
ENCODING = 600.0


class Pictures:
    """Takes pictures of prints where that is set."""

    def __init__(
        self, hub: PluginHub, register: Register, printers: Printers, following: Following
    ) -> None:
        self._hub = hub
        self._register = register
        self._printers = printers
        self._following = following
        self._folder = hub.work / "time-lapse"
        self._layers: dict[str, int] = {}
        self._ending: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to take pictures; those of prints that an earlier run has followed are there."""
        self._register.followers.append(self._changed)
        self._following.looked.append(self._look)
        self._begin(self._left(), "printing-pictures-left")

    async def stop(self) -> None:
        """Take none any more; a video that is being made is begun anew at the next start."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _look(self) -> None:
        """Take a picture where a print has come to another layer."""
        for job, live in self._following.live.items():
            layer = live.get("layer")
            if layer is None or self._layers.get(job) == layer:
                continue
            printer = self._printers.printing(job)
            if printer is None or self._printers.setup(printer).time_lapse != "layer":
                continue
            self._layers[job] = layer
            self._begin(self._layer(job, printer, layer), f"printing-layer-{job}")

    def _changed(self, job: Job, before: JobState | None) -> None:
        if job.over and before in UNDER_WAY and job.printer is not None:
            self._layers.pop(job.id, None)
            self._ending.add(job.id)
            self._begin(self._end(job), f"printing-pictures-{job.id}")

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _layer(self, job: str, printer: str, layer: int) -> None:
        with contextlib.suppress(HubError):
            frame = await self._frame(printer)
            if frame is not None and layer < MOST:
                await asyncio.to_thread(_write, self._folder / job / f"{layer:05d}.jpg", frame.data)

    async def _end(self, job: Job) -> None:
        try:
            frame = await self._frame(job.printer or "")
            if frame is not None:
                await self._keep(job, frame.data, frame.media_type, "end")
        except HubError as error:
            log.info("no picture of job %s: %s", job.id, error)
        await self._end_film(job)

    async def _end_film(self, job: Job) -> None:
        try:
            await self._film(job)
        except HubError as error:
            log.warning("no video of job %s: %s", job.id, error)
        await self._forget(job.id)
        self._ending.discard(job.id)

    async def _forget(self, job: str) -> None:
        await asyncio.to_thread(shutil.rmtree, self._folder / job, ignore_errors=True)

    async def _left(self) -> None:
        """Make the videos that the hub was ended over, and put away what belongs to no job."""
        folders = await asyncio.to_thread(lambda: sorted(self._folder.glob("*/")))
        for folder in folders:
            try:
                job = await self._register.get(folder.name)
            except NotFound:  # it was deleted meanwhile
                await self._forget(folder.name)
                continue
            except HubError as error:
                log.warning("no video of job %s: %s", folder.name, error)
                continue
            # One that has ended just now has its own task.
            if job.over and job.id not in self._ending:
                self._ending.add(job.id)
                await self._end_film(job)

    async def _frame(self, printer: str) -> LiveFrame | None:
        """Return what the printer's camera sees now; None where it has none."""
        camera = self._printers.setup(printer).camera
        if camera is None:
            return None
        handle = self._hub.devices.get(camera)
        if not handle.streams:
            raise NotFound(f"{camera} shows no pictures")
        return await handle.frames(handle.streams[0]).next(timeout=WAIT)

    async def _film(self, job: Job) -> None:
        folder = self._folder / job.id
        count = await asyncio.to_thread(_numbered, folder)
        if count < LEAST:
            return
        target = folder / "film.mp4"
        command = [ffmpeg(), "-hide_banner", "-nostdin", "-loglevel", "error", "-y"]
        command += ["-protocol_whitelist", "file", "-framerate", str(RATE)]
        command += ["-i", str(folder / "n%05d.jpg"), "-an"]
        command += ["-vf", "scale=w='min(1280,iw)':h=-2,format=yuv420p"]
        command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-threads", "1"]
        command += ["-movflags", "+faststart", str(target)]
        await run_program(command, limit=ENCODING)
        await self._keep(job, target, "video/mp4", "time-lapse")

    async def _keep(self, job: Job, content: bytes | Path, media_type: str, role: str) -> None:
        await self._hub.assets.add(
            content=content,
            media_type=media_type,
            title=job.name,
            owner=job.principal,
            lesson=job.lesson,
            device=self._printers.setup(job.printer or "").camera,
            info={"process": "print", "job": job.id, "printer": job.printer},
            also=_picture(job.id, role),
        )
        with contextlib.suppress(NotFound):
            self._register.tell(await self._register.get(job.id), job.state)


def _picture(job: str, role: str) -> Also:
    def also(session: Session, asset: AssetRow) -> None:
        session.add(PictureRow(asset=asset.id, job=job, role=role, layer=None, taken=now()))

    return also


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(data)


def _numbered(folder: Path) -> int:
    """Give the pictures numbers without gaps, as ffmpeg wants them; return how many there are.

    What was numbered before the hub was ended keeps its place: no number is above the layer's.
    """
    files = folder.glob("*.jpg") if folder.is_dir() else ()
    ordered = sorted(files, key=lambda file: int(file.stem.removeprefix("n")))
    for number, file in enumerate(ordered):
        file.rename(folder / f"n{number:05d}.jpg")
    return len(ordered)
