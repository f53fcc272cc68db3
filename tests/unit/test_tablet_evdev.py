"""The driver of tablets that the kernel knows, against a node that speaks as the kernel's does."""

import asyncio
import contextlib
import time

import pytest

from drivers.input.clock import SampleClock
from drivers.input.codes import (
    ABS_DISTANCE,
    ABS_PRESSURE,
    ABS_TILT_X,
    ABS_TILT_Y,
    ABS_X,
    ABS_Y,
    BTN_0,
    BTN_STYLUS,
    BTN_TOOL_PEN,
    BTN_TOOL_RUBBER,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
    EV_MSC,
    EV_SYN,
    MSC_SERIAL,
    SYN_DROPPED,
)
from drivers.tablet.contract import Mapping
from drivers.tablet.evdev import KernelTablet
from drivers.virtual.harness import Recorder, recording, replaying
from drivers.virtual.node import VirtualInput, folder_of_sockets
from hub.device import BadSettings, Found, Unreachable, WrongDevice
from hub.device.transports import Axis, EvdevPort, Faults, Transports

AXES = {
    ABS_X: Axis(0, 0, 21600, 0, 0, 100),
    ABS_Y: Axis(0, 0, 13500, 0, 0, 100),
    ABS_PRESSURE: Axis(0, 0, 2047, 0, 0, 0),
    ABS_DISTANCE: Axis(0, 0, 63, 0, 0, 0),
    ABS_TILT_X: Axis(0, -64, 63, 0, 0, 57),
    ABS_TILT_Y: Axis(0, -64, 63, 0, 0, 57),
}
KEYS = (BTN_TOOL_PEN, BTN_TOOL_RUBBER, BTN_TOUCH, BTN_STYLUS)
NEAR = (EV_KEY, BTN_TOOL_PEN, 1)
FAR = (EV_KEY, BTN_TOOL_PEN, 0)
TIP = (EV_KEY, BTN_TOUCH, 1)
LIFT = (EV_KEY, BTN_TOUCH, 0)


def at(x, y, pressure=None):
    pressed = () if pressure is None else ((EV_ABS, ABS_PRESSURE, pressure),)
    return ((EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y), *pressed)


class Pens(Recorder):
    """Keeps samples one after the other, and lets a test wait for them."""

    def __init__(self):
        super().__init__()
        self.all = []
        self.news = asyncio.Event()

    def samples(self, name, samples):
        super().samples(name, samples)
        self.all += samples
        self.news.set()

    def lost(self, error):
        super().lost(error)
        self.news.set()

    async def until(self, condition):
        async with asyncio.timeout(5):
            while not condition(self):
                self.news.clear()
                await self.news.wait()

    async def count(self, number):
        await self.until(lambda told: len(told.all) >= number)
        return self.all


@pytest.fixture
def folder():
    with folder_of_sockets() as name:
        from pathlib import Path

        yield Path(name)


@contextlib.asynccontextmanager
async def tablet(folder, axes=AXES, keys=KEYS, transports=None, before=(), **settings):
    """A tablet that is plugged in, and its driver, connected."""
    async with VirtualInput(folder / "pen", name="Tablet", axes=axes, keys=keys) as node:
        node.change_silently(*before)
        node.sync()
        told = Pens()
        driver = KernelTablet(
            KernelTablet.Settings(path=str(node.path), **settings), told, transports=transports
        )
        try:
            await driver.connect()
            yield node, told, driver
        finally:
            await driver.end_background()
            await driver.disconnect()


async def test_a_stroke_is_told_report_by_report(folder):
    async with tablet(folder) as (node, told, driver):
        node.say(NEAR, *at(0, 0), (EV_MSC, MSC_SERIAL, 0xA0001), (EV_ABS, ABS_TILT_X, 57))
        node.say(TIP, *at(10800, 6750, 1024))
        node.say((EV_ABS, ABS_X, 21600), (EV_KEY, BTN_STYLUS, 1))
        node.say(LIFT, (EV_ABS, ABS_PRESSURE, 0))
        node.say(FAR)
        first, tip, move, lift, gone = await told.count(5)
        assert (first.x, first.y, first.contact, first.near, first.tool) == (
            0,
            0,
            False,
            True,
            "000a0001",
        )
        assert first.tilt_x == pytest.approx(57.3, abs=0.1)
        assert (tip.x, tip.y, tip.x_mm, tip.y_mm, tip.contact) == (0.5, 0.5, 108.0, 67.5, True)
        assert tip.pressure == pytest.approx(0.5, abs=0.001)
        assert (move.x, move.y, move.buttons, move.pressure) == (1.0, 0.5, (1,), tip.pressure)
        assert (lift.contact, lift.near, gone.near, gone.buttons) == (False, True, False, ())
        assert abs(tip.time - time.time()) < 1
        assert first.time <= tip.time <= gone.time
        assert [(name, one.near) for name, one in told.events] == [("tool", True), ("tool", False)]
        assert (await driver._read_size()).width == 216
        assert await driver._read_levels() == 2048
        assert driver.omitted == {"key", "ring", "keys", "screen"}


