"""Work beside the calls of a driver: what fails in it is the device's loss, and nothing is left."""

import asyncio
import socket

import pytest

from drivers.virtual.harness import Recorder
from hub.device import Device, DeviceSettings, Unreachable, describe_driver
from hub.driver_host._calls import CallBook
from hub.driver_host._outbox import Outbox
from hub.driver_host._runner import DeviceRunner
from hub.driver_host._streams import FrameSender
from hub.driver_host.timing import Timing


@pytest.fixture
def told():
    return Recorder()


@pytest.fixture
def device(told):
    return Device(DeviceSettings(), told, id="pen")


async def soon(look):
    async with asyncio.timeout(10):
        while not look():
            await asyncio.sleep(0)


async def test_what_it_raises_is_told(device, told):
    async def listen():
        raise Unreachable("pulled")

    device.background(listen())
    await soon(lambda: told.losses)
    assert isinstance(told.losses[0], Unreachable)


async def test_to_return_is_no_loss(device, told):
    done = asyncio.Event()

    async def greet():
        done.set()

    device.background(greet())
    await done.wait()
    await device.end_background()
    assert told.losses == []


async def test_it_is_ended_and_what_fails_meanwhile_no_longer_matters(device, told):
    ended = []

    async def listen(name):
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            ended.append(name)
            if name == "clumsy":
                raise RuntimeError("too late") from None
            raise

    for name in ("calm", "clumsy"):
        device.background(listen(name))
    await asyncio.sleep(0)
    await device.end_background()
    assert sorted(ended) == ["calm", "clumsy"]
    assert told.losses == []
    await device.end_background()


class Pen(Device, kind="pen", title="Pen"):
    """Pen."""

    connects = 0

    async def connect(self):
        self.connects += 1
        if self.connects == 1:
            self.background(self.fail("while it is being connected"))
            await asyncio.sleep(0)
        elif self.connects == 2:
            self.background(self.fail("before it was heard"))
            await asyncio.Event().wait()
        elif self.connects == 3:
            self.background(self.fail("while it serves", after=0.05))

    async def fail(self, how, after=0.0):
        await asyncio.sleep(after)
        raise Unreachable(how)


async def test_its_host_connects_it_again_whenever_it_fails():
    """Also where `connect` had not noticed, and with the true reason where it waits in vain."""
    states = []
    outbox = Outbox()
    outbox.bind(lambda message: states.append(message) if message["op"] == "state" else None)
    here, there = socket.socketpair()
    timing = Timing(again=0.01, again_most=0.01, connect=0.3)
    runner = DeviceRunner(
        "pen",
        Pen,
        describe_driver("pen", Pen),
        {},
        outbox=outbox,
        sender=FrameSender(here),
        book=CallBook(10),
        timing=timing,
    )
    runner.start()
    await soon(lambda: len(states) == 5)
    await runner.stop()
    here.close()
    there.close()
    told = [message["problem"] and message["problem"]["detail"] for message in states]
    assert told == [
        "while it is being connected",
        "before it was heard",
        None,
        "while it serves",
        None,
    ]
