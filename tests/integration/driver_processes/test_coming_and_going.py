"""A device goes and comes, or cannot be connected at all."""

import pytest

from hub.device import BadSettings, Quality, Unreachable
from hub.errors import HubError
from hub.rights import SYSTEM
from tests.integration.driver_processes.room import good, unruly


async def test_a_device_that_goes_is_told_stale_and_connected_again_when_it_comes(room, tmp_path):
    flag = tmp_path / "flag"
    (device,) = await room.start(good(flag=str(flag)))
    await room.until(lambda: device.state.problem is not None)
    assert device.state.problem.code == "unreachable"
    with pytest.raises(Unreachable):
        await device.read("level")
    with pytest.raises(Unreachable):
        await device.write("level", 1)
    with pytest.raises(Unreachable):
        device.invoke("count", {"to": 1}, by=SYSTEM)
    flag.touch()
    await room.connected(device)
    await room.until(lambda: "level" in device.readings)
    flag.unlink()
    with pytest.raises(Unreachable):
        await device.write("level", 1)
    await room.until(lambda: not device.state.reachable)
    assert (await device.read("level")).quality is Quality.STALE
    assert device.state.process == "running"
    flag.touch()
    await room.connected(device)
    await room.until(lambda: device.readings["level"].quality is Quality.GOOD)
    assert device.counters["losses"] == 1


@pytest.mark.parametrize(
    ("how", "code"), [("wrong", "wrong-device"), ("bug", "driver-error"), ("gone", "unreachable")]
)
async def test_what_hinders_connecting_is_shown_and_tried_again(room, tmp_path, how, code):
    (device,) = await room.start(unruly("connect", how, once=str(tmp_path / "mark")))
    await room.until(lambda: device.state.problem is not None or device.state.reachable)
    await room.connected(device)
    seen = [p["problem"]["code"] for t, p in room.heard if t == "unruly/state" and p["problem"]]
    assert code in seen
    assert device.counters["restarts"] == 0


async def test_wrong_settings_are_named_without_their_values(room):
    device, other = await room.start(good(top="secret"), good("other"))
    await room.until(lambda: device.state.problem is not None)
    assert device.state.problem.code == BadSettings.code
    with pytest.raises(HubError) as refused:
        await device.read("level")
    assert (refused.value.code, refused.value.status) == (BadSettings.code, 503)
    assert "top" in device.state.problem.detail
    assert "secret" not in device.state.problem.detail
    await room.connected(other)
