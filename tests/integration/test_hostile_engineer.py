"""Engineers' routes in the hands of everybody else, and engineers who mistype, race and overdo it."""

import concurrent.futures
import json
import sqlite3
import time

import httpx
import pytest
from websockets.sync.client import connect

from tests.integration.test_mqtt_hub import CAMERA, ON, connected

LIMIT = 30.0
ROLES = ("display", "pupil", "teacher", "engineer", "admin")
RULE = {"title": "x", "hint": "x", "series": "x", "above": 1}
DESTINATION = {"name": "x", "address": "json://127.0.0.1:9/x"}
NEW = {"driver": "stream", "settings": {"url": "http://127.0.0.1:9/"}}

# The least role of each route that came with adoption, recordings, keeping, logs and the network.
RIGHTS = [
    ("GET", "/drivers", None, "engineer"),
    ("POST", "/devices", NEW, "engineer"),
    ("PATCH", "/devices/cam", {"name": "x"}, "engineer"),
    ("DELETE", "/devices/cam", None, "engineer"),
    ("GET", "/devices/cam/settings", None, "engineer"),
    ("GET", "/devices/cam/log", None, "engineer"),
    ("GET", "/discoveries", None, "engineer"),
    ("POST", "/pairings", {"driver": "stream"}, "engineer"),
    ("POST", "/devices/cam/recordings", {"seconds": 1}, "engineer"),
    ("GET", "/recordings", None, "engineer"),
    ("GET", "/recordings/none/content", None, "engineer"),
    ("DELETE", "/recordings/none", None, "engineer"),
    ("PUT", "/devices/cam/faults", {"drop": 1}, "admin"),
    ("DELETE", "/devices/cam/faults", None, "admin"),
    ("GET", "/backups", None, "admin"),
    ("POST", "/backups", None, "admin"),
    ("GET", "/retention", None, "engineer"),
    ("POST", "/retention", None, "admin"),
    ("GET", "/audit", None, "engineer"),
    ("GET", "/network", None, "teacher"),
    ("GET", "/mqtt", None, "engineer"),
    ("GET", "/district", None, "engineer"),
    ("GET", "/district/hands", None, "engineer"),
    ("PUT", "/district/hands/consent", {"allowed": True}, "engineer"),
    ("POST", "/district/hands/keys", {"name": "x", "key": "0" * 64}, "engineer"),
    ("DELETE", "/district/hands/keys/none", None, "engineer"),
    ("POST", "/district/hands/orders/none/agree", None, "engineer"),
    ("POST", "/district/hands/orders/none/decline", None, "engineer"),
    ("GET", "/district/hands/orders/none/bundle", None, "engineer"),
    ("GET", "/plugins", None, "engineer"),
    ("GET", "/tasks", None, "teacher"),
    ("GET", "/spools", None, "teacher"),
    ("GET", "/filament-account", None, "teacher"),
    ("GET", "/print-quotas", None, "teacher"),
    ("GET", "/touch/tuio", None, "teacher"),
    ("GET", "/panels", None, "teacher"),
    ("GET", "/inventory/items", None, "teacher"),
    ("POST", "/inventory/items", {"name": "x"}, "engineer"),
    ("PUT", "/inventory/items/none", {"name": "x", "revision": 1}, "engineer"),
    ("DELETE", "/inventory/items/none", None, "engineer"),
    ("POST", "/inventory/items/none/entries", {"kind": "fault", "text": "x"}, "teacher"),
    ("PATCH", "/inventory/items/none/entries/none", {"ended": None}, "engineer"),
    ("GET", "/inventory/table.csv", None, "engineer"),
    ("POST", "/inventory/table", None, "engineer"),
    ("GET", "/readiness/reports/none/document", None, "teacher"),
    ("DELETE", "/readiness/reports/none", None, "teacher"),
    ("GET", "/inventory/labels.pdf", None, "teacher"),
    ("GET", "/readiness/reports", None, "teacher"),
    ("POST", "/readiness/reports", {"form": "observation"}, "teacher"),
    ("GET", "/health/summary", None, "engineer"),
    ("GET", "/health/computer", None, "engineer"),
    ("GET", "/health/changes", None, "engineer"),
    ("GET", "/health/series", None, "engineer"),
    ("GET", "/health/alerts", None, "teacher"),
    ("GET", "/health/alerts/past", None, "engineer"),
    ("POST", "/health/alerts/none/acknowledge", {}, "engineer"),
    ("DELETE", "/health/alerts/none/acknowledge", None, "engineer"),
    ("POST", "/health/alert-rules", RULE, "engineer"),
    ("GET", "/health/alert-rules", None, "engineer"),
    ("PATCH", "/health/alert-rules/none", {}, "engineer"),
    ("DELETE", "/health/alert-rules/none", None, "engineer"),
    ("PUT", "/health/quiet-hours", {"hours": None}, "engineer"),
    ("DELETE", "/health/quiet-hours", None, "engineer"),
    ("GET", "/health/destinations", None, "engineer"),
    ("POST", "/health/destinations", DESTINATION, "engineer"),
    ("PATCH", "/health/destinations/none", {}, "engineer"),
    ("POST", "/health/destinations/none/test", None, "engineer"),
    ("DELETE", "/health/destinations/none", None, "engineer"),
    ("POST", "/health/check", None, "teacher"),
    ("GET", "/health/check", None, "teacher"),
    ("GET", "/health/checks", None, "teacher"),
    ("GET", "/health/network", None, "engineer"),
    ("GET", "/support-bundle", None, "engineer"),
    ("POST", "/health/network/speed", None, "engineer"),
    ("GET", "/health/network/speeds", None, "engineer"),
    ("GET", "/panel/things", None, "teacher"),
    ("GET", "/panel-web/look", None, "teacher"),
    ("GET", "/screen-time-limits", None, "teacher"),
    ("PUT", "/screen-time-limits", {"minutes": {}}, "engineer"),
    ("GET", "/globe/packs", None, "teacher"),
    ("POST", "/globe/packs/fetch", {"url": "http://localhost:1/a.zip"}, "engineer"),
    ("DELETE", "/globe/packs/none", None, "engineer"),
    ("GET", "/tablets/virtual-pen", None, "teacher"),
]
# Lists whose rights have tests of their own.
OWN_TESTS = (
    "/events",
    "/people",
    "/groups",
    "/tokens",
    "/operations",
    "/touch/results",
    "/health/plots",
    "/health/uptime",
    # Asks for two places.
    "/globe/distance",
)


