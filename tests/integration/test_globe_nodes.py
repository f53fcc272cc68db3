"""Pens that type and pens with reports of their own: their drivers, over nodes that are played."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from drivers.globe.hid import HidGlobe
from drivers.globe.wedge import WedgeGlobe
from drivers.globe.wedge.driver import NoKeys
from drivers.input.codes import EV_KEY, EV_SYN, SYN_DROPPED
from drivers.virtual.harness import Recorder
from drivers.virtual.node import VirtualInput, VirtualNode, folder_of_sockets

KEYS = {**{str(n): n + 1 for n in range(1, 10)}, "0": 11, "\n": 28}
LIMIT = 20


@contextlib.asynccontextmanager
async def wedge(**settings):
    """A pen that types, its driver, and what the driver tells."""
    with folder_of_sockets() as folder:
        path = Path(folder) / "pen"
        async with VirtualInput(path, name="Lab Wedge", axes={}, keys=range(1, 120)) as pen:
            told = Recorder()
            driver = WedgeGlobe(WedgeGlobe.Settings(path=str(path), **settings), told)
            await driver.connect()
            await pen.opened()
            yield pen, told
            await driver.end_background()
            await driver.disconnect()


def type_on(pen, text):
    for sign in text:
        for value in (1, 0):
            pen.say((EV_KEY, KEYS[sign], value))


async def events(told, count):
    async with asyncio.timeout(LIMIT):
        while len(told.events) < count:
            await asyncio.sleep(0.01)
    return [(data.code, str(data.kind)) for _, data in told.events]


async def test_a_pen_that_types_says_its_codes_and_is_the_hubs_alone():
    async with wedge() as (pen, told):
        type_on(pen, "10398\n")
        type_on(pen, "10392\n")
        assert await events(told, 2) == [("10398", "tap"), ("10392", "tap")]
        assert told.losses == []


async def test_a_burst_of_typed_codes_is_told_whole():
    async with wedge() as (pen, told):
        codes = [str(10_000 + n) for n in range(60)]
        for code in codes:
            type_on(pen, f"{code}\n")
            await asyncio.sleep(0.005)  # the peer runs in this very process
        assert [code for code, _ in await events(told, 60)] == codes
        assert pen.lost == 0


async def test_half_a_code_is_none_and_a_pen_without_enter_ends_it_by_a_pause():
    async with wedge(gap=40) as (pen, told):
        type_on(pen, "103")
        await asyncio.sleep(0.3)
        type_on(pen, "10398\n")
        assert await events(told, 1) == [("10398", "tap")]
    async with wedge(gap=40, enter=False) as (pen, told):
        type_on(pen, "10398")
        assert await events(told, 1) == [("10398", "tap")]


async def test_what_the_kernel_lost_makes_no_code_of_two_halves():
    async with wedge() as (pen, told):
        type_on(pen, "103")
        pen.say((EV_SYN, SYN_DROPPED, 0))
        type_on(pen, "10392\n")
        assert await events(told, 1) == [("10392", "tap")]


async def test_a_mouse_is_no_pen():
    with folder_of_sockets() as folder:
        path = Path(folder) / "mouse"
        async with VirtualInput(path, name="Mouse", axes={}, keys=range(272, 275)):
            driver = WedgeGlobe(WedgeGlobe.Settings(path=str(path)), Recorder())
            with pytest.raises(NoKeys, match="no digits"):
                await driver.connect()
            await driver.disconnect()


def report(code, pen=1, battery=80):
    return bytes([7, pen]) + code.to_bytes(4, "little") + bytes([battery])


async def test_a_pen_with_reports_says_codes_pens_and_battery():
    layout = {"report": 7, "offset": 2, "length": 4, "pen": 1, "battery": 6}
    with folder_of_sockets() as folder:
        path = Path(folder) / "hid"
        async with VirtualNode(path) as node:
            node.answer("HIDIOCGRAWNAME", b"Lab Globe\0")
            told = Recorder()
            settings = {"path": str(path), "layout": layout, "repeats": False}
            driver = HidGlobe(HidGlobe.Settings.model_validate(settings), told)
            await driver.connect()
            await node.opened()
            node.send(report(10_398))
            node.send(report(0))  # lifted
            node.send(report(10_392, pen=2))
            node.send(b"\x09\x01\x02")  # another report of the same node
            node.send(report(10_156, pen=3, battery=55))
            said = await events(told, 3)
            assert said == [("10398", "tap"), ("10392", "tap"), ("10156", "tap")]
            assert [data.pen for _, data in told.events] == ["1", "2", "3"]
            assert [value for name, value in told.readings if name == "battery"] == [80, 55]
            await driver.end_background()
            await driver.disconnect()
