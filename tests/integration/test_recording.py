"""A device is recorded in a running hub, and played again without it, in a hub and without one."""

import asyncio
import base64
import contextlib
import json
import time
from pathlib import Path

import httpx
import psutil
import pytest

from drivers.microscope.stream import StreamMicroscope
from drivers.virtual.harness import Recorder, recording, replaying, running
from hub.device import DeviceError
from hub.device.transports import Recording, ReplayDiverged
from hub.recordings import replay
from tests.peers import serving

LIMIT = 30
PEER = ("drivers.virtual.microscope", "--size", "320x240")


def wait_for(look, limit=LIMIT):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come")


def reachable(client: httpx.Client, device: str):
    state = client.get(f"/api/v1/devices/{device}/state").json()
    return state["reachable"] and state


def settings_of(address: str) -> dict[str, str]:
    return {
        "url": f"{address}/stream",
        "still_url": f"{address}/still.jpg",
        "control_url": f"{address}/state",
    }


def picture_of(client: httpx.Client, device: str) -> bytes:
    """The picture that people see: of the live view, as the hub gives it.

    A device that is begun anew for a recording is away for a moment.
    """
    at = f"/api/v1/devices/{device}/streams/view/latest.jpg"
    reply = client.get(at, timeout=LIMIT)
    end = time.monotonic() + LIMIT
    while reply.status_code == 503 and time.monotonic() < end:
        time.sleep(0.1)
        reply = client.get(at, timeout=LIMIT)
    reply.raise_for_status()
    return reply.content


@pytest.fixture
def recorded(start, tmp_path: Path):
    """A hub with a virtual microscope, and a recording that it made while somebody watched."""
    hub = start("--virtual")
    with hub.client("engineer") as client:
        device = "virtual-microscope"
        wait_for(lambda: reachable(client, device))
        reply = client.post(f"/api/v1/devices/{device}/recordings", json={"seconds": 4})
        assert reply.status_code == 201, reply.text
        operation = reply.json()
        second = client.post(f"/api/v1/devices/{device}/recordings")
        assert (second.status_code, second.json()["code"]) == (409, "being-recorded")
        wait_for(lambda: reachable(client, device))
        assert picture_of(client, device).startswith(b"\xff\xd8")

        def done():
            told = client.get(f"/api/v1/operations/{operation['id']}").json()
            assert told["status"] in ("running", "done"), told
            return told["status"] == "done" and told

        result = wait_for(done)["result"]
        assert result["why"] == "time"
        file = tmp_path / "a.jsonl"
        reply = client.get(f"/api/v1/recordings/{result['recording']}/content")
        assert "attachment" in reply.headers["content-disposition"]
        file.write_bytes(reply.content)
        yield hub, client, result, file


def test_a_recording_is_kept_listed_and_deleted(recorded):
    hub, client, result, file = recorded
    listed = client.get("/api/v1/recordings").json()["items"]
    assert [one["id"] for one in listed] == [result["recording"]]
    assert listed[0]["device"] == "virtual-microscope"
    assert listed[0]["size"] == len(file.read_bytes()) == result["size"]
    assert listed[0]["seconds"] >= 4
    kept = hub.data / "recordings" / f"{result['recording']}.jsonl"
    assert kept.stat().st_mode & 0o077 == 0
    with hub.client("teacher") as teacher:
        assert teacher.get("/api/v1/recordings").status_code == 403
        assert teacher.post("/api/v1/devices/virtual-microscope/recordings").status_code == 403
    assert client.delete(f"/api/v1/recordings/{result['recording']}").status_code == 204
    assert client.get(f"/api/v1/recordings/{result['recording']}/content").status_code == 404
    assert not kept.exists()


def test_a_recording_is_played_in_a_hub_without_the_device(recorded, start, tmp_path: Path):
    hub, _, _, file = recorded
    hub.stop()  # and the virtual microscope with it
    config = f'[[devices]]\nid = "played"\ndriver = "stream"\nreplay = {json.dumps(str(file))}\n'
    again = start(config=config)
    with again.client("engineer") as client:
        wait_for(lambda: reachable(client, "played"))
        assert client.get("/api/v1/devices/played").json()["properties"]["objective"]["value"]
        assert picture_of(client, "played").startswith(b"\xff\xd8")
        # It goes on for as long as somebody watches: the recording is played again and again.
        for _ in range(3):
            time.sleep(1.5)
            assert picture_of(client, "played").startswith(b"\xff\xd8")


