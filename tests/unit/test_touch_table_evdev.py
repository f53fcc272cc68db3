"""The driver of touch tables that the kernel knows, against a node that speaks as the kernel's does."""

import asyncio
import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.input.codes import (
    ABS_MT_ORIENTATION,
    ABS_MT_POSITION_X,
    ABS_MT_POSITION_Y,
    ABS_MT_PRESSURE,
    ABS_MT_SLOT,
    ABS_MT_TOOL_TYPE,
    ABS_MT_TOUCH_MAJOR,
    ABS_MT_TOUCH_MINOR,
    ABS_MT_TRACKING_ID,
    ABS_X,
    ABS_Y,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
    EV_SYN,
    SYN_DROPPED,
    SYN_MT_REPORT,
)
from drivers.input.frames import Framing
from drivers.touch_table.contacts import Contacts
from drivers.touch_table.contract import MOST_CONTACTS, Phase, TouchTool
from drivers.touch_table.evdev import KernelTouchTable
from drivers.touch_table.evdev.place import Places
from drivers.touch_table.evdev.slots import FrameReader, SlotReader
from drivers.virtual.harness import Recorder
from drivers.virtual.node import VirtualInput, folder_of_sockets
from hub.device import Unreachable, WrongDevice
from hub.device.transports import Axis, InputEvent

WIDE = Axis(0, 0, 32767, 0, 0, 32)
AXES = {
    ABS_MT_SLOT: Axis(0, 0, 59, 0, 0, 0),
    ABS_MT_POSITION_X: WIDE,
    ABS_MT_POSITION_Y: WIDE,
    ABS_MT_TOUCH_MAJOR: WIDE,
    ABS_MT_TOUCH_MINOR: WIDE,
    ABS_MT_ORIENTATION: Axis(0, 0, 1, 0, 0, 0),
    ABS_MT_PRESSURE: Axis(0, 0, 255, 0, 0, 0),
    ABS_MT_TOOL_TYPE: Axis(0, 0, 2, 0, 0, 0),
    ABS_MT_TRACKING_ID: Axis(0, 0, 65535, 0, 0, 0),
}
WITHOUT_SLOTS = {k: v for k, v in AXES.items() if k not in (ABS_MT_SLOT, ABS_MT_TRACKING_ID)}
REPORT = (EV_SYN, SYN_MT_REPORT, 0)


def slot(number):
    return (EV_ABS, ABS_MT_SLOT, number)


def track(number):
    return (EV_ABS, ABS_MT_TRACKING_ID, number)


def at(x, y):
    return (EV_ABS, ABS_MT_POSITION_X, x), (EV_ABS, ABS_MT_POSITION_Y, y)


class Touches(Recorder):
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

    async def told(self, number):
        await self.until(lambda one: len(one.all) >= number)
        return [(one.id, str(one.phase), one.x, one.y) for one in self.all]


@pytest.fixture
def folder():
    with folder_of_sockets() as name:
        yield Path(name)


@contextlib.asynccontextmanager
async def table(folder, axes=AXES, keys=(BTN_TOUCH,), before=(), **settings):
    async with VirtualInput(folder / "table", name="Table", axes=axes, keys=keys) as node:
        node.change_silently(*before)
        node.sync()
        told = Touches()
        driver = KernelTouchTable(KernelTouchTable.Settings(path=str(node.path), **settings), told)
        try:
            await driver.connect()
            yield node, told, driver
        finally:
            await driver.end_background()
            await driver.disconnect()


async def test_two_fingers_come_move_and_go(folder):
    async with table(folder) as (node, told, driver):
        node.say(slot(0), track(7), *at(0, 0), slot(1), track(8), *at(32767, 32767))
        node.say(slot(0), (EV_ABS, ABS_MT_POSITION_X, 32767))
        node.say(slot(1), track(-1))
        node.say(slot(0), track(-1))
        assert await told.told(5) == [
            (1, "down", 0, 0),
            (2, "down", 1, 1),
            (1, "move", 1, 0),
            (2, "up", 1, 1),
            (1, "up", 1, 0),
        ]
        assert [one.frame for one in told.all] == [1, 1, 2, 3, 4]
        assert told.all[1].x_mm == pytest.approx(1023.97)
        counts = [value for name, value in told.readings if name == "contacts"]
        assert counts == [0, 2, 1, 0]
        assert await driver._read_most() == 60


async def test_a_slots_place_is_kept_for_the_next_contact_in_it(folder):
    async with table(folder) as (node, told, _):
        node.say(slot(3), track(1), *at(32767, 0))
        node.say(track(-1))
        node.say(track(2))  # at the very same place: the kernel says nothing more
        assert (await told.told(3))[2] == (2, "down", 1, 0)


