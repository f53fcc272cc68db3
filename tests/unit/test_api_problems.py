"""Every way to ask wrongly is answered with a problem document."""

import json

import pytest

NO_BODY = object()


def is_problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["title"]
    assert "Traceback" not in response.text
    return problem


async def test_health_needs_no_token(client):
    answer = await (await client(None)).get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not-found"),
        ("GET", "/api/nothing", 404, "not-found"),
        ("GET", "/api/v1/devices/none", 404, "not-found"),
        ("GET", "/api/v1/devices/", 404, "not-found"),
        ("PUT", "/api/v1/devices", 405, "method-not-allowed"),
        ("TRACE", "/api/v1/devices", 405, "method-not-allowed"),
        ("GET", "/api/v1/devices/UPPER", 422, "invalid"),
        ("GET", "/api/v1/devices?limit=0", 422, "invalid"),
        ("GET", "/api/v1/devices?limit=x", 422, "invalid"),
        ("GET", "/api/v1/devices?cursor=*", 422, "invalid"),
        ("GET", "/api/v1/devices/a%00b", 400, "malformed"),
        ("GET", "/api/v1/devices/%ff", 400, "malformed"),
        ("GET", "/api/v1/lessons/none", 404, "not-found"),
        ("GET", "/api/v1/assets/none/content", 404, "not-found"),
        ("DELETE", "/api/v1/tokens/none", 404, "not-found"),
        ("GET", "/api/v1/operations/none", 404, "not-found"),
        ("GET", "/api/v1/kinds/none", 404, "not-found"),
    ],
)
async def test_what_is_not_there_is_a_problem(client, method, path, status, code):
    is_problem(await (await client("admin")).request(method, path), status, code)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "malformed"),
        (b'{"title": NaN}', 400, "malformed"),
        (b'{"title": Infinity}', 400, "malformed"),
        (b'{"title": "\xff"}', 400, "malformed"),
        (b'{"title": "\\ud800"}', 400, "malformed"),
        (b'{"title": "a", "title": "b"}', 400, "malformed"),
        (b"[" * 100_000, 400, "malformed"),
        (b'{"title": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400, "malformed"),
        (b'{"title": ' + b"9" * 10_000 + b"}", 400, "malformed"),
        (b'{"title": 5}', 422, "invalid"),
        (b'{"title": null}', 422, "invalid"),
        (b'{"title": ""}', 422, "invalid"),
        (b'{"title": "a", "surprise": 1}', 422, "invalid"),
        (b'{"title": "a", "group": "../../etc"}', 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'{"title": "' + b"x" * (2 << 20) + b'"}', 413, "too-large"),
    ],
)
async def test_a_bad_body_is_a_problem_and_starts_nothing(client, hub, body, status, code):
    teacher = await client("teacher")
    answer = await teacher.post(
        "/api/v1/lessons", content=body, headers={"Content-Type": "application/json"}
    )
    is_problem(answer, status, code)
    assert await hub.school.running() == []


async def test_a_body_without_a_length_is_counted_too(client):
    async def endless():
        for _ in range(40):
            yield b" " * (64 << 10)

    teacher = await client("teacher")
    answer = await teacher.post(
        "/api/v1/lessons", content=endless(), headers={"Content-Type": "application/json"}
    )
    is_problem(answer, 413, "too-large")


async def test_another_kind_of_body_is_told_so(client):
    teacher = await client("teacher")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml"):
        answer = await teacher.post(
            "/api/v1/lessons", content=b'{"title":"a"}', headers={"Content-Type": kind}
        )
        is_problem(answer, 415, "unsupported-media-type")


async def test_each_wrong_field_is_named(client):
    teacher = await client("teacher")
    answer = await teacher.post("/api/v1/lessons", json={"titel": "a"})
    problem = is_problem(answer, 422, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["body.title", "body.titel"]


@pytest.mark.parametrize(
    ("accept", "said"),
    [
        ("ru;q=0.5, kk", "kk"),
        ("ru-RU, en;q=0.1", "ru"),
        ("de, fr", "en"),
        ("*", "en"),
        (";;q=x", "en"),
        ("", "en"),
    ],
)
async def test_the_callers_language_is_chosen(client, accept, said):
    anybody = await client(None, **{"Accept-Language": accept})
    answer = await anybody.get("/api/v1/devices")
    is_problem(answer, 401, "not-signed-in")
    assert answer.headers["content-language"] == said


async def test_lang_in_the_address_wins(client):
    anybody = await client(None, **{"Accept-Language": "ru"})
    answer = await anybody.get("/api/v1/devices?lang=kk")
    assert answer.headers["content-language"] == "kk"


async def test_a_failure_of_the_hub_has_no_traceback_but_a_place_in_the_log(
    client, hub, monkeypatch, caplog
):
    async def broken(*_, **__):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(hub.school, "lessons", broken)
    answer = await (await client("teacher")).get("/api/v1/lessons")
    problem = is_problem(answer, 500, "internal")
    assert "secret" not in answer.text
    assert problem["instance"] in caplog.text


async def test_refusals_tell_no_internals(client):
    answer = await (await client("pupil")).get("/api/v1/people")
    problem = is_problem(answer, 403, "forbidden")
    assert "detail" not in problem
    answer = await (await client(None)).get("/api/v1/people")
    assert "detail" not in is_problem(answer, 401, "not-signed-in")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_problem_documents_are_json_without_surprises(client):
    answer = await (await client("admin")).get("/api/v1/lessons/none")
    assert set(json.loads(answer.content)) <= {
        "type", "title", "status", "code", "hint", "detail", "instance", "errors",
    }  # fmt: skip
