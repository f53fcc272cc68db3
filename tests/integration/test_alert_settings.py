"""Rules of alerts, quiet hours and who is told, set on the page's routes: in force at once, audited.

One hub serves the file; its computer's disk is what the rules are about, since every computer has one.
"""

import json
import shutil
from typing import Any

import pytest

from tests.alert_sinks import Webhook, until
from tests.conftest import start_hub

CONFIG = """
language = "en"
[plugins.health.alerts]
grace = 0
quiet = { begins = "19:00", ends = "07:30" }
"""
FULL = {
    "title": "Our disk is used.",
    "hint": "Nothing to do: this is a test.",
    "series": "disk",
    "subjects": ["computer"],
    "above": 0.001,
    "clear": 0,
    "delay": 0,
    "hold": 0,
    "severity": "fault",
    "urgent": True,
}
RULES = "/api/v1/health/alert-rules"


class Room:
    """The hub of this file and two whom it tells."""

    def __init__(self, folder: Any) -> None:
        self.folder = folder
        self.one, self.other = Webhook(), Webhook()
        self.running = start_hub(folder, config=CONFIG)

    def again(self) -> None:
        self.running.stop()
        self.running = start_hub(self.folder, config=CONFIG)

    def close(self) -> None:
        self.running.stop()
        self.one.close()
        self.other.close()


@pytest.fixture(scope="module")
def room(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("settings")
    shutil.copytree(hub_template, folder / "data")
    found = Room(folder)
    yield found
    found.close()


@pytest.fixture
def engineer(room):
    with room.running.client("engineer") as client:
        yield client


def rules(client: Any) -> dict[str, dict[str, Any]]:
    answer = client.get(RULES)
    assert answer.status_code == 200, answer.text
    return {one["id"]: one for one in answer.json()["items"]}


def alerts(client: Any, rule: str) -> list[dict[str, Any]]:
    items = client.get("/api/v1/health/alerts").json()["items"]
    return [one for one in items if rule in one["rules"]]


def audited(room: Room) -> list[str]:
    with room.running.client("admin") as admin:
        return [one["action"] for one in admin.get("/api/v1/audit?limit=50").json()["items"]]


def test_a_shipped_rule_is_changed_judged_at_once_and_put_back(room, engineer):
    before = rules(engineer)["computer-disk"]
    assert (before["origin"], before["changed"], before["above"]) == ("shipped", [], 90)
    limits = {name: rules(engineer)[name]["limit"] for name in ("computer-disk", "network-router")}
    assert limits == {"computer-disk": "> 90", "network-router": ""}  # of yes or no there is none
    given = {"above": 0.001, "clear": 0, "delay": 0, "hold": 0, "severity": "fault"}
    changed = engineer.patch(f"{RULES}/computer-disk", json=given)
    assert changed.status_code == 200, changed.text
    assert changed.json()["changed"] == ["above", "clear", "delay", "hold", "severity"]
    assert changed.json()["title"] == before["title"]  # what was not changed follows the shipped
    (alert,) = until("the alert", lambda: alerts(engineer, "computer-disk"))
    assert alert["severity"] == "fault"
    (measured,) = alert["values"]
    assert (measured["title"], measured["unit"]) == ("Disk in use", "%")
    assert 0 < measured["value"] <= 100
    room.again()  # it is in force after a restart, too
    with room.running.client("engineer") as client:
        assert rules(client)["computer-disk"]["above"] == 0.001
        assert alerts(client, "computer-disk"), "it has not ended with the hub"
        # As it was shipped it is over for a minute before it ends.
        client.patch(f"{RULES}/computer-disk", json={"above": 99.9, "clear": 99.8})
        until("the end", lambda: not alerts(client, "computer-disk"))
        assert client.delete(f"{RULES}/computer-disk").status_code == 204
        assert rules(client)["computer-disk"] == before
        again = client.delete(f"{RULES}/computer-disk")
        assert (again.status_code, again.json()["code"]) == (409, "alert-rule-unchanged")
    assert {"health.rule.change", "health.rule.reset"} <= set(audited(room))


def test_what_is_set_as_it_was_is_no_change(engineer):
    same = engineer.patch(f"{RULES}/computer-heat", json={"above": 95, "urgent": True})
    assert same.json()["changed"] == []
    assert engineer.delete(f"{RULES}/computer-heat").status_code == 409


def test_a_rule_that_is_switched_off_ends_its_alert(engineer):
    given = {"above": 0.001, "clear": 0, "delay": 0, "hold": 0}
    engineer.patch(f"{RULES}/computer-memory", json=given)
    until("the alert", lambda: alerts(engineer, "computer-memory"))
    engineer.patch(f"{RULES}/computer-memory", json={"enabled": False})
    until("the end", lambda: not alerts(engineer, "computer-memory"))
    assert engineer.delete(f"{RULES}/computer-memory").status_code == 204


def test_a_rule_of_ones_own_tells_whom_it_names_and_is_deleted(room, engineer):
    def told(name: str, hook: Webhook) -> str:
        given = {"name": name, "address": hook.address}
        return engineer.post("/api/v1/health/destinations", json=given).json()["id"]

    one, other = told("One", room.one), told("Other", room.other)
    made = engineer.post(RULES, json={**FULL, "tell": [one]})
    assert made.status_code == 201, made.text
    id_ = made.json()["id"]
    assert (made.json()["origin"], made.json()["tell"]) == ("page", [one])
    (alert,) = until("the alert", lambda: alerts(engineer, id_))
    assert (alert["title"], alert["hint"]) == (FULL["title"], FULL["hint"])
    (message,) = until("the message", lambda: list(room.one.taken))
    assert FULL["title"] in message["title"]
    destinations = "/api/v1/health/destinations"
    until("the rest", lambda: engineer.get(destinations).json()["waiting"] == 0)
    assert room.other.taken == []
    # Whom it names is gone: nobody would be told, so all are.
    assert engineer.delete(f"/api/v1/health/destinations/{one}").status_code == 204
    assert engineer.delete(f"{RULES}/{id_}").status_code == 204
    until("the other", lambda: [m for m in room.other.taken if m["message"].startswith("Over: ")])
    assert id_ not in rules(engineer)
    assert engineer.delete(f"{RULES}/{id_}").status_code == 404
    # The address stays where it is left out, and is never told.
    changed = engineer.patch(f"/api/v1/health/destinations/{other}", json={"name": "Teams"})
    assert changed.json()["name"] == "Teams"
    assert "geheimnis" not in engineer.get("/api/v1/health/destinations").text
    assert engineer.post(f"/api/v1/health/destinations/{other}/test", timeout=90).status_code == 204
    assert {"health.rule.add", "health.rule.remove"} <= set(audited(room))
    assert engineer.delete(f"/api/v1/health/destinations/{other}").status_code == 204


def test_quiet_hours_are_set_and_put_back(room, engineer):
    def now() -> tuple[str, bool]:
        said = engineer.get(RULES).json()
        return said["quiet"], said["quiet_changed"]

    path = "/api/v1/health/quiet-hours"
    assert now() == ("19:00-07:30", False)
    assert (
        engineer.put(path, json={"hours": {"begins": "22:00", "ends": "06:00"}}).status_code == 204
    )
    assert now() == ("22:00-06:00", True)
    assert engineer.put(path, json={"hours": None}).status_code == 204
    assert now() == ("", True)
    assert (
        engineer.put(path, json={"hours": {"begins": "25:00", "ends": "6:00"}}).status_code == 422
    )
    zoned = {"hours": {"begins": "22:00Z", "ends": "06:00Z"}}
    assert engineer.put(path, json=zoned).status_code == 422
    assert engineer.delete(path).status_code == 204
    assert now() == ("19:00-07:30", False)
    assert audited(room).count("health.quiet.change") == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"above": 50}, "clear"),  # below where it would be well again
        ({"above": 50, "below": 20, "clear": 30}, "not both"),
        ({"severity": "grave"}, ""),
        ({"delay": -1}, ""),
        ({"delay": 1e300}, ""),
        ({"watch": "hub"}, ""),
        ({"cause": "x"}, ""),
        ({"tell": ["x"] * 21}, ""),
    ],
)
def test_what_makes_no_rule_is_refused_and_changes_nothing(engineer, given, said):
    before = rules(engineer)["computer-disk"]
    refused = engineer.patch(f"{RULES}/computer-disk", json=given)
    assert refused.status_code == 422, refused.text
    assert said in refused.text
    assert rules(engineer)["computer-disk"] == before


