"""The network on a running hub: whether the internet answers, and how fast it is.

One hub serves the file; a web server of this computer stands for the internet. The steps build on
each other.
"""

import shutil

import pytest

from tests.alert_sinks import until
from tests.conftest import start_hub
from tests.speed_server import SpeedServer

RULES = """
schema = 1
source = "this test"
date = 2026-11-29

[rules.network-internet]
delay = 0
hold = 0
"""


@pytest.fixture(scope="module")
def internet():
    servers = [SpeedServer(megabits=80)]
    yield servers
    servers[-1].close()


@pytest.fixture(scope="module")
def school(internet, hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    shutil.copytree(hub_template, folder / "data")
    (folder / "rules").mkdir()
    (folder / "rules" / "school.toml").write_text(RULES)
    at = internet[0].url
    config = (
        f'language = "en"\n[plugins.health.alerts]\nrules = ["{folder / "rules"}"]\ngrace = 0\n'
        f'[plugins.health.network]\ninternet = "{at}/"\nevery = 1\n'
        f'[plugins.health.network.speed]\ndownload = "{at}/file"\nupload = "{at}/taken"\n'
        "seconds = 2\nmegabytes = 8\n"
    )
    running = start_hub(folder, config=config)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def engineer(school):
    with school.client("engineer") as client:
        yield client


def network(client):
    answer = client.get("/api/v1/health/network")
    assert answer.status_code == 200, answer.text
    return answer.json()


def internet_up(client):
    return next((one["up"] for one in network(client)["asked"] if one["what"] == "internet"), None)


def alert(client):
    items = client.get("/api/v1/health/alerts").json()["items"]
    return next((one for one in items if "network-internet" in one["rules"]), None)


def test_the_speed_is_measured_by_button_and_kept_with_date_and_method(school, internet, engineer):
    with school.client("teacher") as teacher:
        assert teacher.get("/api/v1/health/network").status_code == 403
        assert teacher.post("/api/v1/health/network/speed").status_code == 403
    before = network(engineer)
    assert (before["speed_set"], before["speed"], before["measuring"]) == (True, None, False)
    answer = engineer.post("/api/v1/health/network/speed")
    assert (answer.status_code, answer.json()["measuring"]) == (202, True)
    again = engineer.post("/api/v1/health/network/speed")
    assert (again.status_code, again.json()["measuring"]) == (202, True)
    found = until("the speed", lambda: network(engineer)["speed"])
    assert 0 < found["download"] < 80 * 1.3
    assert 0 < found["upload"] < 80 * 1.3
    assert found["address"] == f"127.0.0.1:{internet[0].port}"
    assert (found["by"], found["said"]) == ("person", "")
    kept = engineer.get("/api/v1/health/network/speeds").json()["items"]
    assert [one["id"] for one in kept] == [found["id"]], "asked twice, measured once"


def test_the_readiness_report_is_filled_by_it(engineer):
    speed = network(engineer)["speed"]
    body = {"form": "readiness", "school_kind": "tirek"}
    made = engineer.post("/api/v1/readiness/reports", json=body).json()
    down, up = made["measured"]["internet_down"], made["measured"]["internet_up"]
    assert down["value"] == round(speed["download"], 1)
    assert up["value"] == round(speed["upload"], 1)
    assert f"Measured by the hub against {speed['address']}." in down["said"]
    assert down["at"] == speed["at"]
    # A hub school needs 100 Mbit/s, and this line gives at most 80.
    assert made["met"]["internet_down"] is False


def test_the_internet_goes_and_comes_and_one_alert_says_so(internet, engineer):
    until("the internet", lambda: internet_up(engineer))
    assert alert(engineer) is None
    port = internet[-1].port
    internet[-1].close()
    found = until("the alert", lambda: alert(engineer))
    assert found["title"] == "The internet does not answer."
    assert "Lessons go on without the internet." in found["hint"]
    assert internet_up(engineer) is False
    measured = engineer.post("/api/v1/health/network/speed")
    assert measured.status_code == 202
    failed = until("the failure", lambda: network(engineer)["failed"])
    assert (failed["code"], "ConnectionRefused" in failed["detail"]) == ("speed-not-measured", True)
    assert network(engineer)["speed"] is not None, "the one that was made stays"
    internet.append(SpeedServer(port=port))
    until("that it is over", lambda: alert(engineer) is None)


def test_it_is_a_series_like_any_other_and_told_on_the_bus(school, engineer):
    def names():
        answer = engineer.get("/api/v1/health/series", params={"subject": "network"})
        return {one["name"]: one["unit"] for one in answer.json()["items"]}

    wanted = {"internet", "internet_answer", "download", "upload"}
    until("the series", lambda: wanted <= names().keys())
    assert names()["download"] == "Mbit/s"
    school.stop()
    again = start_hub(school.out.parent, config=(school.out.parent / "classhub.toml").read_text())
    try:
        with again.client("engineer") as client:
            assert network(client)["speed"]["download"] > 0, "it is kept over a restart"
    finally:
        again.stop()
