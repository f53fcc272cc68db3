"""MQTT over the wire: the real mosquitto, and clients that know nothing of the hub."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import threading
import time
from datetime import timedelta
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hub.bus import Bus
from hub.device import Role
from hub.devices import DeviceConfig, Devices
from hub.i18n import Translator
from hub.mqtt import Mqtt, MqttSettings
from hub.mqtt._broker import find_broker
from hub.operations import Operations
from hub.rights import Access
from hub.school import School
from hub.store import Store

pytestmark = pytest.mark.skipif(
    find_broker() is None, reason="mosquitto is not installed: apt install mosquitto"
)
ROOT = Path(__file__).resolve().parents[2]
DRIVERS = Path(__file__).parent / "drivers_for_tests"
BASE = "classhub/1/school/lab"


class Room:
    """The parts of a hub that MQTT needs, with one device, and a broker of its own."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.bus = Bus()
        self.store = Store(folder / "hub.db")
        self.store.open()
        self.school = School(self.store, self.bus)
        self.operations = Operations(self.bus)
        drivers = {"good": "probe_drivers:GoodProbe"}
        self.devices = Devices(self.bus, self.operations, cache=cache, extra_drivers=drivers)
        self.mqtt = self.make()

    def make(self, find=find_broker, **settings) -> Mqtt:
        settings = {"port": 0, "hub": "lab", **settings}
        return Mqtt(
            MqttSettings(**settings),
            data=self.folder,
            hub="unused",
            bus=self.bus,
            devices=self.devices,
            operations=self.operations,
            school=self.school,
            store=self.store,
            say=Translator("en"),
            find=find,
        )

    async def start(self) -> None:
        await self.devices.start([DeviceConfig(id="probe", driver="good", name="Зонд")])
        device = self.devices.get("probe")
        await until(lambda: device.state.reachable and device.description)
        await self.mqtt.start()
        await self.connected()

    async def connected(self) -> None:
        await until(lambda: self.mqtt.state.status == "connected")

    async def client(self, role: str = "teacher", **options) -> "Client":
        secret, token = await self.school.create_token(Role(role), f"test {role}")
        await until(lambda: token.id in (self.folder / "mqtt/passwords").read_text())
        made = Client(self.mqtt.state.port, token.id, secret, **options)
        for _ in range(50):  # the broker reads its files a moment after they were written
            await asyncio.to_thread(made.connect)
            if made.code == 0:
                break
            await asyncio.sleep(0.05)
        assert made.code == 0
        return made


class Client:
    """A client made of paho-mqtt alone; MQTT 3.1.1 unless `v5`."""

    def __init__(self, port, user, secret, *, v5=False) -> None:
        self.user, self.secret, self.port, self.v5 = user, secret, port, v5
        self.seen: list[tuple[str, bytes, object]] = []
        self.code: int | None = None
        self.ended = threading.Event()
        self.paho: paho.Client | None = None

    def connect(self) -> None:
        self.close()
        client = self.paho = paho.Client(
            paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5 if self.v5 else paho.MQTTv311
        )
        client.username_pw_set(self.user, self.secret)
        answered = threading.Event()

        def on_connect(_c, _u, _f, reason, _p) -> None:
            self.code = 1 if reason.is_failure else 0
            answered.set()

        client.on_connect = on_connect
        client.on_disconnect = lambda *_: (self.ended.set(), answered.set())
        client.on_message = lambda _c, _u, m: self.seen.append((m.topic, m.payload, m))
        self.ended.clear()
        client.connect("127.0.0.1", self.port)
        client.loop_start()
        answered.wait(5)

    def listen(self, *filters: str) -> None:
        subscribed = threading.Event()
        self.paho.on_subscribe = lambda *_: subscribed.set()
        self.paho.subscribe([(f, 1) for f in filters])
        assert subscribed.wait(5)

    def send(self, topic, body, *, retain=False, properties=None, qos=1) -> None:
        payload = body if isinstance(body, bytes | str) else json.dumps(body)
        self.paho.publish(topic, payload, qos, retain, properties)

    def told(self, topic: str) -> list:
        return [json.loads(p) for t, p, _ in list(self.seen) if t == topic and p]

    async def reply(self, identity: str = "1") -> dict:
        topic = f"{BASE}/reply/{self.user}/{identity}"
        ended = ("done", "failed", "cancelled", "interrupted")
        return await until(
            lambda: next((r for r in self.told(topic) if r["status"] in ended), None)
        )

    def close(self) -> None:
        if self.paho is not None:
            self.paho.disconnect()
            self.paho.loop_stop()
            self.paho = None


