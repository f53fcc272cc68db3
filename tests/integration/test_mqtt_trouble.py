"""A broker that is slow, full, or whose disk is full: the hub goes on, and state is right again."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

import paho.mqtt.client as paho
import pytest

from hub.bus import Bus
from hub.devices import Devices
from hub.i18n import Translator
from hub.mqtt import Mqtt, MqttSettings
from hub.mqtt._broker import find_broker
from hub.operations import Operations
from hub.school import School
from hub.store import Store

pytestmark = pytest.mark.skipif(
    find_broker() is None, reason="mosquitto is not installed: apt install mosquitto"
)
BASE = "classhub/1/school/lab"
LIMIT = 40.0


async def until(what):
    end = time.monotonic() + LIMIT
    while not (found := what()):
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.05)
    return found


class Room:
    """The parts of a hub that MQTT needs, without devices."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.bus = Bus()
        self.store = Store(folder / "hub.db")
        self.store.open()
        self.school = School(self.store, self.bus)
        self.operations = Operations(self.bus)
        self.devices = Devices(self.bus, self.operations, cache=folder / "cache")
        self.mqtt: Mqtt | None = None

    async def start(self, **settings) -> Mqtt:
        self.mqtt = Mqtt(
            MqttSettings(**{"port": 0, "hub": "lab", **settings}),
            data=self.folder,
            hub="unused",
            bus=self.bus,
            devices=self.devices,
            operations=self.operations,
            school=self.school,
            store=self.store,
            say=Translator("en"),
        )
        await self.mqtt.start()
        return self.mqtt

    async def connected(self) -> None:
        await until(lambda: self.mqtt.state.status == "connected")


@pytest.fixture
async def room(tmp_path):
    made = Room(tmp_path)
    yield made
    if made.mqtt is not None:
        await made.mqtt.stop()
    await made.operations.stop()
    made.store.close()


@pytest.fixture
def elsewhere(tmp_path):
    """A broker that the hub does not run: call it with settings; again, it is started again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running: list[subprocess.Popen] = []

    def stop() -> None:
        while running:
            broker = running.pop()
            with contextlib.suppress(ProcessLookupError):
                os.kill(broker.pid, signal.SIGCONT)
            broker.terminate()
            broker.wait(10)

    def start(settings="") -> tuple[int, subprocess.Popen]:
        stop()
        config = tmp_path / "elsewhere.conf"
        user = "user root\n" if os.geteuid() == 0 else ""
        config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n{user}{settings}\n")
        command = [find_broker(), "-c", str(config)]
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        end = time.monotonic() + LIMIT
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return port, running[0]
            assert time.monotonic() < end
            time.sleep(0.05)

    yield start
    stop()


@contextlib.contextmanager
def listening(port, *filters):
    """A client of a broker elsewhere; yields the newest payload of each topic."""
    seen: dict[str, bytes] = {}
    subscribed = threading.Event()
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_connect = lambda c, *_: c.subscribe([(each, 1) for each in filters])
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _c, _u, m: seen.__setitem__(m.topic, m.payload)
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        assert subscribed.wait(LIMIT)
        yield seen
    finally:
        client.disconnect()
        client.loop_stop()


def tell(room, number) -> None:
    room.bus.publish("probe/p/level", {"value": number}, retained=True)
    room.bus.publish("probe/e/ticked", {"data": number})


async def test_a_broker_that_stands_still_costs_the_hub_nothing_and_hears_the_newest(
    room, elsewhere
):
    port, broker = elsewhere()
    mqtt = await room.start(url=f"mqtt://127.0.0.1:{port}")
    await room.connected()
    with listening(port, f"{BASE}/probe/p/level") as seen:
        os.kill(broker.pid, signal.SIGSTOP)
        for number in range(20_000):
            tell(room, number)
            if number % 1000 == 0:
                await asyncio.sleep(0)
        assert mqtt.state.counters["waiting"] <= 1001
        os.kill(broker.pid, signal.SIGCONT)
        topic = f"{BASE}/probe/p/level"
        await until(lambda: json.loads(seen.get(topic, b"{}")) == {"value": 19_999})
    assert mqtt.state.counters["dropped"] > 0


async def test_a_broker_that_takes_nobody_more_is_tried_until_it_does(room, elsewhere):
    port, _ = elsewhere("max_connections 1")
    with contextlib.ExitStack() as others:
        for _ in range(5):  # some versions let one more in than they are told
            others.enter_context(socket.create_connection(("127.0.0.1", port), LIMIT))
        mqtt = await room.start(url=f"mqtt://127.0.0.1:{port}")
        await until(lambda: mqtt.state.status == "not-reachable")
        tell(room, 5)
    await room.connected()
    assert mqtt.state.hint == ""


async def test_a_broker_that_forgot_everything_is_told_everything_again(room, elsewhere):
    port, _ = elsewhere()
    mqtt = await room.start(url=f"mqtt://127.0.0.1:{port}")
    await room.connected()
    tell(room, 7)
    elsewhere()
    await until(lambda: mqtt.state.counters["connects"] >= 2)
    with listening(port, f"{BASE}/#") as seen:
        await until(lambda: seen.get(f"{BASE}/probe/p/level") == b'{"value":7}')
        assert seen[f"{BASE}/state"] == b"online"


@pytest.fixture
def full_disk(tmp_path):
    """A disk with no room left."""
    disk = tmp_path / "full"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=777", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk can be mounted here")
    with contextlib.suppress(OSError), (disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


async def test_a_broker_whose_disk_is_full_still_serves(room, elsewhere, full_disk):
    port, _ = elsewhere(
        f"persistence true\npersistence_location {full_disk}/\nautosave_interval 1\n"
        "autosave_on_changes true"
    )
    mqtt = await room.start(url=f"mqtt://127.0.0.1:{port}")
    await room.connected()
    with listening(port, f"{BASE}/probe/p/level") as seen:
        for number in range(200):
            tell(room, number)
            await asyncio.sleep(0.005)
        await until(lambda: seen.get(f"{BASE}/probe/p/level") == b'{"value":199}')
    assert mqtt.state.counters["connects"] == 1


async def test_the_hubs_own_broker_waits_for_room_on_a_full_disk(room, full_disk):
    data = room.folder / "data"
    data.symlink_to(full_disk)
    room.folder = data
    mqtt = await room.start()
    await until(lambda: mqtt.state.status == "not-reachable")
    assert "No space left" in mqtt.state.params["why"]
    (full_disk / "filler").unlink()
    await room.connected()
    shutil.rmtree(full_disk / "mqtt")
    tell(room, 1)
    await until(lambda: not mqtt.state.counters["waiting"])
    assert mqtt.state.status == "connected"
