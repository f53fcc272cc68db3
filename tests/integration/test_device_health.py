"""Health on a hub with the virtual classroom: a device that goes, what is told of it, what stays."""

import contextlib
import shutil
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


@contextlib.contextmanager
def engineers(school):
    """A hub with the virtual classroom, and an engineer of it."""
    folder, config = school
    running = start_hub(folder, "--virtual", config=config)
    try:
        with running.client("engineer") as engineer:
            yield running, engineer
    finally:
        running.stop()


def test_what_is_pulled_is_told_with_what_to_do(school):
    with engineers(school) as (running, engineer):
        until("the microscope", lambda: microscope(engineer)["status"] == "ok" or None)
        until("a value", lambda: ask(engineer, "summary")["computer"].get("memory"))
        (peer,) = [
            child
            for child in psutil.Process(running.process.pid).children(recursive=True)
            if "drivers.virtual.microscope" in " ".join(child.cmdline())
        ]
        peer.kill()
        until("the fault", lambda: microscope(engineer)["status"] == "fault" or None)
        down = until(
            "the change",
            lambda: next((c for c in changes(engineer) if not c["up"] and c["said"]), None),
        )
        gone = microscope(engineer)
        assert (gone["said"], ask(engineer, "summary")["status"]) == (down["said"], "fault")
        assert gone["hint"]
        with running.client("teacher") as teacher:
            for path in ("summary", "changes", "series", "plots?series=1", "uptime?device=x"):
                assert teacher.get(f"/api/v1/health/{path}").status_code == 403, path


def test_what_was_measured_outlives_the_hub(school):
    with engineers(school) as (_, engineer):
        series = {one["name"]: one for one in ask(engineer, "series", subject=MICROSCOPE)["items"]}
        assert {"reachable", "healthy", "memory"} <= series.keys()
        until("the microscope", lambda: microscope(engineer)["status"] == "ok" or None)

        def reachable():
            (plot,) = ask(engineer, "plots", series=[series["reachable"]["id"]], hours=1)["items"]
            return plot if 1.0 in plot["values"] else None

        assert until("a value of it", reachable)["series"]["title"] == "Reachable"
        week = microscope(engineer)["week"]
        assert week["known"] > 0
        assert week["downs"] >= 1
        lessons = ask(engineer, "uptime", device=MICROSCOPE, days=2)["items"]
        assert sum(one["known"] for one in lessons) > 0
        assert sum(one["downs"] for one in lessons) >= 1
        unknown = engineer.get("/api/v1/health/plots", params={"series": 99_999})
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-series")


def changes(client):
    return ask(client, "changes", device=MICROSCOPE)["items"]