async def until(what, limit=10.0):
    end = time.monotonic() + limit
    while not (found := what()):
        assert time.monotonic() < end, "it did not come"
        await asyncio.sleep(0.02)
    return found


@pytest.fixture(scope="session")
def probe_cache(tmp_path_factory):
    return tmp_path_factory.mktemp("descriptions")


@pytest.fixture
async def bare(tmp_path, probe_cache, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    monkeypatch.syspath_prepend(str(DRIVERS))
    room = Room(tmp_path, probe_cache)
    yield room
    pid = room.mqtt.broker_pid
    await room.mqtt.stop()
    assert pid is None or not Path(f"/proc/{pid}").exists()
    await room.operations.stop()
    await room.devices.stop()
    room.store.close()


@pytest.fixture
async def room(bare):
    await bare.start()
    return bare


@pytest.fixture
async def connect(room):
    made: list[Client] = []

    async def new(role="teacher", **options) -> Client:
        client = await room.client(role, **options)
        made.append(client)
        client.listen(f"{BASE}/reply/{client.user}/#")
        return client

    yield new
    for client in made:
        client.close()


@pytest.mark.parametrize("v5", [False, True])
async def test_whoever_subscribes_sees_state_description_and_readings(room, connect, v5):
    client = await connect("pupil", v5=v5)
    client.listen(f"{BASE}/state", f"{BASE}/+/#")
    await until(lambda: (f"{BASE}/state", b"online") in [s[:2] for s in client.seen])
    (state,) = await until(lambda: client.told(f"{BASE}/probe/state"))
    assert (state["reachable"], state["name"]) == (True, "Зонд")
    (described,) = await until(lambda: client.told(f"{BASE}/probe/td"))
    assert described["title"] == "Зонд"
    await room.devices.get("probe").read("level")
    (reading, *_) = await until(lambda: client.told(f"{BASE}/probe/p/level"))
    assert set(reading) == {"value", "time", "quality"}


async def test_samples_come_several_in_a_message_in_their_order(room, connect):
    client = await connect("pupil")
    client.listen(f"{BASE}/probe/s/points", f"{BASE}/probe/e/pinged")
    device = room.devices.get("probe")
    for number in range(6):
        await device.write("place", {"x": number, "y": 0})  # it tells two samples of each

    def batches():
        return [told["samples"] for told in client.told(f"{BASE}/probe/s/points")]

    await until(lambda: sum(map(len, batches())) >= 12)
    assert [one["x"] for batch in batches() for one in batch] == [n // 2 for n in range(12)]
    assert len(batches()) <= 6
    await until(lambda: len(client.told(f"{BASE}/probe/e/pinged")) == 6)
    assert not any(message.retain for topic, _, message in client.seen if "/s/" in topic)


async def test_mosquitto_sub_sees_it_as_well(room, connect):
    if shutil.which("mosquitto_sub") is None:
        pytest.skip("mosquitto_sub is not installed: apt install mosquitto-clients")
    client = await connect("pupil")
    done = await asyncio.to_thread(
        subprocess.run,
        f"mosquitto_sub -p {client.port} -u {client.user} -P {client.secret}"
        f" -t {BASE}/probe/state -C 1 -W 5".split(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout)["id"] == "probe"


async def test_set_and_invoke_are_answered(room, connect):
    client = await connect("teacher")
    client.send(f"{BASE}/cmd/{client.user}/probe/p/level/set", {"id": "1", "value": 7})
    answer = await client.reply("1")
    assert answer["status"] == "done"
    assert answer["result"]["value"] == 7
    client.send(f"{BASE}/cmd/{client.user}/probe/a/count/invoke", {"id": "2", "input": {"to": 3}})
    answer = await client.reply("2")
    assert (answer["status"], answer["fraction"]) == ("done", 1.0)
    assert room.operations.get(answer["operation"]).by == client.user
    client.send(f"{BASE}/cmd/{client.user}/probe/p/level/set", {"id": "3", "value": "much"})
    assert (await client.reply("3"))["problem"]["status"] == 422
    client.send(f"{BASE}/cmd/{client.user}/nowhere/p/level/set", {"id": "4", "value": 1})
    assert (await client.reply("4"))["problem"]["code"] == "not-found"


async def test_response_topic_and_correlation_are_honoured_within_the_senders_own(room, connect):
    client = await connect("teacher", v5=True)
    asked = Properties(PacketTypes.PUBLISH)
    asked.ResponseTopic = f"{BASE}/reply/{client.user}/here/please"
    asked.CorrelationData = b"\x00c7"
    topic = f"{BASE}/cmd/{client.user}/probe/p/level/set"
    client.send(topic, {"value": 3}, properties=asked)
    await until(lambda: client.told(asked.ResponseTopic))
    message = next(m for t, _, m in client.seen if t == asked.ResponseTopic)
    assert message.properties.CorrelationData == b"\x00c7"
    asked.ResponseTopic = f"{BASE}/reply/somebody-else/1"
    client.send(topic, {"id": "5", "value": 4}, properties=asked)
    assert (await client.reply("5"))["problem"]["code"] == "foreign-response-topic"
    assert (await room.devices.get("probe").read("level")).value == 3


async def test_a_forged_sender_gets_nothing_through(room, connect):
    teacher, pupil = await connect("teacher"), await connect("pupil")
    pupil.listen(f"{BASE}/reply/{teacher.user}/#", f"{BASE}/cmd/#")
    pupil.send(f"{BASE}/cmd/{teacher.user}/probe/p/level/set", {"id": "1", "value": 66})
    pupil.send(f"{BASE}/probe/state", {"reachable": False}, retain=True)
    teacher.send(f"{BASE}/cmd/{teacher.user}/probe/p/level/set", {"id": "2", "value": 5})
    assert (await teacher.reply("2"))["result"]["value"] == 5
    pupil.send(f"{BASE}/cmd/{pupil.user}/probe/p/level/set", {"id": "3", "value": 66})
    assert (await pupil.reply("3"))["problem"]["code"] == "forbidden"
    assert room.mqtt.state.counters["commands"] == 2
    assert {t for t, _, _ in pupil.seen} == {f"{BASE}/reply/{pupil.user}/3"}
    assert (await room.devices.get("probe").read("level")).value == 5
    pupil.listen(f"{BASE}/probe/state")
    assert (await until(lambda: pupil.told(f"{BASE}/probe/state")))[0]["reachable"]


async def test_a_retained_command_is_refused_and_cleared(room, connect):
    client = await connect("teacher")
    topic = f"{BASE}/cmd/{client.user}/probe/p/level/set"
    client.send(topic, {"id": "1", "value": 9}, retain=True)
    assert (await client.reply("1"))["problem"]["code"] == "retained-command"
    await restart_link(room)
    client.send(topic, {"id": "2", "value": 8})
    assert (await client.reply("2"))["result"]["value"] == 8
    assert room.mqtt.state.counters["refused"] == 1


async def restart_link(room):
    """Have the hub connect once more, to the same broker."""
    connects = room.mqtt.state.counters["connects"]
    link = next(t for t in room.mqtt._tasks if t.get_name() == "mqtt: link")
    link.cancel()
    await asyncio.wait({link})
    room.mqtt._tasks.remove(link)
    room.mqtt._tasks.append(asyncio.create_task(room.mqtt._keep_connected(), name="mqtt: link"))
    await until(lambda: room.mqtt.state.counters["connects"] > connects)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b"[" * 60000, "malformed"),
        (b'{"id": "1", "value": NaN}', "malformed"),
        (b'"text"', "malformed"),
        (b'{"id": "../../state", "value": 1}', "invalid"),
        (b'{"id": "a/b", "value": 1}', "invalid"),
        (b'{"value": 1}', "invalid"),
        (b'{"id": 1, "value": "' + b"x" * 70000 + b'"}', "too-large"),
    ],
)
async def test_what_is_no_command_is_answered_with_a_problem(room, connect, body, code):
    client = await connect("teacher")
    client.send(f"{BASE}/cmd/{client.user}/probe/p/level/set", body)
    assert (await client.reply("-"))["problem"]["code"] == code


