"""Lessons, people, tokens, assets over the API."""

import pytest


async def test_a_lesson_from_start_to_end(client):
    teacher = await client("teacher")
    answer = await teacher.post("/api/v1/lessons", json={"title": "Onion skin"})
    lesson = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/lessons/{lesson['id']}"
    assert len(lesson["code"]) == 6
    assert lesson["join_url"] == f"http://localhost:8420/join#{lesson['code']}"
    assert lesson["started"].endswith("Z")
    qr = await teacher.get(f"/api/v1/lessons/{lesson['id']}/qr.svg")
    assert qr.headers["content-type"] == "image/svg+xml"
    assert qr.text.startswith("<svg")

    tablet = await client(None)
    answer = await tablet.post("/api/v1/session", json={"digits": lesson["code"], "name": "Aizhan"})
    joined = answer.json()
    assert joined["principal"]["role"] == "pupil"
    assert joined["lesson"]["id"] == lesson["id"]
    assert joined["lesson"]["code"] is None, "pupils are not told the digits"
    members = (await teacher.get(f"/api/v1/lessons/{lesson['id']}/members")).json()
    assert [m["name"] for m in members["items"]] == ["Aizhan"]

    ended = await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")
    again = await teacher.post(f"/api/v1/lessons/{lesson['id']}/end")
    assert ended.json()["ended"] == again.json()["ended"] is not None
    assert ended.json()["code"] is None
    assert (await tablet.get("/api/v1/session")).status_code == 401
    late = await (await client(None)).post(
        "/api/v1/session", json={"digits": lesson["code"], "name": "Dana"}
    )
    assert late.json()["code"] == "wrong-code"
    gone = await teacher.get(f"/api/v1/lessons/{lesson['id']}/qr.svg")
    assert gone.json()["code"] == "lesson-ended"


async def test_a_removed_pupil_is_out(client):
    teacher = await client("teacher")
    lesson = (await teacher.post("/api/v1/lessons", json={"title": "a"})).json()
    tablet = await client(None)
    joined = await tablet.post("/api/v1/session", json={"digits": lesson["code"], "name": "A"})
    person = joined.json()["principal"]["person"]
    answer = await teacher.delete(f"/api/v1/lessons/{lesson['id']}/members/{person}")
    assert answer.status_code == 204
    assert (await tablet.get("/api/v1/session")).status_code == 401


async def test_wrong_digits_are_limited(client):
    tablet = await client(None)
    answers = [
        (await tablet.post("/api/v1/session", json={"digits": "000000", "name": "A"})).status_code
        for _ in range(42)
    ]
    assert answers[0] == 403
    assert answers[-1] == 429


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"digits": "12345", "name": "a"},
                                  {"digits": "１２３４５６", "name": "a"}, {"digits": "123456"},
                                  {"code": "a", "digits": "123456", "name": "a"}])  # fmt: skip
async def test_a_sign_in_that_says_nothing_is_refused(client, body):
    answer = await (await client(None)).post("/api/v1/session", json=body)
    assert answer.status_code == 422


async def test_people_come_in_pages(client):
    teacher = await client("teacher")
    for number in range(5):
        made = await teacher.post("/api/v1/people", json={"name": f"Pupil {number}"})
        assert made.status_code == 201
    first = (await teacher.get("/api/v1/people?limit=3")).json()
    second = (await teacher.get("/api/v1/people", params={"cursor": first["next"]})).json()
    names = [p["name"] for p in first["items"] + second["items"]]
    assert len(first["items"]) == 3
    assert sorted(names) == [f"Pupil {n}" for n in range(5)]
    assert second["next"] is None
    bad = await teacher.get("/api/v1/people?cursor=%2e%2e")
    assert bad.status_code in (400, 422)


async def test_an_erased_person_has_no_name(client):
    teacher = await client("teacher")
    person = (await teacher.post("/api/v1/people", json={"name": "Aizhan"})).json()
    renamed = await teacher.patch(f"/api/v1/people/{person['id']}", json={"name": "Aizhan S."})
    assert renamed.json()["name"] == "Aizhan S."
    assert (await teacher.delete(f"/api/v1/people/{person['id']}")).status_code == 204
    assert "Aizhan" not in (await teacher.get("/api/v1/people")).text


async def test_a_token_is_told_once(client):
    admin = await client("admin")
    answer = await admin.post(
        "/api/v1/tokens", json={"role": "teacher", "name": "Software", "expires": "12h"}
    )
    made = answer.json()
    assert answer.status_code == 201
    program = await client(None, Authorization=f"Bearer {made['token']}")
    assert (await program.get("/api/v1/lessons")).status_code == 200
    listed = await admin.get("/api/v1/tokens")
    assert made["token"] not in listed.text
    assert made["id"] in listed.text
    assert (await admin.delete(f"/api/v1/tokens/{made['id']}")).status_code == 204
    assert (await program.get("/api/v1/lessons")).status_code == 401


@pytest.mark.parametrize("span", ["", "12", "h", "-1h", "1.5h", "0h", "99999d", "12 hours", "١h"])
async def test_a_span_of_time_is_read_strictly(client, span):
    admin = await client("admin")
    body = {"role": "teacher", "name": "a", "expires": span}
    assert (await admin.post("/api/v1/tokens", json=body)).status_code == 422


async def test_groups_are_added_and_listed(client):
    teacher = await client("teacher")
    group = (await teacher.post("/api/v1/groups", json={"name": "7 B"})).json()
    assert (await teacher.get("/api/v1/groups")).json()["items"] == [group]
    lesson = await teacher.post("/api/v1/lessons", json={"title": "a", "group": group["id"]})
    assert lesson.json()["group"] == group["id"]
    missing = await teacher.post("/api/v1/lessons", json={"title": "a", "group": "none"})
    assert missing.status_code == 404


async def test_the_hub_says_what_it_is(client):
    hub = (await (await client(None)).get("/api/v1/hub")).json()
    assert hub["languages"] == ["kk", "ru", "en"]
    assert hub["virtual"] is False
    plugins = (await (await client("engineer")).get("/api/v1/plugins")).json()["items"]
    assert [p["state"] for p in plugins if p["id"] == "microscopy"] == ["off"]