async def test_what_came_at_once_is_one_batch_and_nothing_is_left_out(folder):
    async with tablet(folder) as (node, told, _):
        node.say(NEAR, TIP, *at(0, 0, 1))
        for x in range(1, 2001):
            node.say((EV_ABS, ABS_X, x))
            if x % 50 == 0:
                await asyncio.sleep(0)
        await told.count(2001)
        assert [round(one.x * 21600) for one in told.all] == list(range(2001))
        assert node.lost == 0


async def test_a_pen_that_is_down_already_is_known_at_the_start(folder):
    async with tablet(folder, before=(NEAR, TIP, *at(5400, 0, 2047))) as (_, told, _driver):
        (only,) = await told.count(1)
        assert (only.x, only.pressure, only.contact, only.near) == (0.25, 1.0, True, True)


async def test_after_lost_events_the_state_is_read_anew(folder):
    async with tablet(folder) as (node, told, _):
        node.say(NEAR, TIP, *at(100, 100, 500))
        await told.count(1)
        node.change_silently(LIFT, *at(21600, 13500, 0))
        node.sync()
        # What comes between SYN_DROPPED and the report's end is discarded.
        node.say((EV_ABS, ABS_X, 7), (EV_SYN, SYN_DROPPED, 0), (EV_ABS, ABS_X, 9))
        node.change_silently(*at(21600, 13500, 0))
        node.sync()
        node.say((EV_ABS, ABS_X, 10800))
        await told.until(lambda t: len(t.all) >= 2)
        second = told.all[1]
        assert (second.contact, second.near) == (False, True)
        assert not any(round(one.x * 21600) in (7, 9) for one in told.all)


async def test_a_pull_ends_the_stroke(folder):
    async with tablet(folder) as (node, told, _):
        node.say(NEAR, TIP, *at(100, 100, 500))
        await told.count(1)
        await node.__aexit__()
        await told.until(lambda t: t.losses)
        assert isinstance(told.losses[0], Unreachable)
        assert [(one.contact, one.near, one.pressure) for one in told.all[1:]] == [
            (False, False, 0.0)
        ]
        assert (told.all[1].x, told.all[1].y) == (told.all[0].x, told.all[0].y)


async def test_the_eraser_is_another_tool_and_ends_the_pens_stroke(folder):
    async with tablet(folder) as (node, told, _):
        node.say(NEAR, TIP, *at(1, 1, 500))
        node.say(FAR, (EV_KEY, BTN_TOOL_RUBBER, 1))
        pen, gone, eraser = await told.count(3)
        assert (pen.eraser, gone.eraser, gone.near, eraser.eraser, eraser.near) == (
            False,
            False,
            False,
            True,
            True,
        )


async def test_a_tablet_without_tools_touch_pressure_or_resolution(folder):
    axes = {ABS_X: Axis(0, 0, 100, 0, 0, 0), ABS_Y: Axis(0, 100, 300, 0, 0, 0)}
    async with tablet(folder, axes=axes, keys=(BTN_STYLUS, BTN_TOUCH)) as (node, told, driver):
        assert {"size", "resolution", "pressure_levels"} <= driver.omitted
        node.say(TIP, *at(50, 200))
        (tip,) = await told.count(1)
        assert (tip.x, tip.y, tip.x_mm, tip.pressure, tip.tilt_x) == (0.5, 0.5, None, 1.0, None)


