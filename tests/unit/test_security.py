"""Who may do what over HTTP: derived from the routes themselves."""

import re
from datetime import timedelta

import pytest
from fastapi.routing import APIRoute, iter_route_contexts

from hub.api.security import PUBLIC, own_origin, requirement
from hub.api.signing import BadLink, Signer, load_key
from hub.device import Role
from hub.rights import Principal

HOST = "localhost:8420"
BELOW = {
    Role.DISPLAY: None,
    Role.PUPIL: "display",
    Role.TEACHER: "pupil",
    Role.ENGINEER: "teacher",
    Role.ADMIN: "engineer",
}


def routes(api):
    """Every route: method, an address of it, the role it requires (None: public)."""
    for context in iter_route_contexts(api.app.routes):
        route = context.original_route
        if isinstance(route, APIRoute):
            required = requirement(route.dependant)
            address = re.sub(r"\{[^}]+\}", "abc", context.path)
            for method in sorted(context.methods):
                yield method, address, None if required is None else required.role


async def test_every_route_says_who_may_call_it(api):
    found = list(routes(api))
    assert len(found) > 40
    for context in iter_route_contexts(api.app.routes):
        route = context.original_route
        public = getattr(route.endpoint, PUBLIC, False)
        assert (requirement(route.dependant) is None) == public, context.path


async def test_only_these_routes_are_public(api):
    public = {(method, path) for method, path, role in routes(api) if role is None}
    assert public == {
        ("GET", "/api/v1/health"),
        ("GET", "/api/v1/hub"),
        ("GET", "/api/v1/asyncapi.json"),
        ("GET", "/api/v1/openapi.json"),
        ("POST", "/api/v1/session"),
    }


async def test_nobody_gets_in_without_signing_in(api, client):
    anybody = await client(None)
    for method, path, role in routes(api):
        if role is not None:
            answer = await anybody.request(method, path)
            assert answer.status_code == 401, (method, path)


async def test_each_route_refuses_the_role_below_its_own(api, client):
    clients = {role: await client(role) for role in set(BELOW.values()) - {None}}
    tried = 0
    for method, path, role in routes(api):
        below = BELOW.get(role)
        if below is not None:
            answer = await clients[below].request(method, path)
            assert answer.status_code == 403, (method, path, below)
            tried += 1
    assert tried > 30


