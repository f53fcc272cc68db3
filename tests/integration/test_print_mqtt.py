"""Print jobs by MQTT alone: every step, by whoever may take it, followed to the finished part."""

import json
import time

import pytest

from hub.mqtt._broker import find_broker
from tests.integration.test_mqtt_hub import ON, connected
from tests.mqtt_person import MqttPerson
from tests.printers import END, START, zigzag
from tests.printing import GCODE, JOBS, OVER, PRINTERS, box, virtual_line

pytestmark = pytest.mark.skipif(
    find_broker() is None, reason="mosquitto is not installed: apt install mosquitto"
)
CONFIG = """
language = "en"
[plugins.microscopy]
enabled = false
[[devices]]
id = "printer-1"
driver = "marlin"
settings = {{ port = "{port}" }}
"""
LIMIT = 90.0
DO = "x/printing"
PART = ("\n".join([*START, *zigzag(2000), *END]) + "\n").encode()


@pytest.fixture(scope="module")
def hub(start_shared, tmp_path_factory):
    with virtual_line(tmp_path_factory.mktemp("printer")) as port:
        hub = start_shared(config=CONFIG.format(port=port), environment=ON)
        yield hub
        hub.stop()
        assert "Traceback" not in hub.err.read_text()


@pytest.fixture(scope="module")
def broker(hub):
    return connected(hub)


@pytest.fixture
def person(hub, broker):
    """Makes somebody of a role, known to HTTP and MQTT by one token."""
    made = []

    def make(role: str, *topics: str):
        secret, token = hub.new_token(role)
        one = MqttPerson(broker["port"], broker["base"], token, secret, *topics)
        client = hub.client(None, Authorization=f"Bearer {secret}")
        made.extend([one, client])
        return one, client

    yield make
    for one in made:
        one.__exit__(None, None, None)


def hand_in(client, name: str, content: bytes, **settings) -> dict:
    fields = {"settings": json.dumps(settings)} if settings else {}
    made = client.post(JOBS, files={"file": (name, content)}, data=fields)
    assert made.status_code == 201, made.text
    return made.json()


def until(one: MqttPerson, job: str, *states: str) -> dict:
    end = time.monotonic() + LIMIT
    while (now := one.done(f"{DO}/get", job=job))["state"] not in states:
        assert time.monotonic() < end, now
        time.sleep(0.05)
    return now


def free(one: MqttPerson, client) -> None:
    """Wait until the printer is there and idle, and say that its plate is clear."""
    end = time.monotonic() + LIMIT
    while (now := client.get(f"{PRINTERS}/printer-1").json())["state"] != "idle":
        assert time.monotonic() < end, now
        time.sleep(0.05)
    assert one.done(f"{DO}/plate-cleared", printer="printer-1")["plate"]["clear"] is True


def test_a_job_is_approved_and_followed_to_done(person):
    teacher, http = person("teacher", "x/printing/#")
    pupil, own = person("pupil")
    free(teacher, http)
    job = hand_in(own, "part.gcode", PART)["id"]
    until(pupil, job, "waiting")
    assert pupil.refused(f"{DO}/approve", job=job) == "forbidden"
    approved = teacher.done(f"{DO}/approve", job=job)
    assert approved["state"] in ("queued", "printing")
    assert teacher.refused(f"{DO}/approve", job=job) == "job-moved-on"
    seen: list[float] = []
    states: set[str | None] = set()
    while not (seen and None in states):
        topic, told = teacher.heard.get(timeout=LIMIT)
        assert not topic.startswith("x/printing/jobs/"), "whose job it is, is nobody's business"
        assert "part" not in json.dumps(told), "nor what it is called"
        if topic != "x/printing/printers/printer-1":
            continue
        if told["job"] is None:
            states.add(None if seen else told["state"])
        else:
            assert told["job"]["id"] == job
            seen.append(told["job"]["progress"]["fraction"])
    assert seen == sorted(seen)
    assert any(0 < one < 1 for one in seen)
    assert pupil.done(f"{DO}/get", job=job)["state"] == "done"
    assert teacher.refused(f"{DO}/approve", job="x y") == "invalid"
    # It was her part: she may say that she has taken it off.
    assert pupil.done(f"{DO}/plate-cleared", printer="printer-1")["plate"]["clear"] is True


