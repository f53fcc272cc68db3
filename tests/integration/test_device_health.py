"""Health on a hub with the virtual classroom: a device that goes, what is told of it, what stays."""

import os
import shutil
import signal
import time

import psutil
import pytest

from tests.conftest import start_hub

LIMIT = 40
MICROSCOPE = "virtual-microscope"


@pytest.fixture(scope="module")
def school(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("health")
    shutil.copytree(hub_template, folder / "data")
    # Hours of every day and all day, so that the test may run at night.
    hours = 'hours = {days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], begins = "00:00", ends = "23:59"}'
    return folder, f'language = "en"\n[plugins.health]\n{hours}\n'


def ask(client, path, **params):
    answer = client.get(f"/api/v1/health/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def until(what, told):
    end = time.monotonic() + LIMIT
    while True:
        found = told()
        if found is not None:
            return found
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.2)


def microscope(client):
    (one,) = [d for d in ask(client, "summary")["devices"] if d["device"] == MICROSCOPE]
    return one


def test_what_is_pulled_is_told_with_what_to_do_and_what_was_measured_outlives_the_hub(school):
    folder, config = school
    running = start_hub(folder, "--virtual", config=config)
    try:
        engineer = running.client("engineer")
        until("the microscope", lambda: microscope(engineer)["status"] == "ok" or None)
        until("a value", lambda: ask(engineer, "summary")["computer"].get("memory"))
        (peer,) = [
            child
            for child in psutil.Process(running.process.pid).children(recursive=True)
            if "drivers.virtual.microscope" in " ".join(child.cmdline())
        ]
        os.kill(peer.pid, signal.SIGKILL)
        gone = until(
            "the fault", lambda: ((m := microscope(engineer))["status"] == "fault" and m) or None
        )
        assert gone["said"]
        assert gone["hint"]
        assert ask(engineer, "summary")["status"] == "fault"
        down = until(
            "the change",
            lambda: next((c for c in changes(engineer) if not c["up"] and c["said"]), None),
        )
        assert down["said"] == gone["said"]
        for path in ("summary", "changes", "series"):
            refused = running.client("teacher").get(f"/api/v1/health/{path}")
            assert refused.status_code == 403, path
    finally:
        running.stop()

    running = start_hub(folder, "--virtual", config=config)
    try:
        engineer = running.client("engineer")
        series = {one["name"]: one for one in ask(engineer, "series", subject=MICROSCOPE)["items"]}
        assert {"reachable", "healthy", "memory"} <= series.keys()
        plots = ask(engineer, "plots", series=[series["reachable"]["id"]], hours=1)["items"]
        assert 1.0 in plots[0]["values"]
        assert plots[0]["series"]["title"] == "Reachable"
        assert any(not change["up"] for change in changes(engineer))
        again = until(
            "the microscope", lambda: ((m := microscope(engineer))["status"] == "ok" and m) or None
        )
        assert again["week"]["known"] > 0
        assert again["week"]["downs"] >= 1
        unknown = engineer.get("/api/v1/health/plots", params={"series": 99_999})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-series")
    finally:
        running.stop()


def changes(client):
    return ask(client, "changes", device=MICROSCOPE)["items"]
