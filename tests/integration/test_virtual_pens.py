"""Four virtual pupils write and hands move on a table: a whole hub, read over its stream."""

import asyncio
import contextlib
import json
import math
import socket

from websockets.asyncio.client import connect

from drivers.tablet.evdev import KernelTablet
from drivers.touch_table.evdev import KernelTouchTable
from drivers.virtual.harness import Recorder, running
from drivers.virtual.pens.letters import LETTERS, WORDS, strokes_of
from drivers.virtual.pens.pupil import HEIGHT, WIDTH

PEER = ("drivers.virtual.pens", "--tablets", "2", "--rate", "400", "--contacts", "4")


def drawn(samples):
    """The strokes in samples, in millimetres."""
    strokes, now = [], []
    for one in samples:
        if one.contact:
            now.append((one.x_mm, one.y_mm))
        elif now:
            strokes.append(now)
            now = []
    return strokes


async def test_a_virtual_pupil_writes_a_word_that_can_be_read():
    async with running(*PEER) as address:
        told = Recorder()
        driver = KernelTablet(KernelTablet.Settings(path=f"{address}-2"), told)
        await driver.connect()
        wanted = strokes_of(WORDS[1], WIDTH, HEIGHT)
        strokes = []
        async with asyncio.timeout(60):
            while len(strokes) < 2:
                await asyncio.sleep(0.05)
                strokes = drawn([one for _, batch in told.batches for one in batch])
        await driver.end_background()
        await driver.disconnect()
    for made, meant in zip(strokes, wanted, strict=False):
        assert math.dist(made[0], meant[0]) < 0.02
        assert math.dist(made[-1], meant[-1]) < 0.02
        for corner in meant:
            assert min(math.dist(corner, point) for point in made) < 0.02
    tool = next(data for name, data in told.events if name == "tool")
    assert (tool.tool, tool.near) == ("000a0002", True)
    pressures = [one.pressure for _, batch in told.batches for one in batch if one.contact]
    assert max(pressures) > 0.5


async def test_virtual_hands_come_move_and_go():
    async with running(*PEER, "--table-rate", "240") as address:
        told = Recorder()
        driver = KernelTouchTable(KernelTouchTable.Settings(path=f"{address}-table"), told)
        await driver.connect()
        async with asyncio.timeout(60):
            while [str(t.phase) for _, batch in told.batches for t in batch].count("up") < 4:
                await asyncio.sleep(0.05)
        await driver.end_background()
        await driver.disconnect()
    touches = [one for _, batch in told.batches for one in batch]
    for contact in range(1, 5):
        phases = [str(one.phase) for one in touches if one.id == contact]
        assert (phases[0], phases[-1]) == ("down", "up")
        assert len(phases) > 100


DEVICE = """
[[devices]]
id = "{id}"
driver = "{driver}"
name = "{id}"
settings = {{ path = "{address}-{node}" }}
"""


async def heard(hub, enough):
    """What a viewer of all streams of samples hears, by device, until it is enough."""
    told = {}
    headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
    async with connect(hub.ws, additional_headers=headers, proxy=None) as ws, asyncio.timeout(60):
        await ws.send(json.dumps({"op": "subscribe", "sub": 1, "filter": "+/s/+"}))
        while not enough(told):
            message = json.loads(await ws.recv())
            if "topic" in message:
                device, _, stream = message["topic"].split("/")
                told.setdefault((device, stream), []).extend(message["payload"]["samples"])
    return told


async def test_pens_and_touches_reach_every_viewer_and_none_is_lost(start):
    """All devices of a driver are in one process; their samples come together."""
    async with running(*PEER, "--restless") as address:
        config = "".join(
            DEVICE.format(id=id_, driver=driver, address=address, node=node)
            for id_, driver, node in (
                ("pen-1", "tablet", 1),
                ("pen-2", "tablet", 2),
                ("table", "touch-table", "table"),
            )
        )
        hub = await asyncio.to_thread(start, config=config)

        def enough(told):
            return len(told) == 3 and all(len(samples) > 400 for samples in told.values())

        views = await asyncio.gather(*(heard(hub, enough) for _ in range(3)))
    for told in views:
        assert set(told) == {("pen-1", "pen"), ("pen-2", "pen"), ("table", "touches")}
        for samples in told.values():
            times = [one["time"] for one in samples]
            assert times == sorted(times)
        touches = told["table", "touches"]
        frames = [one["frame"] for one in touches]
        assert sorted(set(frames)) == list(range(frames[0], frames[-1] + 1))
        for pen in ("pen-1", "pen-2"):
            assert any(one["pressure"] > 0.4 for one in told[pen, "pen"])
            assert {one["tool"] for one in told[pen, "pen"]} == {f"000a000{pen[-1]}"}


def unread(hub):
    """A viewer of all samples that never reads."""
    host, port = hub.url.removeprefix("http://").split(":")
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((host, int(port)))
    raw.sendall(
        f"GET /api/v1/stream HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        f"Authorization: Bearer {hub.token('pupil')}\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    text = b'{"op":"subscribe","sub":1,"filter":"+/s/+"}'
    raw.sendall(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)
    return raw


async def test_a_pen_of_two_thousand_samples_a_second_beside_a_viewer_that_never_reads(start):
    peer = ("drivers.virtual.pens", "--tablets", "1", "--rate", "2000", "--contacts", "0")
    async with running(*peer, "--restless") as address:
        config = DEVICE.format(id="pen-1", driver="tablet", address=address, node=1)
        hub = await asyncio.to_thread(start, config=config)
        with contextlib.closing(await asyncio.to_thread(unread, hub)) as silent:

            def enough(told):
                times = [one["time"] for one in told.get(("pen-1", "pen"), ())]
                return bool(times) and times[-1] - times[0] > 2

            told = (await heard(hub, enough))["pen-1", "pen"]
            times = [one["time"] for one in told]
            assert times == sorted(times)
            assert len(times) / (times[-1] - times[0]) > 1000  # also where this computer is busy
            with hub.client("pupil") as http:
                assert http.get("/api/v1/devices/pen-1").json()["state"]["reachable"]
            # It is cut off: what it was not sent took no room for ever.
            silent.settimeout(60)
            while await asyncio.to_thread(silent.recv, 1 << 16):
                pass


def test_every_letter_of_every_word_is_known():
    assert {letter for word in WORDS for letter in word} <= LETTERS.keys()
