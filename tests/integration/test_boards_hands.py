"""What a pen's other end, its buttons, a person's hand and fingers on a table do on a board."""

import asyncio
import contextlib
import struct
from pathlib import Path

import httpx
import pytest

from drivers.input.codes import (
    ABS_MT_POSITION_X,
    ABS_MT_POSITION_Y,
    ABS_MT_SLOT,
    ABS_MT_TOUCH_MAJOR,
    ABS_MT_TRACKING_ID,
    ABS_PRESSURE,
    ABS_X,
    ABS_Y,
    BTN_STYLUS,
    BTN_STYLUS2,
    BTN_TOOL_PEN,
    BTN_TOOL_RUBBER,
    BTN_TOUCH,
    EV_ABS,
    EV_KEY,
)
from drivers.virtual.node import folder_of_sockets
from drivers.virtual.pens.pupil import tablet
from drivers.virtual.pens.table import table
from tests.board_client import Page

DEVICES = """
[[devices]]
id = "pen-1"
driver = "tablet"
name = "Tablet"
seat = "Desk 1"
settings = {{ path = "{pen}" }}

[[devices]]
id = "table-1"
driver = "touch-table"
name = "Table"
settings = {{ path = "{table}", palm_mm = 60 }}
"""


def at(x, y, pressure=1024):
    return (EV_ABS, ABS_X, x), (EV_ABS, ABS_Y, y), (EV_ABS, ABS_PRESSURE, pressure)


def line(node, *places, tool=BTN_TOOL_PEN, button=None):
    """Set the pen down, go from place to place, lift it."""
    held = () if button is None else ((EV_KEY, button, 1),)
    node.say((EV_KEY, tool, 1), *held, *at(*places[0], 0))
    node.say((EV_KEY, BTN_TOUCH, 1), *at(*places[0]))
    for place in places[1:]:
        node.say(*at(*place))
    node.say((EV_KEY, BTN_TOUCH, 0), *at(*places[-1], 0))
    node.say(*((EV_KEY, one, 0) for one in (tool, button) if one is not None))


def finger(slot, x, y, tracking=None, major=None):
    events = [(EV_ABS, ABS_MT_SLOT, slot)]
    if tracking is not None:
        events.append((EV_ABS, ABS_MT_TRACKING_ID, tracking))
    if tracking != -1:
        events += [(EV_ABS, ABS_MT_POSITION_X, x), (EV_ABS, ABS_MT_POSITION_Y, y)]
    if major is not None:
        events.append((EV_ABS, ABS_MT_TOUCH_MAJOR, major))
    return events


def pressures(item):
    data = bytes(item["points"])
    n = struct.unpack_from("<BBHI", data)[3]
    return struct.unpack_from(f"<{n}H", data, 8 + 12 * n)


@contextlib.asynccontextmanager
async def board(start):
    """A hub with a tablet and a table, a lesson, its board, and a teacher's page at it."""
    with folder_of_sockets() as name:
        folder = Path(name)
        async with (
            tablet(folder / "pen", "Pen") as pen,
            table(folder / "table", "Table") as touched,
        ):
            config = 'language = "en"\n' + DEVICES.format(pen=pen.path, table=touched.path)
            hub = await asyncio.to_thread(start, config=config)
            with hub.client("teacher") as http:
                lesson = http.post("/api/v1/lessons", json={"title": "Signs"}).json()
                made = http.post("/api/v1/boards", json={"lesson": lesson["id"]}).json()
                await pen.opened(60)
                await touched.opened(60)
                async with asyncio.timeout(60):
                    while not all(
                        d["state"]["reachable"] for d in http.get("/api/v1/devices").json()["items"]
                    ):
                        await asyncio.sleep(0.1)
                headers = {"Authorization": f"Bearer {hub.token('teacher')}"}
                page = Page(hub, made["id"], headers)
                await page.come()
                try:
                    yield hub, http, lesson, made["id"], page, pen, touched
                finally:
                    await page.leave()


async def items(page, name, count):
    """The items of a document, once there are so many."""
    await page.until(lambda: name in {d["name"] for d in page.state["documents"]}, 60)
    if name not in page.docs:
        await page.follow(name)
    await page.until(lambda: len(page.map(name)) == count, 60)
    return list(page.map(name).to_py().values())


async def drawn(page, pen, name, count, *places, **how):
    """Draw until the board's desk has opened, then return what is in the document."""
    line(pen, *places, **how)
    return await items(page, name, count)


async def ready(page, pen, name):
    """Draw dots until the first one is kept: the desk opens a moment after the lesson began."""
    async with asyncio.timeout(60):
        while name not in {d["name"] for d in page.state["documents"]}:
            line(pen, (20, 20))
            await asyncio.sleep(0.3)
    await page.follow(name)
    await page.until(lambda: len(page.map(name)) > 0, 60)
    await asyncio.sleep(1.0)
    return len(page.map(name))