async def test_ten_megabytes_are_refused_by_the_broker(room, connect):
    client = await connect("teacher")
    client.send(f"{BASE}/cmd/{client.user}/probe/p/level/set", b"x" * 10_000_000)
    await until(client.ended.is_set)
    client.close()
    assert room.mqtt.state.status == "connected"
    assert room.mqtt.state.counters["commands"] == 0


async def test_a_killed_broker_comes_back_with_everything_right(room, connect):
    client = await connect("pupil")
    first = room.mqtt.broker_pid
    os.kill(first, signal.SIGKILL)
    await until(lambda: room.mqtt.broker_pid not in (None, first))
    connects = room.mqtt.state.counters["connects"]
    await until(lambda: room.mqtt.state.counters["connects"] > connects)
    await room.devices.get("probe").write("level", 12)
    client.port = room.mqtt.state.port
    client.seen.clear()
    await asyncio.to_thread(client.connect)
    client.listen(f"{BASE}/state", f"{BASE}/+/#")
    await until(lambda: client.told(f"{BASE}/probe/td") and client.told(f"{BASE}/probe/state"))
    await until(lambda: [r["value"] for r in client.told(f"{BASE}/probe/p/level")][-1:] == [12])
    assert (f"{BASE}/state", b"online") in [s[:2] for s in client.seen]


