"""MQTT of a whole hub, run as a school runs it."""

import os
import signal
import socket
import subprocess
import threading
import time

import httpx
import paho.mqtt.client as paho
import psutil
import pytest

from hub.mqtt._broker import find_broker

pytestmark = pytest.mark.skipif(
    find_broker() is None, reason="mosquitto is not installed: apt install mosquitto"
)
ON = {"CLASSHUB_MQTT__ENABLED": "true", "CLASSHUB_MQTT__PORT": "0"}
CAMERA = '[[devices]]\nid="cam"\ndriver="stream"\nsettings={{url="{url}"}}\n'


def connected(hub) -> dict:
    """How MQTT is, once it is on."""
    end = time.monotonic() + 10
    with hub.client("engineer") as engineer:
        while (state := engineer.get("/api/v1/mqtt").json())["status"] != "connected":
            assert time.monotonic() < end, state
            time.sleep(0.05)
    return state


def listen(port: int, user: str, secret: str, topic: str, limit: float = 10.0) -> bytes:
    """The first message on a topic; tries to connect until the broker knows the token."""
    came = threading.Event()
    found: list[bytes] = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, secret)
    client.on_connect = lambda c, *_: c.subscribe(topic, 1)
    client.on_message = lambda _c, _u, message: (found.append(message.payload), came.set())
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        assert came.wait(limit)
    finally:
        client.disconnect()
        client.loop_stop()
    return found[0]


def brokers(hub) -> list[psutil.Process]:
    children = psutil.Process(hub.process.pid).children(recursive=True)
    return [child for child in children if child.name() == "mosquitto"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_broker_serves_a_token_of_the_command_line_and_ends_with_the_hub(start, camera, number):
    hub = start(config=CAMERA.format(url=camera.url), environment=ON)
    state = connected(hub)
    secret, token = hub.new_token("pupil")
    assert b'"cam"' in listen(state["port"], token, secret, f"{state['base']}/cam/state")
    (broker,) = brokers(hub)
    hub.stop(number)
    assert psutil.wait_procs([broker], timeout=5)[1] == []
    assert "Traceback" not in hub.err.read_text()


def test_a_port_that_is_taken_is_told_and_the_hub_runs(start):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        hub = start(environment={**ON, "CLASSHUB_MQTT__PORT": str(port)})
        with hub.client("engineer") as engineer:
            end = time.monotonic() + 10
            while (state := engineer.get("/api/v1/mqtt").json())["status"] != "not-reachable":
                assert time.monotonic() < end, state
                time.sleep(0.05)
            assert "in use" in state["hint"]
        assert httpx.get(f"{hub.url}/api/v1/health").status_code == 200
        document = httpx.get(f"{hub.url}/api/v1/asyncapi.json").json()
        servers = document["servers"]
        assert (servers["broker"]["host"], "broker-tls" in servers) == ("127.0.0.1", False)
        assert servers["stream"]["protocol"] == "ws"


def test_only_engineers_see_how_mqtt_is_and_off_is_said(start):
    hub = start()
    with hub.client("teacher") as teacher, hub.client("engineer") as engineer:
        assert teacher.get("/api/v1/mqtt").status_code == 403
        assert engineer.get("/api/v1/mqtt").json()["status"] == "off"
    assert brokers(hub) == []


def test_a_hub_that_is_killed_is_offline_by_its_last_will(start, tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = tmp_path / "elsewhere.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n{user}")
    broker = subprocess.Popen([find_broker(), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        url = f"mqtt://127.0.0.1:{port}"
        hub = start(environment={**ON, "CLASSHUB_MQTT__URL": url})
        state = connected(hub)
        assert (state["managed"], state["commands"], brokers(hub)) == (False, False, [])
        assert listen(port, "anybody", "", f"{state['base']}/state") == b"online"
        hub.stop(signal.SIGKILL)
        end = time.monotonic() + 10
        while listen(port, "anybody", "", f"{state['base']}/state") != b"offline":
            assert time.monotonic() < end
    finally:
        broker.terminate()
        broker.wait(5)
