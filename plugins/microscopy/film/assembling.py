"""A film put together, picture by picture, and made an MP4 by ffmpeg. Runs in a worker.

Each picture is made once and handed on; nothing but two of them is held, however long the film is.
"""

import contextlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, Any

import cv2
import numpy as np
from PIL import Image

from hub.errors import N_, Invalid
from hub.programs import program_failed
from hub.worker import progress
from plugins.microscopy.film.drawing import GROUND, Drawing, Planes, planes
from plugins.microscopy.film.plan import Plan, Segment
from plugins.microscopy.film.speech import speak

QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error")
_SAID = 1000
_SOUNDS = "matroska,webm,ogg,wav,mp3,mov,mp4,m4a"


def assemble(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make the film of a `Plan`; return its `seconds` and `frames`.

    Raises:
        Invalid: a picture or video of it cannot be read.
        ProgramFailed: ffmpeg could not make it; `ProgramHadNoRoom` where the disk was full.
    """
    plan = Plan.model_validate(wanted)
    # One for each core would only get in the way of what is not idle.
    cv2.setNumThreads(1)
    sound = plan.recording
    if plan.speaker:
        spoken = speak(plan)
        sound = spoken.file
        for segment, seconds in zip(plan.segments, spoken.seconds, strict=True):
            if segment.kind != "video":
                segment.seconds = max(segment.seconds, seconds)
    counts = [max(round(one.seconds * plan.rate), 1) for one in plan.segments]
    total = sum(counts) - sum(_fades(plan, counts)[1:])
    frames = 0
    with _encoder(plan, sound, total) as write:
        for picture in _film(plan, counts):
            write(picture)
            frames += 1
            progress(frames / total, N_("Making the film"))
    return {"seconds": frames / plan.rate, "frames": frames}


def _fades(plan: Plan, counts: list[int]) -> list[int]:
    """Return how many pictures fade at each beginning: never more than half of either side."""
    fades = []
    for number, segment in enumerate(plan.segments):
        before = counts[number - 1] if number else counts[0]
        fades.append(min(round(segment.fade * plan.rate), counts[number] // 2, before // 2))
    return fades


def _film(plan: Plan, counts: list[int]) -> Iterator[Planes]:
    fades = [*_fades(plan, counts), 0]
    drawing = Drawing(plan)
    dark = planes(Image.new("RGB", (plan.width, plan.height), GROUND))
    before: Iterator[Planes] = iter([dark] * fades[0])
    for number, segment in enumerate(plan.segments):
        pictures = _pictures(plan, drawing, segment, counts[number])
        fade = fades[number]
        for step in range(fade):
            share = (step + 1) / (fade + 1)
            mixed = cv2.addWeighted(next(before), 1 - share, next(pictures), share, 0)
            yield np.asarray(mixed, np.uint8).reshape(-1)
        for _ in range(counts[number] - fade - fades[number + 1]):
            yield next(pictures)
        before = pictures
    yield from before


def _pictures(plan: Plan, drawing: Drawing, segment: Segment, count: int) -> Iterator[Planes]:
    if segment.kind == "video":
        return _moving(plan, drawing, segment, count)
    one = drawing.card(segment) if segment.kind == "card" else drawing.still(segment)
    return iter([one] * count)


def _moving(plan: Plan, drawing: Drawing, segment: Segment, count: int) -> Iterator[Planes]:
    size = f"{plan.width}:{plan.height}"
    ground = "0x{:02x}{:02x}{:02x}".format(*GROUND)
    fit = (
        f"fps={plan.rate},scale={size}:force_original_aspect_ratio=decrease"
        ":out_range=tv:out_color_matrix=bt709:force_divisible_by=2,"
        f"pad={size}:(ow-iw)/2:(oh-ih)/2:color={ground},setsar=1,format=yuv420p"
    )
    command = [plan.ffmpeg, *QUIET, "-protocol_whitelist", "file", "-f", "mov"]
    command += ["-ss", f"{segment.begin:.3f}", "-i", segment.file, "-map", "0:v:0", "-an"]
    command += ["-vf", fit, "-frames:v", str(count), "-f", "rawvideo", "pipe:1"]
    length = plan.width * plan.height * 3 // 2
    overlay = drawing.over(drawing.words(segment, shown_width(plan, segment)))
    last: Planes | None = None
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, bufsize=length
        )
        try:
            assert process.stdout is not None  # noqa: S101 - it was opened with a pipe
            for _ in range(count):
                data = process.stdout.read(length)
                if len(data) == length:
                    last = np.frombuffer(bytearray(data), np.uint8)
                    overlay.put(last)
                if last is None:
                    raise Invalid(f"no picture in a video: {_end_of(said)!r}")
                yield last
        finally:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def shown_width(plan: Plan, segment: Segment) -> int:
    """Return how wide a video is in the film."""
    if not segment.width or not segment.height:
        return plan.width
    return round(segment.width * min(plan.width / segment.width, plan.height / segment.height))


@contextlib.contextmanager
def _encoder(plan: Plan, sound: str, total: int) -> Iterator[Callable[[Planes], None]]:
    command = [plan.ffmpeg, *QUIET, "-y", "-f", "rawvideo", "-pix_fmt", "yuv420p"]
    command.remove("-nostdin")
    command += ["-s", f"{plan.width}x{plan.height}", "-r", str(plan.rate), "-i", "pipe:0"]
    if sound:
        command += ["-protocol_whitelist", "file", "-format_whitelist", _SOUNDS, "-i", sound]
        command += ["-map", "0:v:0", "-map", "1:a:0", "-c:a", "aac", "-b:a", "128k", "-ac", "1"]
        command += ["-af", "apad"]
    command += ["-t", f"{total / plan.rate:.3f}", "-c:v", "libx264", "-preset", "superfast"]
    command += ["-crf", "21", "-maxrate", "8M", "-bufsize", "16M", "-g", str(plan.rate * 4)]
    command += ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709"]
    command += ["-color_trc", "bt709", "-movflags", "+faststart", "-f", "mp4", plan.target]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        )
        assert process.stdin is not None  # noqa: S101 - it was opened with a pipe
        put = process.stdin.write
        try:
            yield lambda picture: (put(picture.data), None)[1]
            process.stdin.close()
            if process.wait() != 0:
                raise program_failed("ffmpeg", process.returncode, _end_of(said))
        except BrokenPipeError:
            process.wait()
            raise program_failed("ffmpeg", process.returncode, _end_of(said)) from None
        finally:
            process.kill()
            process.wait()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()


def _end_of(said: IO[bytes]) -> bytes:
    said.seek(0)
    return said.read()[-_SAID:]