async def test_a_hub_that_leaves_says_offline_first(room, connect):
    client = await connect("pupil")
    client.listen(f"{BASE}/state")
    await until(lambda: client.seen)
    broker = room.mqtt._broker
    link = next(t for t in room.mqtt._tasks if t.get_name() == "mqtt: link")
    link.cancel()
    await asyncio.wait({link})
    assert broker.port
    await until(lambda: client.seen[-1][1] == b"offline")


async def test_without_mosquitto_the_hub_runs_and_says_the_line_until_it_is_there(
    bare, monkeypatch
):
    monkeypatch.setattr("hub.mqtt._broker.LOOK_AGAIN", 0.05)
    found: list[str] = []
    bare.mqtt = bare.make(find=lambda: found[0] if found else None)
    await bare.mqtt.start()
    await until(lambda: bare.mqtt.state.status == "not-installed")
    assert "apt install mosquitto" in bare.mqtt.state.params["line"]
    found.append(find_broker())
    await bare.connected()


async def test_a_broker_elsewhere_may_come_later_and_its_commands_are_off(bare, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bare.mqtt = bare.make(url=f"mqtt://127.0.0.1:{port}")
    await bare.mqtt.start()
    await until(lambda: bare.mqtt.state.status == "not-reachable")
    assert not bare.mqtt.state.commands
    config = tmp_path / "elsewhere.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n{user}")
    broker = await asyncio.create_subprocess_exec(
        find_broker(), "-c", str(config), stderr=asyncio.subprocess.DEVNULL
    )
    client = Client(port, "anybody", "")
    try:
        await bare.connected()
        await asyncio.to_thread(client.connect)
        client.send(f"{BASE}/gone/state", {"left": "by an earlier run"}, retain=True)
        await restart_link(bare)
        client.listen(f"{BASE}/#")
        await until(lambda: (f"{BASE}/state", b"online") in [s[:2] for s in client.seen])
        await until(lambda: not bare.mqtt.state.counters["waiting"])
        client.send(f"{BASE}/cmd/anybody/probe/p/level/set", {"id": "1", "value": 1})
        bare.bus.publish("x/test/later", 1)
        await until(lambda: client.told(f"{BASE}/x/test/later"))
        assert bare.mqtt.state.counters["commands"] == 0
        client.close()
        await asyncio.to_thread(client.connect)
        client.seen.clear()
        client.listen(f"{BASE}/gone/#", f"{BASE}/state")
        await until(lambda: client.seen)
        assert client.told(f"{BASE}/gone/state") == []
    finally:
        client.close()
        with contextlib.suppress(ProcessLookupError):
            broker.terminate()
        await broker.wait()


