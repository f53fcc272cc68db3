"""Making MP4 files that every browser plays, and looking into videos; both by ffmpeg.

One file is made at a time: two at once take as long, and the class' live pictures want the rest.
"""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from hub.errors import N_, HubError
from hub.programs import ProgramFailed, ProgramHadNoRoom, ffmpeg, run_program

QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file,pipe")
"""Untrusted files must not make ffmpeg open addresses that they name."""
PLAYABLE = (
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "20"),
    *("-maxrate", "8M", "-bufsize", "16M", "-force_key_frames", "expr:gte(t,n_forced*2)"),
    *("-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709"),
    *("-color_trc", "bt709", "-movflags", "+faststart", "-f", "mp4"),
)
LONGEST_SIDE = 3840
MAKING_LIMIT = 3600.0
_PROBE_LIMIT = 20.0

Tell = Callable[[float], None]
"""Is told how far it is, 0..1."""


class BadVideo(HubError):
    """The file says that it is a video and is none, or none that can be played."""

    code = "bad-video"
    status = 422
    title = N_("This video is broken, or of a kind that cannot be played.")
    hint = N_("Open it on your computer, save it again as MP4, and send that.")


@dataclass(frozen=True, slots=True)
class Video:
    """What is in a video file: pixels as shown, its length in seconds, its pictures if counted."""

    width: int
    height: int
    seconds: float


async def probe(file: Path) -> Video:
    """Look into a video file.

    Raises:
        BadVideo: there is no video in it.
        FfmpegMissing: it cannot be looked into.
    """
    shown = "stream=width,height,duration:format=duration"
    command = [ffmpeg("ffprobe"), "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-select_streams", "v:0", "-show_entries", shown, "-of", "json", str(file)]
    try:
        found = json.loads("".join(await run_program(command, limit=_PROBE_LIMIT)) or "{}")
        stream = found["streams"][0]
        width, height = int(stream["width"]), int(stream["height"])
        seconds = float(stream.get("duration") or found["format"]["duration"])
    except (ProgramFailed, LookupError, ValueError, TypeError) as error:
        raise BadVideo(f"{type(error).__name__}: {error}"[:300]) from error
    sides = min(width, height) > 0 and max(width, height) <= LONGEST_SIDE * 2
    if not sides or not math.isfinite(seconds) or seconds <= 0:
        raise BadVideo(f"{width} x {height} pixels, {seconds} s")
    return Video(width, height, seconds)


class Encoder:
    """Makes MP4 files (H.264, yuv420p), one at a time."""

    def __init__(self) -> None:
        self.place = asyncio.Semaphore(1)
        """Taken by whoever makes a video."""

    async def encode(
        self,
        target: Path,
        *,
        seconds: float,
        source: Path | None = None,
        feed: AsyncIterator[bytes] | None = None,
        tell: Tell | None = None,
    ) -> Video:
        """Make `target` from pictures with times, each shown until the next one.

        Args:
            target: written; replaced where it is there.
            seconds: how long it will be, for `tell`.
            source: a file of them, or
            feed: the bytes of such a file.
            tell: is told how far it is.

        Raises:
            FfmpegMissing, ProgramTimedOut, ProgramHadNoRoom: nothing was made.
            BadVideo: nothing can be made of it.
        """
        told = _Progress(seconds, tell or (lambda _: None))
        command = [
            *(ffmpeg(), *QUIET, "-y", "-progress", "pipe:1", "-f", "matroska"),
            *("-i", "pipe:0" if source is None else str(source), "-map", "0:v:0", "-an"),
            *("-vf", _even(), "-fps_mode", "vfr", "-enc_time_base", "-1"),
            *(*PLAYABLE, str(target)),
        ]
        if feed is not None:
            command.remove("-nostdin")
        async with self.place:
            try:
                await run_program(command, limit=MAKING_LIMIT, feed=feed, on_line=told.line)
            except ProgramHadNoRoom:
                raise
            except ProgramFailed as error:
                raise BadVideo(error.detail) from error
        return await probe(target)


class _Progress:
    """Reads what `ffmpeg -progress` writes: lines `name=value`."""

    def __init__(self, seconds: float, tell: Tell) -> None:
        self._seconds = max(seconds, 0.001)
        self._tell = tell

    def line(self, text: str) -> None:
        name, _, value = text.partition("=")
        if name == "out_time_us" and value.lstrip("-").isdigit():
            self._tell(min(max(int(value) / 1e6 / self._seconds, 0.0), 1.0))


def _even() -> str:
    """Return the filter that makes both sides even and not too long, as H.264 wants them."""
    fit = f"min(1,{LONGEST_SIDE}/max(iw,ih))"
    side = "'max(2,trunc({0}*" + fit + "/2)*2)'"
    colours = "out_range=tv:out_color_matrix=bt709"
    return f"scale=w={side.format('iw')}:h={side.format('ih')}:{colours},format=yuv420p"
