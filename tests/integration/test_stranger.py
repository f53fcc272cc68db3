"""A stranger's kind of device, written by the docs alone, has every face that the hub gives.

The distribution is `tests/foreign/scale`: a weighing scale on a serial line, its contract, two
drivers, a virtual scale on a pseudo-terminal and a recorded one. Nothing of the hub knows of it.
"""

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import jsonschema
import paho.mqtt.client as paho
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from websockets.asyncio.client import connect

from hub.mqtt._broker import find_broker

SCALE = Path(__file__).parents[1] / "foreign" / "scale"
DEVICE = "/api/v1/devices/virtual-scale"
LIMIT = 30.0


def until(look, limit=LIMIT):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come")


def ready(client, device="virtual-scale"):
    """The device once it is reachable and has weighed."""
    told = client.get(f"/api/v1/devices/{device}").json()
    return told if told["state"]["reachable"] and "mass" in told["properties"] else None


def done(client, operation):
    def look():
        told = client.get(f"/api/v1/operations/{operation['id']}").json()
        assert told["status"] in ("pending", "running", "done"), told
        return told["status"] == "done" and told

    return until(look)


@pytest.fixture(scope="module")
def hub(install_foreign, start_shared):
    """The virtual classroom with the stranger's scales in it."""
    installed = install_foreign(SCALE)
    for text in installed.rglob("messages.po"):
        with text.open("rb") as file, text.with_suffix(".mo").open("wb") as made:
            write_mo(made, read_po(file))
    return start_shared(
        "--virtual",
        config='language = "en"\n',
        environment={
            "PYTHONPATH": str(installed),
            "CLASSHUB_MQTT__ENABLED": "true",
            "CLASSHUB_MQTT__PORT": "0",
        },
    )


@pytest.fixture
def engineer(hub):
    with hub.client("engineer") as client:
        until(lambda: ready(client))
        yield client


def test_the_virtual_scale_is_there_by_itself_and_read(engineer):
    device = ready(engineer)
    assert device["kind"] == "scale"
    assert device["name"] == "Virtual scale"
    mass = engineer.get(f"{DEVICE}/properties/mass").json()
    assert mass["quality"] == "good"
    assert -2000 <= mass["value"] <= 2000


def test_it_is_written_within_its_range_by_those_who_may(hub, engineer):
    with hub.client("teacher") as teacher, hub.client("pupil") as pupil:
        assert teacher.put(f"{DEVICE}/properties/rate", json={"value": 20}).json()["value"] == 20
        assert teacher.put(f"{DEVICE}/properties/rate", json={"value": 51}).status_code == 422
        assert teacher.put(f"{DEVICE}/properties/mass", json={"value": 1}).status_code in (405, 409)
        assert pupil.put(f"{DEVICE}/properties/rate", json={"value": 10}).status_code == 403


def test_its_action_tells_how_far_it_is_and_its_result(hub, engineer):
    with hub.client("pupil") as pupil:
        reply = pupil.post(f"{DEVICE}/actions/tare", json={})
        assert reply.status_code == 201, reply.text
        operation = done(pupil, reply.json())
    assert isinstance(operation["result"], float)


def test_its_description_is_all_that_its_page_needs(engineer):
    described = engineer.get(DEVICE).json()["description"]
    assert described["properties"]["mass"]["schema"]["maximum"] == 2000  # it was narrowed
    assert described["properties"]["rate"]["schema"]["maximum"] == 50
    assert described["actions"]["tare"]["title"] == "Set to zero"
    assert set(described["events"]) == {"overload"}
    assert set(described["streams"]) == {"weighings"}


@pytest.mark.parametrize(("language", "mass"), [("kk", "Масса"), ("ru", "Масса"), ("en", "Mass")])
def test_its_page_is_in_the_readers_language(engineer, language, mass):
    wanted = {"Accept-Language": language}
    described = engineer.get(DEVICE, headers=wanted).json()["description"]
    assert described["properties"]["mass"]["title"] == mass
    tare = {"kk": "Нөлге келтіру", "ru": "Обнулить", "en": "Set to zero"}[language]
    assert described["actions"]["tare"]["title"] == tare


def test_its_thing_description_is_one(engineer):
    thing = engineer.get(f"{DEVICE}/td").json()
    mass = thing["properties"]["mass"]["properties"]["value"]
    assert (mass["unit"], mass["maximum"]) == ("g", 2000)
    assert {"weighings", "overload"} <= set(thing["events"])
    assert "tare" in thing["actions"]
    assert engineer.get("/api/v1/kinds/scale").json()["@type"] == "tm:ThingModel"


def test_the_form_of_its_settings_and_what_it_looks_for_are_told(engineer):
    drivers = {one["name"]: one for one in engineer.get("/api/v1/drivers").json()["items"]}
    scale = drivers["line-scale"]
    assert (scale["kind"], scale["kind_title"], scale["problem"]) == ("scale", "Scale", None)
    assert scale["icon"] == "scale"
    jsonschema.Draft202012Validator.check_schema(scale["settings"])
    assert scale["settings"]["properties"]["port"]["type"] == "string"
    (match,) = scale["discovery"]
    assert (match["bus"], match["subsystem"], match["vendor"]) == ("usb", "tty", "0403")


