"""Drivers in processes of their own serve their devices."""

import asyncio

import pytest

from hub.device import OutOfRange, Quality, Reading
from hub.devices import DeviceConfig, NotWritable, Superseded
from hub.errors import Invalid, NotFound
from hub.operations import Status
from hub.rights import SYSTEM, Role
from tests.integration.driver_processes.room import LIMIT, good, pid_of


async def test_a_device_is_described_connected_and_read(room):
    (device,) = await room.start(good(top=50.0))
    await room.connected(device)
    await room.until(lambda: len(device.readings) == 4)
    assert device.kind == "probe"
    assert device.description.properties["level"].value_schema["maximum"] == 50
    assert device.streams == []
    assert device.state.process == "running"
    assert (await device.read("level")).value == 10.0
    assert (await device.read("place")).value == {"x": 0.0, "y": 0.0}
    topics = {topic for topic, _ in room.heard}
    assert {"good/state", "good/td", "good/p/level", "good/p/ticks"} <= topics
    assert room.devices.kinds()["probe"].title == "Probe"
    assert set(room.devices.drivers()) >= {"good", "unruly", "sick", "shared"}


async def test_a_polled_property_is_told_again_and_again(room):
    (device,) = await room.start(good())
    await room.until(lambda: device.readings.get("ticks", Reading(0, 0)).value >= 3)
    ticks = [payload["value"] for topic, payload in room.heard if topic == "good/p/ticks"]
    assert ticks == sorted(set(ticks))


async def test_a_write_answers_what_was_read_back(room):
    (device,) = await room.start(good())
    await room.connected(device)
    reading = await device.write("level", 55.4)
    assert (reading.value, reading.quality) == (55.0, Quality.GOOD)
    assert (await device.write("mode", "fast")).value == "fast"
    assert device.readings["level"] == reading


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("level", 101, OutOfRange),
        ("level", "50", Invalid),
        ("level", True, Invalid),
        ("level", float("nan"), Invalid),
        ("mode", "warp", OutOfRange),
        ("place", {"x": 1}, Invalid),
        ("ticks", 1, NotWritable),
        ("nothing", 1, NotFound),
    ],
)
async def test_a_value_that_does_not_fit_is_refused_before_it_reaches_the_driver(
    room, name, value, error
):
    (device,) = await room.start(good())
    await room.connected(device)
    with pytest.raises(error):
        await device.write(name, value)


async def test_of_many_writes_the_first_and_the_last_are_made(room):
    (device,) = await room.start(good())
    await room.connected(device)
    answers = await asyncio.gather(
        *(device.write("level", value) for value in (1, 2, 3, 4)), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [Reading, Superseded, Superseded, Reading]
    assert (answers[0].value, answers[3].value) == (1, 4)
    assert (await device.write("level", 7)).value == 7, "the slot is free again"


async def test_a_writer_that_leaves_does_not_hold_up_the_next(room):
    (device,) = await room.start(good())
    await room.connected(device)
    first = asyncio.create_task(device.write("level", 1))
    await asyncio.sleep(0)
    second = asyncio.create_task(device.write("level", 2))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert (await device.write("level", 3)).value == 3


async def test_an_action_tells_progress_and_result(room):
    (device,) = await room.start(good())
    await room.connected(device)
    operation = device.invoke("count", {"to": 5}, by=SYSTEM)
    await room.operations.wait(operation.id, LIMIT)
    assert (operation.status, operation.result) == (Status.DONE, {"to": 5})
    fractions = [p["fraction"] for t, p in room.heard if t == f"operations/{operation.id}"]
    assert 0.4 in fractions


async def test_an_action_is_cancelled_within_the_driver(room):
    (device,) = await room.start(good())
    await room.connected(device)
    operation = device.invoke("count", {"to": 1000}, by=SYSTEM)
    await room.until(lambda: operation.fraction > 0)
    room.operations.cancel(operation.id)
    await room.operations.wait(operation.id, LIMIT)
    assert operation.status is Status.CANCELLED
    assert device.state.process == "running"


async def test_an_action_that_is_cancelled_at_once_is_over_at_once(room):
    (device,) = await room.start(good())
    await room.connected(device)
    for _ in range(20):
        operation = device.invoke("count", {"to": 1000}, by=SYSTEM)
        await asyncio.sleep(0)
        room.operations.cancel(operation.id)
        await room.operations.wait(operation.id, LIMIT)
        assert operation.status is Status.CANCELLED
    assert (await device.write("level", 4)).value == 4


async def test_an_action_with_a_wrong_input_is_not_even_begun(room):
    (device,) = await room.start(good())
    await room.connected(device)
    with pytest.raises(OutOfRange):
        device.invoke("count", {"to": 0}, by=SYSTEM)
    with pytest.raises(Invalid):
        device.invoke("count", {"upto": 1}, by=SYSTEM)
    with pytest.raises(NotFound):
        device.invoke("dance", None, by=SYSTEM)
    assert room.operations.list() == []


async def test_events_samples_and_health_are_published(room):
    device, sick = await room.start(good(), DeviceConfig(id="sick", driver="sick"))
    await room.connected(device, sick)
    await device.write("place", {"x": 1, "y": 2})
    await room.until(lambda: "good/e/pinged" in dict(room.heard))
    await room.until(lambda: sick.state.health is not None)
    heard = dict(room.heard)
    assert heard["good/e/pinged"]["data"] == {"x": 1.0, "y": 2.0}
    assert heard["good/s/points"]["samples"] == [{"x": 1.0, "y": 2.0}] * 2
    assert sick.state.health.code == "too-hot"
    assert sick.state.reachable


async def test_members_carry_their_roles(room):
    (device,) = await room.start(good())
    await room.connected(device)
    assert device.access("read", "level").role is Role.DISPLAY
    assert device.access("write", "level").role is Role.TEACHER
    assert device.access("write", "mode").role is Role.PUPIL
    assert device.access("invoke", "count").role is Role.PUPIL
    with pytest.raises(NotFound):
        device.access("invoke", "level")


async def test_devices_of_a_sharing_driver_have_one_process(room):
    configs = [DeviceConfig(id=f"pen{n}", driver="shared") for n in range(3)]
    devices = await room.start(*configs)
    await room.connected(*devices)
    assert len({pid_of(device) for device in devices}) == 1
    assert (await devices[1].write("level", 3)).value == 3
    assert (await devices[2].read("level")).value == 10
