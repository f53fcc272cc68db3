"""One alert for each cause: a USB hub, a loose contact, a broker, a driver, the database, the clock.

One hub with the virtual classroom serves the file. It looks every second where a school's does every
ten; all else is its own. What takes time is waited for, and no time is measured.
"""

import contextlib
import json
import shutil
import sqlite3
import threading
import time

import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from hub.app import DATABASE
from hub.mqtt._broker import find_broker
from tests.alert_sinks import until
from tests.conftest import start_hub
from tests.printing import GCODE
from tests.usb_sockets import Sockets, found_drivers

YEARS = 5 * 365 * 86_400
QUICKER = """
import played_udev, played_clock
import hub.keeping._keeper as keeper
import plugins.health.watching.sampler as sampler
import plugins.printing.queue.waits as waits
keeper._LOOK = sampler.EVERY = sampler.FLUSH = waits.EVERY = 1.0
"""
RULES = """
schema = 1
source = "this test"
date = 2026-11-29
[rules.device-unreachable]
delay = 0.3
hold = 0.3
[rules.device-fault]
delay = 0.3
hold = 0.3
[rules.print-approval]
above = 0.5
clear = 0.5
hold = 0.3
[rules.print-plate]
above = 0.5
clear = 0.5
hold = 0.3
[rules.broker]
delay = 0.3
hold = 0.3
[rules.hub-store-held]
delay = 0.3
hold = 0.3
"""
CONFIG = """
language = "en"
[plugins.health]
hours = {{ days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], begins = "00:00", ends = "23:59" }}
[plugins.health.alerts]
grace = 0
rules = ["{rules}"]
[mqtt]
enabled = true
port = 0
"""


