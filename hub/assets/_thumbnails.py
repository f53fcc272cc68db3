"""Small pictures of assets: made once, in a worker process, and kept as files."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from hub.errors import N_, HubError, NotFound
from hub.ids import new_id
from hub.programs import ffmpeg, run_program
from hub.workers import Workers, WorkersBusy

log = logging.getLogger("classhub.assets")

SIZES = (320, 640)
_SECONDS = 10.0
_MEMORY = 512 << 20
_REMEMBER_FAILURE = 60.0
_FAILURES = 500
_MAKING = 1000
_AT_ONCE = 2


class NoThumbnail(HubError):
    """The picture could not be made small; it is kept as it is."""

    code = "no-thumbnail"
    status = 422
    title = N_("There is no small picture of this.")
    hint = N_("Open the picture itself.")


class Thumbnails:
    """Makes small pictures, each once, whoever asks and however many ask at the same time."""

    def __init__(
        self, folder: Path, workers: Workers, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._folder = folder
        self._workers = workers
        self._now = monotonic
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._making: dict[Path, asyncio.Task[Path]] = {}
        self._failed: OrderedDict[Path, tuple[float, HubError]] = OrderedDict()

    def open(self) -> None:
        """Make the folder and remove what was not finished. Blocking."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file in self._folder.glob("*/*.part-*"):
            file.unlink(missing_ok=True)

    async def stop(self) -> None:
        """Give up what is being made."""
        making = list(self._making.values())
        for task in making:
            task.cancel()
        await asyncio.gather(*making, return_exceptions=True)

    async def get(self, source: Path, sha256: str, size: int, *, video: bool = False) -> Path:
        """Return the small picture of the file `source` with this hash; of a video its first one.

        Raises:
            NotFound: there are no thumbnails of this size.
            NoThumbnail: it could not be made; the same is said for a minute before the next try.
            WorkersBusy, WorkTimedOut: try again later.
        """
        if size not in SIZES:
            raise NotFound(f"thumbnails have {SIZES} pixels, not {size}")
        target = self._target(sha256, size)
        if await asyncio.to_thread(target.exists):
            return target
        self._raise_known(target)
        task = self._making.get(target)
        if task is None:
            if len(self._making) >= _MAKING:
                raise WorkersBusy(f"{_MAKING} thumbnails are being made")
            work = self._make(source, target, size, video=video)
            task = asyncio.create_task(work, name=f"thumbnail-{sha256[:12]}-{size}")
            self._making[target] = task
            task.add_done_callback(lambda done: self._made(target, done))
        # One who leaves must not take the picture from the others who wait for it.
        return await asyncio.shield(task)

    def forget(self, sha256: str) -> None:
        """Remove the small pictures of a content that is gone. Blocking."""
        for size in SIZES:
            self._target(sha256, size).unlink(missing_ok=True)

    async def _make(self, source: Path, target: Path, size: int, *, video: bool) -> Path:
        part = target.with_name(f"{target.name}.part-{new_id()}")
        still = part.with_name(f"{part.name}-still")
        try:
            await asyncio.to_thread(target.parent.mkdir, exist_ok=True, mode=0o700)
            async with self._places:
                if video:
                    await _first_picture(source, still)
                await self._workers.run(
                    "hub.worker.images:thumbnail",
                    str(still if video else source),
                    str(part),
                    size,
                    timeout=_SECONDS,
                    memory=_MEMORY,
                    urgent=True,
                )
            await asyncio.to_thread(part.replace, target)
        except HubError as error:
            if error.retryable:
                raise
            raise NoThumbnail(f"{error.code}: {error.detail}") from error
        finally:
            part.unlink(missing_ok=True)
            still.unlink(missing_ok=True)
        return target

    def _made(self, target: Path, task: "asyncio.Task[Path]") -> None:
        self._making.pop(target, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, NoThumbnail):
            log.warning("no thumbnail %s: %s", target.name, error.detail)
            self._failed[target] = (self._now() + _REMEMBER_FAILURE, error)
            while len(self._failed) > _FAILURES:
                self._failed.popitem(last=False)

    def _raise_known(self, target: Path) -> None:
        until, error = self._failed.get(target, (0.0, None))
        if error is None:
            return
        if until > self._now():
            raise NoThumbnail(error.detail)
        del self._failed[target]

    def _target(self, sha256: str, size: int) -> Path:
        return self._folder / sha256[:2] / f"{sha256}-{size}.jpg"


async def _first_picture(video: Path, target: Path) -> None:
    """Write the most telling of the first pictures of an MP4 as a JPEG: films begin in the dark."""
    # Of untrusted files: nothing else is looked for in them, and nothing is opened that they name.
    command = [ffmpeg(), "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file"]
    command += ["-f", "mov", "-i", str(video), "-map", "0:v:0", "-frames:v", "1"]
    command += [
        "-vf",
        "scale='min(1280,iw)':-2,thumbnail=30",
        "-f",
        "image2",
        "-update",
        "1",
        "-c:v",
        "mjpeg",
    ]
    await run_program([*command, "-q:v", "3", str(target)], limit=_SECONDS)