def until(ask, true):
    end = time.monotonic() + LIMIT
    while not true(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.02)
    return answer


def ids(hub) -> list[str]:
    with hub.client("pupil") as pupil:
        return [one["id"] for one in pupil.get("/api/v1/devices").json()["items"]]


def problem(answer: httpx.Response) -> dict:
    """The problem document of a refusal."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Traceback" not in answer.text
    return answer.json()


@pytest.mark.parametrize(("method", "path", "body", "least"), RIGHTS)
def test_a_lower_role_is_refused_and_nothing_is_done(live_hub, method, path, body, least):
    at = f"/api/v1{path}"
    devices = ids(live_hub)
    with live_hub.client(None) as nobody:
        assert nobody.request(method, at, json=body).status_code == 401
    for role in ROLES[: ROLES.index(least)]:
        with live_hub.client(role) as client:
            answer = client.request(method, at, json=body)
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden"), role
    with live_hub.client("admin", Origin="https://lessons.example") as page:
        assert page.request(method, at, json=body).status_code == 403, "a listed page is a pupil"
    with live_hub.client("admin", Origin="https://evil.example") as page:
        assert page.request(method, at, json=body).json()["code"] == "foreign-origin"
    assert ids(live_hub) == devices


def test_an_admins_cookie_is_of_no_use_to_pages_of_others(live_hub):
    with live_hub.session("admin") as browser:
        for method, path, body, _ in RIGHTS:
            for origin in ("null", "https://evil.example", live_hub.url + "1"):
                headers = {"Origin": origin}
                answer = browser.request(method, f"/api/v1{path}", json=body, headers=headers)
                assert answer.status_code in (401, 403), (path, origin)


def test_every_route_of_engineers_is_in_that_list(live_hub):
    """A new route must be added to `RIGHTS`, or be one that pupils may call."""
    paths = httpx.get(f"{live_hub.url}/api/v1/openapi.json").json()["paths"]
    listed = {(method, path.replace("/cam", "/{device}")) for method, path, _, _ in RIGHTS}
    listed = {(m, p.replace("/recordings/none", "/recordings/{recording}")) for m, p in listed}
    unknown = {}
    with live_hub.client("pupil") as pupil:
        for path, operations in paths.items():
            for method in operations:
                plain = path.removeprefix("/api/v1")
                if (method.upper(), plain) in listed or method != "get" or "{" in plain:
                    continue
                if plain in OWN_TESTS:
                    continue
                status = pupil.get(path).status_code
                if status not in (200, 404):
                    unknown[plain] = status
    assert unknown == {}, "who may call it?"


def test_a_pupil_hears_nothing_of_what_engineers_do(start, camera):
    hub = start(config=CAMERA.format(url=camera.url), environment=ON)
    connected(hub)
    headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
    with hub.client("admin") as api, connect(hub.ws, additional_headers=headers, proxy=None) as ws:
        ws.send('{"op":"subscribe","sub":1,"filter":"#"}')
        ws.send('{"op":"subscribe","sub":2,"filter":"discoveries"}')
        ws.send('{"op":"subscribe","sub":3,"filter":"hub/health"}')
        body = {**NEW, "id": "mine", "name": "Mine"}
        assert api.post("/api/v1/devices", json=body).status_code == 201
        backup = api.post("/api/v1/backups").headers["Location"]
        until(lambda: api.get(backup).json(), lambda one: one["ended"])
        api.post("/api/v1/tokens", json={"role": "pupil", "name": "secret-token-name"})
        assert api.delete("/api/v1/devices/mine").status_code == 204
        api.post("/api/v1/lessons", json={"title": "the last thing"})
        topics = set()
        while True:
            message = json.loads(ws.recv(LIMIT))
            topics.add(message.get("topic", ""))
            said = json.dumps(message)
            assert "secret-token-name" not in said
            if message.get("topic") == "mine/state" and message["payload"] is None:
                break
        first = {topic.split("/")[0] for topic in topics if topic}
        assert first <= {"cam", "mine", "x", "lessons"}, first
        with hub.client("pupil") as pupil:
            assert pupil.get(backup).status_code in (403, 404)
            assert backup.rsplit("/", 1)[1] not in pupil.get("/api/v1/operations").text


@pytest.mark.parametrize(
    "name", ["hub", "state", "operations", "lessons", "assets", "discoveries", "cmd", "reply", "x"]
)
def test_no_device_takes_the_place_of_the_hubs_own_topics(live_hub, start, name):
    with live_hub.client("engineer") as api:
        refusal = problem(api.post("/api/v1/devices", json={**NEW, "id": name}))
        assert refusal["errors"][0]["field"] == "body.id"
    if name == "hub":
        with pytest.raises(RuntimeError, match="choose another id"):
            start(config='[[devices]]\nid = "hub"\ndriver = "stream"\n')


DEEP = '{"a":' * 900 + "1" + "}" * 900


@pytest.mark.parametrize(
    "body",
    [
        '{"driver":"stream","settings":' + DEEP + "}",
        '{"driver":"stream","settings":{"url":' + "[" * 900 + "]" * 900 + "}}",
        '{"driver":"stream","settings":' + '{"a":' * 100_000 + "1" + "}" * 100_000 + "}",
        '{"driver":"stream","settings":{"url":1e999}}',
        '{"driver":"stream","settings":{"url":NaN}}',
        '{"driver":"stream","settings":{"url":"http://h/","focus":' + "9" * 4000 + "}}",
        '{"driver":"stream","settings":{"' + "k" * 500_000 + '":1}}',
        '{"driver":"stream","settings":{"url":"http://h/\\ud800"}}',
        '{"driver":"stream","settings":{"url":"http://h/","url":"http://h/"}}',
        '{"driver":"stream","settings":[]}',
        '{"driver":"stream","settings":{"__proto__":{},"constructor":1,"url":null}}',
        '{"driver":"stream","identity":"usb:056a:0302@../../etc","settings":{}}',
        '{"driver":"../../etc/passwd\\u0000"}',
        '{"driver":"stream","name":"' + "n" * 900_000 + '","settings":{}}',
        '{"driver":"stream","id":"a\\n","settings":{"url":"http://h/"}}',
        '{"driver":"stream","id":"A","settings":{"url":"http://h/"}}',
        '{"driver":["stream"]}',
        "[]",
        '"',
        "",
    ],
)  # fmt: skip
def test_what_no_form_would_send_is_refused_in_words(live_hub, body):
    with live_hub.client("engineer") as api:
        headers = {"Content-Type": "application/json"}
        answer = api.post("/api/v1/devices", content=body.encode(), headers=headers)
        assert problem(answer)["hint"]
        assert len(answer.content) < 20_000
        answer = api.patch("/api/v1/devices/cam", content=body.encode(), headers=headers)
        assert problem(answer)["hint"]


@pytest.mark.parametrize(
    "name",
    ["..", "%2e%2e%2f%2e%2e%2fhub", "a%00", "a%0a", "A" * 300, "..%5c..", ".jsonl", "%2fetc"],
)
def test_a_recordings_name_leads_nowhere_else(live_hub, name):
    with live_hub.client("admin") as api:
        at = f"{live_hub.url}/api/v1/recordings/{name}"
        assert api.get(f"{at}/content").status_code in (400, 404, 422)
        assert api.delete(at).status_code in (400, 404, 405, 422)


def test_two_engineers_at_once_leave_one_whole_device(start, camera):
    hub = start(config='language = "en"')
    identity = "usb:056a:0302:S"
    with hub.client("engineer") as api, concurrent.futures.ThreadPoolExecutor(8) as many:
        api.timeout = 60  # each asks the driver about the settings, one after the other

        def adopt(number: int) -> httpx.Response:
            settings = {"url": camera.url}
            body = {"driver": "stream", "identity": identity, "settings": settings}
            if number % 2:
                body |= {"id": "same", "identity": f"{identity}{number}"}
            return api.post("/api/v1/devices", json=body)

        answers = list(many.map(adopt, range(8)))
        assert sorted(a.status_code for a in answers) == [201, 201] + [409] * 6
        codes = {a.json()["code"] for a in answers if a.status_code == 409}
        assert codes == {"already-adopted", "id-taken"}

        def change(number: int) -> int:
            if number == 8:
                return api.delete("/api/v1/devices/same").status_code
            settings = {"user": f"user{number}", "password": f"user{number}"}
            body = {"name": f"user{number}", "settings": settings}
            return api.patch("/api/v1/devices/same", json=body).status_code

        assert set(many.map(change, range(8))) == {200}
        name = api.get("/api/v1/devices/same").json()["name"]
        settings = api.get("/api/v1/devices/same/settings").json()
        assert settings["values"]["user"] == name
        assert settings["secrets_set"] == ["password"]
        statuses = list(many.map(change, range(5, 12)))
        assert statuses.count(204) == 1
        assert set(statuses) <= {200, 204, 404}
        assert api.get("/api/v1/devices/same").status_code == 404
        audit = api.get("/api/v1/audit", params={"subject": "same", "limit": 200}).json()["items"]
        assert sum(entry["action"] == "device.adopt" for entry in audit) == 1
        assert sum(entry["action"] == "device.remove" for entry in audit) == 1
    hub.stop()
    assert "Traceback" not in hub.err.read_text()


def test_adoption_has_an_end(start):
    small = "import hub.devices.adoption as one\none.MOST_DEVICES = 20"
    hub = start("--virtual", config='language = "en"', before=small)
    with hub.client("engineer") as api:
        there = len(api.get("/api/v1/devices").json()["items"])
        for number in range(30):
            body = {**NEW, "identity": f"usb:056a:0302:{number}"}
            answer = api.post("/api/v1/devices", json=body)
            if there + number < 20:
                assert answer.status_code == 201, answer.text
            else:
                assert problem(answer)["code"] == "too-many-devices"


def test_a_device_that_makes_no_sense_is_left_out_and_the_others_work_on(start, camera):
    hub = start(config='language = "en"')
    with hub.client("engineer") as api:
        for device in ("good", "bad"):
            body = {"driver": "stream", "id": device, "settings": {"url": camera.url}}
            assert api.post("/api/v1/devices", json=body).status_code == 201
    hub.stop()
    with sqlite3.connect(hub.data / "hub.sqlite") as database:
        wrong = "UPDATE device SET settings = '[1]', identity = 'usb:056a:0302:S' WHERE id = 'bad'"
        database.execute(wrong)
    database.close()
    hub = start(config='language = "en"')
    with hub.client("engineer") as api:
        assert [one["id"] for one in api.get("/api/v1/devices").json()["items"]] == ["good"]
        assert "the adopted device bad is left out" in hub.err.read_text()
        body = {"driver": "stream", "settings": {"url": camera.url}}
        again = {**body, "identity": "usb:056a:0302:S"}
        assert api.post("/api/v1/devices", json=again).status_code == 201
        assert api.post("/api/v1/devices", json={**body, "id": "bad"}).status_code == 201
    hub.stop()
    assert "Traceback" not in hub.err.read_text()