async def test_an_id_that_changes_directly_is_an_up_and_a_down(folder):
    async with table(folder) as (node, told, _):
        node.say(slot(0), track(1), *at(0, 0))
        node.say(track(2), *at(32767, 32767))
        assert await told.told(3) == [(1, "down", 0, 0), (1, "up", 0, 0), (2, "down", 1, 1)]


async def test_nothing_is_lost_where_down_and_up_share_a_frame(folder):
    async with table(folder) as (node, told, _):
        node.say(slot(0), track(1), *at(0, 0), track(-1))
        node.say(track(2), *at(32767, 0), track(-1), track(3), *at(0, 32767))
        assert await told.told(5) == [
            (1, "down", 0, 0),
            (1, "up", 0, 0),
            (2, "down", 1, 0),
            (2, "up", 1, 0),
            (3, "down", 0, 1),
        ]


async def test_fingers_that_are_down_already_are_known_at_the_start(folder):
    before = (slot(4), track(9), *at(32767, 0), slot(5), track(10), *at(0, 32767))
    async with table(folder, before=before) as (node, told, _):
        assert await told.told(2) == [(1, "down", 1, 0), (2, "down", 0, 1)]
        node.say((EV_ABS, ABS_MT_POSITION_X, 32767))  # slot 5 was the last one
        assert (await told.told(3))[2] == (2, "move", 1, 1)


async def test_forty_fingers_and_more(folder):
    async with table(folder) as (node, told, driver):
        down = [event for n in range(50) for event in (slot(n), track(n), *at(n * 655, n))]
        node.say(*down)
        await told.told(50)
        for step in range(1, 6):
            node.say(
                *(
                    e
                    for n in range(50)
                    for e in (slot(n), (EV_ABS, ABS_MT_POSITION_Y, step * 999 + n))
                )
            )
        node.say(*(event for n in range(50) for event in (slot(n), track(-1))))
        await told.told(350)
        assert sorted({one.id for one in told.all}) == list(range(1, 51))
        for id_ in range(1, 51):
            phases = [str(one.phase) for one in told.all if one.id == id_]
            assert phases == ["down", *["move"] * 5, "up"]
        assert node.lost == 0
        assert len(driver._contacts) == 0


async def test_after_lost_events_contacts_are_what_the_slots_say(folder):
    async with table(folder) as (node, told, _):
        node.say(
            slot(0), track(1), *at(0, 0), slot(1), track(2), *at(1, 1), slot(2), track(3), *at(2, 2)
        )
        await told.told(3)
        node.change_silently(
            slot(0), track(-1), slot(1), track(9), *at(32767, 0), slot(3), track(10)
        )
        node.sync()
        node.say((EV_SYN, SYN_DROPPED, 0), *at(5, 5))
        node.change_silently(*at(0, 32767))
        node.sync()
        await told.told(7)
        after = [(one.id, str(one.phase)) for one in told.all[3:]]
        assert after == [(1, "up"), (2, "up"), (4, "down"), (5, "down")]


async def test_a_pull_ends_all_contacts(folder):
    async with table(folder) as (node, told, _):
        node.say(slot(0), track(1), *at(0, 0), slot(1), track(2), *at(32767, 1))
        await told.told(2)
        await node.__aexit__()
        await told.until(lambda one: one.losses)
        assert isinstance(told.losses[0], Unreachable)
        assert [(one.id, one.phase) for one in told.all[2:]] == [(1, Phase.UP), (2, Phase.UP)]


async def test_how_a_contact_looks(folder):
    async with table(folder, palm_mm=40) as (node, told, _):
        looks = (
            (EV_ABS, ABS_MT_TOUCH_MAJOR, 640),
            (EV_ABS, ABS_MT_TOUCH_MINOR, 320),
            (EV_ABS, ABS_MT_ORIENTATION, 1),
            (EV_ABS, ABS_MT_PRESSURE, 255),
        )
        node.say(slot(0), track(1), *at(0, 0), *looks)
        node.say((EV_ABS, ABS_MT_TOOL_TYPE, 1))
        node.say((EV_ABS, ABS_MT_TOOL_TYPE, 2))
        node.say((EV_ABS, ABS_MT_TOOL_TYPE, 0), (EV_ABS, ABS_MT_TOUCH_MAJOR, 641))
        await told.told(4)
        first = told.all[0]
        assert (first.width_mm, first.height_mm, first.angle, first.pressure) == (20, 10, 90, 1)
        tools = [one.tool for one in told.all]
        assert tools == [TouchTool.FINGER, TouchTool.PEN, TouchTool.PALM, TouchTool.PALM]