class Room:
    """The hub, its sockets and its clock, and all that is told of alerts."""

    def __init__(self, folder) -> None:
        self.sockets = Sockets(folder / "sockets")
        self._clock = folder / "clock"
        self.set_clock(0)
        (folder / "rules").mkdir()
        (folder / "rules" / "school.toml").write_text(RULES)
        self.running = start_hub(
            folder,
            "--virtual",
            config=CONFIG.format(rules=folder / "rules"),
            environment={
                **found_drivers(folder / "site"),
                **self.sockets.environment,
                "PLAYED_CLOCK": str(self._clock),
                "CLASSHUB_MQTT__ENABLED": "true",
            },
            before=QUICKER,
        )
        self.told: list[dict] = []
        self._open = contextlib.ExitStack()
        self._open.callback(self.sockets.close)
        self._open.callback(self.running.stop)
        self.api = self._open.enter_context(self.running.client("engineer"))
        self.api.timeout = 60

    def listen(self) -> None:
        """Hear from now on what is told of alerts."""
        headers = {"Authorization": f"Bearer {self.running.token('engineer')}"}
        live = connect(self.running.ws, additional_headers=headers, proxy=None)
        self._live = self._open.enter_context(live)
        self._live.send(json.dumps({"op": "subscribe", "sub": 1, "filter": "x/health/alert"}))
        self._hearing = threading.Thread(target=self._hear, daemon=True)
        self._hearing.start()

    def _hear(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            for message in self._live:
                if "payload" in (told := json.loads(message)):
                    self.told.append(told["payload"])

    def set_clock(self, ahead: float) -> None:
        new = self._clock.with_suffix(".new")
        new.write_text(str(ahead))
        new.replace(self._clock)

    def close(self) -> None:
        self._open.close()

    # What the hub says

    def alerts(self) -> list[dict]:
        return self.api.get("/api/v1/health/alerts").raise_for_status().json()["items"]

    def of(self, rule: str) -> list[dict]:
        return [one for one in self.alerts() if rule in one["rules"]]

    def about(self, device: str) -> list[dict]:
        return [one for one in self.alerts() if device in [d["device"] for d in one["devices"]]]

    def reachable(self, device: str) -> bool:
        return self.api.get(f"/api/v1/devices/{device}/state").json()["reachable"]

    def tellings(self, alert: dict) -> list[str]:
        """What was told of an alert, one after the other; that it looks a little otherwise is left out."""
        return [
            one["what"]
            for one in self.told
            if one["id"] == alert["id"] and one["what"] != "changed"
        ]

    def adopted(self, port: str, number: int, **more: str) -> str:
        """Plug a device in and take it into use; return its id once it answers."""
        self.sockets.plug(port, f"hidraw{number}", f"S{number}", **more)

        def found() -> dict | None:
            items = self.api.get("/api/v1/discoveries").json()["items"]
            mine = (one for one in items if one["identity"].endswith(f":S{number}"))
            return next((one for one in mine if one["drivers"]), None)

        item = until(f"device {number}", found)
        given = {"driver": item["drivers"][0], "identity": item["identity"]}
        made = self.api.post("/api/v1/devices", json=given)
        assert made.status_code == 201, made.text
        device = made.json()["id"]
        until(device, lambda: self.reachable(device))
        return device


@pytest.fixture(scope="module")
def room(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("causes")
    shutil.copytree(hub_template, folder / "data")
    found = Room(folder)
    with contextlib.closing(found):
        found.listen()
        yield found
    text = found.running.err.read_text()
    assert "Traceback" not in text, text[-4000:]


def test_a_usb_hub_that_is_pulled_is_one_alert_that_names_it_and_ends_once(room):
    ports = {f"1-2.{number}": number for number in range(1, 7)}
    devices = {room.adopted(port, number) for port, number in ports.items()}
    until("peace", lambda: not room.alerts())
    before = len(room.told)
    for port in ports:
        room.sockets.pull(port)
    alert = until(
        "the alert", lambda: next((a for a in room.alerts() if len(a["devices"]) == 6), 0)
    )
    assert room.alerts() == [alert]
    assert {one["device"] for one in alert["devices"]} == devices
    assert (alert["title"], alert["severity"]) == ("A USB hub with 6 devices is gone.", "fault")
    assert "cable of the USB hub" in alert["hint"]
    assert alert["rules"] == ["device-unreachable"]
    for port, number in ports.items():
        room.sockets.plug(port, f"hidraw{number}", f"S{number}")
    until("the end", lambda: not room.alerts())
    past = room.api.get("/api/v1/health/alerts/past").json()["items"]
    assert [one["id"] for one in past if one["title"] == alert["title"]] == [alert["id"]]
    until("the end to be told", lambda: "cleared" in room.tellings(alert))
    assert room.tellings(alert) == ["fired", "cleared"]
    assert {one["id"] for one in room.told[before:]} == {alert["id"]}


def test_a_loose_contact_is_one_alert_that_is_shown_as_coming_and_going(room):
    device = room.adopted("1-4", 14)
    before = len(room.told)
    for times in range(1, 6):
        room.sockets.pull("1-4")
        until("the alert", lambda: [a for a in room.about(device) if a["devices"][0]["wrong"]])
        room.sockets.plug("1-4", "hidraw14", "S14")
        until("it to be well", lambda: room.reachable(device))
        if times < 5:
            until("the end", lambda: not room.about(device))
    (alert,) = until("what it is", lambda: [a for a in room.about(device) if a["flapping"]])
    assert (alert["times"], alert["state"]) == (5, "firing")
    assert alert["hint"]
    assert {one["id"] for one in room.told[before:]} == {alert["id"]}
    assert room.reachable(device), "it is well, and will be told over once it has stayed so"


@pytest.mark.skipif(find_broker() is None, reason="mosquitto is not installed")
def test_a_broker_that_does_not_stay_is_one_alert(room):
    until("the broker", lambda: room.api.get("/api/v1/mqtt").json()["status"] == "connected")

    def killed() -> list[dict]:
        for one in psutil.Process(room.running.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if one.name() == "mosquitto":
                    one.kill()
        return room.of("broker")

    (alert,) = until("the alert", killed)
    assert "MQTT" in alert["title"]
    assert "start the broker or the hub again" in alert["hint"]
    until("the end", lambda: not room.of("broker"))
    until("the end to be told", lambda: "cleared" in room.tellings(alert))
    assert room.tellings(alert) == ["fired", "cleared"]


def test_a_driver_that_dies_again_and_again_is_one_alert_with_what_to_do(room):
    others = {one.pid for one in drivers(room)}
    device = room.adopted("1-5", 15, vendor="0483")
    before = len(room.told)

    def given_up() -> bool:
        for one in drivers(room):
            if one.pid not in others:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
        return room.api.get(f"/api/v1/devices/{device}/state").json()["process"] == "fault"

    until("the hub to give it up", given_up)
    said = room.api.get(f"/api/v1/devices/{device}/state").json()["problem"]
    (alert,) = until(
        "the alert", lambda: [a for a in room.about(device) if a["hint"] == said["hint"]]
    )
    assert (alert["title"], alert["severity"]) == (said["title"], "fault")
    assert {one["id"] for one in room.told[before:]} == {alert["id"]}
    assert room.api.delete(f"/api/v1/devices/{device}").is_success


def drivers(room) -> list[psutil.Process]:
    found = []
    for child in psutil.Process(room.running.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "hub.driver_host" in child.cmdline() and "run" in child.cmdline():
                found.append(child)
    return found


def test_a_database_that_cannot_be_written_is_one_alert_while_it_lasts(room):
    other = sqlite3.connect(room.running.data / DATABASE, isolation_level=None)
    try:
        until("the lock", lambda: locked(other))
        (alert,) = until("the alert", lambda: room.of("hub-store-held"))
    finally:
        other.close()
    assert (alert["severity"], alert["title"]) == (
        "fault",
        "Nothing can be saved: another program holds the hub's database.",
    )
    assert "start the hub's computer again" in alert["hint"]
    until("the end", lambda: not room.of("hub-store-held"))
    until("the end to be told", lambda: "cleared" in room.tellings(alert))
    assert room.tellings(alert) == ["fired", "cleared"]
    # What happened meanwhile is written down now.
    past = "/api/v1/health/alerts/past"
    until(
        "it in the past",
        lambda: [a for a in room.api.get(past).json()["items"] if a["id"] == alert["id"]],
    )


def locked(database: sqlite3.Connection) -> bool:
    with contextlib.suppress(sqlite3.OperationalError):
        database.execute("BEGIN IMMEDIATE")
    return database.in_transaction


def test_a_print_that_waits_for_somebody_is_an_alert_that_says_whom_for(room):
    with room.running.client("teacher") as teacher, room.running.client("pupil") as pupil:
        made = pupil.post("/api/v1/print-jobs", files={"file": ("star.gcode", GCODE)})
        assert made.status_code == 201, made.text
        job = f"/api/v1/print-jobs/{made.json()['id']}"
        until("the check", lambda: teacher.get(job).json()["state"] == "waiting")
        (alert,) = until("the alert", lambda: room.of("print-approval"))
        assert alert["title"] == "A print has waited for a teacher's approval for long."
        assert "approve it" in alert["hint"]
        seen = teacher.get("/api/v1/health/alerts").json()["items"]
        assert alert["id"] in [one["id"] for one in seen], "a teacher can end it"
        assert teacher.post(f"{job}/approve").is_success
        until("its end", lambda: not room.of("print-approval"))
        (plate,) = until("the next", lambda: room.of("print-plate"))
        assert "The plate is clear" in plate["hint"]
        assert teacher.post(f"{job}/cancel").is_success
        until("its end", lambda: not room.of("print-plate"))
    for one in (alert, plate):
        until("the end to be told", lambda one=one: "cleared" in room.tellings(one))
        assert room.tellings(one) == ["fired", "cleared"]


def test_a_clock_that_jumps_by_years_and_back_doubles_nothing_and_loses_no_alert(room):
    loose = room.alerts()
    began, device = time.time(), "1-6"
    pen = room.adopted(device, 16)
    until("its first values", lambda: total(room, pen, "connects") == 1)
    before = len(room.told)
    room.set_clock(YEARS)
    until("the jump", lambda: total(room, "computer", "clock_jumps", YEARS) == 1)
    room.sockets.pull(device)
    (gone,) = until("the alert", lambda: room.about(pen))
    assert lessons(room, pen)[0] <= time.time() - began + 1, "nothing is known of five years"
    room.set_clock(0)
    until("the jump back", lambda: total(room, "computer", "clock_jumps") == 1)
    assert [one["id"] for one in room.about(pen)] == [gone["id"]], "it is still told"
    room.sockets.plug(device, "hidraw16", "S16")
    until("the end", lambda: not room.about(pen))
    until("the new values", lambda: total(room, pen, "connects") == 2)
    assert total(room, pen, "connects", YEARS) == 0
    assert {one["id"] for one in loose} <= {one["id"] for one in room.alerts()}
    (jumped,) = room.of("clock-jumped")
    assert {one["id"] for one in room.told[before:]} == {gone["id"], jumped["id"]}
    known, up = lessons(room, pen)
    assert 0 < up < known <= time.time() - began + 1, "it was away, and all else is known"


def lessons(room, device: str) -> tuple[float, float]:
    """For how many seconds of the last two school days it is known how a device was; and it was up."""
    asked = {"device": device, "days": 2}
    items = room.api.get("/api/v1/health/uptime", params=asked).raise_for_status().json()["items"]
    known = [one["known"] for one in items]
    return sum(known), sum(one["known"] * (one["share"] or 0) for one in items)


def total(room, subject: str, name: str, ahead: float = 0) -> float:
    """What was counted of a device in the last hour, or in that of a clock that is ahead."""
    items = room.api.get("/api/v1/health/series", params={"subject": subject}).json()["items"]
    ids = [one["id"] for one in items if one["name"] == name]
    if not ids:
        return 0
    asked = {"series": ids, "hours": 1, "until": time.time() + ahead + 60, "points": 10}
    answer = room.api.get("/api/v1/health/plots", params=asked)
    assert answer.status_code == 200, answer.text
    (plot,) = answer.json()["items"]
    return sum(value for value in plot["values"] if value)
