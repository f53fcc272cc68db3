"""Samples on their way to viewers: gathered, in order, bounded, and a process that floods is held."""

import asyncio

import pytest

from hub.driver_host._outbox import MOST_GATHERED, MOST_SAMPLES, MOST_WAITING, Outbox
from hub.mqtt._outbox import MOST_GATHERED as MOST_OF_TOPIC
from hub.mqtt._outbox import Outbox as MqttOutbox
from hub.wire import MOST_SEVERAL, SEVERAL, ControlChannel, WireError, encode


@pytest.fixture
def sent():
    return []


@pytest.fixture
def outbox(sent):
    made = Outbox()
    made.bind(sent.append)
    return made


def batch(device, *samples):
    return {"op": "samples", "device": device, "name": "pen", "samples": list(samples)}


async def soon(condition):
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_samples_of_all_devices_are_one_message(outbox, sent):
    for number in range(3):
        outbox.samples("a", "pen", [number])
        outbox.samples("b", "pen", [10 + number])
    assert sent == []
    await soon(lambda: sent)
    assert sent == [{"op": SEVERAL, "messages": [batch("a", 0, 1, 2), batch("b", 10, 11, 12)]}]


async def test_one_devices_samples_are_a_plain_message(outbox, sent):
    outbox.samples("a", "pen", [1, 2])
    await soon(lambda: sent)
    assert sent == [batch("a", 1, 2)]


async def test_an_event_never_overtakes_the_samples_before_it(outbox, sent):
    outbox.samples("a", "pen", [1])
    outbox.happened({"op": "event"})
    outbox.samples("a", "pen", [2])
    outbox.send({"op": "state"})
    assert sent == [batch("a", 1), {"op": "event"}, batch("a", 2), {"op": "state"}]


async def test_many_samples_do_not_wait(outbox, sent):
    outbox.samples("a", "pen", range(MOST_GATHERED))
    assert len(sent) == 1


async def test_what_waits_for_a_hub_that_does_not_keep_up_is_bounded(outbox, sent):
    outbox.writable(open_=False)
    for start in range(0, 3 * MOST_SAMPLES, 1000):
        outbox.samples("a", "pen", range(start, start + 1000))
    for _ in range(2 * MOST_WAITING):
        outbox.happened({"op": "event"})
    assert sent == []
    outbox.writable(open_=True)
    assert len(sent) == MOST_WAITING
    assert outbox.dropped == 60 + 2 * MOST_WAITING - MOST_WAITING
    outbox.writable(open_=False)
    for start in range(0, 2 * MOST_SAMPLES, 1000):
        outbox.samples("a", "pen", range(start, start + 1000))
    sent.clear()
    outbox.writable(open_=True)
    kept = [sample for message in sent for sample in message["samples"]]
    assert kept == list(range(MOST_SAMPLES, 2 * MOST_SAMPLES))  # the newest


class Transport(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.closed = self.paused = False

    def is_closing(self):
        return self.closed

    def abort(self):
        self.closed = True

    def pause_reading(self):
        self.paused = True

    def resume_reading(self):
        self.paused = False


def channel(heard, rate=None):
    made, transport = ControlChannel(heard.append, lambda _: None, rate=rate), Transport()
    made.connection_made(transport)
    return made, transport


async def test_several_messages_are_handled_one_after_the_other():
    heard = []
    made, _ = channel(heard)
    messages = [batch("a", 1), batch("b", 2)]
    made.data_received(encode({"op": SEVERAL, "messages": messages}) + encode({"op": "x"}))
    assert heard == [*messages, {"op": "x"}]


@pytest.mark.parametrize(
    "messages",
    [None, {}, "x", [1], [{"op": SEVERAL, "messages": []}], [{"op": "x"}] * (MOST_SEVERAL + 1)],
)
async def test_several_that_are_none_end_the_channel(messages):
    heard = []
    made, transport = channel(heard)
    made.data_received(encode({"op": SEVERAL, "messages": messages}))
    assert transport.closed
    assert isinstance(made._error, WireError)
    assert heard == []


async def test_a_flood_of_several_is_held_too():
    heard = []
    made, transport = channel(heard, rate=10)
    flood = encode({"op": SEVERAL, "messages": [{"op": "x"}] * 400})
    for _ in range(5):
        made.data_received(flood)
    assert transport.paused
    assert len(heard) == 400
    made._again.cancel()


async def test_mqtt_gets_fewer_and_longer_messages():
    outbox = MqttOutbox()
    outbox.put_samples("a/s/pen", [0])
    assert outbox.dropped == 1  # nobody is connected
    outbox.open = True
    for number in range(5):
        outbox.put_samples("a/s/pen", [number])
        outbox.put_samples("b/s/pen", [number])
    assert len(outbox) == 0
    await soon(lambda: len(outbox) == 2)
    told = [(await outbox.get())[0] for _ in range(2)]
    assert [one.topic for one in told] == ["a/s/pen", "b/s/pen"]
    assert told[0].payload == {"samples": [0, 1, 2, 3, 4]}
    assert (told[0].retained, told[0].qos) == (False, 0)
    outbox.put_samples("a/s/pen", list(range(MOST_OF_TOPIC)))
    assert len(outbox) == 1
    outbox.put_samples("a/s/pen", [1])
    outbox.clear()
    await asyncio.sleep(0.06)
    assert len(outbox) == 0
