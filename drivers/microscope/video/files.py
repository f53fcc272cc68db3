"""Driver that shows video and picture files as a camera would, for lessons without a microscope.

Files are played in the order of their names, in real time, again and again. They are looked for in
one folder only, the driver's own among the hub's data (`drivers/video`). What is outside is
refused, wherever links lead.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from drivers.microscope.contract import Microscope
from drivers.microscope.video._program import Ended, encoded, ffmpeg, pictures
from hub.device import N_, BadSettings, DeviceSettings, Frame, Isolation, WrongDevice

MOST_FILES = 500
PATIENCE = 9.0
AGAIN = 1.0
"""Seconds after which a picture that does not move is shown anew: who comes later sees it too."""
VIDEOS = frozenset(
    {
        *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts"),
        *(".ogv", ".wmv", ".3gp", ".mjpeg", ".mjpg", ".flv"),
    }
)
PICTURES = {
    **dict.fromkeys((".jpg", ".jpeg"), "jpeg_pipe"),
    **dict.fromkeys((".tif", ".tiff"), "tiff_pipe"),
    ".png": "png_pipe",
    ".webp": "webp_pipe",
    ".bmp": "bmp_pipe",
}
# Formats that are one file. Playlists and their like, which name others, are not among them.
_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,ogg,asf,mjpeg,flv"


class FileMissing(BadSettings):
    """What is to be shown is not in the folder."""

    code = "file-missing"
    title = N_("The file or folder to show is not there.")
    hint = N_("Copy videos or pictures into {folder}, or correct the name in the settings.")


def _name(path: str) -> str:
    if "\0" in path or not path.isprintable():
        raise ValueError("the name has characters that no file has")
    if path.startswith("/") or ".." in path.split("/"):
        raise ValueError("the name leads out of the folder for videos")
    return path


Name = Annotated[str, Field(max_length=500), AfterValidator(_name)]


def playlist(root: Path, name: str) -> list[Path]:
    """Return the files to show, in their order.

    Args:
        root: the folder that all of them must be in.
        name: of a file or folder below it; empty for all of it.

    Raises:
        FileMissing: there are none.
        BadSettings: it leads out of the folder.
    """
    top = root.resolve()
    chosen = (top / name).resolve()
    if not chosen.is_relative_to(top):
        raise BadSettings(f"{name} leads out of {top}")
    if chosen.is_dir():
        found = [one for one in sorted(chosen.iterdir(), key=_order) if _is_shown(one, top)]
    else:
        found = [chosen] if _is_shown(chosen, top) else []
    if not found:
        raise FileMissing(f"{chosen}: no videos, no pictures", folder=str(top))
    return found[:MOST_FILES]


def _order(path: Path) -> tuple[str, str]:
    return path.name.casefold(), path.name


def _is_shown(path: Path, top: Path) -> bool:
    known = path.suffix.lower() in VIDEOS or path.suffix.lower() in PICTURES
    return known and path.is_file() and path.resolve().is_relative_to(top)


class VideoFiles(Microscope):
    """Videos and pictures instead of a camera.

    Plays files in a loop, in real time, for lessons without a microscope.
    """

    title: ClassVar[str] = N_("Videos and pictures instead of a camera")
    isolation: ClassVar[Isolation] = "device"

    class Settings(DeviceSettings):
        """What is shown."""

        path: Name = Field(
            "",
            title=N_("File or folder in the folder for videos"),
            examples=["onion-cells.mp4", "lesson-3"],
        )
        seconds: float = Field(
            5.0, ge=1, le=3600, allow_inf_nan=False, title=N_("Seconds that a picture is shown")
        )

    settings: Settings

    async def connect(self) -> None:
        """See that there is something to show."""
        ffmpeg()
        await self._playlist()
        self.omit(
            *(Microscope.objective, Microscope.scale, Microscope.focus, Microscope.light),
            *(Microscope.stage, Microscope.autofocus, Microscope.button),
        )

    async def _playlist(self) -> list[Path]:
        return await asyncio.to_thread(playlist, await self.folder(), self.settings.path)

    @Microscope.view.frames
    async def _view(self) -> AsyncIterator[Frame]:
        told: set[Path] = set()
        while True:
            shown, said = False, ""
            for path in await self._playlist():
                begun = time.monotonic()
                try:
                    async with contextlib.aclosing(self._show(path)) as frames:
                        async for frame in frames:
                            shown = True
                            yield frame
                except WrongDevice as error:
                    said = error.detail
                    if path not in told:
                        told.add(path)
                        self.log.warning("cannot be shown: %s", said)
                    continue
                # A file of a few pictures must not have the program start all the time.
                await asyncio.sleep(max(begun + AGAIN - time.monotonic(), 0.0))
            if not shown:
                raise WrongDevice(said)

    async def _show(self, path: Path) -> AsyncGenerator[Frame, None]:
        still = PICTURES.get(path.suffix.lower())
        # The colon ends the protocol's name: what follows is a name and nothing else.
        read = ["-protocol_whitelist", "file", "-i", f"file:{path}"]
        source = ["-f", still, *read] if still else ["-re", "-format_whitelist", _FORMATS, *read]
        last = b""
        async with pictures(source, encoded()) as given:
            try:
                while True:
                    last = await given.next(PATIENCE)
                    yield Frame(last)
            except (Ended, TimeoutError) as error:
                if not last:
                    said = error.said if isinstance(error, Ended) else "it gives no picture"
                    raise WrongDevice(f"{path.name}: {said}") from None
        if still:
            until = time.monotonic() + self.settings.seconds
            while (left := until - time.monotonic()) > 0:
                await asyncio.sleep(min(AGAIN, left))
                yield Frame(last)
