"""A hub that runs as a school runs it: killed in mid print, followed by MQTT."""

import asyncio
import json
import queue
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from drivers.virtual.printer.control import ask
from hub.mqtt._broker import find_broker
from tests.integration.test_mqtt_hub import ON, connected
from tests.printers import END, START, zigzag
from tests.printing import JOBS, OVER, PRINTERS

PRINTER = '[[devices]]\nid="printer-1"\ndriver="marlin"\nsettings={{port="{port}"}}\n'
NO_MICROSCOPY = "[plugins.microscopy]\nenabled=false\n"
LIMIT = 90.0


def part(lines: int) -> bytes:
    return ("\n".join([*START, *zigzag(lines), *END]) + "\n").encode()


@pytest.fixture
def port(tmp_path: Path):
    """The line of a virtual printer that outlives the hubs of a test."""
    command = [sys.executable, "-m", "drivers.virtual.printer", "--speed", "100"]
    command += ["--options", '{"boot": 0.1}', "--control", str(tmp_path / "control")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said = ""
            while not (found := re.search(r"listening on (\S+)", said)):
                said = process.stdout.readline()
                assert said, "the virtual printer does not start"
            yield found[1]
        finally:
            process.terminate()


def until(client, job: dict, *states: str) -> dict:
    end = time.monotonic() + LIMIT
    while (now := client.get(f"{JOBS}/{job['id']}").json())["state"] not in states:
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


def ready(client) -> None:
    end = time.monotonic() + LIMIT
    while (now := client.get(f"{PRINTERS}/printer-1").json())["state"] != "idle":
        assert time.monotonic() < end, now
        time.sleep(0.05)
    assert client.post(f"{PRINTERS}/printer-1/plate-cleared").json()["plate"]["clear"]


def hand_in(client, name: str, content: bytes) -> dict:
    made = client.post(JOBS, files={"file": (name, content)})
    assert made.status_code == 201, made.text
    return made.json()


def test_a_hub_that_is_killed_in_mid_print_tells_the_truth_and_prints_nothing_twice(start, port):
    config = PRINTER.format(port=port) + NO_MICROSCOPY
    hub = start(config=config)
    with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
        ready(teacher)
        first = until(pupil, hand_in(pupil, "first.gcode", part(20_000)), "waiting")
        second = until(pupil, hand_in(pupil, "second.gcode", part(40)), "waiting")
        for job in (first, second):
            assert teacher.post(f"{JOBS}/{job['id']}/approve").status_code == 200
        until(pupil, first, "printing")
        end = time.monotonic() + LIMIT
        while (pupil.get(f"{JOBS}/{first['id']}").json()["progress"]["line"] or 0) < 100:
            assert time.monotonic() < end
            time.sleep(0.05)
        time.sleep(6)  # how far it is, is noted every five seconds
        hub.stop(signal.SIGKILL)
    hub = start(config=config)
    with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
        told = until(teacher, first, *OVER)
        assert told["state"] == "failed"
        assert told["ending"]["code"] == "interrupted"
        assert told["ending"]["line"] > 100
        assert told["ending"]["height"] > 0
        assert told["ending"]["hint"]
        waiting = teacher.get(f"{JOBS}/{second['id']}").json()
        assert waiting["state"] == "queued", "it was acknowledged, and is there"
        assert waiting["problem"]["code"] == "plate-not-clear"
        ready(teacher)
        assert until(teacher, second, *OVER)["state"] == "done"
        history = teacher.get(f"{JOBS}/{first['id']}/history").json()["items"]
        assert [one["what"] for one in history].count("start") == 1
    assert "Traceback" not in hub.err.read_text()


def test_at_whichever_line_a_hub_is_killed_nothing_is_resumed_and_nothing_stays_hot(
    start, port, tmp_path
):
    """While it heats, and anywhere in the part: the printer itself says what it has done."""
    config = PRINTER.format(port=port) + NO_MICROSCOPY
    lines = [*START, *zigzag(2000), *END]
    chance = random.Random()
    killed_at = [4, chance.randrange(len(START) + 1, 1500)]

    def printed() -> list[str]:
        """Return what the printer has executed of the file since it was switched on."""
        told = asyncio.run(ask(tmp_path / "control", executed=True))
        return [text for _, text in told["executed"] if text in of_the_file]

    of_the_file = {line for line in lines if line[:2] in ("G1", "M1")} - {*END, "M105"}
    hub = start(config=config)
    for place in killed_at:
        with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
            ready(teacher)
            content = "\n".join([*lines, f"; {place}"]).encode()
            job = until(pupil, hand_in(pupil, f"{place}.gcode", content), "waiting")
            before = len(printed())
            assert teacher.post(f"{JOBS}/{job['id']}/approve").status_code == 200
            end = time.monotonic() + LIMIT
            while len(printed()) - before < place - 2:  # G28 and a comment are not counted
                assert time.monotonic() < end
                time.sleep(0.02)
            hub.stop(signal.SIGKILL)
        hub = start(config=config)
        with hub.client("teacher") as teacher:
            told = until(teacher, job, *OVER)
            assert (told["state"], told["ending"]["code"]) == ("failed", "interrupted"), killed_at
            assert told["ending"]["hint"]
            done = len(printed())
            assert (told["ending"]["line"] or 0) <= done - before + len(lines) - len(of_the_file)
            end = time.monotonic() + LIMIT
            while teacher.get(f"{PRINTERS}/printer-1").json()["state"] != "idle":
                assert time.monotonic() < end
                time.sleep(0.05)
            there = asyncio.run(ask(tmp_path / "control"))
            assert (there["nozzle"][1], there["bed"][1]) == (0, 0), killed_at
            done = len(printed())
            time.sleep(1)
            assert len(printed()) == done, killed_at
            history = teacher.get(f"{JOBS}/{job['id']}/history").json()["items"]
            assert [one["what"] for one in history].count("start") == 1
    assert "Traceback" not in hub.err.read_text()


@pytest.mark.skipif(find_broker() is None, reason="mosquitto is not installed")
def test_a_job_is_approved_and_followed_to_done_by_mqtt(start, port):
    hub = start(config=PRINTER.format(port=port) + NO_MICROSCOPY, environment=ON)
    state = connected(hub)
    secret, token = hub.new_token("teacher")
    heard: queue.Queue = queue.Queue()
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.username_pw_set(token, secret)
    base = state["base"]

    def subscribe(one, *_):
        one.subscribe([(f"{base}/reply/{token}/#", 1), (f"{base}/x/printing/#", 1)])

    client.on_connect = subscribe
    client.on_message = lambda _c, _u, m: heard.put((m.topic, json.loads(m.payload or b"null")))
    client.reconnect_delay_set(1, 1)
    client.connect("127.0.0.1", state["port"])
    client.loop_start()

    def ask(name: str, **given) -> dict:
        topic = f"{base}/cmd/{token}/x/printing/{name}"
        client.publish(topic, json.dumps({"id": name, **given}), qos=1)
        end = time.monotonic() + LIMIT
        while time.monotonic() < end:
            topic, payload = heard.get(timeout=LIMIT)
            if topic.endswith(f"/reply/{token}/{name}"):
                return payload
        raise AssertionError(name)

    try:
        with hub.client("pupil") as pupil, hub.client("teacher") as teacher:
            ready(teacher)
            job = until(pupil, hand_in(pupil, "part.gcode", part(2000)), "waiting")
            answer = ask("approve", job=job["id"])
            assert answer["status"] == "done", answer
            assert answer["result"]["state"] in ("queued", "printing")
            again = ask("approve", job=job["id"])
            assert again["status"] == "failed"
            assert again["problem"]["code"] == "job-moved-on"
            end = time.monotonic() + LIMIT
            seen, states = set(), set()
            while time.monotonic() < end and "idle" not in states:
                topic, payload = heard.get(timeout=LIMIT)
                assert "/x/printing/jobs/" not in topic, "whose job it is, is nobody's business"
                if topic.endswith("/x/printing/printers/printer-1") and payload["job"]:
                    seen.add(payload["job"]["id"])
                if seen and payload and payload.get("state") == "idle":
                    states.add("idle")
            assert seen == {job["id"]}
            assert ask("get", job=job["id"])["result"]["state"] == "done"
            assert ask("plate-cleared", printer="printer-1")["result"]["plate"]["clear"] is True
            assert ask("approve", job="x y")["problem"]["code"] == "invalid"
    finally:
        client.disconnect()
        client.loop_stop()