def test_every_step_is_taken_by_whoever_may(hub, person):
    teacher, http = person("teacher")
    aru, own = person("pupil")
    dias, _ = person("pupil")
    free(teacher, http)

    # A model with a hole is mended, made larger, named, and taken once more.
    open_box = hand_in(own, "open.stl", box(20, 20, 4, lid=False), profile="draft", infill=0)["id"]
    refused = until(aru, open_box, "refused")
    assert "repair" in refused["can"]
    for step, more in (
        ("get", {}), ("repair", {}), ("change", {"factor": 2}), ("edit", {"name": "mine"}),
        ("cancel", {}), ("delete", {}), ("reprint", {}), ("approve", {}), ("send-back", {}),
        ("move", {}), ("pause", {}), ("resume", {}),
    ):  # fmt: skip
        assert dias.refused(f"{DO}/{step}", job=open_box, **more) == "forbidden", step
    assert dias.done(f"{DO}/list")["items"] == []
    assert dias.refused(f"{DO}/from-asset", asset=refused["model"]) == "forbidden"
    aru.done(f"{DO}/repair", job=open_box)
    mended = until(aru, open_box, "waiting")
    aru.done(f"{DO}/change", job=open_box, factor=1.5)
    larger = until(aru, open_box, "waiting")
    assert [one["made"] for one in larger["versions"]] == ["upload", "repair", "scale"]
    assert larger["verdict"]["size"][0] == pytest.approx(1.5 * mended["verdict"]["size"][0])
    named = aru.done(f"{DO}/edit", job=open_box, name="Қорап", printer="printer-1")
    assert (named["name"], named["printer_wanted"]) == ("Қорап", "printer-1")
    assert aru.refused(f"{DO}/edit", job=open_box, colour="red") == "invalid"
    until(aru, open_box, "waiting")
    copy = aru.done(f"{DO}/from-asset", asset=larger["model"], name="copy.stl")["id"]
    until(aru, copy, "waiting")
    assert {open_box, copy} <= {one["id"] for one in aru.done(f"{DO}/list")["items"]}

    # Sent back with a note; then withdrawn, and deleted.
    for step in ("send-back", "approve"):
        assert aru.refused(f"{DO}/{step}", job=copy) == "forbidden"
    teacher.done(f"{DO}/send-back", job=copy, note="Кішірек жаса")
    assert aru.done(f"{DO}/get", job=copy)["note"] == "Кішірек жаса"
    assert aru.done(f"{DO}/cancel", job=copy)["state"] == "cancelled"
    assert aru.done(f"{DO}/delete", job=copy) is None
    assert aru.refused(f"{DO}/get", job=copy) == "not-found"

    # In the teacher's order, paused, resumed, cancelled, and printed once more.
    long, short = (
        hand_in(own, name, content)["id"] for name, content in (("a.gcode", PART * 6), ("b.gcode", GCODE))
    )  # fmt: skip
    for job in (long, short):
        until(aru, job, "waiting")
    teacher.done(f"{DO}/cancel", job=open_box)
    teacher.done(f"{DO}/approve", job=long)
    until(aru, long, "printing")
    teacher.done(f"{DO}/approve", job=short)
    again = hand_in(own, "c.gcode", GCODE)["id"]
    until(aru, again, "waiting")
    teacher.done(f"{DO}/approve", job=again)
    assert aru.refused(f"{DO}/move", job=again, before=short) == "forbidden"
    assert teacher.done(f"{DO}/move", job=again, before=short)["position"] == 1
    for step in ("pause", "resume"):
        assert aru.refused(f"{DO}/{step}", job=long) == "forbidden"
    assert teacher.done(f"{DO}/pause", job=long)["state"] == "paused"
    assert teacher.refused(f"{DO}/plate-cleared", printer="printer-1") == "plate-in-use"
    assert teacher.done(f"{DO}/resume", job=long)["state"] == "printing"
    for job in (short, again, long):
        aru.done(f"{DO}/cancel", job=job)
        assert until(aru, job, *OVER)["state"] == "cancelled"
    assert aru.refused(f"{DO}/plate-cleared", printer="no-such") == "not-found"
    reprint = aru.done(f"{DO}/reprint", job=long)
    assert (reprint["state"], reprint["reprint_of"]) == ("waiting", long)
    aru.done(f"{DO}/cancel", job=reprint["id"])

    # Who has done it stands in the audit log, in words.
    with hub.client("engineer") as engineer:
        logged = engineer.get("/api/v1/audit", params={"action": "printing.*", "limit": 200})
    done = {
        (one["subject"], one["action"].removeprefix("printing.")) for one in logged.json()["items"]
    }
    assert done >= {
        (open_box, "upload"), (open_box, "repair"), (open_box, "change"), (open_box, "edit"),
        (copy, "send-back"), (copy, "cancel"), (copy, "delete"), (long, "approve"), (again, "move"),
        (long, "pause"), (long, "resume"), (long, "cancel"), (reprint["id"], "reprint"),
        ("printer-1", "plate-cleared"),
    }  # fmt: skip
    assert not [one for one in logged.json()["items"] if one["said"] == one["action"]]
