"""A thousand changes of properties in a second, until they are with subscribers: MQTT and WebSocket.

Beside them bare mosquitto and paho: one client publishes as much, another subscribes.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as paho
from websockets.asyncio.client import connect

from hub.mqtt._broker import find_broker
from tests.bench._process import Running, free_port, hub, quantile
from tests.bench._table import Row

SECONDS = 10.0
RATE = 1000
DRIVER = '''"""Ten counters, each changing a hundred times in a second; a value is when it was said."""

import asyncio
import time

from hub.device import Device, Property


class Counters(Device, kind="counters", title="Counters"):
    """Counters."""

    NAMES


class Ten(Counters):
    """Ten counters."""

    async def connect(self) -> None:
        self._task = asyncio.create_task(self._count(), name="count")

    async def disconnect(self) -> None:
        self._task.cancel()

    async def _count(self) -> None:
        due, number = time.monotonic(), 0
        while True:
            name = f"p{number % 10}"
            self.report(getattr(Counters, name), time.time())
            number += 1
            due += 0.001
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    READERS
'''


@contextlib.contextmanager
def installed_driver() -> Iterator[None]:
    """Have the driver installed for the hub that is started, in a folder of its own."""
    names = "\n    ".join(
        f'p{n}: Property[float] = Property(float, title="P", doc="P.")' for n in range(10)
    )
    readers = "\n\n    ".join(
        f"@Counters.p{n}.read\n    async def _read_p{n}(self) -> float:\n        return time.time()"
        for n in range(10)
    )
    with tempfile.TemporaryDirectory(prefix="classhub-driver-") as folder:
        source = DRIVER.replace("NAMES", names).replace("READERS", readers)
        (Path(folder) / "bench_counters.py").write_text(source)
        info = Path(folder) / "bench_counters-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-counters\nVersion: 1\n")
        (info / "entry_points.txt").write_text(
            "[classhub.drivers]\ncounters = bench_counters:Ten\n"
        )
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = folder if before is None else f"{folder}{os.pathsep}{before}"
        try:
            yield
        finally:
            os.environ.pop("PYTHONPATH")
            if before is not None:
                os.environ["PYTHONPATH"] = before


class Subscriber:
    """A client made of paho alone, and how late each message came, in seconds."""

    def __init__(self, port: int, topic: str, user: str | None, secret: str | None) -> None:
        self.late: list[float] = []
        self._paho = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._paho.username_pw_set(user, secret)
        self._paho.on_connect = lambda client, *_: client.subscribe(topic, 1)
        self._paho.on_message = self._take
        self._paho.reconnect_delay_set(1, 1)
        self._paho.connect("127.0.0.1", port)
        self._paho.loop_start()

    def _take(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        if not message.retain:
            self.late.append(time.time() - json.loads(message.payload)["value"])

    def close(self) -> None:
        self._paho.disconnect()
        self._paho.loop_stop()


async def by_stream(running: Running, token: str, late: list[float]) -> None:
    """Follow the counters by WebSocket for a while."""
    url = running.url.replace("http", "ws") + "/api/v1/stream"
    async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        await socket.send(json.dumps({"op": "subscribe", "sub": 1, "filter": "counters/p/+"}))
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            message = json.loads(await socket.recv())
            if "payload" in message:
                late.append(time.time() - message["payload"]["value"])
    del late[:20]  # what was retained


def state_of(running: Running, token: str) -> dict[str, object]:
    """Return how MQTT is, once it is on."""
    while True:
        ask = urllib.request.Request(
            f"{running.url}/api/v1/mqtt", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(ask) as answer:
            found: dict[str, object] = json.load(answer)
        if found["status"] == "connected":
            return found
        time.sleep(0.1)


def account(running: Running, token: str) -> str:
    """Return a token's id, its user name at the broker."""
    ask = urllib.request.Request(
        f"{running.url}/api/v1/session", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(ask) as answer:
        return str(json.load(answer)["principal"]["id"])


def bare() -> list[float]:
    """Return how late messages come by bare mosquitto and paho at the same rate."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="classhub-broker-") as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(
            f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
            + ("user root\n" if os.geteuid() == 0 else "")
        )
        program = find_broker()
        assert program is not None
        with subprocess.Popen([program, "-c", str(config)], stderr=subprocess.DEVNULL) as broker:
            time.sleep(1)
            command = [sys.executable, "-m", "tests.bench.changes", str(port)]
            subscriber = Subscriber(port, "counters/p/+", None, None)
            time.sleep(0.5)
            subprocess.run(command, check=True)
            subscriber.close()
            broker.terminate()
    return subscriber.late


def publish(port: int) -> None:
    """Publish as the hub does: QoS 1, retained, a thousand in a second."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    due = time.monotonic()
    for number in range(int(SECONDS * RATE)):
        body = json.dumps({"value": time.time(), "time": "2026-01-01T00:00:00Z", "quality": "good"})
        client.publish(f"counters/p/p{number % 10}", body, 1, retain=True)
        due += 1 / RATE
        time.sleep(max(0.0, due - time.monotonic()))
    time.sleep(0.5)
    client.disconnect()
    client.loop_stop()


def measure() -> list[Row]:
    """Measure both ways at once, then the bare peer."""
    config = '[[devices]]\nid = "counters"\ndriver = "counters"\n'
    with installed_driver(), hub(config=config) as running:
        secret, engineer = running.token("pupil"), running.token("engineer")
        state = state_of(running, engineer)
        time.sleep(2)  # the account is with the broker within a second
        topic = f"{state['base']}/counters/p/+"
        subscriber = Subscriber(int(str(state["port"])), topic, account(running, secret), secret)
        time.sleep(2)
        subscriber.late.clear()
        late: list[float] = []
        stream = threading.Thread(
            target=lambda: asyncio.run(by_stream(running, secret, late)), name="stream"
        )
        stream.start()
        stream.join()
        subscriber.close()
    peer = bare()
    beside = f"bare mosquitto and paho {1000 * quantile(peer, 0.99):.1f} ms, {len(peer)} came"
    rows = []
    for what, found in (("MQTT subscriber", subscriber.late), ("WebSocket", late)):
        figure = f"{1000 * quantile(found, 0.99):.1f} ms" if found else "nothing came"
        came = f"{len(found) / SECONDS:.0f}/s came; {beside}"
        rows.append(Row(f"property change to {what}, p99", figure, "<= 10 ms", came))
    return rows


if __name__ == "__main__":
    publish(int(sys.argv[1]))