async def test_its_size_can_be_set_where_it_does_not_know_it(folder):
    axes = {ABS_X: Axis(0, 0, 100, 0, 0, 0), ABS_Y: Axis(0, 0, 100, 0, 0, 0)}
    async with tablet(folder, axes=axes, width_mm=200, height_mm=100) as (node, told, _):
        node.say(NEAR, *at(50, 50))
        (one,) = await told.count(1)
        assert (one.x_mm, one.y_mm) == (100, 50)


@pytest.mark.parametrize("axis", [Axis(0, 5, 5, 0, 0, 0), Axis(0, 5, -5, 0, 0, 0)])
async def test_an_axis_without_a_range_is_no_axis(folder, axis):
    with pytest.raises(WrongDevice, match="no range"):
        async with tablet(folder, axes={**AXES, ABS_X: axis}):
            pass
    flat = {**AXES, ABS_PRESSURE: axis, ABS_TILT_X: axis, ABS_DISTANCE: axis}
    async with tablet(folder, axes=flat) as (node, told, _):
        node.say(NEAR, TIP, *at(0, 0, 5))
        (one,) = await told.count(1)
        assert (one.pressure, one.tilt_x, one.tilt_y, one.distance) == (1.0, None, None, None)


async def test_values_outside_their_axis_stay_inside(folder):
    async with tablet(folder) as (node, told, _):
        node.say(NEAR, *at(-2147483648, 2147483647, 2147483647), (EV_ABS, ABS_TILT_X, 2147483647))
        (one,) = await told.count(1)
        assert (one.x, one.y, one.pressure, one.tilt_x) == (0.0, 1.0, 1.0, 90.0)


async def test_what_is_no_pen_is_refused(folder):
    with pytest.raises(WrongDevice, match="neither pen nor pad"):
        async with tablet(folder, keys=(BTN_0 + 0x20,)):
            pass
    with pytest.raises(BadSettings):
        await KernelTablet(KernelTablet.Settings(), Pens()).connect()


async def test_the_pads_keys_are_events_of_the_same_tablet(folder):
    pad = VirtualInput(folder / "pad", name="Pad", axes={}, keys=(BTN_0, BTN_0 + 1))
    finger = VirtualInput(folder / "finger", name="Finger", axes=AXES, keys=(BTN_TOUCH,))
    pen = VirtualInput(folder / "event9", name="Pen", axes=AXES, keys=KEYS)
    async with pad, finger, pen:
        nodes = (str(finger.path), str(pad.path), str(pen.path))
        found = Found(identity="usb:1:2:3", bus="usb", nodes={"input": nodes})
        told = Pens()
        driver = KernelTablet(KernelTablet.Settings(), told, found=found)
        await driver.connect()
        await pad.opened()
        pad.say((EV_KEY, BTN_0 + 1, 1))
        pad.say((EV_KEY, BTN_0 + 1, 0))
        async with asyncio.timeout(5):
            while len(told.events) < 2:
                await asyncio.sleep(0.005)
        assert [(n, k.key, k.pressed) for n, k in told.events] == [
            ("key", 2, True),
            ("key", 2, False),
        ]
        assert driver.omitted == {"keys", "screen"}
        await driver.end_background()
        await driver.disconnect()


async def test_a_part_of_the_tablet_turned_round(folder):
    mapping = Mapping(left=0.5, top=0.0, right=1.0, bottom=0.5, rotation=180)
    async with tablet(folder) as (node, told, driver):
        await driver._write_mapping(mapping)
        node.say(NEAR, *at(10800, 0), (EV_ABS, ABS_TILT_X, 10), (EV_ABS, ABS_TILT_Y, -10))
        (one,) = await told.count(1)
        assert (one.x, one.y, one.x_mm, one.y_mm) == (1.0, 1.0, 108.0, 67.5)
        assert one.tilt_x == pytest.approx(-one.tilt_y)
        assert one.tilt_x < 0
        await driver._write_mapping(Mapping())
        assert told.all[1].near is False  # a stroke does not jump
        node.say((EV_ABS, ABS_X, 10801))
        await told.count(3)
        assert told.all[2].x == pytest.approx(0.5, abs=0.001)
        assert told.readings[-1][1].width == 216


