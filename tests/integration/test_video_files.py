"""The driver `video` plays files as a camera would, out of one folder and no other."""

import asyncio
import contextlib
import io
import os
import shutil
import subprocess
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import ValidationError

from drivers.microscope.video.files import FileMissing, VideoFiles, playlist
from drivers.virtual.harness import Recorder
from hub.app import Hub
from hub.device import BadSettings, DeviceError, Frame, WrongDevice
from hub.devices import DeviceConfig
from hub.settings import Settings

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is missing")


def film(path: Path, *, seconds: float, colour: str = "red") -> None:
    source = f"color=c={colour}:s=320x240:r=10:d={seconds}"
    command = ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", source, str(path)]
    subprocess.run(command, check=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "drivers" / "video"
    made.mkdir(parents=True)
    return made


def files(folder: Path, path: str = "", **settings: object) -> VideoFiles:
    wanted = VideoFiles.Settings.model_validate({"path": path, **settings})
    return VideoFiles(wanted, Recorder(), folder=folder)


async def pictures(one: VideoFiles, count: int) -> list[Frame]:
    frames: list[Frame] = []
    async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
        async for frame in view:
            frames.append(frame)
            if len(frames) == count:
                break
    return frames


def colour(frame: Frame) -> str:
    red, green, blue = (
        Image.open(io.BytesIO(frame.data)).convert("RGB").resize((1, 1)).getpixel((0, 0))
    )
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


async def test_a_video_plays_in_real_time_and_begins_again(folder: Path) -> None:
    film(folder / "one.mp4", seconds=2)
    one = files(folder, "one.mp4")
    await one.connect()
    frames = await pictures(one, 25)
    assert [f.time for f in frames] == sorted(f.time for f in frames)
    assert frames[19].time - frames[0].time >= 1.5, "20 pictures at 10 a second"


async def test_a_folder_is_shown_in_the_order_of_its_names(folder: Path) -> None:
    film(folder / "A first.mp4", seconds=0.5)
    Image.new("RGB", (4000, 3000), "lime").save(folder / "b.PNG")
    Image.new("RGB", (64, 64), "blue").save(folder / "c%d.jpg")
    (folder / "notes.txt").write_text("no video")
    one = files(folder, seconds=1)
    await one.connect()
    seen = [colour(frame) for frame in await pictures(one, 11)]
    order = [now for now, before in zip(seen, [None, *seen], strict=False) if now != before]
    assert order[:4] == ["red", "green", "blue", "red"]


async def test_a_large_picture_is_made_small_enough_for_a_live_view(folder: Path) -> None:
    Image.new("RGB", (4000, 3000), "lime").save(folder / "large.png")
    one = files(folder, "large.png")
    await one.connect()
    (frame,) = await pictures(one, 1)
    assert Image.open(io.BytesIO(frame.data)).size == (1920, 1440)


async def test_a_picture_is_shown_to_who_comes_later(folder: Path) -> None:
    Image.new("RGB", (64, 64), "blue").save(folder / "still.jpg")
    one = files(folder, "still.jpg", seconds=3600)
    await one.connect()
    first, second = await pictures(one, 2)
    assert 0.5 < second.time - first.time < 30


async def test_nothing_runs_unless_somebody_watches(folder: Path) -> None:
    film(folder / "one.mp4", seconds=20)
    one = files(folder, "one.mp4")
    await one.connect()
    children = psutil.Process().children
    assert not [p for p in children(recursive=True) if p.name() == "ffmpeg"]
    async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
        await anext(view)
        assert len([p for p in children(recursive=True) if p.name() == "ffmpeg"]) == 1
    assert not [p for p in children(recursive=True) if p.name() == "ffmpeg"]


async def test_what_is_no_video_is_left_out(folder: Path) -> None:
    (folder / "a.mp4").write_bytes(os.urandom(5000))
    film(folder / "b.mp4", seconds=0.5)
    one = files(folder)
    await one.connect()
    assert [colour(frame) for frame in await pictures(one, 3)] == ["red"] * 3


@pytest.mark.parametrize(
    "hostile",
    [
        b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile '/etc/hostname'\n",
        b"v=0\r\nm=video 5004 RTP/AVP 96\r\nc=IN IP4 127.0.0.1\r\n",
        b"",
        bytes(100_000),
    ],
    ids=["m3u", "concat", "sdp", "empty", "zeros"],
)
@pytest.mark.parametrize("name", ["film.mp4", "film.ts", "still.png"])
async def test_a_file_that_names_others_is_no_video(
    folder: Path, hostile: bytes, name: str
) -> None:
    (folder / name).write_bytes(hostile)
    one = files(folder, name)
    await one.connect()
    with pytest.raises(WrongDevice, match=name):
        await pictures(one, 1)


async def test_what_is_outside_is_refused_wherever_links_lead(folder: Path, tmp_path: Path) -> None:
    film(tmp_path / "secret.mp4", seconds=1)
    (folder / "link.mp4").symlink_to(tmp_path / "secret.mp4")
    (folder / "out").symlink_to(tmp_path)
    for name in ("link.mp4", "out", "out/secret.mp4"):
        with pytest.raises(BadSettings):
            await files(folder, name).connect()
    with pytest.raises(FileMissing):
        await files(folder).connect()


@pytest.mark.parametrize("name", ["../x.mp4", "/etc/passwd", "a/../../b", "a\0b", "a\nb"])
def test_a_name_that_leads_out_is_no_setting(name: str) -> None:
    with pytest.raises(ValidationError):
        files(Path("unused"), name)


@given(st.text(max_size=60))
def test_whatever_the_name_nothing_outside_is_found(name: str) -> None:
    root = Path(__file__).parent / "no-such-folder"
    with pytest.raises((DeviceError, ValidationError)):
        playlist(root, files(root, name).settings.path)


async def test_a_missing_file_says_where_to_put_it(folder: Path) -> None:
    with pytest.raises(FileMissing) as caught:
        await files(folder, "gone.mp4").connect()
    assert caught.value.params == {"folder": str(folder)}


async def test_the_hub_gives_the_folder_and_says_where_it_is(tmp_path: Path) -> None:
    shown = DeviceConfig(id="shown", driver="video", settings={"path": "onion.png"})
    hub = Hub(Settings(data=tmp_path, language="en", devices=[shown]))
    await hub.start()
    try:
        device = hub.devices.get("shown")
        async with asyncio.timeout(60):
            while device.state.problem is None:
                await asyncio.sleep(0.05)
        assert device.state.problem.code == "file-missing"
        assert device.state.problem.params == {"folder": str(tmp_path / "drivers" / "video")}
        assert (tmp_path / "drivers" / "video").is_dir()
    finally:
        await hub.stop()
