"""The driver `stream` against a camera program of others: Debian's `motion`.

Its own source is the virtual microscope, so that the picture has been through its hands.
"""

import contextlib
import io
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from drivers.microscope.stream import StreamMicroscope
from drivers.virtual.harness import Recorder, running
from hub.device import AccessRefused, Unreachable

pytestmark = pytest.mark.skipif(shutil.which("motion") is None, reason="motion is missing")

PEER = ("drivers.virtual.microscope", "--size", "320x240", "--pattern", "250k")
LIMIT = 30.0


@contextlib.contextmanager
def motion(folder: Path, source: str, *lines: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = [
        "daemon off",
        f"log_file {folder / 'motion.log'}",
        f"target_dir {folder}",
        *(f"netcam_url {source}", "width 320", "height 240", "framerate 10"),
        *("picture_output off", "movie_output off", "text_left", "text_right"),
        *(f"stream_port {port}", "stream_localhost on", "stream_maxrate 10", "webcontrol_port 0"),
        *lines,
    ]
    (folder / "motion.conf").write_text("\n".join(settings) + "\n")
    command = ["motion", "-n", "-c", str(folder / "motion.conf")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        until = time.monotonic() + LIMIT
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, (folder / "motion.log").read_text()
            assert time.monotonic() < until
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


def camera(url: str, **settings: object) -> StreamMicroscope:
    given = StreamMicroscope.Settings.model_validate({"url": url, **settings})
    return StreamMicroscope(given, Recorder())


async def connected(one: StreamMicroscope) -> None:
    until = time.monotonic() + LIMIT
    while True:
        try:
            return await one.connect()
        except Unreachable:
            assert time.monotonic() < until  # it has not got its first picture yet


async def test_what_motion_serves_is_shown(tmp_path: Path) -> None:
    async with running(*PEER) as address:
        with motion(tmp_path, f"{address}/stream") as url:
            one = camera(url)
            await connected(one)
            got = []
            async with contextlib.aclosing(one._view()) as view:
                async for frame in view:
                    got.append(frame)
                    if len(got) == 10:
                        break
    for frame in got:
        picture = Image.open(io.BytesIO(frame.data))
        picture.load()
        assert picture.size == (320, 240)
    assert [f.time for f in got] == sorted({f.time for f in got})


@pytest.mark.parametrize("method", [1, 2], ids=["basic", "digest"])
async def test_motion_asks_for_its_password(tmp_path: Path, method: int) -> None:
    lines = (f"stream_auth_method {method}", "stream_authentication class:lamp-7")
    async with running(*PEER) as address:
        with motion(tmp_path, f"{address}/stream", *lines) as url:
            await connected(camera(url, user="class", password="lamp-7"))
            for wrong in ({}, {"user": "class", "password": "guess"}):
                with pytest.raises(AccessRefused):
                    await camera(url, **wrong).connect()
