"""A page at a board, as a test plays it: pycrdt and the wire of docs/boards.md, nothing of the plugin."""

import asyncio
import contextlib
import json
import os
import struct
import time

import pycrdt
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

EMPTY = b"\x00\x00"
SYNC, ACK, LIVE, PROBLEM, STATE, VIEW = range(6)


def number(value):
    out = b""
    while value > 127:
        out, value = out + bytes((value & 127 | 128,)), value >> 7
    return out + bytes((value,))


def array(data):
    return number(len(data)) + data


def text(value):
    return array(value.encode())


class Reading:
    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def array(self):
        size = self.number()
        self.at += size
        return self.data[self.at - size : self.at]

    def text(self):
        return self.array().decode()


def points(count=3):
    times = struct.pack(f"<{count}I", *range(0, count * 5000, 5000))
    places = struct.pack(f"<{2 * count}f", *(float(n) for n in range(2 * count)))
    return (
        struct.pack("<BBHI", 1, 1, 0, count)
        + times
        + places
        + struct.pack(f"<{count}H", *range(count))
    )


def stroke(page, **more):
    return {
        "kind": "stroke",
        "page": page,
        "time": time.time() * 1000,
        "colour": "#0b5cad",
        "pen": "pen",
        "width": 4.0,
        "x": 10.0,
        "y": 20.0,
        "device": "",
        "points": points(),
        **more,
    }


class Page:
    """Somebody at a board. Keeps its documents while it is away."""

    def __init__(self, hub, board, headers):
        self.hub, self.board, self.headers = hub, board, headers
        self.docs, self.sent, self.acked = {}, {}, {}
        self.state, self.problems, self.views, self.live = None, [], [], []
        self.ws, self._task, self._news = None, None, asyncio.Event()
        self._taking = False

    async def come(self, *documents):
        """Connect, and follow these documents, or all that there are."""
        if "Cookie" in self.headers:
            self.headers["Origin"] = self.hub.url
        address = f"ws://127.0.0.1:{self.hub.port}/api/v1/boards/{self.board}/sync"
        self.ws = await connect(
            address, additional_headers=self.headers, max_size=None, proxy=None, ping_interval=None
        )
        self.state, self.sent, self.acked, self.caught_up = None, {}, {}, set()
        self._task = asyncio.create_task(self._listen())
        await self.until(lambda: self.state is not None)
        for name in documents or [one["name"] for one in self.state["documents"]]:
            await self.follow(name)

    async def follow(self, name):
        if name not in self.docs:
            doc = self.docs[name] = pycrdt.Doc()
            doc.observe(lambda event: self._changed(name, event.update))
        self.sent[name] = self.acked[name] = 0
        await self.sync(name, 0, self.docs[name].get_state())

    async def leave(self, *, abruptly=False):
        if self.ws is None:
            return
        if abruptly:
            self.ws.transport.abort()
        else:
            await self.ws.close()
        self._task.cancel()
        await asyncio.wait([self._task])
        self.ws = None

    @property
    def own(self):
        return self.state["you"]["document"]

    @property
    def page(self):
        return next(iter(self.map("shared", "pages").keys()))

    def map(self, name, root="items"):
        return self.docs[name].get(root, type=pycrdt.Map)

    def draw(self, key=None, name=None, **more):
        key = key or os.urandom(8).hex()
        self.map(name or self.own)[key] = stroke(more.pop("page", "p"), **more)
        return key

    async def sync(self, name, step, data):
        await self.ws.send(bytes((SYNC,)) + text(name) + bytes((step,)) + array(data))

    async def until(self, true, seconds=20):
        async with asyncio.timeout(seconds):
            while not true():
                self._news.clear()
                await self._news.wait()

    async def closed(self, seconds=20):
        async with asyncio.timeout(seconds):
            await self.ws.wait_closed()
        return self.ws.close_code

    async def settled(self, seconds=30):
        """Wait until all that was sent is acknowledged."""
        await asyncio.sleep(0)
        await self.until(lambda: self.acked == self.sent, seconds)

    def _changed(self, name, update):
        if not self._taking and self.ws is not None and name in self.sent:
            self.sent[name] += 1
            self._say(bytes((SYNC,)) + text(name) + bytes((2,)) + array(update))

    def _say(self, data):
        # In order: the library's `send` is a coroutine, frames are made when it first runs.
        task = asyncio.ensure_future(self.ws.send(data))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _listen(self):
        with contextlib.suppress(ConnectionClosed):
            async for data in self.ws:
                await self._hear(Reading(data))
                self._news.set()
        self._news.set()

    async def _hear(self, reading):
        kind = reading.number()
        if kind == SYNC:
            name, step, data = reading.text(), reading.number(), reading.array()
            if step == 0:
                self.sent[name] += 1
                await self.sync(name, 1, self.docs[name].get_update(data))
                return
            self._taking = True
            self.docs[name].apply_update(data)
            self._taking = False
            if step == 1:
                self.caught_up.add(name)
        elif kind == ACK:
            name = reading.text()
            self.acked[name] = reading.number()
        elif kind == LIVE:
            while reading.at < len(reading.data):
                entry = [reading.text(), reading.text(), reading.number(), reading.number()]
                entry += [json.loads(reading.text()) if entry[2] & 1 else None, reading.array()]
                self.live.append(entry)
        elif kind == PROBLEM:
            self.problems.append(json.loads(reading.text()))
        elif kind == STATE:
            self.state = json.loads(reading.text())
        elif kind == VIEW:
            self.views.append(json.loads(reading.text()))