async def test_protocol_a_without_ids_follows_the_nearest(folder):
    async with table(folder, axes=WITHOUT_SLOTS) as (node, told, driver):
        node.say(*at(0, 0), REPORT, *at(30000, 30000), REPORT)
        node.say(*at(30100, 30000), REPORT, *at(100, 0), REPORT)
        node.say(*at(30200, 30000), REPORT)
        node.say(REPORT)
        phases = [(i, p) for i, p, _, _ in await told.told(7)]
        assert phases == [
            (1, "down"), (2, "down"), (2, "move"), (1, "move"), (1, "up"), (2, "move"), (2, "up"),
        ]  # fmt: skip
        assert driver.omitted == {"most_contacts"}


async def test_protocol_a_with_ids(folder):
    axes = {**WITHOUT_SLOTS, ABS_MT_TRACKING_ID: AXES[ABS_MT_TRACKING_ID]}
    async with table(folder, axes=axes) as (node, told, _):
        node.say(track(5), *at(0, 0), REPORT, track(6), *at(1, 1), REPORT)
        node.say(track(6), *at(32767, 1), REPORT)
        phases = [(i, p) for i, p, _, _ in await told.told(4)]
        assert phases == [(1, "down"), (2, "down"), (1, "up"), (2, "move")]


async def test_a_table_with_one_finger(folder):
    axes = {ABS_X: WIDE, ABS_Y: WIDE}
    async with table(folder, axes=axes) as (node, told, driver):
        node.say((EV_KEY, BTN_TOUCH, 1), (EV_ABS, ABS_X, 32767))
        node.say((EV_ABS, ABS_Y, 32767))
        node.say((EV_KEY, BTN_TOUCH, 0))
        assert [p for _, p, _, _ in await told.told(3)] == ["down", "move", "up"]
        assert await driver._read_most() == 1


async def test_65000_slots_and_slots_that_cannot_be(folder):
    axes = {**AXES, ABS_MT_SLOT: Axis(0, 0, 65000, 0, 0, 0)}
    async with table(folder, axes=axes) as (node, told, driver):
        assert await driver._read_most() == MOST_CONTACTS
        node.say(slot(64999), track(1), *at(5, 5), slot(-3), track(2), slot(2), track(3), *at(0, 0))
        assert await told.told(1) == [(1, "down", 0, 0)]
        assert driver._reader.beyond == 4
        many = [e for n in range(400) for e in (slot(n), track(100 + n), *at(n, n))]
        node.say(*many)
        await told.until(lambda one: len({t.id for t in one.all}) >= MOST_CONTACTS)
        assert len(driver._contacts) == MOST_CONTACTS


async def test_what_has_no_touches_or_no_range_is_refused(folder):
    with pytest.raises(WrongDevice, match="has no touches"):
        async with table(folder, axes={ABS_X: WIDE, ABS_Y: WIDE}, keys=()):
            pass
    with pytest.raises(WrongDevice, match="no range"):
        async with table(folder, axes={**AXES, ABS_MT_POSITION_Y: Axis(0, 4, 4, 0, 0, 0)}):
            pass


_codes = [*AXES, ABS_X, 0x3F, 0x28]
_events = st.lists(
    st.builds(
        InputEvent,
        st.floats(0, 1e6),
        st.sampled_from([EV_SYN, EV_ABS, EV_ABS, EV_ABS, EV_KEY]),
        st.sampled_from([0, 2, 3, *_codes]),
        st.one_of(st.integers(-3, 70), st.integers(-(2**31), 2**31 - 1)),
    ),
    max_size=80,
)


@settings(max_examples=150, deadline=None)
@given(_events, st.booleans())
def test_whatever_comes_every_contact_has_one_down_and_one_up(events, slots):
    places = Places(AXES if slots else WITHOUT_SLOTS)
    contacts = Contacts(places.size)
    reader = (SlotReader if slots else FrameReader)(places, contacts)
    touches = []
    for frame in Framing().feed(events):
        touches += reader.take(frame.events, 1.0)
    touches += contacts.end(2.0)
    down = set()
    for touch in touches:
        match touch.phase:
            case Phase.DOWN:
                assert touch.id not in down
                down.add(touch.id)
            case Phase.MOVE:
                assert touch.id in down
            case Phase.UP:
                down.remove(touch.id)
    assert not down
    frames = [touch.frame for touch in touches]
    assert frames == sorted(frames)