async def test_what_is_private_never_appears_and_what_is_removed_is_cleared(room, connect):
    client = await connect("teacher")
    client.listen(f"{BASE}/+/#", f"{BASE}/assets/#", f"{BASE}/x/#")
    room.bus.publish("assets/a1", {"asset": 1}, audience=Access(private=True))
    room.bus.publish("x/test/private", 1, retained=True, audience=Access(private=True))
    room.bus.publish("x/test/staff", 1, retained=True, audience=Access(role=Role.ENGINEER))
    room.bus.publish("x/test/wild#", 1)
    room.bus.publish("old/state", {"reachable": True}, retained=True)
    await until(lambda: client.told(f"{BASE}/old/state"))
    room.bus.clear("old")
    room.bus.publish("x/test/last", 1)
    await until(lambda: client.told(f"{BASE}/x/test/last"))
    await until(lambda: (f"{BASE}/old/state", b"") in [s[:2] for s in client.seen])
    topics = {topic for topic, _, _ in client.seen}
    assert not [t for t in topics if "assets" in t or "private" in t or "staff" in t or "#" in t]


async def test_a_revoked_token_can_do_nothing_at_once_and_is_disconnected(room, connect):
    client = await connect("teacher")
    await room.school.revoke_token(client.user)
    client.send(f"{BASE}/cmd/{client.user}/probe/p/level/set", {"id": "1", "value": 33})
    await until(client.ended.is_set)
    client.close()
    await asyncio.to_thread(client.connect)
    assert client.code != 0
    assert (await room.devices.get("probe").read("level")).value != 33


async def test_a_connection_that_outlives_its_token_is_refused_every_command(room, connect):
    client = await connect("teacher")
    accounts = next(t for t in room.mqtt._tasks if t.get_name() == "mqtt: accounts")
    accounts.cancel()  # so that the broker never hears of it
    await room.school.revoke_token(client.user)
    client.send(f"{BASE}/cmd/{client.user}/probe/p/level/set", {"id": "1", "value": 33})
    assert (await client.reply("1"))["problem"]["code"] == "not-signed-in"
    assert (await room.devices.get("probe").read("level")).value != 33


async def test_an_expired_token_cannot_connect(room):
    secret, token = await room.school.create_token(
        Role.TEACHER, "short", expires=timedelta(seconds=0.5)
    )
    passwords = room.folder / "mqtt/passwords"
    await until(lambda: token.id in passwords.read_text())
    await until(lambda: token.id not in passwords.read_text())
    client = Client(room.mqtt.state.port, token.id, secret)
    await until(lambda: (client.connect(), client.code)[1] == 1)
    client.close()


async def test_displays_and_strangers_have_no_account_and_files_are_the_hubs_own(room):
    secret, token = await room.school.create_token(Role.DISPLAY, "panel")
    for user, password in ((token.id, secret), ("hub", "guess"), (token.id, "")):
        client = Client(room.mqtt.state.port, user, password)
        await asyncio.to_thread(client.connect)
        assert client.code == 1
        client.close()
    folder = room.folder / "mqtt"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert secret not in (folder / "passwords").read_text()
