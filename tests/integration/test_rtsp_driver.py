"""The driver `rtsp` against GStreamer's RTSP server, and against odd cameras of a few lines."""

import asyncio
import base64
import contextlib
import io
import logging
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from pydantic import ValidationError

from drivers.microscope.video import _program, rtsp
from drivers.microscope.video.rtsp import RtspCamera
from drivers.virtual.harness import Recorder, recording, replaying
from hub.device import (
    AccessRefused,
    DeviceError,
    Frame,
    Unreachable,
    WrongDevice,
    describe_device,
    describe_driver,
)
from hub.device.transports import Faults, Transports
from tests.peers import serving

PLAYER = Path(__file__).with_name("rtsp_player.py")
SECRET = "ақ-қайың 7?/@"
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track1\r\n"
)

ffmpeg_is_there = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is missing")
pytestmark = ffmpeg_is_there


@contextlib.contextmanager
def player(*arguments: str) -> Iterator[str]:
    with subprocess.Popen(
        ["/usr/bin/python3", str(PLAYER), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline().split()
        if not said:
            pytest.skip("GStreamer's RTSP server is missing: " + process.stderr.read()[-200:])
        yield f"rtsp://127.0.0.1:{said[-1]}"
        process.kill()


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ("-f", "lavfi", "-i", "testsrc=s=640x360:r=25:d=20")
    made = ("-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p")
    subprocess.run(["ffmpeg", "-loglevel", "error", *source, *made, str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def shared(film: Path) -> Iterator[str]:
    with player("--film", str(film)) as address:
        yield address


def camera(address: str, transports: Transports | None = None, **settings: object) -> RtspCamera:
    given = RtspCamera.Settings.model_validate({"url": address, **settings})
    return RtspCamera(given, Recorder(), transports=transports)


async def pictures(one: RtspCamera, count: int) -> list[Frame]:
    frames: list[Frame] = []
    async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
        async for frame in view:
            frames.append(frame)
            if len(frames) == count:
                break
    return frames


def programs() -> list[psutil.Process]:
    return [p for p in psutil.Process().children(recursive=True) if p.name() == "ffmpeg"]


def size(frame: Frame) -> tuple[int, int]:
    picture = Image.open(io.BytesIO(frame.data))
    picture.load()
    assert picture.format == "JPEG"
    return picture.size


@pytest.mark.parametrize(
    ("path", "wanted"), [("/jpeg", (320, 240)), ("/vp8", (320, 240)), ("/h264", (640, 360))]
)
async def test_pictures_come_whatever_the_camera_sends(
    shared: str, path: str, wanted: tuple[int, int]
) -> None:
    one = camera(shared + path)
    await one.connect()
    frames = await pictures(one, 12)
    assert {size(frame) for frame in frames} == {wanted}
    assert [f.time for f in frames] == sorted({f.time for f in frames})
    assert len({frame.data for frame in frames}) > 1, "it moves"
    described = describe_device(describe_driver("rtsp", RtspCamera), one, 1)
    assert (described.properties, described.actions, described.events) == ({}, {}, {})
    assert set(described.streams) == {"view"}
    await one.disconnect()


async def test_jpeg_is_handed_on_untouched_and_the_rest_encoded(shared: str) -> None:
    passed, made = camera(shared + "/jpeg"), camera(shared + "/vp8")
    await passed.connect()
    await made.connect()
    assert passed._output == _program.as_they_come()
    assert made._output == _program.encoded()


async def test_nothing_runs_unless_somebody_watches(shared: str) -> None:
    one = camera(shared + "/jpeg")
    await one.connect()
    assert programs() == []
    async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
        await anext(view)
        assert len(programs()) == 1
    assert programs() == []


@pytest.mark.parametrize("method", ["basic", "digest"])
async def test_the_password_is_given_and_nobody_sees_it(
    method: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with player("--password", SECRET, "--method", method) as address:
        settings = {"user": "class", "password": SECRET}
        given = RtspCamera.Settings.model_validate({"url": address + "/jpeg", **settings})
        file = tmp_path / "camera.jsonl"
        async with recording(file, given, driver="rtsp") as transports:
            one = camera(address + "/jpeg", transports, **settings)
            await one.connect()
            async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
                await anext(view)
                (program,) = programs()
                everybody = " ".join(program.cmdline())
                environment = str(program.environ())
        told = file.read_bytes()
    basic = base64.b64encode(f"class:{SECRET}".encode()).decode()
    decoded = b"".join(
        base64.b64decode(piece.split('"')[0]) for piece in told.decode().split('"data":"')[1:]
    )
    for secret in (SECRET, basic):
        assert secret not in everybody
        assert secret not in environment
        assert secret not in caplog.text
        assert secret.encode() not in told + decoded
    assert b"Authorization:*" in decoded, "it was given"


@pytest.mark.parametrize("wrong", [{}, {"user": "class", "password": "guess"}])
async def test_without_the_password_it_refuses(wrong: dict[str, str]) -> None:
    with (
        player("--password", SECRET, "--method", "digest") as address,
        pytest.raises(AccessRefused),
    ):
        await camera(address + "/jpeg", **wrong).connect()


async def test_what_is_not_there_says_what_is_wrong(shared: str) -> None:
    with pytest.raises(WrongDevice, match="404"):
        await camera(shared + "/nothing").connect()
    with pytest.raises(WrongDevice, match="no picture"):
        await camera(shared + "/sound").connect()
    with pytest.raises(Unreachable):
        await camera("rtsp://127.0.0.1:9/jpeg").connect()


async def test_without_ffmpeg_the_package_is_named(
    shared: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError) as caught:
        await camera(shared + "/jpeg").connect()
    assert caught.value.code == "ffmpeg-missing"
    assert "apt install ffmpeg" in caught.value.hint


async def test_a_camera_that_dies_is_noticed() -> None:
    with player() as address:
        one = camera(address + "/jpeg")
        await one.connect()
        async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
            await anext(view)
            await kill_listener(address)
            with pytest.raises(Unreachable):
                async for _ in view:
                    pass
    assert programs() == []


async def test_a_stall_is_noticed_and_the_camera_comes_back(shared: str) -> None:
    transports = Transports()
    one = camera(shared + "/jpeg", transports)
    await one.connect()
    async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
        await anext(view)
        transports.set_faults(Faults(stall=True))
        with pytest.raises(Unreachable, match="stalled"):
            async for _ in view:
                pass
    transports.set_faults(None)
    assert len(await pictures(one, 3)) == 3


async def test_ffmpeg_that_is_killed_is_told_and_started_again(shared: str) -> None:
    one = camera(shared + "/jpeg")
    await one.connect()
    async with contextlib.aclosing(one._view()) as view, asyncio.timeout(30):
        await anext(view)
        programs()[0].kill()
        with pytest.raises(Unreachable):
            async for _ in view:
                pass
    assert len(await pictures(one, 3)) == 3


async def test_a_recording_plays_the_camera_again(tmp_path: Path) -> None:
    file = tmp_path / "camera.jsonl"
    with player() as address:
        given = RtspCamera.Settings.model_validate({"url": address + "/jpeg"})
        async with recording(file, given, driver="rtsp") as transports:
            one = camera(address + "/jpeg", transports)
            await one.connect()
            seen = await pictures(one, 8)
    async with replaying(file, pace="original") as transports:
        one = camera(address + "/jpeg", transports)
        await one.connect()
        again = await pictures(one, 4)
    assert {frame.data for frame in again} & {frame.data for frame in seen}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", WrongDevice),
        (b"RTSP/1.0 302 Moved\r\nCSeq: 1\r\nLocation: rtsp://10.9.9.9/\r\n\r\n", WrongDevice),
        (b"RTSP/1.0 453 Not Enough Bandwidth\r\nCSeq: 1\r\n\r\n", Unreachable),
        (b"RTSP/1.0 503 Busy\r\nCSeq: 1\r\n\r\n", Unreachable),
        (b"RTSP/1.0 403 Forbidden\r\nCSeq: 1\r\n\r\n", AccessRefused),
        (b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n", WrongDevice),
        (b"", Unreachable),
        (b"RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n", Unreachable),
    ],
    ids=repr,
)
async def test_odd_cameras_are_refused_by_what_they_say(
    answer: bytes, error: type[DeviceError], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        if answer:
            await reader.read()

    async with serving(serve) as port:
        with pytest.raises(error):
            await camera(f"rtsp://127.0.0.1:{port}/x").connect()


async def test_a_camera_that_leads_elsewhere_while_it_plays_is_not_followed() -> None:
    asked: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))

    def serve_with(port: int) -> Callable[..., Awaitable[None]]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                number = head.split("CSeq: ")[1].split("\r\n")[0]
                if head.startswith("SETUP"):
                    told = f"RTSP/1.0 302 Moved\r\nCSeq: {number}\r\nLocation: rtsp://127.0.0.1:{port}/\r\n\r\n"
                    writer.write(told.encode())
                    continue
                body = SDP if head.startswith("DESCRIBE") else b""
                told = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\nContent-Type: application/sdp\r\n"
                writer.write(told.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)

        return serve

    async with serving(elsewhere) as other, serving(serve_with(other)) as port:
        one = camera(f"rtsp://127.0.0.1:{port}/x")
        await one.connect()
        with pytest.raises(WrongDevice, match="302"):
            await pictures(one, 1)
    assert asked == []


async def test_bytes_without_a_picture_are_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp, "FIRST", 3.0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def chatter() -> None:
            while True:
                writer.write(b"$\0\0\x10" + bytes(16))
                await asyncio.sleep(0.05)

        talking: list[asyncio.Task[None]] = []
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                number = head.split("CSeq: ")[1].split("\r\n")[0]
                extra = "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
                body = SDP if head.startswith("DESCRIBE") else b""
                told = f"RTSP/1.0 200 OK\r\nCSeq: {number}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
                writer.write(told.encode() + body)
                if head.startswith("PLAY"):
                    talking.append(asyncio.create_task(chatter()))
        finally:
            for one in talking:
                one.cancel()

    async with serving(serve) as port:
        one = camera(f"rtsp://127.0.0.1:{port}/x")
        await one.connect()
        with pytest.raises(DeviceError):
            await pictures(one, 1)
    assert programs() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://10.0.0.7/stream",
        "rtsp:///x",
        "rtsp://user:word@10.0.0.7/",
        "rtsp://10.0.0.7/a b",
        "rtsp://10.0.0.7/\r\nX: y",
        "rtsp://10.0.0.7:99999/",
        "-i /etc/passwd",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        RtspCamera.Settings.model_validate({"url": url})


async def test_the_door_opens_to_the_same_user_only() -> None:
    from drivers.microscope.video._door import _same_user

    async def hold(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(hold) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        near = writer.get_extra_info("sockname")[1]
        assert _same_user(near, port)
        assert not _same_user(port, port), "nobody is there"
        if os.getuid() == 0:
            program = f"import socket; s = socket.create_connection(('127.0.0.1', {port})); print(s.getsockname()[1], flush=True); input()"
            with subprocess.Popen(
                ["/usr/bin/python3", "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                user=65534,
                cwd="/",
            ) as other:
                assert other.stdout is not None
                theirs = int(await asyncio.to_thread(other.stdout.readline))
                assert not _same_user(theirs, port)
                other.kill()
        writer.close()
        await writer.wait_closed()


async def kill_listener(address: str) -> None:
    port = int(address.rsplit(":", 1)[1])
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if any(c.laddr and c.laddr.port == port for c in child.net_connections()):
                child.kill()
