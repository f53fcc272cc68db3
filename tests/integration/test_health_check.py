"""The check before the lesson, in the virtual classroom: well, stalled, unplugged, and kept."""

import shutil
import time

import pytest

from tests.conftest import start_hub

LIMIT = 90
MICROSCOPE, PRINTER, PANEL = "virtual-microscope", "virtual-printer", "virtual-panel"


@pytest.fixture(scope="module")
def school(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("check")
    shutil.copytree(hub_template, folder / "data")
    running = start_hub(folder, "--virtual", config='language = "en"\n')
    yield running
    running.stop()


def until(what, told):
    end = time.monotonic() + LIMIT
    while (found := told()) is None:
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.2)
    return found


def reachable(client):
    devices = client.get("/api/v1/devices").json()["items"]
    return True if len(devices) > 5 and all(d["state"]["reachable"] for d in devices) else None


def checked(client):
    """Begin a check; return what it has found, by device, and how long it took."""
    before = client.get("/api/v1/health/check").json()["newest"]
    began = client.post("/api/v1/health/check")
    assert began.status_code == 202, began.text
    assert began.json()["running"]

    def done():
        state = client.get("/api/v1/health/check").json()
        newest = state["newest"]
        fresh = newest is not None and (before is None or newest["id"] > before["id"])
        return newest if fresh and not state["running"] else None

    check = until("the check", done)
    return check, {one["device"]: one for one in check["results"]}


def test_every_device_is_tried_in_its_own_way_and_says_so(school):
    with school.client("teacher") as teacher:
        until("the classroom", lambda: reachable(teacher))
        check, found = checked(teacher)
        assert len(found) == len(teacher.get("/api/v1/devices").json()["items"])
        assert {one["status"] for one in found.values()} == {"ok"}, found
        assert check["status"] == "ok"
        assert check["by"] == "person"
        assert found[MICROSCOPE]["tried"] == "It gave a picture."
        assert found[PRINTER]["tried"] == "It answered a question."
        assert found[PANEL]["tried"] == "It answered with its status."
        assert found["virtual-tablet-1"]["tried"] == "It is there, and its driver answers."
    with school.client("pupil") as pupil:
        for method, path in (("GET", "check"), ("POST", "check"), ("GET", "checks")):
            assert pupil.request(method, f"/api/v1/health/{path}").status_code == 403
    with school.client("admin") as admin:
        noted = admin.get("/api/v1/audit", params={"action": "health.check"}).json()["items"]
        assert len(noted) == 1


def test_what_stalls_and_what_is_unplugged_is_told_with_what_to_do_and_holds_up_nothing(school):
    with school.client("admin") as admin:
        until("the classroom", lambda: reachable(admin))
        for device, fault in ((PRINTER, {"stall": True}), (PANEL, {"unplug": True})):
            assert admin.put(f"/api/v1/devices/{device}/faults", json=fault).status_code == 200
        began = time.monotonic()
        check, found = checked(admin)
        took = time.monotonic() - began
        for device in (PRINTER, PANEL):
            answer = admin.delete(f"/api/v1/devices/{device}/faults")
            assert answer.status_code == 204
        assert check["status"] == "fault"
        assert [one["device"] for one in check["results"][:2]] == sorted(
            (PRINTER, PANEL), key=lambda device: found[device]["name"]
        ), "what needs a hand comes first"
        for device in (PRINTER, PANEL):
            one = found[device]
            assert (one["status"], bool(one["said"]), bool(one["hint"])) == ("fault", True, True)
        assert found[MICROSCOPE]["status"] == "ok"
        assert took < 60, "however many hang, all is done within a minute"
        russian = admin.get("/api/v1/health/check", headers={"Accept-Language": "ru"}).json()
        said = {one["device"]: one["said"] for one in russian["newest"]["results"]}
        assert said[PANEL] != found[PANEL]["said"]
        until("the classroom", lambda: reachable(admin))
        _, mended = checked(admin)
        assert {one["status"] for one in mended.values()} == {"ok"}, mended
        earlier = admin.get("/api/v1/health/checks", params={"limit": 2}).json()
        assert [one["status"] for one in earlier["items"]] == ["ok", "fault"]
        rest = admin.get("/api/v1/health/checks", params={"before": earlier["next"]}).json()
        assert len(rest["items"]) >= 1
