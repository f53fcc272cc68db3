"""What a driver's process may say to a device's handle, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.bus import Bus
from hub.device import (
    Device,
    Event,
    FrameStream,
    Property,
    Quality,
    SampleStream,
    describe_device,
    describe_driver,
)
from hub.devices import DeviceConfig, DeviceHandle
from hub.operations import Operations
from hub.processes import DriverEntry, Supervisor, Timing
from hub.wire import WireError


class Lamp(Device, kind="lamp"):
    """Lamp."""

    light: Property[float] = Property(float, title="Light", doc="How bright.", unit="%")
    view = FrameStream(title="View", doc="Pictures.", optional=True)
    blown: Event[str] = Event(str, title="Blown", doc="It is blown.", optional=True)
    flicker: SampleStream[float] = SampleStream(float, title="Flicker", doc="It.", optional=True)


class DeskLamp(Lamp):
    """Desk lamp."""

    @Lamp.light.read
    async def _light(self) -> float:
        return 1.0

    @Lamp.view.frames
    async def _view(self):
        yield


DRIVER = describe_driver("lamp", DeskLamp)


def handle():
    bus = Bus()
    device = DeviceHandle(DeviceConfig(id="lamp", driver="lamp"), bus, Operations(bus))
    device.attach(Supervisor(DriverEntry("lamp", "x:y"), Timing()), DRIVER)
    return device, bus


def say(device, op, **more):
    device.message({"op": op, "device": "lamp", **more})


def describe(revision=1):
    lamp = DeskLamp(DeskLamp.Settings(), None)
    return describe_device(DRIVER, lamp, revision).model_dump(mode="json")


def test_a_reading_is_kept_and_told_once_while_it_does_not_change():
    device, bus = handle()
    heard = []
    bus.subscribe("lamp/p/+", heard.append)
    for moment in (1.0, 2.0):
        say(device, "reading", name="light", value=5.0, time=moment, quality="good")
    say(device, "reading", name="light", value=6.0, time=3.0, quality="good")
    assert [message.payload["value"] for message in heard] == [5.0, 6.0]
    assert device.readings["light"].time == 3.0


def test_a_bad_reading_without_a_value_keeps_the_last_one():
    device, _ = handle()
    say(device, "reading", name="light", value=5.0, time=1.0, quality="good")
    say(device, "reading", name="light", value=None, time=2.0, quality="bad")
    assert (device.readings["light"].value, device.readings["light"].quality) == (5.0, Quality.BAD)


def test_a_bad_reading_of_what_was_never_read_is_not_told_as_null():
    device, bus = handle()
    heard = []
    bus.subscribe("lamp/p/+", heard.append)
    say(device, "reading", name="light", value=None, time=2.0, quality="bad")
    assert device.readings == {}
    assert heard == []


def test_what_is_read_becomes_stale_when_the_device_or_its_process_is_gone():
    device, _ = handle()
    device.process_state("running", None)
    say(device, "state", reachable=True, problem=None)
    say(device, "reading", name="light", value=5.0, time=1.0, quality="good")
    assert device.state.presence == "present"
    device.process_state("restarting", None)
    assert device.readings["light"].quality is Quality.STALE
    assert not device.state.reachable


def test_a_description_that_says_the_same_is_not_told_again():
    device, bus = handle()
    heard = []
    bus.subscribe("lamp/td", heard.append)
    say(device, "description", description=describe(1))
    say(device, "description", description=describe(7))
    assert len(heard) == 1
    assert device.description.revision == 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"op": "dance"},
        {"op": "reading", "name": "nothing", "value": 1, "time": 1, "quality": "good"},
        {"op": "reading", "name": "light", "value": 1, "time": "now", "quality": "good"},
        {"op": "reading", "name": "light", "value": 1, "time": 1e300, "quality": "good"},
        {"op": "reading", "name": "light", "value": 1, "time": 1, "quality": "fine"},
        {"op": "reading", "name": ["light"], "value": 1, "time": 1, "quality": "good"},
        {"op": "state", "reachable": False, "problem": "no"},
        {"op": "description", "description": {"kind": "lamp"}},
        {"op": "event", "name": "light", "data": 1, "time": 1},
        {"op": "event", "name": "blown", "data": "x", "time": 1e300},
        {"op": "samples", "name": "nothing", "samples": []},
        {"op": "health", "problem": {"code": 5}},
    ],
)
def test_what_makes_no_sense_is_refused(message):
    device, _ = handle()
    with pytest.raises(WireError):
        device.message(message)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
OPS = ["reading", "state", "description", "event", "samples", "health", "stream", "x"]
MESSAGES = st.fixed_dictionaries(
    {"op": st.sampled_from(OPS) | JSON},
    optional={
        "name": st.sampled_from(["light", "view", "blown", "flicker"]) | JSON,
        "value": JSON,
        "time": st.floats(0, 2e9) | JSON,
        "quality": st.sampled_from(list(Quality)) | JSON,
        "reachable": JSON,
        "problem": JSON | st.just({"code": "x", "title": "X"}),
        "description": JSON | st.just(describe()),
        "data": JSON,
        "samples": JSON,
    },
)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(messages=st.lists(MESSAGES, max_size=4))
def test_whatever_a_driver_says_is_taken_or_refused_and_never_anything_else(messages):
    device, _ = handle()
    device.frames("view")
    for message in messages:
        try:
            device.message(message)
        except WireError:
            continue
    device.state_payload()


def test_a_frame_that_nobody_asked_for_is_refused():
    device, _ = handle()
    with pytest.raises(WireError):
        device.frame("view", b"", "image/jpeg", 0.0)
