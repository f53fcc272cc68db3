"""A search that somebody asks for: what drivers find, what they cannot, and taking it into use."""

import os
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LIMIT = 30.0
SEEKERS = ("seeker:Seeker", "endless:Endless", "refused:Refused", "broken:Broken", "long:Long")


def site(folder: Path) -> Path:
    """Lay down what pip leaves of a distribution that brings drivers that can search."""
    info = folder / "seekers-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: seekers\nVersion: 1.0\n")
    lines = [
        f"{name} = searching_drivers:{cls}"
        for name, _, cls in (one.partition(":") for one in SEEKERS)
    ]
    (info / "entry_points.txt").write_text("\n".join(["[classhub.drivers]", *lines]))
    return folder


@pytest.fixture(scope="module")
def hub(start_shared, tmp_path_factory):
    path = os.pathsep.join(
        [
            str(site(tmp_path_factory.mktemp("site"))),
            str(HERE / "drivers_for_tests"),
            str(Path.cwd()),
        ]
    )
    config = 'language = "en"\n[[devices]]\nid = "known"\ndriver = "seeker"\nsettings = { host = "192.0.2.8" }\n'
    return start_shared(config=config, environment={"PYTHONPATH": path})


def ended(api, answer):
    """Follow an operation to its end."""
    assert answer.status_code == 201, answer.text
    path = answer.headers["Location"]
    until = time.monotonic() + LIMIT
    while (told := api.get(path).json())["ended"] is None:
        assert time.monotonic() < until, told
        time.sleep(0.05)
    return told


def search(api, *drivers):
    return ended(api, api.post("/api/v1/searches", json={"drivers": list(drivers)}))


def test_what_answers_is_found_once_known_or_not_and_can_be_taken_into_use(hub):
    with hub.client("engineer") as api:
        told = search(api, "seeker")
        assert (told["status"], told["title"]) == ("done", "Search for devices")
        assert told["result"] == {
            "found": [
                {"driver": "seeker", "title": "Probe <7>", "place": "192.0.2.7",
                 "settings": {"host": "192.0.2.7"}, "device": None},
                {"driver": "seeker", "title": "Probe <8>", "place": "192.0.2.8",
                 "settings": {"host": "192.0.2.8"}, "device": "known"},
            ],
            "problems": [],
        }  # fmt: skip
        new = told["result"]["found"][0]
        made = api.post(
            "/api/v1/devices", json={"driver": new["driver"], "settings": new["settings"]}
        )
        assert made.status_code == 201, made.text
        again = search(api, "seeker")["result"]["found"]
        assert [one["device"] for one in again] == [made.json()["id"], "known"]
        listed = {
            one["name"]: one["searching"]
            for one in api.get("/api/v1/drivers", params={"limit": 200}).json()["items"]
        }
        assert (listed["seeker"], listed["stream"]) == (5.0, 0.0)
        assert listed["pjlink"] > 10
        noted = api.get("/api/v1/audit").text
        assert "device.search" in noted


def test_one_that_cannot_or_never_ends_takes_nothing_from_the_others(hub):
    with hub.client("engineer") as api:
        result = search(api, "seeker", "endless", "refused", "broken")["result"]
    drivers = [one["driver"] for one in result["found"]]
    assert drivers.count("seeker") == 2
    assert drivers.count("endless") == 200
    problems = {one["driver"]: one["problem"]["code"] for one in result["problems"]}
    assert problems == {"refused": "deaf", "broken": "driver-broken"}


def test_one_search_at_a_time_and_it_can_be_stopped(hub):
    with hub.client("engineer") as api:
        first = api.post("/api/v1/searches", json={"drivers": ["long"]})
        assert api.post("/api/v1/searches", json={}).status_code == 429
        api.delete(first.headers["Location"])
        assert ended(api, first)["status"] == "cancelled"
        assert search(api, "seeker")["status"] == "done"


def test_who_may_not_or_asks_for_what_cannot_is_refused(hub):
    with hub.client("teacher") as api:
        assert api.post("/api/v1/searches", json={}).status_code == 403
    with hub.client("engineer") as api:
        for wrong in (["stream"], ["nobody"]):
            answer = api.post("/api/v1/searches", json={"drivers": wrong})
            assert (answer.status_code, answer.json()["code"]) == (409, "nothing-searches")
        assert api.post("/api/v1/searches", json={"drivers": []}).status_code == 422
