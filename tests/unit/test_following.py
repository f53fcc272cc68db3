"""Following a topic as Server-Sent Events: what is told, to whom, and when it ends."""

import asyncio
import contextlib
import json

import pytest

from hub.api.routes import following
from hub.api.routes.following import Followed
from hub.rights import Access, Principal, Role

LIMIT = 10.0


class Viewer:
    """A client of `Followed`, on ASGI's side of the connection."""

    def __init__(self):
        self.told = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.news = asyncio.Event()

    async def receive(self):
        await asyncio.Future()

    async def send(self, message):
        await self.reads.wait()
        for line in message.get("body", b"").splitlines():
            if line.startswith(b"data: "):
                self.told.append(json.loads(line.removeprefix(b"data: ")))
        self.news.set()

    async def hears(self, count):
        async with asyncio.timeout(LIMIT):
            while len(self.told) < count:
                self.news.clear()
                await self.news.wait()


@contextlib.asynccontextmanager
async def followed(hub, topic, caller, **how):
    viewer = Viewer()
    answer = Followed(hub, topic, caller, **how)
    task = asyncio.create_task(answer({}, viewer.receive, viewer.send))
    await asyncio.wait({task}, timeout=0.05)
    viewer.task = task
    yield viewer
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def caller(hub):
    secret, _ = await hub.school.create_token(Role.PUPIL, "a pupil")
    found = await hub.school.authenticate(secret)
    assert isinstance(found, Principal)
    return found


async def test_every_event_is_told_in_order(hub, caller):
    async with followed(hub, "globe/e/tap", caller) as viewer:
        for number in range(50):
            hub.bus.publish("globe/e/tap", {"data": number})
        await viewer.hears(50)
    assert [told["data"] for told in viewer.told] == list(range(50))


async def test_what_the_caller_may_not_hear_is_not_told(hub, caller):
    async with followed(hub, "globe/e/tap", caller) as viewer:
        hub.bus.publish("globe/e/tap", {"data": 1}, audience=Access(role=Role.TEACHER))
        hub.bus.publish("globe/e/tap", {"data": 2}, audience=Access(role=Role.PUPIL))
        await viewer.hears(1)
    assert viewer.told == [{"data": 2}]


async def test_a_property_begins_with_its_last_reading_and_a_slow_client_skips_some(hub, caller):
    hub.bus.publish("lamp/p/light", {"value": 0}, retained=True)
    async with followed(hub, "lamp/p/light", caller, newest_only=True) as viewer:
        await viewer.hears(1)
        viewer.reads.clear()
        for value in (1, 2, 3, 4):
            hub.bus.publish("lamp/p/light", {"value": value}, retained=True)
            await asyncio.wait({viewer.task}, timeout=0.01)
        viewer.reads.set()
        async with asyncio.timeout(LIMIT):
            while viewer.told[-1]["value"] != 4:
                viewer.news.clear()
                await viewer.news.wait()
    assert len(viewer.told) <= 3


async def test_one_that_does_not_keep_up_with_events_is_cut_off(hub, caller, monkeypatch):
    monkeypatch.setattr(following, "MOST_WAITING", 10)
    async with followed(hub, "globe/e/tap", caller) as viewer:
        viewer.reads.clear()
        for number in range(100):
            hub.bus.publish("globe/e/tap", {"data": number})
        viewer.reads.set()
        await asyncio.wait_for(viewer.task, LIMIT)


async def test_it_ends_with_the_device(hub, caller):
    hub.bus.publish("lamp/p/light", {"value": 0}, retained=True)
    async with followed(hub, "lamp/p/light", caller, newest_only=True) as viewer:
        hub.bus.clear("lamp")
        await asyncio.wait_for(viewer.task, LIMIT)


async def test_it_ends_when_the_token_is_revoked(hub):
    secret, token = await hub.school.create_token(Role.PUPIL, "a pupil")
    caller = await hub.school.authenticate(secret)
    async with followed(hub, "globe/e/tap", caller) as viewer:
        await hub.school.revoke_token(token.id)
        await asyncio.wait_for(viewer.task, LIMIT)