async def test_a_recording_is_played_to_its_driver_without_a_hub(recorded):
    hub, _, _, file = recorded
    await asyncio.to_thread(hub.stop)
    told = []
    end = await asyncio.wait_for(replay(file, tell=told.append), 60)
    assert end.problem is None
    assert end.whole
    assert end.told["frame"] > 0
    assert {one.name for one in told if one.what == "reading"} >= {"objective", "focus", "light"}


async def test_secrets_are_not_in_the_file(tmp_path: Path):
    """A camera that asks for Basic authorisation and repeats the password in its answers."""
    secret = "Қupiya sóz&42"
    user_and_secret = base64.b64encode(f"lab:{secret}".encode())

    async def camera(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        if b"Authorization: Basic " + user_and_secret not in head:
            writer.write(b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\n')
            writer.write(b"Content-Length: 0\r\n\r\n")
        else:
            body = secret.encode() * 3 + user_and_secret + b"\xff\xd8\xff\xd9"
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nSet-Cookie: s=tasty\r\n")
            writer.write(f"Content-Length: {len(body)}\r\n\r\n".encode())
            await writer.drain()
            for at in range(0, len(body), 5):  # in pieces: each secret straddles several
                writer.write(body[at : at + 5])
                await writer.drain()
                await asyncio.sleep(0.005)

    file = tmp_path / "a.jsonl"
    async with serving(camera) as port:
        url = f"http://127.0.0.1:{port}/"
        settings = StreamMicroscope.Settings(url=url, user="lab", password=secret)
        async with recording(file, settings) as transports:
            driver = StreamMicroscope(settings, Recorder(), transports=transports)
            with pytest.raises(Exception, match="not whole"):
                await driver.connect()
    parsed = Recording(file)
    said = {"rx": b"", "tx": b""}
    for connection in parsed.connections:
        for event in connection.events:
            if event.kind in said:
                said[event.kind] += parsed.data(event)
    everything = file.read_bytes() + said["rx"] + said["tx"]
    for form in (secret.encode(), user_and_secret, user_and_secret[8:-4], b"tasty"):
        assert form not in everything
    assert b"Authorization:*****" in said["tx"]
    assert parsed.header.settings["password"] == "*" * len(secret)
    # What was replaced is as long as it was: the answers are as long as they say.
    assert b"\r\n\r\n" + b"*" * 3 * len(secret.encode()) in said["rx"]
    parsed.close()


async def test_a_driver_that_says_something_else_is_told_where(tmp_path: Path):
    file = tmp_path / "a.jsonl"
    async with running(*PEER) as address:
        settings = StreamMicroscope.Settings(**settings_of(address))
        async with recording(file, settings) as transports:
            driver = StreamMicroscope(settings, Recorder(), transports=transports)
            await driver.connect()
            assert await driver._objective()
    async with replaying(file) as transports:  # the peer is gone
        driver = StreamMicroscope(settings, Recorder(), transports=transports)
        await driver.connect()
        assert await driver._objective()
    other = settings.model_copy(update={"url": settings.url + "?other"})

    async def played_with_other_settings() -> None:
        async with replaying(file) as transports:
            driver = StreamMicroscope(other, Recorder(), transports=transports)
            with pytest.raises(DeviceError):
                await driver.connect()

    with pytest.raises(ReplayDiverged, match="other"):
        await played_with_other_settings()


def test_a_driver_that_is_killed_leaves_a_recording_that_can_be_read(start, tmp_path: Path):
    hub = start("--virtual")
    with hub.client("engineer") as client:
        device = "virtual-microscope"
        wait_for(lambda: reachable(client, device))
        operation = client.post(
            f"/api/v1/devices/{device}/recordings", json={"seconds": 60}
        ).json()["id"]
        file = wait_for(lambda: list((hub.data / "recordings").glob("*.jsonl")))[0]
        wait_for(lambda: file.stat().st_size > 50_000)
        for child in psutil.Process(hub.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # one that has just ended by itself
                if {"hub.driver_host", "run"} <= set(child.cmdline()):
                    child.kill()

        def failed():
            told = client.get(f"/api/v1/operations/{operation}").json()
            return told["status"] == "failed" and told

        assert wait_for(failed)["problem"]["code"]
        parsed = Recording(file)
        assert not parsed.whole
        assert parsed.connections
        parsed.close()
        assert [one["id"] for one in client.get("/api/v1/recordings").json()["items"]] == [
            file.stem
        ]
