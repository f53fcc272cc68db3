"""The inventory on a hub with the virtual classroom: who may do what, and what the hub writes itself."""

import time

import pytest

LIMIT = 40
PANEL = "virtual-panel"


@pytest.fixture(scope="module")
def people(virtual_hub):
    with virtual_hub.client("engineer") as engineer, virtual_hub.client("teacher") as teacher:
        yield engineer, teacher


def until(what, told):
    end = time.monotonic() + LIMIT
    while not (found := told()):
        assert time.monotonic() < end, f"{what} did not come"
        time.sleep(0.2)
    return found


def good(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json()


def of_device(client, device):
    answer = client.get(f"/api/v1/inventory/devices/{device}")
    return answer.json() if answer.status_code == 200 else None


def log_of(client, item):
    return good(client.get(f"/api/v1/inventory/items/{item}/entries"))["items"]


def test_the_hub_enters_its_devices_with_what_they_say_of_themselves(people):
    engineer, _ = people
    panel = until("the panel", lambda: (i := of_device(engineer, PANEL)) and i["maker"] and i)
    said = good(engineer.get(f"/api/v1/devices/{PANEL}/properties/about"))["value"]
    assert (panel["maker"], panel["model"]) == (said["maker"], said["model"])
    assert (panel["kind"], panel["in_use"]) == ("panel", True)
    assert panel["firmware"] == said["firmware"] != ""
    (line,) = [one for one in log_of(engineer, panel["id"]) if one["kind"] == "firmware"]
    assert line["by_hub"]
    assert said["firmware"] in line["text"]
    refused = engineer.delete(f"/api/v1/inventory/items/{panel['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "item-in-use")


def test_engineers_write_and_teachers_read_and_report_faults(people, virtual_hub):
    engineer, teacher = people
    body = {
        "name": "Парта \u202eқос\x07 орынды",
        "kind": "furniture",
        "quantity": 12,
        "price": 45000.499,
    }
    assert teacher.post("/api/v1/inventory/items", json=body).status_code == 403
    made = good(engineer.post("/api/v1/inventory/items", json=body), 201)
    assert (made["name"], made["price"], made["in_use"]) == ("Парта қос орынды", 45000.5, False)
    at = f"/api/v1/inventory/items/{made['id']}"
    for client in (engineer, teacher):
        assert good(client.get(at))["name"] == made["name"]
    change = {**body, "name": "Парта", "room": "21", "warranty": "2028-08-31", "revision": 1}
    assert teacher.put(at, json=change).status_code == 403
    assert good(engineer.put(at, json=change))["revision"] == 2
    late = engineer.put(at, json=change)
    assert (late.status_code, late.json()["code"]) == (409, "changed-meanwhile")
    # A teacher reports a fault and nothing else; an engineer ends it.
    fault = {"kind": "fault", "text": "Аяғы сынған"}
    line = good(teacher.post(f"{at}/entries", json=fault), 201)
    assert not line["by_hub"]
    for kind in ("repair", "part", "firmware", "safety", "note"):
        assert teacher.post(f"{at}/entries", json={"kind": kind}).status_code == 403, kind
    assert good(engineer.get(at))["faults"] == 1
    ended = {"ended": "2026-12-01"}
    assert teacher.patch(f"{at}/entries/{line['id']}", json=ended).status_code == 403
    assert good(engineer.patch(f"{at}/entries/{line['id']}", json=ended))["ended"] == "2026-12-01"
    read = {"kind": "safety", "who": "Айгүл Ермекқызы", "day": "2026-09-01"}
    good(engineer.post(f"{at}/entries", json=read), 201)
    now = good(engineer.get(at))
    assert (now["faults"], now["safety"]) == (0, "2026-09-01")
    assert [one["kind"] for one in log_of(teacher, made["id"])] == ["fault", "safety"]
    # All of it is in the audit trail, without names of people.
    notes = good(engineer.get("/api/v1/audit", params={"subject": made["id"]}))["items"]
    assert [note["action"].partition(".")[2] for note in notes] == [
        "safety", "mended", "fault", "change", "add",
    ]  # fmt: skip
    assert all(note["said"] and "." not in note["said"] for note in notes)
    assert "Айгүл" not in str(notes)
    with virtual_hub.client("pupil") as pupil:
        assert pupil.get(at).status_code == 403
        assert pupil.post(f"{at}/entries", json=fault).status_code == 403
    assert engineer.delete(at).status_code == 204
    assert engineer.get(at).json()["code"] == "unknown-item"
    assert engineer.get(f"{at}/entries").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " \n "},
        {"name": "x" * 201},
        {"name": "x", "price": -1},
        {"name": "x", "quantity": 0},
        {"name": "x", "purchased": "31.02.2026"},
        {"name": "x", "purchased": "0001-01-01"},
        {"name": "x", "kind": "<b>"},
        {"name": "x", "colour": "red"},
    ],
)
def test_what_makes_no_sense_is_refused(people, wrong):
    engineer, _ = people
    assert engineer.post("/api/v1/inventory/items", json=wrong).status_code == 422
