"""Videos as platforms take them: MP4 within a size, made by ffmpeg. Runs in a worker."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.programs import ffmpeg, program_failed

VIDEOS = ("video/mp4", "video/webm")

_QUIET = ("-hide_banner", "-nostdin", "-loglevel", "error", "-protocol_whitelist", "file")
_DEMUXERS = {"video/mp4": "mov", "video/webm": "matroska"}
_SOUND = 128_000
_FASTEST = 8_000_000
_SLOWEST = 120_000
"""Bits a second of the picture; below it nothing is to be seen any more."""
_SPARE = 0.93
"""Of the size that is allowed: what the container and the rate control want besides."""
_TRIES = 3
_PROBE_LIMIT = 20.0
_SAID = 1000

Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class _Found:
    codec: str
    pixels: str
    width: int
    height: int
    seconds: float
    sound: bool


def as_mp4(item: dict[str, Any], target: Path, job: dict[str, Any], tell: Tell) -> None:
    """Write a video as MP4 (H.264, yuv420p) within the limits of the job.

    A file that is within them already is copied as it is.

    Args:
        item: `source`, and its `media_type`.
        target: the file to write.
        job: `max_side` (pixels of the longer side) and `max_video_bytes`; None for any.
        tell: is told how far it is, 0..1.

    Raises:
        ValueError: it is no video that can be played.
        FfmpegMissing, ProgramFailed, ProgramHadNoRoom: nothing was made.
    """
    source, most = Path(item["source"]), job.get("max_video_bytes")
    if most is None and job.get("max_side") is None and item["media_type"] == "video/mp4":
        shutil.copyfile(source, target)
        return
    found = _probe(source, item["media_type"])
    side, most = job.get("max_side") or 1920, most or 1 << 40
    fits = max(found.width, found.height) <= side and source.stat().st_size <= most
    if fits and (found.codec, found.pixels) == ("h264", "yuv420p"):
        shutil.copyfile(source, target)
        return
    share = _SPARE
    for _ in range(_TRIES):
        rate = most * 8 * share / found.seconds - (_SOUND if found.sound else 0)
        rate = max(min(rate, _FASTEST), _SLOWEST)
        _encode(source, target, item["media_type"], found, side, round(rate), tell)
        if target.stat().st_size <= most:
            return
        share *= 0.8
    raise ValueError(f"{found.seconds:.0f} s do not go into {most} bytes")


def _probe(source: Path, media_type: str) -> _Found:
    shown = "stream=codec_type,codec_name,pix_fmt,width,height,duration:format=duration"
    command = [ffmpeg("ffprobe"), "-v", "error", "-protocol_whitelist", "file"]
    command += ["-f", _DEMUXERS[media_type], "-show_entries", shown, "-of", "json", str(source)]
    done = subprocess.run(command, capture_output=True, timeout=_PROBE_LIMIT, check=False)
    found = json.loads(done.stdout or b"{}")
    streams = found.get("streams", [])
    picture = next((one for one in streams if one.get("codec_type") == "video"), None)
    if done.returncode != 0 or picture is None:
        raise ValueError(f"no video: {done.stderr[-200:]!r}")
    seconds = float(picture.get("duration") or found["format"].get("duration") or 0)
    width, height = int(picture.get("width", 0)), int(picture.get("height", 0))
    if not seconds > 0 or min(width, height) <= 0:
        raise ValueError(f"{width} x {height} pixels, {seconds} s")
    sound = any(one.get("codec_type") == "audio" for one in streams)
    codec, pixels = picture.get("codec_name", ""), picture.get("pix_fmt", "")
    return _Found(codec, pixels, width, height, seconds, sound)


def _encode(
    source: Path, target: Path, media_type: str, found: _Found, side: int, rate: int, tell: Tell
) -> None:
    # Below two bits in ten pixels a smaller picture looks better than a coarse one.
    least = min(1.0, (rate / (found.width * found.height * 25 * 0.05)) ** 0.5)
    fit = f"min({max(least, 0.25):.3f},{side}/max(iw,ih))"
    sides = (f"'max(2,trunc({length}*{fit}/2)*2)'" for length in ("iw", "ih"))
    scale = "scale=w={}:h={}:out_range=tv:out_color_matrix=bt709,format=yuv420p".format(*sides)
    command = [ffmpeg(), *_QUIET, "-y", "-progress", "pipe:1", "-f", _DEMUXERS[media_type]]
    command += ["-i", str(source), "-map", "0:v:0", "-map", "0:a:0?", "-vf", scale]
    command += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-threads", "2"]
    command += ["-maxrate", str(rate), "-bufsize", str(rate), "-g", "100"]
    command += ["-c:a", "aac", "-b:a", str(_SOUND), "-ac", "1"]
    command += ["-color_range", "tv", "-colorspace", "bt709", "-color_primaries", "bt709"]
    command += ["-color_trc", "bt709", "-movflags", "+faststart", "-f", "mp4", str(target)]
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, text=True
        ) as process:
            assert process.stdout is not None  # noqa: S101 - it was opened with a pipe
            for line in process.stdout:
                name, _, value = line.strip().partition("=")
                if name == "out_time_us" and value.isdigit():
                    tell(min(int(value) / 1e6 / found.seconds, 1.0))
        if process.returncode != 0:
            said.seek(0)
            raise program_failed("ffmpeg", process.returncode, said.read()[-_SAID:])
