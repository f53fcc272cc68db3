"""Drivers that fail in every way, and nothing else suffers."""

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from hub.device import Quality, TimedOut
from hub.devices import DeviceConfig
from hub.errors import HubError, NotFound
from hub.operations import Status
from hub.processes import DriverGone
from hub.rights import SYSTEM
from hub.wire import ControlChannel, FrameReceiver
from tests.integration.driver_processes.room import (
    BROKEN,
    DRIVERS,
    ENTRIES,
    LIMIT,
    ROOT,
    good,
    pid_of,
    unruly,
)


@pytest.mark.parametrize("how", ["exit", "sys_exit", "spin", "garbage", "bad_json"])
@pytest.mark.parametrize("at", ["connect", "read"])
async def test_a_process_that_fails_is_started_again_and_others_go_on(room, tmp_path, at, how):
    config = unruly(at, how, once=str(tmp_path / "mark"))
    device, other = await room.start(config, good())
    await room.connected(other)
    pid = pid_of(other)
    await room.until(lambda: device.counters["restarts"] == 1)
    assert other.state.reachable
    assert (await other.read("ticks")).quality is Quality.GOOD
    await room.connected(device)
    assert (await device.read("level")).value == 5
    assert (pid_of(other), other.counters["restarts"]) == (pid, 0)


@pytest.mark.parametrize("channel", [ControlChannel, FrameReceiver])
async def test_a_process_to_which_no_channel_can_be_made_is_begun_again_and_leaves_no_socket(
    room, monkeypatch, channel
):
    loop, refused = asyncio.get_running_loop(), []
    make = loop.create_unix_connection

    async def refuse(factory, **more):
        made = factory()
        if isinstance(made, channel) and not refused:
            refused.append(made)
            raise OSError("no room")
        return await make(lambda: made, **more)

    monkeypatch.setattr(loop, "create_unix_connection", refuse)
    (device,) = await room.start(good())
    await room.connected(device)
    assert len(refused) == 1
    gc.collect()  # an open socket that is found here fails the test


async def test_a_killed_process_tells_its_callers_and_comes_back(room):
    (device,) = await room.start(unruly("quick", "slow"))
    await room.connected(device)
    operation = device.invoke("quick", None, by=SYSTEM)
    await room.until(lambda: operation.status is Status.RUNNING)
    os.kill(pid_of(device), signal.SIGKILL)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.problem.code == DriverGone.code
    await room.connected(device)
    assert device.counters["restarts"] == 1


async def test_a_call_past_its_limit_is_told_and_the_driver_lives_on_where_it_obeys(room):
    (device,) = await room.start(unruly("quick", "slow"))
    await room.connected(device)
    operation = device.invoke("quick", None, by=SYSTEM)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.problem.code == TimedOut.code
    assert (await device.read("level")).value == 5
    assert device.counters["restarts"] == 0


@pytest.mark.parametrize("how", ["deaf", "thread"])
async def test_a_call_that_never_returns_ends_its_process_though_the_loop_is_well(room, how):
    (device,) = await room.start(unruly("quick", how))
    await room.connected(device)
    operation = device.invoke("quick", None, by=SYSTEM)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.problem.code == TimedOut.code
    await room.until(lambda: device.counters["restarts"] == 1)
    await room.connected(device)


@pytest.mark.parametrize("how", ["huge", "not-a-text"])
async def test_a_value_that_cannot_be_told_is_a_bad_reading_and_the_rest_goes_on(room, how):
    (device,) = await room.start(unruly("name", how))
    await room.connected(device)
    with pytest.raises(HubError) as caught:
        await device.read("name")
    assert caught.value.code == "bad-reading"
    assert (await device.read("level")).value == 5
    assert device.counters["restarts"] == 0


async def test_a_flooding_driver_holds_up_nobody(room):
    device, other = await room.start(unruly("write", "flood"), good())
    await room.connected(device, other)
    flood = asyncio.create_task(device.write("level", 1))
    await room.until(lambda: device.counters["events"] > 3000)
    assert (await other.write("level", 9)).value == 9
    flood.cancel()
    await asyncio.gather(flood, return_exceptions=True)
    assert other.counters["restarts"] == 0