async def test_the_other_end_rubs_out_ones_own_strokes_and_buttons_do_what_they_say(start):
    async with board(start) as (hub, http, lesson, _, page, pen, _table):
        nobody = "seat:Desk 1"
        dots = await ready(page, pen, nobody)
        await drawn(page, pen, nobody, dots + 1, (5000, 5000), (7000, 5000), (9000, 5000))

        with httpx.Client(base_url=hub.url, headers={"Origin": hub.url}) as browser:
            body = {"digits": lesson["code"], "name": "Aizhan"}
            me = browser.post("/api/v1/session", json=body).json()["principal"]["person"]
            curve = {"lightest": 0.1, "hardest": 0.8, "softness": 0.5}
            browser.put(f"/api/v1/tablets/curves/{me}", json=curve).raise_for_status()
        seats = f"/api/v1/lessons/{lesson['id']}/seats"
        http.put(seats, json={"seat": "Desk 1", "person": me}).raise_for_status()
        mine = f"person:{me}"
        await asyncio.sleep(1.0)  # until the desk knows it

        (first,) = await drawn(page, pen, mine, 1, (5000, 4000), (7000, 4000), (9000, 4000))
        assert first["curve"] == [0.1, 0.8, 0.5]
        assert set(pressures(first)) == {round(1024 / 2047 * 65535)}, "kept as it was measured"
        assert first["pen"] == "pen"
        line(pen, (5000, 9000), (9000, 9000), button=BTN_STYLUS2)
        marker = [one for one in await items(page, mine, 2) if one["pen"] == "marker"]
        assert [one["width"] for one in marker] == [28]

        # Straight down through both lines: the one that is somebody else's stays.
        line(pen, (7000, 3000), (7000, 3600), (7000, 6000), tool=BTN_TOOL_RUBBER)
        (left,) = await items(page, mine, 1)
        assert left == marker[0]
        assert len(page.map(nobody)) == dots + 1
        # Between two samples, by the lower button, and where it was moved to.
        key = next(iter(page.map(mine).keys()))
        page.map(mine, "edits")[key] = {"x": 0.0, "y": -200.0, "scale": 1.0}
        await page.until(lambda: page.acked[mine] == page.sent[mine])
        line(pen, (7000, 12000), (7000, 8000), button=BTN_STYLUS)
        await asyncio.sleep(0.5)
        assert len(page.map(mine)) == 1, "it is not there any more"
        line(pen, (7000, 7500), (7000, 5500), button=BTN_STYLUS)
        await items(page, mine, 0)
        await page.until(lambda: len(page.map(mine, "edits")) == 0)

        # A locked board: nothing is drawn and nothing rubbed out.
        http.patch(f"/api/v1/boards/{page.board}", json={"locked": True}).raise_for_status()
        http.put(seats, json={"seat": "Desk 1", "person": None}).raise_for_status()
        await asyncio.sleep(1.0)
        line(pen, (7000, 3000), (7000, 6000), tool=BTN_TOOL_RUBBER)
        line(pen, (1000, 1000), (2000, 2000))
        await asyncio.sleep(0.5)
        assert len(page.map(nobody)) == dots + 1


async def test_fingers_on_the_table_draw_in_their_zones_and_palms_do_not(start):
    async with board(start) as (_, http, _lesson, made, page, pen, touched):
        await ready(page, pen, "seat:Desk 1")  # so that the desk is open
        halves = {"layout": "halves", "seats": ["Desk 7", None], "revision": 0}
        http.put("/api/v1/touch-tables/table-1/zones", json=halves).raise_for_status()

        def strokes(first):
            """One finger in the lower and one in the upper half, and a palm in the lower."""
            wide, high = 1210 * 16, 680 * 16
            places = [(0.25, 0.75), (0.75, 0.25), (0.25, 0.9)]
            for step in range(12):
                events = []
                for slot, (x, y) in enumerate(places):
                    tracking = first + slot if step == 0 else -1 if step == 11 else None
                    # It comes down like a finger, and lies down then.
                    major = None if step not in (0, 3) else 16 * (90 if step and slot == 2 else 9)
                    at_x = round((x + 0.01 * step) * wide)
                    events += finger(slot, at_x, round(y * high), tracking, major)
                touched.say(*events)

        strokes(1)
        await asyncio.sleep(1.0)
        seats = {d["name"] for d in page.state["documents"]}
        assert not any("Desk 7" in name for name in seats), "nobody has asked for it"

        http.patch(f"/api/v1/boards/{made}", json={"table": True}).raise_for_status()
        await page.until(lambda: page.map("shared", "board").get("table") is True)
        strokes(11)
        (lower,) = await items(page, "seat:Desk 7", 1)
        (upper,) = await items(page, "seat:device:table-1:2", 1)
        for one, begin in ((lower, 0.25), (upper, 0.75)):
            assert one["device"] == "table-1"
            assert one["x"] == pytest.approx(1920 * begin, abs=2)
            channels, _, n = struct.unpack_from("<BHI", bytes(one["points"]), 1)
            assert channels == 0, "nobody measured how hard it was pressed"
            assert n == 11
        assert http.get(f"/api/v1/boards/{made}").json()["table"] is True
