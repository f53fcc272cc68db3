"""Small pictures of many microscopes over one socket: made once, whole, and never in the way."""

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path

import cv2
import numpy as np
import pytest
from websockets.asyncio.client import connect

from hub.api import rendition as module
from hub.api.rendition import SIDE, Renditions
from hub.frames import FrameFeed
from hub.rendition import shrunk
from tests.conftest import MjpegPeer

DESKS = 8


def slide(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A picture with large and small structure, so that a wrong one does not look like it."""
    noise = np.random.default_rng(seed).integers(0, 255, (height // 40, width // 40, 3), np.uint8)
    return cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)


def jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def opened(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


@pytest.mark.parametrize(
    ("width", "height", "small"),
    [
        (1920, 1080, (640, 360)),
        (1280, 720, (640, 360)),
        (2592, 1944, (640, 480)),
        (1080, 1920, (360, 640)),
        (4000, 80, (640, 13)),
        (641, 481, (640, 480)),
    ],
)
def test_a_small_picture_shows_what_the_full_one_shows(width, height, small) -> None:
    full = slide(width, height)
    made = opened(shrunk(jpeg(full), SIDE))
    assert (made.shape[1], made.shape[0]) == small
    # OpenCV's reduction by area is the truth.
    truth = cv2.resize(full, small, interpolation=cv2.INTER_AREA)
    assert cv2.PSNR(made, truth) > 30


def test_a_grey_picture_stays_grey() -> None:
    grey = cv2.cvtColor(slide(1280, 960), cv2.COLOR_BGR2GRAY)
    blue, green, red = cv2.split(opened(shrunk(jpeg(grey), SIDE)))
    assert np.abs(blue.astype(int) - red).max() <= 2
    assert np.abs(blue.astype(int) - green).max() <= 2


@pytest.mark.parametrize("cut", [0, 1, 2, 20, 300, 600])
def test_what_is_no_picture_becomes_nothing(cut) -> None:
    assert shrunk(jpeg(slide(1280, 720))[:cut], SIDE) == b""


class Source:
    """A camera that is always ready."""

    def pull(self) -> None:
        """Nothing to do: the test offers frames."""

    def rest(self) -> None:
        """Nothing to do."""


@pytest.fixture
async def renditions():
    made = Renditions()
    yield made
    await made.stop()


@pytest.fixture
async def feed():
    feed = FrameFeed(Source(), name="test")
    yield feed
    feed.close()


async def first(renditions: Renditions, feed: FrameFeed, data: bytes, viewers: int = 1):
    """Offer a frame until each of so many viewers has a small one; return the first of each."""
    got = [asyncio.get_running_loop().create_future() for _ in range(viewers)]
    small = renditions.of(feed)

    def take(future):
        return lambda frame: future.done() or future.set_result(frame)

    leave = [small.watch(take(future)) for future in got]
    try:
        async with asyncio.timeout(30):
            while not all(future.done() for future in got):
                feed.offer(data, "image/jpeg", asyncio.get_running_loop().time())
                await asyncio.sleep(0.02)
    finally:
        for end in leave:
            end()
    return [future.result() for future in got], small


async def test_thirty_viewers_share_one_small_picture(renditions, feed) -> None:
    full = jpeg(slide(1920, 1080))
    frames, small = await first(renditions, feed, full, viewers=30)
    assert small.made <= 2, "made once, whoever looks"
    assert len({id(frame) for frame in frames}) == 1
    frame = frames[0]
    assert (frame.width, frame.height) == (640, 360)
    assert len(frame.data) < len(full) / 3
    assert feed.get(frame.id).data == full, "a capture keeps the full picture of the same frame"
    assert not feed.watched, "nobody looks any more"


async def test_a_small_or_foreign_picture_goes_out_as_it_is(renditions, feed) -> None:
    data = jpeg(slide(640, 480))
    [frame], _ = await first(renditions, feed, data)
    assert frame.data == data
    broken = jpeg(slide(1280, 720))
    broken = broken[:-4000] + b"\xff\xd9"
    [frame], _ = await first(renditions, feed, broken)
    assert frame.data[-2:] == b"\xff\xd9"


async def test_a_child_that_hangs_or_dies_is_replaced_and_people_see_something(
    renditions, feed, monkeypatch
) -> None:
    monkeypatch.setattr(module, "_LIMIT", 1.0)
    monkeypatch.setattr(module, "_AGAIN", 0.0)
    full = jpeg(slide(1280, 720))
    [frame], _ = await first(renditions, feed, full)
    assert frame.width == SIDE
    for end in (signal.SIGSTOP, signal.SIGKILL):
        process = renditions._process
        os.kill(process.pid, end)
        [frame], _ = await first(renditions, feed, full)
        assert frame.data == full or frame.width == SIDE
        async with asyncio.timeout(30):
            while frame.width != SIDE:
                [frame], _ = await first(renditions, feed, full)
        assert renditions._process.pid != process.pid
        assert not Path(f"/proc/{process.pid}").exists()


@pytest.fixture
def desks(start):
    """A hub with a camera on each desk."""
    cameras = [MjpegPeer(jpeg(slide(1920, 1080, seed))) for seed in range(DESKS)]
    config = 'language = "en"\n' + "".join(
        f'[[devices]]\nid = "cam-{number}"\ndriver = "stream"\nname = "Camera {number}"\n'
        f'seat = "Desk {number}"\nsettings = {{ url = "{camera.url}" }}\n'
        for number, camera in enumerate(cameras)
    )
    try:
        yield start(config=config), cameras
    finally:
        for camera in cameras:
            camera.close()


@contextlib.asynccontextmanager
async def socket_of(hub):
    headers = {"Authorization": f"Bearer {hub.token('teacher')}"}
    async with connect(hub.ws, additional_headers=headers, max_size=None, proxy=None) as ws:
        assert json.loads(await ws.recv())["op"] == "welcome"
        yield ws


async def ask(ws, sub: int, device: str, **more: str) -> None:
    request = {"op": "frames", "sub": sub, "device": device, "stream": "view", **more}
    await ws.send(json.dumps(request))


def parted(message: bytes) -> tuple[dict, bytes]:
    size = int.from_bytes(message[:4], "big")
    return json.loads(message[4 : 4 + size]), message[4 + size :]


async def test_a_grid_of_eight_over_one_socket_costs_a_fraction_of_eight_pictures(desks) -> None:
    hub, cameras = desks
    async with socket_of(hub) as grid, socket_of(hub) as one:
        for number in range(DESKS):
            await ask(grid, number, f"cam-{number}", size="small")
        await ask(one, 0, "cam-3", size="full")
        seen: dict[int, list[bytes]] = {number: [] for number in range(DESKS)}
        async with asyncio.timeout(60):
            while min(len(pictures) for pictures in seen.values()) < 3:
                message = await grid.recv()
                if isinstance(message, str):
                    assert json.loads(message)["op"] == "subscribed"
                    continue
                head, data = parted(message)
                seen[head["sub"]].append(data)
                await grid.send(json.dumps({"ack": head["frame"], "sub": head["sub"]}))
            while isinstance(message := await one.recv(), str):
                pass
        _, full = parted(message)
        assert full == cameras[3].picture, "who asks for the full picture gets the camera's bytes"
        for number, pictures in seen.items():
            truth = cv2.resize(
                opened(cameras[number].picture), (640, 360), None, 0, 0, cv2.INTER_AREA
            )
            for data in pictures:
                picture = opened(data)
                assert picture.shape[:2] == (360, 640)
                assert cv2.PSNR(picture, truth) > 30, "each desk has its own picture"
        small = sum(len(pictures[0]) for pictures in seen.values())
        assert small < sum(len(camera.picture) for camera in cameras) / 4


async def test_a_wrong_size_and_too_many_are_refused(live_hub) -> None:
    async with socket_of(live_hub) as ws:
        for wrong in ("tiny", 5, "", ["small"]):
            await ask(ws, 1, "cam", size=wrong)
            assert json.loads(await ws.recv())["problem"]["code"] == "bad-message"

        async def answer(sub: int) -> str:
            while True:
                message = await ws.recv()
                if isinstance(message, str) and json.loads(message)["sub"] == sub:
                    return json.loads(message)["op"]

        async with asyncio.timeout(30):
            for sub in range(33):
                await ask(ws, sub, "cam", size="small")
                assert await answer(sub) == ("subscribed" if sub < 32 else "problem")
            await ask(ws, 100, "cam")
            assert await answer(100) == "subscribed", "full pictures are counted by themselves"
