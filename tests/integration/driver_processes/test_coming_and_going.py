"""A device goes and comes, or cannot be connected at all."""

import pytest

from hub.device import BadSettings, Quality, Unreachable
from hub.devices import DeviceConfig
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


def pen(id_, **settings):
    return DeviceConfig(id=id_, driver="parting", settings=settings)


@pytest.mark.parametrize("dies", [False, True], ids=["lets go", "dies of it"])
@pytest.mark.parametrize("others", [[], ["other"]], ids=["alone", "beside another"])
async def test_what_begins_in_last_words_ends_whatever_becomes_of_the_process(room, dies, others):
    pens = await room.start(pen("pen", dies=dies), *map(pen, others))
    await room.connected(*pens)
    told = len(room.heard)
    away = pen("pen", dies=dies).model_copy(update={"identity": "usb:0000:0000:nowhere"})
    room.devices.update(away)

    def after_them():
        topics = [(topic, payload) for topic, payload in room.heard[told:]]
        last = max((n for n, (topic, _) in enumerate(topics) if topic == "pen/s/points"), default=0)
        return [payload for topic, payload in topics[last + 1 :] if topic == "pen/state"], last

    await room.until(lambda: after_them()[1] and after_them()[0])
    assert {state["reachable"] for state in after_them()[0]} == {False}
    await room.connected(*pens[1:])
    # Whoever is taken away for good is not told of again.
    told = len(room.heard)
    await room.devices.remove("pen")
    assert [topic for topic, payload in room.heard[told:] if payload is not None] == []


async def test_last_words_of_what_was_taken_away_meanwhile_are_not_told(room):
    pens = await room.start(pen("pen"), pen("other"))
    await room.connected(*pens)
    away = pen("pen").model_copy(update={"identity": "usb:0000:0000:nowhere"})
    room.devices.update(away)
    await room.devices.remove("pen")
    told = len(room.heard)
    place = {"x": 3.0, "y": 4.0}
    assert (await pens[1].write("place", place)).value == place
    await room.until(lambda: any(topic == "other/s/points" for topic, _ in room.heard))
    assert [topic for topic, payload in room.heard[told:] if topic.startswith("pen/")] == []