async def test_its_readings_samples_and_events_come_by_websocket(hub, engineer):
    headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
    heard = {}
    async with connect(hub.ws, additional_headers=headers, proxy=None) as ws:
        wanted = ("p/mass", "s/weighings", "e/overload")
        for number, topic in enumerate(wanted, 1):
            about = {"op": "subscribe", "sub": number, "filter": f"virtual-scale/{topic}"}
            await ws.send(json.dumps(about))
        async with asyncio.timeout(LIMIT):
            while len(heard) < len(wanted):
                message = json.loads(await ws.recv())
                if "topic" in message:
                    heard[message["topic"].partition("/")[2]] = message
    assert set(heard["s/weighings"]["payload"]["samples"][0]) == {"grams", "steady"}
    assert heard["e/overload"]["payload"]["data"] == 2400.0


@pytest.mark.skipif(find_broker() is None, reason="mosquitto is not installed")
def test_it_is_followed_and_commanded_by_mqtt(hub, engineer):
    def broker():
        told = engineer.get("/api/v1/mqtt").json()
        return told["status"] == "connected" and told

    about = until(broker)
    base, heard, all_there = about["base"], {}, threading.Event()
    secret, user = hub.new_token("teacher")

    def on_connect(client, *_):
        client.subscribe([(f"{base}/virtual-scale/#", 1), (f"{base}/reply/{user}/#", 1)])
        to = f"{base}/cmd/{user}/virtual-scale"
        client.publish(f"{to}/p/rate/set", json.dumps({"id": "set", "value": 25}), 1)
        client.publish(f"{to}/a/tare/invoke", json.dumps({"id": "tare", "input": {}}), 1)

    def on_message(_client, _user, message):
        name = message.topic.removeprefix(f"{base}/")
        heard.setdefault(name, []).append(json.loads(message.payload))
        replies = [
            reply for reply in heard.get(f"reply/{user}/tare", ()) if reply["status"] == "done"
        ]
        topics = ("td", "state", "p/mass", "s/weighings", "e/overload")
        if replies and all(f"virtual-scale/{topic}" in heard for topic in topics):
            all_there.set()

    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(user, secret)
    client.on_connect, client.on_message = on_connect, on_message
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", about["port"])
    client.loop_start()
    try:
        assert all_there.wait(LIMIT), {name: came[-1] for name, came in heard.items()}
    finally:
        client.disconnect()
        client.loop_stop()
    assert heard[f"reply/{user}/set"][-1]["status"] == "done"
    tare = heard[f"reply/{user}/tare"]
    assert [reply["fraction"] for reply in tare if reply["status"] == "running"][-1] > 0


@pytest.mark.parametrize(
    "fault", [{"unplug": True}, {"stall": True}, {"drop": 1}, {"garble": 1}], ids=str
)
def test_every_fault_on_it_is_noticed_and_mended(hub, engineer, fault):
    with hub.client("admin") as admin:
        reply = admin.put(f"{DEVICE}/faults", json=fault)
        assert reply.status_code == 200, reply.text

        def lost():
            state = engineer.get(f"{DEVICE}/state").json()
            return None if state["reachable"] else state

        assert until(lost)["problem"]["hint"]
        assert admin.delete(f"{DEVICE}/faults").status_code == 204
    until(lambda: ready(engineer))


def test_noise_and_delay_do_not_end_it(hub, engineer):
    with hub.client("admin") as admin:
        for fault in ({"garble": 0.01, "toward": "rx"}, {"delay": 300}):
            admin.put(f"{DEVICE}/faults", json=fault)
            until(lambda: admin.put(f"{DEVICE}/properties/rate", json={"value": 20}).is_success)
        admin.delete(f"{DEVICE}/faults")
    until(lambda: ready(engineer))


def test_it_is_recorded_and_played_by_the_command_line(hub, engineer, install_foreign, tmp_path):
    file = tmp_path / "scale.jsonl"
    environment = {**os.environ, "PYTHONPATH": str(install_foreign(SCALE))}

    def classhub(*words):
        return subprocess.run(
            [sys.executable, "-m", "hub.cli", *map(str, words)],
            check=True, capture_output=True, text=True, timeout=60, env=environment,
        )  # fmt: skip

    classhub("record", "virtual-scale", file, "--seconds", 3, "--data", hub.data)
    header = json.loads(file.read_text().splitlines()[0])
    assert (header["driver"], header["kind"]) == ("line-scale", "scale")
    played = classhub("replay", file, "--fast")
    lines = played.stdout.splitlines()
    assert "connected" in lines
    assert any(line.startswith("samples weighings") for line in lines)
    assert "1 of 1 connections played" in played.stderr
    until(lambda: ready(engineer))


def test_a_scale_that_is_recorded_weighs_in_the_virtual_classroom(engineer):
    device = until(lambda: ready(engineer, "recorded-scale"))
    assert device["description"]["properties"]["mass"]["schema"]["maximum"] == 2000
