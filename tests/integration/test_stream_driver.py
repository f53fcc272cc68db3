"""The driver `stream` against cameras on the wire: the virtual one, and odd ones of a few lines."""

import asyncio
import base64
import contextlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from pydantic import ValidationError

from drivers.http import HttpClient
from drivers.microscope import _live
from drivers.microscope._control import Control
from drivers.microscope.contract import Microscope, StagePosition
from drivers.microscope.stream import StreamMicroscope
from drivers.virtual.harness import Asked, Recorder, running
from hub.device import (
    AccessRefused,
    DeviceError,
    Frame,
    OutOfRange,
    Unreachable,
    WrongDevice,
    describe_device,
    describe_driver,
)
from tests.peers import serving

PEER = ("drivers.virtual.microscope", "--size", "480x270")
PATTERN = ("drivers.virtual.microscope", "--size", "320x180", "--pattern", "250k")  # starts quicker
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffda00040102") + b"scan\xff\xd9"


@pytest.fixture(scope="module")
def shared() -> Iterator[str]:
    """One peer for tests that leave it as it was."""
    with subprocess.Popen(
        [sys.executable, "-m", *PATTERN, "--with-parent"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


def driver(address: str, **settings: object) -> StreamMicroscope:
    settings = {"url": f"{address}/stream", **settings}
    return StreamMicroscope(StreamMicroscope.Settings.model_validate(settings), Recorder())


def whole(address: str, **settings: object) -> StreamMicroscope:
    return driver(
        address, still_url=f"{address}/still.jpg", control_url=f"{address}/state", **settings
    )


async def faults(address: str, **wanted: object) -> None:
    body = json.dumps(wanted).encode()
    url = f"{address}/faults"
    await HttpClient().fetch(url, method="POST", body=body, media_type="a/b", limit=9999)


async def exhausted(view: AsyncIterator[Frame]) -> None:
    async for _ in view:
        pass


async def pictures(microscope: StreamMicroscope, count: int) -> list[Frame]:
    frames: list[Frame] = []
    async with contextlib.aclosing(microscope._view()) as view, asyncio.timeout(20):
        async for frame in view:
            frames.append(frame)
            if len(frames) == count:
                break
    return frames


@contextlib.asynccontextmanager
async def camera(
    answer: Callable[[bytes, asyncio.StreamWriter], Awaitable[None]], host: str = "127.0.0.1"
) -> AsyncIterator[str]:
    """A camera that answers each request as `answer(head, writer)` does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(await reader.readuntil(b"\r\n\r\n"), writer)

    async with serving(serve, host) as port:
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def says(data: bytes) -> Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(data)

    return answer


async def test_pictures_come_and_the_microscope_is_driven() -> None:
    async with running(*PEER) as address:
        microscope = whole(address)
        await microscope.connect()
        frames = await pictures(microscope, 5)
        assert all(f.data[:3] == b"\xff\xd8\xff" and f.data[-2:] == b"\xff\xd9" for f in frames)
        assert [f.time for f in frames] == sorted({f.time for f in frames})

        await microscope._set_objective("40x")
        assert await microscope._objective() == "40x"
        assert await microscope._scale() == pytest.approx(0.1 * 1920 / 480)
        # Whoever runs the driver reads it again after each write of these.
        assert Microscope.scale.follows == ("objective", "resolution")
        await microscope._set_stage(StagePosition(x=120.0, y=-40.5))
        assert await microscope._stage() == StagePosition(x=120.0, y=-40.5)
        await microscope._set_light(33.0)
        assert await microscope._light() == 33.0
        with pytest.raises(OutOfRange):
            await microscope._set_focus(1e6)
        assert await microscope._focus() == 0.0

        described = describe_device(describe_driver("stream", StreamMicroscope), microscope, 1)
        assert described.properties["objective"].value_schema["enum"] == ["4x", "10x", "40x"]
        assert described.properties["focus"].value_schema["minimum"] == -250
        assert set(described.actions) == {"autofocus"}
        assert not described.events
        await microscope.disconnect()


@pytest.mark.parametrize("objective", ["4x", "10x", "40x"])
async def test_autofocus_ends_within_the_depth_of_field_of_the_truth(objective: str) -> None:
    async with running(*PEER) as address:
        microscope = whole(address)
        await microscope.connect()
        await microscope._set_objective(objective)
        asked = Asked()
        result = await microscope._autofocus(asked)
        truth = await HttpClient().json(f"{address}/truth")
        assert abs(result.focus - truth["best_focus"]) <= truth["depth_of_field"] / 2
        assert abs(truth["defocus"]) <= truth["depth_of_field"] / 2
        assert asked.fractions == sorted(asked.fractions)


async def test_autofocus_that_is_cancelled_leaves_the_focus_where_it_was() -> None:
    async with running(*PEER) as address:
        microscope = whole(address)
        await microscope.connect()
        await microscope._set_focus(-77.0)
        reached = asyncio.Event()

        class Watched(Asked):
            async def progress(self, fraction: float, message: str = "") -> None:
                reached.set()

        task = asyncio.create_task(microscope._autofocus(Watched()))
        await asyncio.wait_for(reached.wait(), 10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        state = await HttpClient().json(f"{address}/state")
        assert state["focus"] == -77.0


async def test_autofocus_on_darkness_says_that_there_is_nothing_to_see() -> None:
    async with running(*PEER) as address:
        microscope = whole(address)
        await microscope.connect()
        await microscope._set_light(0.0)
        with pytest.raises(DeviceError) as caught:
            await microscope._autofocus(Asked())
        assert caught.value.code == "nothing-to-focus"


async def test_autofocus_works_on_a_camera_that_has_no_stills() -> None:
    async with running(*PATTERN) as address:
        microscope = driver(address, control_url=f"{address}/state")
        await microscope.connect()
        data = await microscope._fresh()
        assert data.startswith(b"\xff\xd8")


async def test_a_camera_without_control_has_a_picture_and_nothing_else() -> None:
    async with running(*PATTERN) as address:
        microscope = driver(address)
        await microscope.connect()
        described = describe_device(describe_driver("stream", StreamMicroscope), microscope, 1)
        assert (described.properties, described.actions, described.events) == ({}, {}, {})
        assert set(described.streams) == {"view"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"garbage": 3},
        {"truncate": 3},
        {"half_boundary": 3},
        {"wrong_length": 6},
        {"no_length": True},
        {"line_feeds": True},
        {"no_boundary": True},
        {"oversize": 1},
        {"close": True},
        {"slow": 2},
        {"garbage": 1, "truncate": 2, "wrong_length": 1, "line_feeds": True, "no_length": True},
    ],
    ids=str,
)
async def test_good_pictures_come_on_after_a_fault(shared: str, wrong: dict[str, object]) -> None:
    await faults(shared, clear=True)
    microscope = driver(shared)
    await microscope.connect()
    got = 0
    async with contextlib.aclosing(microscope._view()) as view, asyncio.timeout(30):
        async for frame in view:
            assert frame.data[:3] == b"\xff\xd8\xff"
            assert frame.data[-2:] == b"\xff\xd9"
            assert len(frame.data) < 1_000_000
            got += 1
            if got == 3:
                await faults(shared, **wrong)
            if got == 20:
                break


async def test_damaged_pictures_are_told_as_health_and_their_end_too(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await faults(shared, clear=True)
    monkeypatch.setattr(_live.Damage.__init__, "__kwdefaults__", {"every": 0.3, "share": 0.05})
    microscope = driver(shared)
    await microscope.connect()
    await faults(shared, truncate=20)
    recorder = microscope.link
    assert isinstance(recorder, Recorder)
    async with contextlib.aclosing(microscope._view()) as view, asyncio.timeout(30):
        async for _ in view:
            if recorder.problems[-1:] == [None]:
                break
    codes = [problem and problem.code for problem in recorder.problems]
    assert codes == ["damaged-pictures", None]


async def test_an_unplugged_camera_is_unreachable_and_comes_back() -> None:
    async with running(*PATTERN) as address:
        microscope = whole(address)
        await microscope.connect()
        async with contextlib.aclosing(microscope._view()) as view, asyncio.timeout(20):
            await anext(view)
            await faults(address, unplug=True)
            with pytest.raises(Unreachable):
                await exhausted(view)
        with pytest.raises(Unreachable):
            await microscope.connect()
        await faults(address, unplug=False)
        await microscope.connect()
        assert await pictures(microscope, 2)


@pytest.mark.parametrize("wrong", ["stall", "mute"])
async def test_a_camera_that_falls_silent_is_unreachable(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(*PATTERN) as address:
        microscope = driver(address)
        await microscope.connect()
        monkeypatch.setattr(_live, "STALL", 0.4)
        microscope._http._timeout = 0.4
        await faults(address, **{wrong: True})
        with pytest.raises(Unreachable):
            await pictures(microscope, 1000)


async def test_what_is_changed_at_the_microscope_itself_is_read() -> None:
    async with running(*PATTERN) as address:
        microscope = whole(address)
        await microscope.connect()
        await HttpClient().json(f"{address}/state", put={"objective": "4x", "light": 12})
        assert microscope._control is not None
        await microscope._control.state(max_age=0.0)
        assert (await microscope._objective(), await microscope._light()) == ("4x", 12)


async def test_a_password_is_asked_for_shown_and_kept() -> None:
    async with running(*PATTERN, "--credentials", "lab:тышқан") as address:
        with pytest.raises(AccessRefused):
            await driver(address).connect()
        with pytest.raises(AccessRefused):
            await driver(address, user="lab", password="wrong").connect()
        microscope = whole(address, user="lab", password="тышқан")
        await microscope.connect()
        assert await microscope._objective() == "10x"
        assert "тышқан" not in repr(microscope.settings)


async def test_digest_cameras_never_see_the_password() -> None:
    seen: list[bytes] = []

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(head)
        if b"Authorization: Digest" in head:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG)
        else:
            challenge = b'Digest realm="cam", nonce="1", qop="auth"'
            writer.write(b"HTTP/1.1 401 No\r\nWWW-Authenticate: " + challenge + b"\r\n\r\n")

    async with camera(answer) as address:
        await driver(address, user="u", password="geheim").connect()
    plain = base64.b64encode(b"u:geheim")
    assert not any(b"geheim" in head or plain in head for head in seen)


async def test_stills_fetched_one_by_one_make_a_live_view() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\n"
    async with camera(says(head + JPEG)) as address:
        microscope = driver(address)
        await microscope.connect()
        assert [f.data for f in await pictures(microscope, 3)] == [JPEG] * 3


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_chunked_streams_redirects_and_ipv6_work(host: str) -> None:
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        if head.startswith(b"GET /stream "):
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: /real?x=1\r\n\r\n")
            return
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=a\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(3):
            part = b"--a\r\n\r\n" + JPEG + b"\r\n"
            for piece in (part[:9], part[9:]):
                writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                await writer.drain()
        await asyncio.sleep(3600)

    async with camera(answer, host) as address:
        microscope = driver(address)
        await microscope.connect()
        assert (await pictures(microscope, 1))[0].data == JPEG


async def test_a_stream_that_is_closed_after_each_picture_goes_on() -> None:
    head = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n"
    async with camera(says(head + b"--b\r\n\r\n" + JPEG + b"\r\n")) as address:
        assert len(await pictures(await connected(address), 3)) == 3


async def connected(address: str) -> StreamMicroscope:
    microscope = driver(address)
    await microscope.connect()
    return microscope


OK = b"HTTP/1.1 200 OK\r\nContent-Type: "


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"SSH-2.0-OpenSSH_9\r\n", WrongDevice),
        (OK + b"text/html\r\nContent-Length: 2\r\n\r\nhi", WrongDevice),
        (OK + b"\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", AccessRefused),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", Unreachable),
        (b"HTTP/1.1 302 Found\r\nLocation: http://example.org/\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 302 Found\r\nLocation: /stream\r\n\r\n", WrongDevice),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, WrongDevice),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", WrongDevice),
        (b"", Unreachable),
        (OK + b"multipart/x-mixed-replace; boundary=x\r\n\r\n", Unreachable),
        (OK + b"multipart/x-mixed-replace; boundary=x\r\n\r\n--x\r\n\r\nno picture", Unreachable),
        (OK + b"image/jpeg\r\nContent-Length: 9\r\n\r\nnot a one", Unreachable),
        (OK + b"image/jpeg\r\nContent-Length: 900\r\n\r\nnot", Unreachable),
        (OK + b"image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", WrongDevice),
        (b"\x00\xff" * 5000, WrongDevice),
    ],
)
async def test_what_is_no_camera_is_told_apart(answer: bytes, error: type[DeviceError]) -> None:
    async with camera(says(answer)) as address:
        with pytest.raises(error) as caught:
            await driver(address).connect()
        assert type(caught.value) is error


async def test_bytes_without_end_and_without_a_picture_are_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_live, "NO_PICTURE", 0.3)
    monkeypatch.setattr(_live, "STALL", 0.2)

    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"multipart/x-mixed-replace; boundary=x\r\n\r\n")
        while True:
            writer.write(b"no picture")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with camera(answer) as address:
        with pytest.raises(Unreachable, match="no picture"):
            await driver(address).connect()


async def test_readings_asked_for_together_cost_one_request() -> None:
    asked: list[bytes] = []

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        body = b'{"objective": "10x", "focus": 1, "light": 2, "stage": {"x": 3, "y": 4}}'
        asked.append(head)
        writer.write(OK + b"application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with camera(answer) as address:
        control = Control(HttpClient(), address)
        states = await asyncio.gather(*(control.state() for _ in range(8)))
    assert len(asked) == 1
    assert {state.focus for state in states} == {1}


async def test_values_that_are_no_numbers_never_leave_for_the_microscope() -> None:
    control = Control(HttpClient(), "http://127.0.0.1:1/state")
    with pytest.raises(OutOfRange):
        await control.set(focus=float("nan"))


def test_an_idle_driver_has_no_picture_library_in_memory() -> None:
    code = (
        "import sys, drivers.microscope.stream;"
        " print(*{'cv2', 'numpy', 'PIL', 'fastapi', 'sqlalchemy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


async def test_nobody_there_is_unreachable() -> None:
    async with camera(says(b"")) as address:
        pass
    with pytest.raises(Unreachable):
        await driver(address).connect()


@pytest.mark.parametrize(
    "document",
    [
        b"[]",
        b"{",
        b'{"objective": 7}',
        b'{"focus": NaN}',
        b'{"focus": 1e999}',
        b'{"scale": -1}',
        b'{"stage": {"x": "here"}}',
        b"[" * 50_000,
        b'"' + b"x" * 100_000 + b'"',
    ],
)
async def test_a_control_that_talks_nonsense_is_the_wrong_device(document: bytes) -> None:
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        body = JPEG if head.startswith(b"GET /stream") else document
        kind = b"image/jpeg" if body is JPEG else b"application/json"
        writer.write(OK + kind + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    async with camera(answer) as address:
        with pytest.raises(WrongDevice):
            await driver(address, control_url=f"{address}/state").connect()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://h/",
        "http://",
        "http://h:99999/",
        "http://u:p@h/",
        "http://h/\r\nX: y",
        "http://h/ы",
    ],
)
def test_addresses_that_cannot_be_are_refused_as_settings(url: str) -> None:
    with pytest.raises(ValidationError):
        StreamMicroscope.Settings(url=url)
