"""What the Python client hears: changes, pictures, reconnecting, revoked tokens."""

import asyncio
import json
import signal
import socket
import threading

import pytest

from classhub_client import (
    AsyncClient,
    Client,
    HubUnreachable,
    NoAnswer,
    NotFound,
    NotSignedIn,
)

LIMIT = 20.0


async def test_a_slow_consumer_gets_the_newest_frame(live_hub):
    async with AsyncClient(live_hub.url, live_hub.token()) as hub:
        device = await hub.devices.get("cam")
        async with device.frames(timeout=LIMIT) as slow, device.frames(timeout=LIMIT) as fast:
            first = await anext(slow)
            skipped = [await anext(fast) for _ in range(20)]
            assert [f.id for f in skipped] == sorted({f.id for f in skipped})
            second = await anext(slow)
            assert first.id < skipped[-3].id <= second.id, "it skipped what it missed"


async def test_messages_are_heard_while_they_happen(live_hub):
    async with AsyncClient(live_hub.url, live_hub.token()) as hub:
        async with hub.messages("lessons/#", timeout=LIMIT) as lessons:
            async with hub.messages("+/state", timeout=LIMIT) as states:
                assert (await anext(states)).topic == "cam/state"
            lesson = await hub.lessons.start("Heard")
            assert (await anext(lessons)).topic == f"lessons/{lesson.id}"
        await hub.lessons.end(lesson)


async def test_what_is_refused_is_raised_and_nothing_else_ends(live_hub):
    async with AsyncClient(live_hub.url, live_hub.token()) as hub:
        device = await hub.devices.get("cam")
        async with device.frames(timeout=LIMIT) as frames:
            await anext(frames)
            with pytest.raises(NotFound):
                await anext(device.frames("none", timeout=LIMIT))
            with pytest.raises(NoAnswer):
                await anext(hub.messages("nothing", timeout=0.05))
            await anext(frames)


def test_a_callback_may_use_the_client(live_hub):
    with Client(live_hub.url, live_hub.token()) as hub:
        came, told = threading.Event(), []

        def callback(message):
            told.append(hub.devices.get(message.payload["id"]).id)
            came.set()

        with hub.messages("+/state").each(callback):
            assert came.wait(LIMIT)
        assert told == ["cam"]


def test_frames_of_the_blocking_client_can_be_captured(live_hub):
    with Client(live_hub.url, live_hub.token()) as hub:
        with hub.devices.get("cam").frames(timeout=LIMIT) as frames:
            frame = next(frames)
            assert hub.capture("cam", frame=frame).device == "cam"
            assert next(frames).id > frame.id
        with pytest.raises(StopIteration):
            next(frames)


async def test_a_revoked_token_ends_what_is_heard(live_hub):
    secret, identity = await asyncio.to_thread(live_hub.new_token, "teacher")
    async with AsyncClient(live_hub.url, secret) as hub:
        async with hub.messages("+/state", timeout=LIMIT) as states:
            await anext(states)
            with live_hub.client("admin") as admin:
                await asyncio.to_thread(admin.delete, f"/api/v1/tokens/{identity}")
            with pytest.raises(NotSignedIn):
                await anext(states)
        with pytest.raises(NotSignedIn):
            await hub.devices.list()


async def test_a_hub_that_never_was_there_is_told(live_hub):
    hub = AsyncClient("http://127.0.0.1:9", "chub_x")
    with pytest.raises(HubUnreachable):
        await anext(hub.changes(timeout=LIMIT))
    await hub.close()


async def test_everything_goes_on_after_the_hub_was_killed_and_started_again(start, camera):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = f'[[devices]]\nid="cam"\ndriver="stream"\nsettings={{url={json.dumps(camera.url)}}}\n'

    def run():
        return start("--port", str(port), config=config)

    first = await asyncio.to_thread(run)
    async with AsyncClient(first.url, first.token()) as hub:
        device = await hub.devices.get("cam")
        async with (
            device.frames(timeout=LIMIT) as frames,
            hub.messages("+/state", timeout=LIMIT) as states,
        ):
            before = await anext(frames)
            await anext(states)
            await asyncio.to_thread(first.stop, signal.SIGKILL)
            with pytest.raises(HubUnreachable):
                await hub.hub()
            again = await asyncio.to_thread(run)
            assert again.url == first.url
            async for frame in frames:
                if frame.id > before.id + 500:
                    break
            assert (await anext(states)).topic == "cam/state"
            assert (await hub.hub()).id