async def test_a_stroke_is_recorded_and_played_without_the_tablet(folder, tmp_path):
    file = tmp_path / "stroke.jsonl"
    async with (
        recording(file, KernelTablet.Settings(path="x")) as transports,
        tablet(folder, transports=transports) as (node, told, _),
    ):
        node.say(NEAR, TIP, *at(100, 100, 500))
        for x in range(100, 200):
            node.say((EV_ABS, ABS_X, x))
        node.say(FAR, LIFT)
        await told.count(102)
    again = Pens()
    async with replaying(file) as played:
        driver = KernelTablet(
            KernelTablet.Settings(path="/dev/input/event7"), again, transports=played
        )
        await driver.connect()
        await again.count(102)
        await driver.end_background()
        await driver.disconnect()
    assert again.losses == []

    def drawn(samples):
        return [one.model_dump(exclude={"time"}) for one in samples]

    assert drawn(again.all) == drawn(told.all)
    times = [one.time for one in again.all]
    assert times == sorted(times)


async def test_spoilt_events_do_no_harm(folder):
    transports = Transports()
    async with tablet(folder, transports=transports) as (node, told, _):
        transports.set_faults(Faults(garble=0.05, drop=0.05, seed=3))
        for x in range(500):
            node.say(NEAR, TIP, *at(x, x, x))
        await asyncio.sleep(0.05)
        transports.set_faults(None)
        node.say((EV_ABS, ABS_X, 21600), (EV_ABS, ABS_Y, 0))
        await told.until(lambda t: (t.all[-1].x, t.all[-1].y) == (1.0, 0.0))
        times = [one.time for one in told.all]
        assert times == sorted(times)
        assert told.losses == []


async def test_what_waited_too_long_is_a_loss_and_the_state_is_read_anew(folder, monkeypatch):
    follows, samples_of = asyncio.Event(), KernelTablet._samples

    async def late(driver, node, frame):
        await follows.wait()
        return await samples_of(driver, node, frame)

    monkeypatch.setattr(EvdevPort, "oldest", 0.02)
    monkeypatch.setattr(KernelTablet, "_samples", late)
    async with tablet(folder) as (node, told, driver):
        node.say(NEAR, TIP, *at(100, 100, 500))
        for x in range(200, 400):
            node.say(*at(x, x, 500))
        node.say(LIFT, *at(21600, 13500, 0))
        node.change_silently(NEAR, LIFT, *at(21600, 13500, 0))
        node.sync()
        await asyncio.sleep(0.2)
        follows.set()
        await told.until(lambda t: t.all and not t.all[-1].contact)
        assert (told.all[-1].x, told.all[-1].y, told.all[-1].near) == (1.0, 1.0, True)
        assert driver._pen_node.port.dropped >= 150
        assert len(told.all) < 50


async def test_two_thousand_reports_a_second_are_all_told(folder):
    async with tablet(folder) as (node, told, _driver):
        node.say(NEAR, TIP, *at(0, 0, 1))
        for number in range(4000):
            node.say(*at(number, number, 1 + number % 2000))
            if number % 20 == 0:
                await asyncio.sleep(0.01)
        samples = await told.count(4001)
        assert [round(one.x * 21600) for one in samples[1:]] == list(range(4000))
        assert [one.time for one in samples] == sorted(one.time for one in samples)


def test_no_sample_is_ahead_of_its_time():
    now = [1000.0]
    clock = SampleClock(lambda: now[0])
    assert clock.tell(50.0) == 1000.0  # it was read late: its time is not that of now
    now[0] = 1000.005
    assert clock.tell(50.010) == pytest.approx(1000.005)
    now[0] = 1000.015
    assert clock.tell(50.020) == pytest.approx(1000.015)
    now[0] = 1000.030
    assert clock.tell(50.025) == pytest.approx(1000.020)  # distances are kept from then on


def test_time_that_goes_backwards_or_jumps():
    now = [1000.0]
    clock = SampleClock(lambda: now[0])
    assert clock.tell(50.0) == 1000.0
    now[0] = 1000.02
    assert clock.tell(50.01) == pytest.approx(1000.01)
    assert clock.tell(50.005) == pytest.approx(1000.01)  # backwards a little: held
    assert clock.tell(3.0) == 1000.02  # backwards far: tied to now
    now[0] = 1000.1
    assert clock.tell(3.05) == pytest.approx(1000.07)
    assert clock.tell(1e12) == 1000.1
    now[0] = 500.0  # this computer's clock was set back
    assert clock.tell(3.1) == 500.0
