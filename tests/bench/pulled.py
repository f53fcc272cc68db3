"""A device is pulled and put back: how soon that is told by WebSocket and by MQTT.

Pulled means that its peer is killed, so that its connections break; the kernel's own word on a USB
plug is measured in the lab. A picture is watched meanwhile: a device that nobody looks at is asked
from time to time only.
"""

import asyncio
import contextlib
import json
import re
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import paho.mqtt.client as paho
from websockets.asyncio.client import connect

from tests.bench._process import Running, free_port, hub, quantile
from tests.bench._table import Row
from tests.bench.changes import account, state_of

TIMES = 12
LIMIT = 30.0
CONFIG = '[[devices]]\nid = "d"\ndriver = "stream"\nsettings = {{ url = "{address}/stream" }}\n'


class Device:
    """The microscope's peer, on one port, pulled and put back."""

    def __init__(self) -> None:
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None

    def put(self) -> float:
        """Start it; return the moment at which it listens."""
        command = [sys.executable, "-m", "drivers.virtual.microscope", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        while not re.search(r"http://\S+", self.process.stdout.readline()):
            if self.process.poll() is not None:
                raise RuntimeError("the peer has ended")
        return time.monotonic()

    def pull(self) -> float:
        """Kill it; return the moment."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        now = time.monotonic()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return now


class Heard:
    """When the state of the device was heard last, and which it was."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._reachable: bool | None = None
        self._at = 0.0

    def take(self, state: dict[str, Any]) -> None:
        """Take a state."""
        with self._changed:
            if state["reachable"] != self._reachable:
                self._reachable, self._at = state["reachable"], time.monotonic()
                self._changed.notify_all()

    def when(self, reachable: bool) -> float:
        """Wait for a state and return when it was heard."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._reachable is reachable, LIMIT):
                raise RuntimeError(f"it is never told that it is reachable: {reachable}")
            return self._at


async def follow(running: Running, token: str, heard: Heard) -> None:
    """Hear the state, and look at the pictures, as a page does."""
    url = running.url.replace("http", "ws") + "/api/v1/stream"
    async with connect(
        url, additional_headers={"Authorization": f"Bearer {token}"}, max_size=None
    ) as socket:
        await socket.send(json.dumps({"op": "subscribe", "sub": 1, "filter": "d/state"}))
        await socket.send(json.dumps({"op": "frames", "sub": 2, "device": "d", "stream": "view"}))
        async for message in socket:
            if isinstance(message, bytes):
                head = json.loads(message[4 : 4 + int.from_bytes(message[:4], "big")])
                await socket.send(json.dumps({"ack": head["frame"], "sub": 2}))
            elif "payload" in (told := json.loads(message)):
                heard.take(told["payload"])


def measure() -> list[Row]:
    """Pull it and put it back, a dozen times."""
    device = Device()
    device.put()
    by_stream, by_mqtt = Heard(), Heard()
    gone: dict[str, list[float]] = {"page": [], "MQTT": []}
    back: dict[str, list[float]] = {"page": [], "MQTT": []}
    with hub(config=CONFIG.format(address=f"http://127.0.0.1:{device.port}")) as running:
        secret, engineer = running.token("pupil"), running.token("engineer")
        state = state_of(running, engineer)
        time.sleep(2)  # the account is with the broker within a second
        client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        client.username_pw_set(account(running, secret), secret)
        client.on_connect = lambda c, *_: c.subscribe(f"{state['base']}/d/state", 1)
        client.on_message = lambda _c, _u, m: by_mqtt.take(json.loads(m.payload))
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", int(str(state["port"])))
        client.loop_start()
        loop = asyncio.new_event_loop()
        following = loop.create_task(follow(running, secret, by_stream))

        def run() -> None:
            with contextlib.suppress(asyncio.CancelledError):
                loop.run_until_complete(following)

        thread = threading.Thread(target=run, name="stream")
        thread.start()
        both = (("page", by_stream), ("MQTT", by_mqtt))
        for _, heard in both:
            heard.when(reachable=True)
        for _ in range(TIMES):
            time.sleep(1)
            moment = device.pull()
            for name, heard in both:
                gone[name].append(heard.when(reachable=False) - moment)
            time.sleep(1)
            moment = device.put()
            for name, heard in both:
                back[name].append(heard.when(reachable=True) - moment)
        loop.call_soon_threadsafe(following.cancel)
        thread.join(10)
        loop.close()
        client.disconnect()
        client.loop_stop()
    device.pull()
    rows = []
    for name, took in gone.items():
        figure = f"{quantile(took, 0.95):.2f} s"
        rows.append(Row(f"device pulled to its state by {name}, p95", figure, "<= 0.5 s"))
    for name, took in back.items():
        figure = f"{max(took):.2f} s"
        rows.append(Row(f"put back to working, told by {name}, longest", figure, "<= 3 s"))
    return rows
