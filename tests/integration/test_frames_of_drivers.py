"""Pictures from a driver's process to any number of viewers, and what can go wrong on the way."""

import asyncio
import os
from pathlib import Path

import pytest

from hub import frames as frames_module
from hub.bus import Bus
from hub.device import TimedOut, Unreachable
from hub.devices import DeviceConfig, Devices
from hub.errors import HubError, NotFound
from hub.operations import Operations
from hub.processes import Timing

DRIVERS = Path(__file__).parent / "drivers_for_tests"
ROOT = Path(__file__).parents[2]
LIMIT = 30.0
QUICK = Timing(
    heartbeat=0.1, silence=2.0, grace=0.5, connect=2.0, disconnect=0.5, again=0.02,
    again_most=0.1, slow=0.2, picture=0.5, restart=0.02, restart_most=0.1, fault=0.3,
)  # fmt: skip


@pytest.fixture(scope="module")
def descriptions(tmp_path_factory):
    return tmp_path_factory.mktemp("camera-descriptions")


@pytest.fixture
async def camera(descriptions, monkeypatch):
    """Return a function that starts a camera with the given settings."""
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(str(DRIVERS))
    bus = Bus()
    operations = Operations(bus)
    drivers = {"camera": "probe_drivers:Cameras"}
    devices = Devices(bus, operations, cache=descriptions, extra_drivers=drivers, timing=QUICK)

    async def start(**settings):
        await devices.start([DeviceConfig(id="cam", driver="camera", settings=settings)])
        device = devices.get("cam")
        await until(lambda: device.state.reachable)
        return device

    yield start
    await devices.stop()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def until(true):
    async with asyncio.timeout(LIMIT):
        while not true():
            await asyncio.sleep(0.005)


def number(frame):
    return int(frame.data[21:29])


async def test_every_viewer_sees_every_picture_once_and_in_order(camera):
    feed = (await camera()).frames("view")
    seen = [[], []]
    for one in seen:
        feed.watch(one.append)
    await until(lambda: len(seen[0]) >= 20)
    assert seen[0] == seen[1]
    numbers = [number(frame) for frame in seen[0]]
    assert numbers == sorted(set(numbers))
    assert [frame.id for frame in seen[0]] == sorted({frame.id for frame in seen[0]})
    assert (seen[0][0].width, seen[0][0].height) == (32, 16)


async def test_pictures_larger_than_any_buffer_arrive_whole(camera):
    feed = (await camera(how="big")).frames("view")
    seen = []
    feed.watch(lambda frame: seen.append((len(frame.data), frame.data[-2:])))
    await until(lambda: len(seen) >= 5)
    assert set(seen) == {(3_000_031, b"\xff\xd9")}
    assert feed.counters["dropped"] == 0


async def test_the_camera_runs_only_while_somebody_watches_and_a_little_longer(
    camera, tmp_path, monkeypatch
):
    monkeypatch.setattr(frames_module, "REST_AFTER", 0.05)
    mark = tmp_path / "mark"
    device = await camera(mark=str(mark))
    feed = device.frames("view")
    assert not mark.exists()
    frame = await feed.next(timeout=LIMIT)
    assert mark.read_text() == "begun\n"
    await until(lambda: mark.read_text() == "begun\nended\n")
    newer = await feed.next(feed.latest.id, timeout=LIMIT)
    assert newer.id > frame.id
    assert mark.read_text().startswith("begun\nended\nbegun\n")


async def test_a_camera_that_is_too_quick_skips_pictures_and_stays_new(camera):
    feed = (await camera(how="flood")).frames("view")
    seen = []
    feed.watch(lambda frame: seen.append(number(frame)))
    await until(lambda: len(seen) >= 50)
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("how", ["one_then_fail", "one_then_stall"])
async def test_a_stream_that_fails_or_stalls_says_why_and_begins_anew(camera, how):
    device = await camera(how=how)
    feed = device.frames("view")
    seen, problems = [], []
    feed.watch(lambda frame: seen.append(number(frame)))
    feed.fail = lambda problem, fail=feed.fail: (problems.append(problem), fail(problem))[1]
    await until(lambda: len(seen) >= 3)
    code = "driver-error" if how == "one_then_fail" else TimedOut.code
    assert code in {problem.code for problem in problems if problem is not None}
    assert device.counters["restarts"] == 0
    assert device.state.reachable


async def test_a_stream_that_cannot_be_stopped_ends_its_process_and_comes_back(camera):
    device = await camera(how="one_then_hang")
    feed = device.frames("view")
    seen = []
    feed.watch(seen.append)
    await until(lambda: device.counters["restarts"] >= 1 and len(seen) >= 2)


async def test_a_camera_that_is_unplugged_while_watched_is_there_again_without_being_asked(camera):
    device = await camera(how="one_then_gone")
    feed = device.frames("view")
    seen = []
    feed.watch(seen.append)
    await until(lambda: len(seen) >= 3)
    assert device.counters["losses"] >= 1


async def test_viewers_go_on_when_the_process_was_killed(camera):
    device = await camera()
    feed = device.frames("view")
    seen = []
    feed.watch(seen.append)
    await until(lambda: len(seen) >= 3)
    os.kill(device._supervisor.process.pid, 9)
    await until(lambda: not device.state.reachable)
    before = len(seen)
    with pytest.raises(HubError):
        await feed.next(seen[-1].id)
    await until(lambda: len(seen) >= before + 3)
    assert feed.problem is None


async def test_what_is_no_picture_is_dropped_and_the_rest_goes_on(camera):
    device = await camera(how="nonsense")
    feed = device.frames("view")
    seen = []
    feed.watch(seen.append)
    await until(lambda: len(seen) >= 3)
    assert all(frame.data.startswith(b"\xff\xd8") for frame in seen)
    assert device.counters["restarts"] == 0


async def test_a_device_has_only_the_streams_it_has(camera):
    device = await camera()
    assert device.frames("view") is device.frames("view")
    with pytest.raises(NotFound):
        device.frames("points")
    with pytest.raises(NotFound):
        device.frames("nothing")


async def test_a_device_that_is_not_there_says_so_to_whoever_wants_a_picture(camera):
    device = await camera(how="one_then_gone")
    feed = device.frames("view")
    feed.fail(Unreachable("unplugged"))
    with pytest.raises(Unreachable):
        await feed.next(after=2**60, timeout=LIMIT)
