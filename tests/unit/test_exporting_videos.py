"""Videos ready to upload: what ffprobe says of them, whatever they were before."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from plugins.microscopy.exporting.errors import NothingToExport
from plugins.microscopy.exporting.work import export
from tests.unit.test_exporting import item, job, picture

pytestmark = pytest.mark.skipif(
    shutil.which("ffprobe") is None, reason="ffmpeg is not installed: apt install ffmpeg"
)
LIMITS = {"max_side": 640, "max_bytes": 200_000, "max_video_bytes": 200_000}


def video(file: Path, *options: str, size: str = "800x450", seconds: float = 2) -> Path:
    """Make a video of noise, which no encoder makes small, with a tone."""
    source = f"color=gray:size={size}:rate=25,noise=alls=60:allf=t"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source, "-f", "lavfi"]
    command += ["-i", "sine=440", "-t", str(seconds), *options, str(file)]
    subprocess.run(command, check=True)
    return file


def clip(source: Path, **more: object) -> dict:
    kind = "video/webm" if source.suffix == ".webm" else "video/mp4"
    return item(source, media_type=kind, **more)


def told(file: Path) -> dict:
    command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", str(file)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("large.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"]),
        ("other.mp4", ["-c:v", "mpeg4", "-q:v", "3"]),
        ("silent.mp4", ["-c:v", "libx264", "-preset", "ultrafast", "-an"]),
        ("browser.webm", ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"]),
    ],
)
def test_whatever_it_was_it_fits_and_plays_everywhere(tmp_path: Path, name, options) -> None:
    source = video(tmp_path / name, *options)
    made = export(job(tmp_path, "jpeg", clip(source), **LIMITS))
    assert (made["name"], made["media_type"]) == ("Жасуша.mp4", "video/mp4")
    target = tmp_path / "target"
    assert target.stat().st_size <= 200_000 < source.stat().st_size
    found = told(target)
    [shown] = [one for one in found["streams"] if one["codec_type"] == "video"]
    assert (shown["codec_name"], shown["pix_fmt"]) == ("h264", "yuv420p")
    assert max(shown["width"], shown["height"]) <= 640
    assert shown["width"] / shown["height"] == pytest.approx(16 / 9, rel=0.02)
    assert float(found["format"]["duration"]) == pytest.approx(2, abs=0.2)
    sounds = [one["codec_name"] for one in found["streams"] if one["codec_type"] == "audio"]
    assert sounds == ([] if name == "silent.mp4" else ["aac"])


def test_what_fits_already_is_left_as_it_is(tmp_path: Path) -> None:
    options = ["-c:v", "libx264", "-crf", "40", "-pix_fmt", "yuv420p"]
    source = video(tmp_path / "small.mp4", *options, size="320x180", seconds=1)
    export(job(tmp_path, "jpeg", clip(source), **LIMITS))
    assert (tmp_path / "target").read_bytes() == source.read_bytes()


def test_pictures_and_videos_go_together_and_a_broken_one_is_named(tmp_path: Path) -> None:
    options = ["-c:v", "libx264", "-crf", "40", "-pix_fmt", "yuv420p"]
    good = video(tmp_path / "good.mp4", *options, size="320x180", seconds=1)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(good.read_bytes()[:900])
    items = [item(picture(tmp_path)), clip(good, id="b1"), clip(broken, id="c1")]
    made = export(job(tmp_path, "jpeg", *items, **LIMITS))
    assert (made["missing"], made["left_out"]) == (["c1"], [])
    with zipfile.ZipFile(tmp_path / "target") as archive:
        assert archive.namelist() == ["01 Жасуша.jpg", "02 Жасуша.mp4"]
        assert archive.read("02 Жасуша.mp4") == good.read_bytes()
    with pytest.raises(NothingToExport):
        export(job(tmp_path, "jpeg", clip(broken), **LIMITS))
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) == []


@pytest.mark.parametrize("wanted", ["png", "ome-tiff", "report"])
def test_a_form_without_videos_says_which_it_leaves_out(tmp_path: Path, wanted: str) -> None:
    if wanted == "ome-tiff":
        pytest.importorskip("tifffile")
    items = [item(picture(tmp_path)), item(tmp_path / "a.mp4", media_type="video/mp4", id="b1")]
    made = export(job(tmp_path, wanted, *items))
    assert (made["missing"], made["left_out"]) == ([], ["b1"])
