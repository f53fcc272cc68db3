"""A virtual projector in a whole hub: by the API and over MQTT, a storm of wishes, a pulled cable."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import paho.mqtt.client as paho
import pytest

from drivers.virtual.panel.control import ask
from hub.mqtt._broker import find_broker

CONFIG = """
[[devices]]
id = "panel"
driver = "pjlink"
name = "Panel"
settings = {{ host = "127.0.0.1", port = {port}, password = "school" }}
"""
BROKER = {"CLASSHUB_MQTT__ENABLED": "true", "CLASSHUB_MQTT__PORT": "0"}
AT = "/api/v1/devices/panel"


@pytest.fixture(scope="module")
def control(tmp_path_factory):
    return tmp_path_factory.mktemp("projector") / "control"


@pytest.fixture(scope="module")
def room(start_shared, control):
    """A hub with one projector, and a broker where there is one."""
    command = [sys.executable, "-m", "drivers.virtual.panel", "--password", "school"]
    with subprocess.Popen(
        [*command, "--warm-up", "0.5", "--cool-down", "0.5", "--control", str(control)],
        stdout=subprocess.PIPE,
        text=True,
    ) as projector:
        port = projector.stdout.readline().rsplit(":", 1)[1]
        hub = start_shared(
            config=CONFIG.format(port=int(port)), environment=BROKER if find_broker() else None
        )
        with hub.client("teacher") as teacher:
            wait(lambda: teacher.get(AT).json()["state"]["reachable"], wanted=True)
        yield hub
        projector.terminate()


def wait(get, wanted, seconds=60):
    """Wait until `get()` is `wanted`."""
    end = time.monotonic() + seconds
    while (now := get()) != wanted:
        assert time.monotonic() < end, now
        time.sleep(0.05)


def switch(client, power):
    """Switch it, and wait until it is."""
    wait(lambda: client.get(f"{AT}/properties/power").json()["value"] in ("on", "off"), wanted=True)
    answer = client.put(f"{AT}/properties/power", json={"value": power})
    assert answer.status_code == 200, answer.text
    wait(lambda: client.get(f"{AT}/properties/power").json()["value"], power)
    return answer.json()["value"]


def told(control, **wish):
    return asyncio.run(ask(control, **wish))


def test_a_teacher_switches_the_panel_and_a_pupil_cannot(room):
    with room.client("teacher") as teacher, room.client("pupil") as pupil:
        refused = pupil.put(f"{AT}/properties/power", json={"value": "on"})
        assert refused.status_code == 403
        assert pupil.get(f"{AT}/properties/power").json()["value"] == "off"
        busy = teacher.put(f"{AT}/properties/freeze", json={"value": True}).json()
        assert busy["code"] == "panel-not-ready"
        assert busy["hint"]
        assert switch(teacher, "on") in ("warming", "on")
        for name, wanted in (("freeze", True), ("source", "digital-2"), ("blank", True)):
            answer = teacher.put(f"{AT}/properties/{name}", json={"value": wanted})
            assert answer.json()["value"] == wanted, answer.text
        for name, wrong in (("source", "digital-9"), ("power", "warming")):
            answer = teacher.put(f"{AT}/properties/{name}", json={"value": wrong})
            assert answer.json()["code"] == "out-of-range"
        assert teacher.get(f"{AT}/properties/assumed").json()["value"] == []
        assert switch(teacher, "off") in ("cooling", "off")


@pytest.mark.skipif(find_broker() is None, reason="mosquitto is not installed")
def test_its_readings_are_on_mqtt_and_it_is_switched_from_there(room):
    with room.client("engineer") as engineer:
        wait(lambda: engineer.get("/api/v1/mqtt").json()["status"], "connected")
        state = engineer.get("/api/v1/mqtt").json()
    secret, user = room.new_token("teacher")
    came: dict[str, object] = {}
    on = threading.Event()

    def heard(_client, _data, message):
        came[message.topic] = json.loads(message.payload)
        if came.get(f"{state['base']}/panel/p/power", {}).get("value") == "on":
            on.set()

    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, secret)
    client.on_message = heard
    client.on_connect = lambda c, *_: (
        c.subscribe(f"{state['base']}/panel/p/+", 1),
        c.publish(
            f"{state['base']}/cmd/{user}/panel/p/power/set", json.dumps({"id": "1", "value": "on"}), 1
        ),
    )  # fmt: skip
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", state["port"])
    client.loop_start()
    try:
        assert on.wait(30), came
    finally:
        client.disconnect()
        client.loop_stop()


def test_of_a_storm_of_wishes_the_last_holds_and_the_protocol_is_never_overtaken(room, control):
    with room.client("teacher") as teacher:
        switch(teacher, "on")
        before = len(told(control, commands=True)["commands"])

        def wish(number):
            value = "digital-2" if number % 2 else "digital-1"
            return teacher.put(f"{AT}/properties/source", json={"value": value}).status_code

        with ThreadPoolExecutor(8) as many:
            codes = list(many.map(wish, range(200)))
        assert teacher.put(f"{AT}/properties/source", json={"value": "rgb-1"}).status_code == 200
    assert set(codes) <= {200, 409}
    assert codes.count(409) > 0
    now = told(control, commands=True)
    assert now["source"] == "11"
    sent = [line for line in now["commands"][before:] if line.startswith(("%2INPT 1", "%2INPT 3"))]
    assert sent[-1] == "%2INPT 11"
    assert len(sent) == codes.count(200) + 1


def test_a_pulled_cable_and_every_bad_habit_at_once_are_survived(room, control):
    with room.client("teacher") as teacher:
        switch(teacher, "on")
        told(
            control,
            hang_up=True,
            faults={"zero": True, "once": "close", "stray": True, "garble": True, "small": True},
        )
        for freeze in (True, False, True):
            answer = teacher.put(f"{AT}/properties/freeze", json={"value": freeze})
            assert answer.json().get("value") == freeze, answer.text
        told(control, faults={}, errors="020000")

        def problem():
            teacher.put(f"{AT}/properties/freeze", json={"value": False})
            return (teacher.get(AT).json()["state"].get("health") or {}).get("code")

        wait(problem, "panel-lamp", 90)
        told(control, errors="000000")
        switch(teacher, "off")


def test_a_panel_that_is_off_is_no_fault_in_the_log(room):
    with room.client("teacher") as teacher:
        switch(teacher, "off")
        where = f"{AT}/properties/source"
        wait(lambda: teacher.get(where).json().get("code"), "panel-not-ready")
    assert "panel-not-ready" not in room.err.read_text()
