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
        {"name": "\u200b\u202e\u2060"},
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


def table(text: str):
    return {"file": ("inventory.csv", text.encode("utf-8"), "text/csv")}


def test_a_table_is_taken_in_whole_or_not_at_all(people):
    engineer, teacher = people
    at = "/api/v1/inventory/table"
    assert teacher.get(f"{at}.csv").status_code == 403
    assert teacher.post(at, files=table("name\nx")).status_code == 403
    made = good(engineer.post("/api/v1/inventory/items", json={"name": "=1+1"}), 201)
    exported = engineer.get(f"{at}.csv", headers={"Accept-Language": "kk"})
    assert exported.content.startswith(b"\xef\xbb\xbf")
    assert ";'=1+1;" in exported.text
    assert good(engineer.post(at, files=table(exported.text)))["changed"] == 0
    lines = f"id;name;price\n{made['id']};Үстел;100\n;Орындық;50\n"
    wrong = good(engineer.post(at, files=table(lines + ";x;much\n")))
    assert [(one["line"], one["column"]) for one in wrong["wrong"]] == [(4, "Price, tenge")]
    refused = engineer.post(f"{at}?apply={wrong['digest']}", files=table(lines + ";x;much\n"))
    assert (refused.status_code, refused.json()["code"]) == (422, "table-wrong")
    plan = good(engineer.post(at, files=table(lines)))
    assert (plan["added"], plan["changed"], plan["done"]) == (1, 1, False)
    item = f"/api/v1/inventory/items/{made['id']}"
    assert good(engineer.get(item))["name"] == "=1+1", "looked at only"
    late = engineer.post(f"{at}?apply={'0' * 32}", files=table(lines))
    assert late.json()["code"] == "changed-meanwhile"
    assert good(engineer.post(f"{at}?apply={plan['digest']}", files=table(lines)))["done"]
    assert good(engineer.get(item))["name"] == "Үстел"
    large = engineer.post(at, files=table("name\n" + "x" * (3 << 20)))
    assert large.status_code == 413


def test_labels_lead_to_the_pages_of_things(people):
    _, teacher = people
    answer = teacher.get("/api/v1/inventory/labels.pdf", params={"skip": 3})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    unknown = teacher.get("/api/v1/inventory/labels.pdf", params={"item": "nobody"})
    assert unknown.json()["code"] == "unknown-item"


def test_a_report_is_filled_by_measuring_and_printed(people):
    engineer, teacher = people
    at = "/api/v1/readiness/reports"
    body = {"form": "readiness", "school_kind": "magnet", "head": {"school": "<b>№ 5</b>"}}
    assert teacher.post(at, json=body).status_code == 403
    until("the panel", lambda: of_device(engineer, PANEL))
    made = good(engineer.post(at, json=body), 201)
    assert made["measured"]["panels"]["value"] == 1
    assert made["met"]["panels"] is True
    assert made["measured"]["internet_down"] == {"value": None, "at": None, "said": "Not measured."}
    assert made["met"]["internet_down"] is None
    assert teacher.get(f"{at}/{made['id']}").status_code == 404
    change = {**made["fields"], "revision": 1, "measure": True, "answers": {"panels": {"value": 0}}}
    assert good(engineer.put(f"{at}/{made['id']}", json=change))["met"]["panels"] is False
    late = engineer.put(f"{at}/{made['id']}", json=change)
    assert late.json()["code"] == "changed-meanwhile"
    for language in ("kk", "ru", "en"):
        words = {"words": language}
        paper = engineer.get(f"{at}/{made['id']}/document", params=words)
        assert paper.content.startswith(b"%PDF"), paper.text[:300]
        page = engineer.get(f"{at}/{made['id']}/document", params={**words, "format": "html"})
        assert "&lt;b&gt;№ 5&lt;/b&gt;" in page.text
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert engineer.delete(f"{at}/{made['id']}").status_code == 204


def test_a_sheet_of_a_lesson_is_seen_by_who_filled_it_in(people, virtual_hub):
    engineer, teacher = people
    at = "/api/v1/readiness/reports"
    body = {"form": "observation", "answers": {"aims": {"value": 3}}}
    made = good(teacher.post(at, json=body), 201)
    assert [one["id"] for one in good(teacher.get(at))["items"]] == [made["id"]]
    assert engineer.get(f"{at}/{made['id']}").status_code == 404
    with virtual_hub.client("admin") as admin:
        assert good(admin.get(f"{at}/{made['id']}"))["fields"]["answers"]["aims"]["value"] == 3
    four = teacher.post(at, json={**body, "answers": {"aims": {"value": 4}}})
    assert four.status_code == 422
