"""Alerts on a hub whose globe is pulled and put back, with a real mail and web server.

One hub serves the file; the steps build on each other.
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.alert_sinks import MailServer, Webhook, until
from tests.conftest import start_hub

RULES = """
schema = 1
source = "this test"
date = 2026-11-29

[rules.device-unreachable]
delay = 0.5
hold = 0.5
"""


class Globe:
    """A globe on a serial line, pulled and put back."""

    def __init__(self, folder: Path, number: int) -> None:
        self.id = f"globe-{number}"
        self.port = folder / self.id
        self.process: subprocess.Popen[str] | None = None

    @property
    def config(self) -> str:
        settings = f'{{ port = "{self.port}", map = "virtual" }}'
        return f'[[devices]]\nid = "{self.id}"\nname = "Window <b>{self.id}</b>"\ndriver = "globe"\nsettings = {settings}\n'

    def put(self) -> None:
        command = [sys.executable, "-m", "drivers.virtual.globe"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        self.port.unlink(missing_ok=True)
        self.port.symlink_to(line.split()[-1])

    def pull(self) -> None:
        self.port.unlink(missing_ok=True)
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            assert self.process.stdout is not None
            self.process.stdout.close()
        self.process = None


class School:
    """The hub of this file, and all around it."""

    def __init__(self, folder: Any) -> None:
        self.folder = folder
        self.mail, self.hook = MailServer(), Webhook()
        self.globe, self.other = Globe(folder, 1), Globe(folder, 2)
        (folder / "rules").mkdir()
        (folder / "rules" / "school.toml").write_text(RULES)
        self.config = (
            'language = "en"\n[plugins.health.alerts]\n'
            f'rules = ["{folder / "rules"}"]\ngrace = 0\nplace = "School 12"\n'
            f'[plugins.health.alerts.destinations.mail]\nname = "Mail"\naddress = "{self.mail.address}"\n'
            f"{self.globe.config}{self.other.config}"
        )
        self.globe.put()
        self.other.put()
        self.running = start_hub(folder, config=self.config)

    def again(self) -> None:
        self.running.stop()
        self.running = start_hub(self.folder, config=self.config)

    def close(self) -> None:
        self.running.stop()
        self.globe.pull()
        self.other.pull()
        self.mail.close()
        self.hook.close()


@pytest.fixture(scope="module")
def school(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("alerts")
    shutil.copytree(hub_template, folder / "data")
    found = School(folder)
    yield found
    found.close()


@pytest.fixture
def engineer(school):
    with school.running.client("engineer") as client:
        yield client


def alerts(client: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/v1/health/alerts")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def reachable(client: Any, id_: str) -> bool:
    return client.get(f"/api/v1/devices/{id_}").json()["state"]["reachable"]


def test_what_is_pulled_is_one_alert_with_what_to_do_and_a_mail(school, engineer):
    for id_ in ("globe-1", "globe-2"):
        until(id_, lambda id_=id_: reachable(engineer, id_))
    assert alerts(engineer) == []
    school.globe.pull()
    (alert,) = until("the alert", lambda: alerts(engineer))
    assert (alert["state"], alert["severity"]) == ("firing", "fault")
    assert alert["hint"]
    assert [one["device"] for one in alert["devices"]] == ["globe-1"]
    (mail,) = until("the mail", lambda: list(school.mail.mails))
    said = mail.get_body(("plain", "html")).get_content()
    assert alert["title"] in mail["subject"]
    assert alert["hint"] in said
    assert "School 12" in said
    with school.running.client("teacher") as teacher:
        assert [one["id"] for one in alerts(teacher)] == [alert["id"]]
        refused = teacher.post(f"/api/v1/health/alerts/{alert['id']}/acknowledge", json={})
        assert refused.status_code == 403
    with school.running.client("pupil") as pupil:
        assert pupil.get("/api/v1/health/alerts").status_code == 403


def test_who_takes_it_up_is_shown_and_audited_and_a_restart_changes_nothing(school, engineer):
    (before,) = alerts(engineer)
    route = f"/api/v1/health/alerts/{before['id']}/acknowledge"
    assert engineer.post(route, json={}).json()["state"] == "acknowledged"
    back = engineer.delete(route).json()
    assert (back["state"], back["by"], back["id"]) == ("firing", "", before["id"])
    assert engineer.delete(route).json()["state"] == "firing"
    taken = engineer.post(
        route,
        json={"known": True, "note": "A new cable is ordered"},
    ).json()
    assert (taken["state"], taken["note"]) == ("known", "A new cable is ordered")
    assert taken["by"]
    with school.running.client("admin") as admin:
        done = admin.get("/api/v1/audit?limit=5").json()["items"]
        assert {"health.known", "health.give-back"} <= {one["action"] for one in done}
    # A hub that ends between the hand-over and its note of it would tell once more.
    until("the outbox to be empty", lambda: waiting(engineer) == 0)
    school.again()
    with school.running.client("engineer") as client:
        (after,) = until("the alert", lambda: alerts(client))
        for name in ("id", "state", "by", "note", "fired"):
            assert after[name] == taken[name]


def test_what_is_put_back_clears_by_itself_and_is_told(school, engineer):
    school.globe.put()
    until("the end", lambda: not alerts(engineer))
    (past,) = until("the past", lambda: engineer.get("/api/v1/health/alerts/past").json()["items"])
    assert (past["state"], past["note"]) == ("cleared", "A new cable is ordered")
    until("the mail", lambda: [m for m in school.mail.mails if m["subject"].startswith("Over: ")])


def test_a_webhook_that_fails_is_asked_again_and_its_secret_stays_in_the_hub(school, engineer):
    school.hook.answers = 500
    given = {"name": "Teams", "address": school.hook.address}
    made = engineer.post("/api/v1/health/destinations", json=given)
    assert made.status_code == 201, made.text
    id_ = made.json()["id"]
    refused = engineer.post(f"/api/v1/health/destinations/{id_}/test", timeout=90)
    assert (refused.status_code, refused.json()["code"]) == (502, "alert-not-sent")
    school.other.pull()
    until("a failure", lambda: destination(engineer, id_)["failing"])
    assert school.hook.taken == []
    school.again()  # what waits survives the hub
    school.hook.answers = 200
    with school.running.client("engineer") as client:
        (said,) = until("the message", lambda: list(school.hook.taken))
        assert "Window <b>globe-2</b>" in said["title"]
        shown = client.get("/api/v1/health/destinations").text
        assert "geheimnis" not in shown
        until("the end", lambda: waiting(client) == 0)
        assert len(school.hook.taken) == 1
    assert "geheimnis" not in school.running.err.read_text()


def test_a_webhook_that_hangs_holds_up_neither_the_hub_nor_the_mail(school, engineer):
    school.hook.hangs, tries = True, school.hook.tries
    before = len(school.mail.mails)
    school.other.put()
    until("the end", lambda: not alerts(engineer))
    until("the webhook", lambda: school.hook.tries > tries)
    until("the mail", lambda: len(school.mail.mails) > before)
    until("the rest", lambda: waiting(engineer) == 1)
    assert school.running.stop() == 0  # and the hub ends at once
    school.hook.hangs = False
    school.again()


@pytest.mark.parametrize(
    "given",
    [
        {"name": "x", "address": "no address"},
        {"name": "", "address": "json://127.0.0.1/x"},
        {"name": "x", "address": "json://127.0.0.1/x\nBcc: y"},
        {"name": "x", "address": "json://127.0.0.1/x", "least": "all"},
    ],
)
def test_what_is_no_destination_is_refused(engineer, given):
    assert engineer.post("/api/v1/health/destinations", json=given).status_code == 422


def test_what_stands_in_the_settings_is_changed_there(engineer):
    (mail,) = [
        one for one in engineer.get("/api/v1/health/destinations").json()["items"] if one["fixed"]
    ]
    refused = engineer.delete(f"/api/v1/health/destinations/{mail['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "destination-in-settings")


def destination(client: Any, id_: str) -> dict[str, Any]:
    items = client.get("/api/v1/health/destinations").json()["items"]
    return next(one for one in items if one["id"] == id_)


def waiting(client: Any) -> int:
    return client.get("/api/v1/health/destinations").json()["waiting"]
