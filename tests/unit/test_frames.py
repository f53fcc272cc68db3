"""The feed of a frame stream: newest only, one reader, any number of viewers."""

import asyncio
import time

import pytest

from hub import frames as module
from hub.device import TimedOut, Unreachable
from hub.frames import FrameFeed, FrameGone, jpeg_size


def picture(width=640, height=480, fill=b"", marker=0xC0, before=b""):
    size = height.to_bytes(2) + width.to_bytes(2)
    return (
        b"\xff\xd8" + before + bytes([0xFF, marker]) + b"\x00\x0b\x08" + size
        + b"\x01\x01\x11\x00" + fill + b"\xff\xd9"
    )  # fmt: skip


class Camera:
    def __init__(self):
        self.said = []

    def pull(self):
        self.said.append("pull")

    def rest(self):
        self.said.append("rest")


@pytest.fixture
def camera():
    return Camera()


@pytest.fixture
async def feed(camera):
    feed = FrameFeed(camera, name="test")
    yield feed
    feed.close()


@pytest.mark.parametrize("marker", [0xC0, 0xC1, 0xC2, 0xC9])
def test_width_and_height_come_from_the_start_of_frame(marker):
    before = b"\xff\xe0\x00\x04ab" + b"\xff\xff\xdb\x00\x03x" + b"\xff\x01" + b"\xff\xc4\x00\x02"
    assert jpeg_size(picture(1920, 1080, before=before, marker=marker)) == (1920, 1080)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xd9", b"\xff\xd8" + b"x" * 50, b"\xff\xd8\xff\xda" + b"\xff" * 40,
     b"\xff\xd8\xff\xe0\xff\xff" + b"\x00" * 90, b"\xff\xd8" + b"\xff" * 50],
)  # fmt: skip
def test_a_picture_without_a_size_has_none(data):
    assert jpeg_size(data) == (0, 0)


def test_a_camera_rests_until_somebody_watches(feed, camera):
    assert camera.said == []
    feed.watch(lambda frame: None)
    assert camera.said == ["pull"]


async def test_the_next_frame_is_asked_for_when_the_last_came_and_only_once(feed, camera):
    feed.watch(lambda frame: None)
    feed.watch(lambda frame: None)
    assert camera.said == ["pull"]
    feed.offer(picture(), "image/jpeg", time.monotonic())
    assert camera.said == ["pull", "pull"]


async def test_a_camera_rests_a_while_after_the_last_viewer_left(feed, camera, monkeypatch):
    monkeypatch.setattr(module, "REST_AFTER", 0.01)
    first, second = feed.watch(lambda frame: None), feed.watch(lambda frame: None)
    first()
    first()
    second()
    assert camera.said == ["pull"]
    async with asyncio.timeout(5):
        while camera.said[-1] != "rest":
            await asyncio.sleep(0.005)


async def test_a_camera_does_not_rest_when_somebody_comes_back_in_time(feed, camera):
    feed.watch(lambda frame: None)()
    assert feed._resting is not None
    feed.watch(lambda frame: None)
    assert feed._resting is None


async def test_every_viewer_is_woken_with_the_same_frame_and_a_failing_one_harms_nobody(
    feed, caplog
):
    seen = []

    def fail(frame):
        raise RuntimeError("viewer")

    feed.watch(fail)
    feed.watch(seen.append)
    feed.offer(picture(), "image/jpeg", time.monotonic())
    assert seen == [feed.latest]
    assert "viewer" in caplog.text


async def test_frames_are_numbered_by_milliseconds_and_always_upwards(feed):
    now = time.monotonic()
    ids = []
    for taken in (now, now, now - 50, now):
        feed.offer(picture(), "image/jpeg", taken)
        ids.append(feed.latest.id)
    assert ids == sorted(set(ids))
    assert abs(ids[0] / 1000 - time.time()) < 5
    assert (feed.latest.width, feed.latest.height) == (640, 480)


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", picture()[:-2], picture()[2:], picture(16385, 10), picture(10, 50_000),
     b"\xff\xd8" + bytes(module.RING_BYTES) + b"\xff\xd9"],
    ids=["empty", "gif", "cut", "headless", "wide", "high", "huge"],
)  # fmt: skip
async def test_what_is_no_sound_picture_is_dropped_and_counted(feed, camera, data):
    feed.watch(lambda frame: None)
    feed.offer(data, "image/jpeg", time.monotonic())
    assert feed.latest is None
    assert feed.counters["dropped"] == 1
    assert camera.said == ["pull", "pull"], "the next one is asked for all the same"


async def test_a_frame_that_was_seen_can_be_had_for_a_while_and_is_then_gone(feed, monkeypatch):
    feed.offer(picture(fill=b"first"), "image/jpeg", time.monotonic())
    first = feed.latest
    feed.offer(picture(fill=b"second"), "image/jpeg", time.monotonic())
    assert feed.get(first.id) is first
    monkeypatch.setattr(module, "RING_SECONDS", -1.0)
    feed.offer(picture(), "image/jpeg", time.monotonic())
    with pytest.raises(FrameGone):
        feed.get(first.id)
    assert feed.get(feed.latest.id) is feed.latest
    with pytest.raises(FrameGone):
        feed.get(1)


async def test_frames_take_no_more_memory_than_the_ring_has(feed, monkeypatch):
    monkeypatch.setattr(module, "RING_BYTES", 1000)
    for _ in range(50):
        feed.offer(picture(fill=bytes(200)), "image/jpeg", time.monotonic())
    assert sum(len(frame.data) for frame in feed._ring) == feed._ring_bytes <= 1000


async def test_waiting_for_a_frame_starts_the_camera_and_returns_a_newer_one(feed, camera):
    waiting = asyncio.create_task(feed.next())
    await asyncio.sleep(0)
    assert camera.said == ["pull"]
    feed.offer(picture(), "image/jpeg", time.monotonic())
    frame = await waiting
    assert await feed.next() is frame, "it is fresh"
    waiting = asyncio.create_task(feed.next(frame.id))
    await asyncio.sleep(0)
    feed.offer(picture(), "image/jpeg", time.monotonic())
    assert (await waiting).id > frame.id


async def test_an_old_frame_is_not_fresh(feed, monkeypatch):
    feed.offer(picture(), "image/jpeg", time.monotonic())
    monkeypatch.setattr(module, "FRESH", -1.0)
    with pytest.raises(TimedOut):
        await feed.next(timeout=0.01)


async def test_whoever_waits_is_told_the_problem_and_the_next_frame_ends_it(feed):
    waiting = asyncio.create_task(feed.next())
    await asyncio.sleep(0)
    feed.fail(Unreachable("unplugged"))
    with pytest.raises(Unreachable):
        await waiting
    with pytest.raises(Unreachable):
        await feed.next()
    feed.offer(picture(), "image/jpeg", time.monotonic())
    assert feed.problem is None


async def test_a_source_that_began_anew_is_asked_again_where_somebody_watches(feed, camera):
    feed.reset()
    assert camera.said == []
    feed.watch(lambda frame: None)
    feed.reset()
    assert camera.said == ["pull", "pull"]