async def test_what_pupils_cannot_do_is_written_down(api):
    """A change of this table is a decision, not an accident."""
    beyond = {
        (method, path)
        for method, path, role in routes(api)
        if role is not None and not Role.PUPIL.includes(role)
    }
    assert beyond == {
        ("GET", "/api/v1/devices/abc/log"),
        ("GET", "/api/v1/devices/abc/settings"),
        ("GET", "/api/v1/discoveries"),
        ("GET", "/api/v1/drivers"),
        ("GET", "/api/v1/audit"),
        ("GET", "/api/v1/backups"),
        ("GET", "/api/v1/groups"),
        ("GET", "/api/v1/lessons/abc/members"),
        ("GET", "/api/v1/lessons/abc/qr.svg"),
        ("GET", "/api/v1/mqtt"),
        ("GET", "/api/v1/network"),
        ("GET", "/api/v1/panel/things"),
        ("GET", "/api/v1/people"),
        ("GET", "/api/v1/plugins"),
        ("GET", "/api/v1/recordings"),
        ("GET", "/api/v1/recordings/abc/content"),
        ("GET", "/api/v1/retention"),
        ("GET", "/api/v1/support-bundle"),
        ("GET", "/api/v1/tasks"),
        ("GET", "/api/v1/tasks/abc"),
        ("GET", "/api/v1/tokens"),
        ("DELETE", "/api/v1/devices/abc"),
        ("DELETE", "/api/v1/devices/abc/faults"),
        ("DELETE", "/api/v1/lessons/abc/members/abc"),
        ("DELETE", "/api/v1/lessons/abc/task"),
        ("DELETE", "/api/v1/panel"),
        ("DELETE", "/api/v1/people/abc"),
        ("DELETE", "/api/v1/recordings/abc"),
        ("DELETE", "/api/v1/tokens/abc"),
        ("PATCH", "/api/v1/devices/abc"),
        ("PATCH", "/api/v1/lessons/abc"),
        ("PATCH", "/api/v1/panel"),
        ("PATCH", "/api/v1/people/abc"),
        ("POST", "/api/v1/backups"),
        ("POST", "/api/v1/devices"),
        ("POST", "/api/v1/devices/abc/recordings"),
        ("POST", "/api/v1/groups"),
        ("POST", "/api/v1/retention"),
        ("POST", "/api/v1/lessons"),
        ("POST", "/api/v1/lessons/abc/end"),
        ("POST", "/api/v1/pairings"),
        ("POST", "/api/v1/searches"),
        ("POST", "/api/v1/people"),
        ("POST", "/api/v1/tokens"),
        ("PUT", "/api/v1/devices/abc/faults"),
        ("PUT", "/api/v1/lessons/abc/task"),
        ("PUT", "/api/v1/panel"),
        ("PUT", "/api/v1/panel/next"),
    }


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8420",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "a b",
        "localhost:port",
        "user@localhost",
    ],
)
async def test_a_foreign_host_is_refused(client, host):
    answer = await (await client("admin", Host=host)).get("/api/v1/hub")
    assert answer.status_code == 421
    assert answer.json()["code"] == "foreign-host"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8420", "127.0.0.1:1", "[::1]:8420", "hub.school.local"]
)
async def test_the_hubs_own_names_are_taken(client, host):
    assert (await (await client(None, Host=host)).get("/api/v1/hub")).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["null", "https://evil.example", "http://localhost:1", "http://localhost.evil.example", "x"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
async def test_a_foreign_origin_is_refused(client, origin, method):
    answer = await (await client("admin", Origin=origin)).request(method, "/api/v1/hub")
    assert answer.status_code == 403
    assert answer.json()["code"] == "foreign-origin"
    assert "access-control-allow-origin" not in answer.headers


async def test_a_listed_origin_has_a_pupils_rights_and_no_credentials(client):
    teacher = await client("teacher", Origin="https://lessons.example")
    answer = await teacher.get("/api/v1/session")
    assert answer.json()["principal"]["role"] == "pupil"
    assert answer.headers["access-control-allow-origin"] == "https://lessons.example"
    assert "access-control-allow-credentials" not in answer.headers
    assert (await teacher.post("/api/v1/lessons", json={"title": "a"})).status_code == 403
    asked = await teacher.options("/api/v1/devices")
    assert asked.status_code == 204
    assert "Authorization" in asked.headers["access-control-allow-headers"]


async def test_a_listed_origin_cannot_open_a_session(client, hub):
    code = await hub.sign_in_code()
    page = await client(None, Origin="https://lessons.example")
    answer = await page.post("/api/v1/session", json={"code": code})
    assert answer.status_code == 403


async def sign_in(client, hub, role=Role.TEACHER):
    code = await hub.school.create_sign_in_code(role, "Aigul")
    browser = await client(None)
    answer = await browser.post(
        "/api/v1/session", json={"code": code}, headers={"Origin": f"http://{HOST}"}
    )
    assert answer.status_code == 200
    return browser, answer


async def test_a_sign_in_code_becomes_a_strict_cookie_once(client, hub):
    code = await hub.school.create_sign_in_code(Role.TEACHER, "Aigul")
    browser = await client(None)
    answer = await browser.post("/api/v1/session", json={"code": code})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "Path=/" in cookie
    assert code not in cookie
    assert (await browser.get("/api/v1/session")).json()["principal"]["role"] == "teacher"
    again = await (await client(None)).post("/api/v1/session", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (403, "wrong-code")


async def test_a_cookie_needs_our_own_origin_for_unsafe_methods(client, hub):
    browser, _ = await sign_in(client, hub)
    assert (await browser.get("/api/v1/lessons")).status_code == 200
    body = {"title": "a"}
    assert (await browser.post("/api/v1/lessons", json=body)).status_code == 403
    for origin in ("null", "https://evil.example", "http://localhost:9999"):
        answer = await browser.post("/api/v1/lessons", json=body, headers={"Origin": origin})
        assert answer.status_code == 403, origin
    ours = {"Origin": f"http://{HOST}"}
    assert (await browser.post("/api/v1/lessons", json=body, headers=ours)).status_code == 201


async def test_a_listed_origins_cookie_counts_for_nothing(client, hub):
    browser, _ = await sign_in(client, hub)
    answer = await browser.get("/api/v1/session", headers={"Origin": "https://lessons.example"})
    assert answer.status_code == 401


async def test_a_bearer_token_makes_the_cookie_count_for_nothing(client, hub):
    browser, _ = await sign_in(client, hub, Role.ADMIN)
    secret, _ = await hub.school.create_token(Role.PUPIL, "program")
    with_both = {"Authorization": f"Bearer {secret}"}
    answer = await browser.get("/api/v1/session", headers=with_both)
    assert answer.json()["principal"]["role"] == "pupil"
    for wrong in ("Bearer chub_wrong", "Bearer ", "Basic YWRtaW46", "Bearer é"):
        answer = await browser.get("/api/v1/session", headers={"Authorization": wrong.encode()})
        assert answer.status_code == 401, wrong


async def test_an_expired_and_a_revoked_token_are_over(client, hub):
    secret, _ = await hub.school.create_token(
        Role.ADMIN, "short", expires=timedelta(microseconds=1)
    )
    anybody = await client(None)
    late = {"Authorization": f"Bearer {secret}"}
    assert (await anybody.get("/api/v1/devices", headers=late)).status_code == 401
    secret, token = await hub.school.create_token(Role.ADMIN, "revoked")
    late = {"Authorization": f"Bearer {secret}"}
    assert (await anybody.get("/api/v1/devices", headers=late)).status_code == 200
    await hub.school.revoke_token(token.id)
    assert (await anybody.get("/api/v1/devices", headers=late)).status_code == 401


async def test_signing_out_ends_the_session(client, hub):
    browser, _ = await sign_in(client, hub)
    secret = browser.cookies["classhub"]
    answer = await browser.delete("/api/v1/session", headers={"Origin": f"http://{HOST}"})
    assert answer.status_code == 204
    assert 'classhub=""' in answer.headers["set-cookie"]
    kept = await (await client(None, Cookie=f"classhub={secret}")).get("/api/v1/session")
    assert kept.status_code == 401


async def test_nobody_makes_somebody_mightier_than_themselves(client, hub):
    teacher = await client("teacher")
    answer = await teacher.post("/api/v1/people", json={"name": "Eve", "role": "admin"})
    assert answer.status_code == 403
    admin = await hub.school.create_person("Boss", Role.ADMIN)
    for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        answer = await teacher.request(method, f"/api/v1/people/{admin.id}", json=body)
        assert answer.status_code == 403


async def test_a_pupil_sees_itself_and_nobody_else(client, hub):
    person = await hub.school.create_person("Aizhan")
    other = await hub.school.create_person("Dana")
    secret, _ = await hub.school.create_token(Role.PUPIL, "tablet", person=person.id)
    pupil = await client(None, Authorization=f"Bearer {secret}")
    assert (await pupil.get(f"/api/v1/people/{person.id}")).status_code == 200
    assert (await pupil.get(f"/api/v1/people/{other.id}")).status_code == 403


def test_own_origin_is_that_of_the_host():
    scope = {"headers": [(b"host", b"Hub.local:8420")]}
    assert own_origin(scope, "http://hub.local:8420")
    assert own_origin(scope, "https://hub.local:8420")
    for other in ("null", "http://hub.local", "ws://hub.local:8420", "hub.local:8420", ""):
        assert not own_origin(scope, other)


WHO = Principal("01hub", "x", Role.TEACHER, via="token")


def parts(url):
    path, _, query = url.partition("?")
    return path, dict(part.split("=", 1) for part in query.split("&"))


def test_a_signed_address_opens_its_path_and_no_other():
    signer = Signer(b"k" * 32, clock=lambda: 1000.0)
    path, query = parts(signer.sign("/a/live", WHO)[0])
    found = signer.check(path, query["expires"], query["by"], query["signature"])
    assert (found.id, found.via) == (WHO.id, "token")
    for wrong in (
        ("/a/liv", query["expires"], query["by"], query["signature"]),
        (path, "4601", query["by"], query["signature"]),
        (path, query["expires"], query["by"] + "A", query["signature"]),
        (path, query["expires"], query["by"], query["signature"][:-1]),
        (path, "", "", ""),
        (path, "-1", query["by"], query["signature"]),
        (path, "9" * 40, query["by"], query["signature"]),
        (path, "²", query["by"], "é"),
    ):
        with pytest.raises(BadLink):
            signer.check(*wrong)


def test_a_signed_address_ends_within_the_hour():
    now = [1000.0]
    signer = Signer(b"k" * 32, clock=lambda: now[0])
    url, expires = signer.sign("/a", WHO, seconds=10**9)
    assert expires == 1000 + 3600
    path, query = parts(url)
    now[0] = 4600.5
    with pytest.raises(BadLink):
        signer.check(path, query["expires"], query["by"], query["signature"])


def test_the_key_is_made_once_and_for_the_hub_alone(tmp_path):
    file = tmp_path / "links.key"
    key = load_key(file)
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_key(file) == key


def test_a_damaged_key_is_made_anew(tmp_path, caplog):
    file = tmp_path / "links.key"
    file.write_bytes(b"half a key")
    assert len(load_key(file)) == 32
    assert "damaged" in caplog.text


async def test_a_signed_address_with_a_heap_of_fields_is_a_bad_link(client):
    anybody = await client(None)
    heap = "&".join(f"a{n}=1" for n in range(50))
    path = f"/api/v1/devices/cam/streams/view/latest.jpg?signature=x&{heap}"
    answer = await anybody.get(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "bad-link")


async def test_the_bus_and_the_api_say_the_same_of_an_asset(client, hub, tiny_jpeg):
    heard = []
    hub.bus.subscribe("assets/#", heard.append)
    teacher = await client("teacher")
    files = {"file": ("a.jpg", tiny_jpeg, "image/jpeg")}
    told = (await teacher.post("/api/v1/assets", files=files)).json()
    assert heard[-1].payload["asset"] == told
