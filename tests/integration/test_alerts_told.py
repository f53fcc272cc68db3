"""What a subscriber of MQTT sees of alerts and of checks before the lesson.

One hub serves the file, with its own broker; a rule about the computer's disk, which every computer
has, is made to fire and to clear.
"""

import json
import shutil
import threading
from typing import Any

import paho.mqtt.client as paho
import pytest

from hub.mqtt._broker import find_broker
from tests.alert_sinks import until
from tests.conftest import start_hub

pytestmark = pytest.mark.skipif(
    find_broker() is None, reason="mosquitto is not installed: apt install mosquitto"
)
CONFIG = 'language = "en"\n[plugins.health.alerts]\ngrace = 0\n'
MQTT = {"CLASSHUB_MQTT__ENABLED": "true", "CLASSHUB_MQTT__PORT": "0"}
RULES = "/api/v1/health/alert-rules"
WELL, WRONG = {"above": 99.999, "clear": 99.999}, {"above": 0.001, "clear": 0}


class Room:
    """The hub of this file."""

    def __init__(self, folder: Any) -> None:
        self.running = start_hub(folder, config=CONFIG, environment=MQTT)


class Subscriber:
    """Somebody at the broker, who comes now: what is retained, and then what is told."""

    def __init__(self, room: Room) -> None:
        with room.running.client("engineer") as client:
            state = until("the broker", lambda: connected(client))
        secret, token = room.running.new_token("engineer")
        self.base = f"{state['base']}/x/health/"
        self.told: list[tuple[str, Any, bool]] = []
        self.here = threading.Event()
        self._client = paho.Client(paho.CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(token, secret)
        self._client.on_connect = lambda client, *_: client.subscribe(f"{self.base}#", 1)
        self._client.on_subscribe = lambda *_: self.here.set()
        self._client.on_message = self._message
        self._client.reconnect_delay_set(1, 1)  # until the broker knows the token
        self._client.connect("127.0.0.1", state["port"])
        self._client.loop_start()
        assert self.here.wait(30)

    def _message(self, _client: Any, _data: Any, message: Any) -> None:
        topic = message.topic.removeprefix(self.base)
        self.told.append((topic, json.loads(message.payload or b"null"), bool(message.retain)))

    def newest(self, topic: str) -> Any:
        return next((said for name, said, _ in reversed(self.told) if name == topic), None)

    def happened(self, rule: str) -> list[str]:
        """What happened to the alerts of a rule, in order."""
        return [
            said["what"] for name, said, _ in self.told if name == "alert" and rule in said["rules"]
        ]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def connected(client: Any) -> Any:
    state = client.get("/api/v1/mqtt").json()
    return state if state["status"] == "connected" else None


@pytest.fixture(scope="module")
def room(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    shutil.copytree(hub_template, folder / "data")
    found = Room(folder)
    yield found
    found.running.stop()


@pytest.fixture
def engineer(room):
    with room.running.client("engineer") as client:
        yield client


@pytest.fixture
def rule(engineer):
    """A rule that is well; `WRONG` makes it fire at once."""
    given = {
        "title": "Our disk is used.", "hint": "This is a test.", "series": "disk",
        "subjects": ["computer"], "delay": 0, "hold": 0, "severity": "fault", "urgent": True, **WELL,
    }  # fmt: skip
    id_ = engineer.post(RULES, json=given).json()["id"]
    yield id_
    assert engineer.delete(f"{RULES}/{id_}").status_code == 204
    until("the end", lambda: not alerts(engineer, id_))


def alerts(client: Any, rule: str) -> list[dict[str, Any]]:
    items = client.get("/api/v1/health/alerts").json()["items"]
    return [one for one in items if rule in one["rules"]]


def make(client: Any, rule: str, **given: Any) -> None:
    answer = client.patch(f"{RULES}/{rule}", json=given)
    assert answer.status_code == 200, answer.text


def test_a_subscriber_sees_it_raised_taken_up_and_over_and_one_who_comes_late_sees_how_it_is(
    room, engineer, rule
):
    early = Subscriber(room)
    try:
        # That a rule has a value to judge is seen by its firing.
        make(engineer, rule, **WRONG)
        until("the event", lambda: early.happened(rule) == ["fired"])
        until("the list", lambda: early.newest("alerts")["open"] >= 1)
        (mine,) = [one for one in early.newest("alerts")["items"] if rule in one["rules"]]
        assert (mine["state"], mine["severity"]) == ("firing", "fault")
        assert mine["said"]["en"].endswith("Our disk is used.")
        assert set(mine["said"]) == set(mine["hint"]) == {"kk", "ru", "en"}
        path = f"/api/v1/health/alerts/{mine['id']}/acknowledge"
        assert engineer.post(path, json={"known": True, "note": "a part"}).status_code == 200
        until("the event", lambda: early.happened(rule) == ["fired", "known"])
        late = Subscriber(room)
        try:
            until("the list", lambda: late.newest("alerts"))
            _, said, retained = next(one for one in late.told if one[0] == "alerts")
            (same,) = [one for one in said["items"] if one["id"] == mine["id"]]
            assert (retained, same["state"]) == (True, "known")
            assert late.happened(rule) == []  # what happened before is not told anew
        finally:
            late.close()
        make(engineer, rule, **WELL)
        until("the event", lambda: early.happened(rule) == ["fired", "known", "cleared"])
        until("the list", lambda: not of(early.newest("alerts"), rule))
        # Nothing in it says who took it up, or what they wrote.
        assert "a part" not in json.dumps([said for _, said, _ in early.told])
    finally:
        early.close()


def of(told: dict[str, Any], rule: str) -> list[dict[str, Any]]:
    return [one for one in told["items"] if rule in one["rules"]]


def test_a_check_and_its_result_are_told_and_retained(room, engineer):
    early = Subscriber(room)
    try:
        assert engineer.post("/api/v1/health/check").status_code < 300
        until("the check", lambda: (early.newest("check") or {}).get("newest"))
        until("its end", lambda: not early.newest("check")["running"])
        found = early.newest("check")["newest"]
    finally:
        early.close()
    late = Subscriber(room)
    try:
        until("the result", lambda: late.newest("check"))
        _, said, retained = next(one for one in late.told if one[0] == "check")
        assert (retained, said["newest"]) == (True, found)
    finally:
        late.close()
