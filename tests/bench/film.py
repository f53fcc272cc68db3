"""A film of a minute from twelve stills and two clips, beside ffmpeg encoding a minute of its own."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hub.programs import ffmpeg
from plugins.microscopy.film.assembling import assemble
from plugins.microscopy.fonts import REGULAR, font_file
from tests.bench._clock import timed
from tests.bench._table import Row

SECONDS = 60


def measure() -> list[Row]:
    """Make it once, in this process; the worker does the same."""
    with tempfile.TemporaryDirectory() as folder:
        plan = storyboard(Path(folder))
        with timed() as took:
            made = assemble(plan)
        source = f"testsrc2=size=1920x1080:rate=25:duration={SECONDS}"
        encode = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-f", "null", "-"]
        with timed() as bare:
            lavfi("-i", source, *encode)
    return [
        Row(
            f"{made['seconds']:.0f} s film, 12 stills and 2 clips, 1080p",
            str(took),
            "<= 30 s",
            f"ffmpeg encoding {SECONDS} s of its test picture: {bare}",
        )
    ]


def storyboard(folder: Path) -> dict[str, Any]:
    """Return the plan of the film; its pictures are made by ffmpeg."""
    segments: list[dict[str, Any]] = []
    for number in range(12):
        file = folder / f"{number}.jpg"
        source = f"testsrc2=size=1920x1080:rate=1,hue=h={30 * number}"
        lavfi("-i", source, "-frames:v", "1", str(file))
        size = {"width": 1920, "height": 1080, "scale": 0.5}
        words = {"title": f"Сурет {number}", "caption": "Жасуша қабықшасы"}
        segments.append(
            {"kind": "still", "file": str(file), "seconds": 4, "fade": 0.5, **size, **words}
        )
    for number in range(2):
        file = folder / f"{number}.mp4"
        lavfi(
            "-i", "mandelbrot=size=1280x720:rate=30", "-t", "10", "-pix_fmt", "yuv420p", str(file)
        )
        size = {"width": 1280, "height": 720, "scale": 1.0}
        segments.append({"kind": "video", "file": str(file), "seconds": 9.25, "fade": 0.5, **size})
    return {
        "target": str(folder / "film.mp4"),
        "folder": str(folder),
        "font": str(font_file(REGULAR)),
        "language": "kk",
        "segments": segments,
        "ffmpeg": ffmpeg(),
    }


def lavfi(*command: str) -> None:
    """Run ffmpeg on a source of its own."""
    subprocess.run([ffmpeg(), "-v", "error", "-y", "-f", "lavfi", *command], check=True)