@pytest.mark.parametrize(
    "given",
    [
        {"above": None},
        {"series": ""},
        {"title": "x" * 301},
        {"title": "   "},
        {"clear": 5},
        {"above": 1e16},
        {"subjects": []},
        {"kinds": ["x" * 101]},
    ],
)
def test_what_makes_no_new_rule_is_refused(engineer, given):
    assert engineer.post(RULES, json={**FULL, **given}).status_code == 422


def test_no_number_is_no_limit(engineer):
    for text in ("NaN", "Infinity", "1e999"):
        body = json.dumps(FULL).replace("0.001", text)
        headers = {"Content-Type": "application/json"}
        assert engineer.post(RULES, content=body, headers=headers).status_code in (400, 422)


def test_quiet_hours_without_an_end_are_refused(engineer):
    given = {"hours": {"begins": "20:00", "ends": "20:00"}}
    assert engineer.put("/api/v1/health/quiet-hours", json=given).status_code == 422


def test_nobody_below_an_engineer_may(room):
    for role in ("pupil", "teacher"):
        with room.running.client(role) as client:
            assert client.get(RULES).status_code == 403
            assert client.post(RULES, json=FULL).status_code == 403
            assert client.patch(f"{RULES}/computer-disk", json={"delay": 1}).status_code == 403
            assert client.delete(f"{RULES}/computer-disk").status_code == 403
            assert client.put("/api/v1/health/quiet-hours", json={"hours": None}).status_code == 403
            assert client.delete("/api/v1/health/quiet-hours").status_code == 403