async def test_what_a_driver_prints_reaches_the_log_in_bounds(room, caplog):
    caplog.set_level("INFO", "classhub.driver.unruly")
    (device,) = await room.start(unruly("connect", "print"))
    await room.connected(device)
    await room.stop()
    lines = [r for r in caplog.records if r.name == "classhub.driver.unruly" and "xxx" in r.message]
    assert 1 <= len(lines) <= 400
    assert "more lines of output were dropped" in caplog.text


async def test_a_process_that_keeps_failing_is_given_up_with_a_hint_and_tried_slowly(room):
    (device,) = await room.start(unruly("connect", "exit"))
    await room.until(lambda: device.state.process == "fault")
    assert device.state.problem.code == "driver-crashes"
    assert device.state.problem.hint
    restarts = device.counters["restarts"]
    await room.until(lambda: device.counters["restarts"] > restarts + 1)
    assert device.state.process == "fault"


async def test_a_driver_that_is_broken_or_missing_leaves_the_others_working(room):
    room.install(ENTRIES | BROKEN)
    names = ["broken", "missing", "no-driver", "never-heard-of"]
    *bad, fine = await room.start(*(DeviceConfig(id=n, driver=n) for n in names), good())
    await room.connected(fine)
    for device in bad:
        await room.until(lambda device=device: device.state.process == "fault")
        missing = device.id == "never-heard-of"
        assert device.state.problem.code == ("driver-missing" if missing else "driver-broken")
        assert device.state.problem.hint
        assert (device.kind, device.kind_title) == ("", "Device")
        with pytest.raises(HubError):
            await device.write("level", 1)
    assert "broken at import" in room.devices.broken_drivers()["broken"].detail


async def test_a_driver_that_the_computer_was_too_busy_to_describe_is_asked_again(
    room, tmp_path, monkeypatch
):
    room.cache = tmp_path
    room.install(ENTRIES)
    monkeypatch.setattr("hub.devices._registry.AGAIN", 0.01)
    monkeypatch.setattr("hub.devices._registry.AGAIN_MOST", 0.05)
    with monkeypatch.context() as busy:
        busy.setattr("hub.processes._catalogue.DESCRIBE_LIMIT", 0.001)
        (device,) = await room.start(good())
        problem = device.state.problem
        assert device.state.process == "fault"
        assert (problem.code, problem.severity) == ("driver-slow", "warning")
        assert room.devices.broken_drivers().keys() >= ENTRIES.keys()
    await room.connected(device)
    assert (await device.read("ticks")).quality is Quality.GOOD
    # Those that nobody uses yet, too.
    await room.until(lambda: room.devices.drivers().keys() >= ENTRIES.keys())
    assert not room.devices.broken_drivers().keys() & ENTRIES.keys()


async def test_no_driver_outlives_a_hub_that_is_killed_not_even_one_that_hangs(
    descriptions, monkeypatch
):
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    hub = await asyncio.create_subprocess_exec(
        sys.executable, str(DRIVERS / "lonely_hub.py"), str(descriptions),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(LIMIT):
        children = [psutil.Process(pid) for pid in json.loads(await hub.stdout.readline())]
    hub.kill()
    await hub.communicate()
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, LIMIT)
    assert alive == []


async def test_a_hub_that_stops_while_its_drivers_start_leaves_nothing_behind(room):
    await room.start(good(), unruly("connect", "spin"))
    await asyncio.sleep(0)
    await room.stop()
    assert room.devices.list() == []


async def test_drivers_do_not_see_the_hubs_own_settings(room, monkeypatch):
    monkeypatch.setenv("CLASSHUB_SECRET", "s3cret")
    (device,) = await room.start(good())
    await room.connected(device)
    assert "s3cret" not in Path(f"/proc/{pid_of(device)}/environ").read_text()


async def test_stopping_takes_devices_off_the_bus(room):
    (device,) = await room.start(good())
    await room.connected(device)
    await room.stop()
    assert list(room.bus.retained("#")) == []
    with pytest.raises(NotFound):
        room.devices.get("good")
