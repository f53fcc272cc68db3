"""Slicers send to the hub as to OctoPrint or PrusaLink: their own bytes, held for approval."""

import json
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

REQUESTS = Path(__file__).parent / "slicer_requests"
UPLOADS = {
    "prusaslicer-octoprint": "cube_0.2mm_PLA.gcode",
    "prusaslicer-prusalink": "cube_0.2mm_PLA.gcode",
    "orcaslicer-octoprint": "cube_PLA_12m.gcode",
    "cura-octoprint": "UMO_cube.gcode",
    "cura-octoprint-path": "UMO_cube.gcode",
}
CONFIG = """
language = "en"
[plugins.microscopy]
enabled = false
[[devices]]
id = "prusa"
driver = "octoprint"
name = "Prusa at the window"
settings = { host = "127.0.0.1", port = 9, volume = { x = 250, y = 210, z = 220 } }
[[devices]]
id = "cam"
driver = "stream"
name = "Camera"
settings = { url = "http://127.0.0.1:9/" }
"""


@pytest.fixture(scope="module")
def hub(start_shared):
    return start_shared(config=CONFIG)


@pytest.fixture(scope="module")
def key(hub):
    return hub.token("pupil")


def send(hub, data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes as they are; return status, headers and body of the answer."""
    with socket.create_connection(("127.0.0.1", hub.port), timeout=20) as line:
        line.sendall(data)
        got = b""
        while True:
            head, found, body = got.partition(b"\r\n\r\n")
            if found and head.startswith(b"HTTP/1.1 100"):
                got = body
                continue
            lines = head.decode().split("\r\n")
            headers = {n.lower(): v for n, _, v in (one.partition(": ") for one in lines[1:])}
            if found and len(body) >= int(headers.get("content-length", 0)):
                return int(lines[0].split()[1]), headers, body
            piece = line.recv(65536)
            assert piece, got
            got += piece


def replayed(
    hub, name: str, key: str, *, to: str = "", what: str = ""
) -> tuple[int, dict[str, str], bytes]:
    data = (REQUESTS / f"{name}.http").read_bytes()
    data = data.replace(b"HUB", f"127.0.0.1:{hub.port}".encode(), 1)
    data = data.replace(b"KEY", key.encode(), 1)
    data = data.replace(b"WHAT", what.encode(), 1)
    if to:
        data = data.replace(b" /api/", f" /api/to/{to}/api/".encode(), 1)
    return send(hub, data)


def web(hub, key: str) -> httpx.Client:
    return httpx.Client(base_url=hub.url, headers={"X-Api-Key": key}, timeout=20)


def jobs(hub, token: str) -> list[dict]:
    answer = httpx.get(
        f"{hub.url}/api/v1/print-jobs", headers={"Authorization": f"Bearer {token}"}, timeout=20
    )
    return answer.json()["items"]


@pytest.mark.parametrize("slicer", ["prusaslicer", "orcaslicer"])
def test_the_slicer_finds_octoprint_that_takes_put(hub, key, slicer):
    status, _, body = replayed(hub, f"{slicer}-version", key)
    told = json.loads(body)
    assert status == 200
    assert told["api"] == "0.1"
    assert told["text"].startswith("OctoPrint")
    assert told["capabilities"]["upload-by-put"] is True
    # Where it can send to: "storage_list" must be the first that stands there.
    status, _, body = replayed(hub, "prusaslicer-storage", key)
    told = json.loads(body)
    assert (status, next(iter(told))) == (200, "storage_list")
    (place,) = told["storage_list"]
    assert (place["path"], place["read_only"], place["available"]) == ("/local", False, True)


@pytest.mark.parametrize("to", ["", "prusa"])
def test_cura_connects_and_looks_as_to_octoprint(hub, key, to):
    """It reads these fields without asking whether they are there."""

    def look(what: str) -> dict:
        status, headers, body = replayed(hub, "cura-look", key, to=to, what=what)
        assert (status, headers["content-type"]) == (200, "application/json")
        return json.loads(body)

    assert look("settings")["feature"]["sdSupport"] is False
    assert look("settings")["webcam"]["streamUrl"] == ""
    assert look("settings")["plugins"] == {}
    assert look("version")["server"] == "1.11.0"
    (profile,) = look("printerprofiles")["profiles"].values()
    assert profile["current"] is True
    assert all(profile["axes"][axis].keys() >= {"speed", "inverted"} for axis in "xyze")
    state = look("printer")["state"]
    flags = "error closedOrError paused pausing printing cancelling ready operational"
    assert state["flags"].keys() >= set(flags.split())
    assert state["flags"]["ready"]
    job = look("job")
    assert job["state"] == "Operational"
    assert job["job"]["file"]["name"] is None
    assert job["progress"].keys() >= {"printTime", "printTimeLeft", "completion"}
    # It takes 404 for "knows no users", and anything else for an error that it shows.
    assert replayed(hub, "cura-login", key, to=to)[0] == 404


@pytest.mark.parametrize("name", UPLOADS)
def test_upload_and_print_is_held_for_approval(hub, key, name):
    before = {job["id"] for job in jobs(hub, key)}
    status, headers, body = replayed(hub, name, key)
    told = json.loads(body)
    assert status == 201
    assert told["effectivePrint"] is False
    assert told["effectiveSelect"] is False
    assert headers["location"].startswith(f"{hub.url}/api/files/local/")
    (job,) = [job for job in jobs(hub, key) if job["id"] not in before]
    assert job["name"] == UPLOADS[name].removesuffix(".gcode")
    assert job["kind"] == "gcode"
    assert job["state"] in ("uploaded", "checking", "waiting")
    deadline = time.monotonic() + 30
    while (state := next(j for j in jobs(hub, key) if j["id"] == job["id"])["state"]) != "waiting":
        assert state in ("uploaded", "checking")
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with web(hub, key) as client:
        found = client.get(headers["location"].removeprefix(hub.url))
    assert found.json()["name"] == UPLOADS[name]


def test_a_teachers_upload_is_held_too(hub):
    status, _, body = replayed(hub, "prusaslicer-octoprint", hub.token("teacher"))
    assert (status, json.loads(body)["effectivePrint"]) == (201, False)
    mine = [job for job in jobs(hub, hub.token("teacher")) if job["id"] == json.loads(body)["job"]]
    assert mine[0]["state"] in ("uploaded", "checking", "waiting")


def test_what_arrives_is_what_was_sent(hub, key):
    _, _, body = replayed(hub, "prusaslicer-prusalink", key)
    bearer = {"Authorization": f"Bearer {key}"}
    job = httpx.get(f"{hub.url}/api/v1/print-jobs/{json.loads(body)['job']}", headers=bearer).json()
    content = httpx.get(f"{hub.url}/api/v1/assets/{job['gcode']}/content", headers=bearer).content
    sent = (REQUESTS / "prusaslicer-prusalink.http").read_bytes().partition(b"\r\n\r\n")[2]
    assert content == sent


def test_an_address_with_a_printer_sends_to_that_one(hub, key):
    _, _, body = replayed(hub, "prusaslicer-octoprint", key, to="prusa")
    (job,) = [job for job in jobs(hub, key) if job["id"] == json.loads(body)["job"]]
    assert job["printer_wanted"] == "prusa"
    with web(hub, key) as client:
        told = client.get("/api/to/prusa/api/printerprofiles").json()
    profile = told["profiles"]["_default"]
    assert profile["name"] == "Prusa at the window"


@pytest.mark.parametrize("printer", ["cam", "nobody"])
def test_what_is_no_printer_is_not_found(hub, key, printer):
    assert replayed(hub, "prusaslicer-octoprint", key, to=printer)[0] == 404
    with web(hub, key) as client:
        assert client.get(f"/api/to/{printer}/api/version").status_code == 404


def test_cura_asks_to_select_and_print_afterwards_in_vain(hub, key):
    _, headers, _ = replayed(hub, "cura-octoprint", key)
    with web(hub, key) as client:
        answer = client.post(
            headers["location"].removeprefix(hub.url), json={"command": "select", "print": True}
        )
        assert (answer.status_code, answer.json()["code"]) == (409, "held-for-approval")
        assert client.post("/api/job", json={"command": "start"}).status_code == 409


def test_slicers_see_a_printer_and_nobody_elses_part(hub, key):
    with web(hub, key) as client:
        flags = client.get("/api/printer").json()["state"]["flags"]
        assert (flags["ready"], flags["error"]) == (True, False)
        assert client.get("/api/job").json()["job"]["file"]["name"] is None
        assert client.get("/api/settings").json()["feature"]["sdSupport"] is False
        assert client.get("/api/files").json() == {"files": []}
        assert client.get("/api/v1/status").json()["printer"]["state"] == "IDLE"
        assert next(iter(client.get("/api/v1/storage").json())) == "storage_list"
        assert client.get("/api/v1/info").json()["nozzle_diameter"] == 0.4
        assert client.get("/api/v1/job").status_code == 204


def test_without_a_good_key_nothing_is_told_or_taken(hub):
    for bad in ("", "wrong", "chub_" + "x" * 43):
        assert replayed(hub, "prusaslicer-version", bad)[0] == 401
        assert replayed(hub, "prusaslicer-octoprint", bad)[0] == 401
        assert replayed(hub, "prusaslicer-prusalink", bad)[0] == 401
    gone = hub.new_token("pupil", expires=timedelta(milliseconds=1))[0]
    assert replayed(hub, "prusaslicer-octoprint", gone)[0] == 401
    assert replayed(hub, "prusaslicer-octoprint", hub.token("display"))[0] == 403


def test_a_key_opens_the_slicers_routes_and_no_others(hub, key):
    with web(hub, key) as client:
        assert client.get("/api/v1/print-jobs").status_code == 401
        assert client.get("/api/v1/devices").status_code == 401


def test_a_foreign_host_or_page_is_refused(hub, key):
    with web(hub, key) as client:
        foreign = {"Host": "printer.evil.example"}
        assert client.get("/api/version", headers=foreign).status_code == 421
        page = {"Origin": "https://evil.example"}
        assert client.get("/api/version", headers=page).status_code == 403


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("../../etc/passwd.gcode", "passwd.gcode"),
        ("C:\\Temp\\cube.gcode", "cube.gcode"),
        ("..", None),
    ],
)
def test_a_name_is_never_a_path(hub, key, name, stored):
    with web(hub, key) as client:
        answer = client.post("/api/files/local", files={"file": (name, b"G28\n")})
    if stored is None:
        assert answer.status_code == 400
    else:
        assert answer.json()["name"] == stored


NAME = "Кілт сақина (соңғы) 2.gcode"
PART = b"; by hand\nM109 S200\nG28\nG1 X10 Y10 Z0.2 E1 F1200\nM104 S0\n"


def form(name: str) -> tuple[str, bytes]:
    """A form as PrusaSlicer sends it, folder and all; its type and its bytes."""
    head = 'Content-Disposition: form-data; name="{}"'
    fields = [head.format("print") + "\r\n\r\ntrue", head.format("path") + "\r\n\r\nпапка/ағаш"]
    file = f'{head.format("file")}; filename="{name}"\r\nContent-Type: application/octet-stream'
    parts = [one.encode() for one in fields] + [f"{file}\r\n\r\n".encode() + PART]
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
    return "multipart/form-data; boundary=x", body


@pytest.mark.parametrize("way", ["form", "put"])
@pytest.mark.parametrize("sent", ["whole", "in chunks", "once it is asked for"])
def test_letters_of_all_alphabets_and_every_way_of_sending(hub, key, way, sent):
    kind, body = form(NAME) if way == "form" else ("text/x.gcode", PART)
    line = "POST /api/files/local" if way == "form" else f"PUT /api/v1/files/local/{quote(NAME)}"
    head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\nX-Api-Key: {key}\r\n"
    head += f"Content-Type: {kind}\r\n"
    if sent == "in chunks":
        chunks = [body[at : at + 40] for at in range(0, len(body), 40)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(one), one) for one in chunks) + b"0\r\n\r\n"
        head += "Transfer-Encoding: chunked\r\n"
    else:
        head += f"Content-Length: {len(body)}\r\n"
    if sent == "once it is asked for":
        head += "Expect: 100-continue\r\n"
        # With a wrong key nothing is asked for: the slicer need not send it.
        wrong = head.replace(key, "wrong").encode() + b"\r\n"
        assert send(hub, wrong)[0] == 401
    status, headers, answer = send(hub, head.encode() + b"\r\n" + body)
    told = json.loads(answer)
    assert (status, told["name"], told["effectivePrint"]) == (201, NAME, False)
    assert headers["location"].endswith(quote(NAME))
    (job,) = [one for one in jobs(hub, key) if one["id"] == told["job"]]
    assert job["name"] == NAME.removesuffix(".gcode")


def test_too_much_and_too_little_are_refused(hub, key):
    big = f"PUT /api/v1/files/local/a.gcode HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\n"
    big += f"X-Api-Key: {key}\r\nContent-Type: text/x.gcode\r\nContent-Length: 999999999\r\n\r\n"
    assert send(hub, big.encode())[0] == 413
    with web(hub, key) as client:
        assert client.post("/api/files/local", data={"print": "true"}).status_code in (415, 422)
        empty = client.post("/api/files/local", files={"print": (None, "true")})
        assert empty.status_code == 422
        elsewhere = client.post("/api/files/elsewhere", files={"file": ("a.gcode", b"G28\n")})
        assert elsewhere.status_code == 422


@pytest.fixture(scope="module")
def teacher(hub):
    with hub.session("teacher") as teacher:
        yield teacher


@pytest.fixture(scope="module")
def lesson(teacher):
    group = teacher.post("/api/v1/groups", json={"name": "7B"}).json()["id"]
    return teacher.post("/api/v1/lessons", json={"title": "3D", "group": group}).json()


@pytest.fixture
def pupil(hub, lesson):
    with httpx.Client(base_url=hub.url, headers={"Origin": hub.url}, timeout=20) as pupil:
        joined = pupil.post("/api/v1/session", json={"digits": lesson["code"], "name": "Aru"})
        joined.raise_for_status()
        yield pupil


def test_a_pupils_key_sends_in_the_pupils_name_and_opens_nothing_else(hub, pupil, lesson):
    made = pupil.post("/api/v1/print-keys").raise_for_status().json()
    assert made["lesson"] == {"id": lesson["id"], "name": "3D"}
    status, headers, body = replayed(hub, "prusaslicer-octoprint", made["key"])
    assert status == 201
    (job,) = pupil.get("/api/v1/print-jobs", params={"owner": "me"}).json()["items"]
    assert job["id"] == json.loads(body)["job"]
    assert job["owner"] == made["owner"]
    assert job["owner"]["name"].startswith("Aru")
    assert (job["lesson"], job["group"]) == (lesson["id"], lesson["group"])
    with web(hub, made["key"]) as client:
        assert client.get(headers["location"].removeprefix(hub.url)).status_code == 200
    bearer = {"Authorization": f"Bearer {made['key']}"}
    with httpx.Client(base_url=hub.url, headers=bearer, timeout=20) as client:
        for method, path in (
            ("GET", "/api/v1/print-jobs"),
            ("GET", f"/api/v1/print-jobs/{job['id']}"),
            ("DELETE", f"/api/v1/print-jobs/{job['id']}"),
            ("POST", "/api/v1/print-keys"),
            ("GET", "/api/v1/session"),
            ("GET", "/api/v1/devices"),
            ("GET", "/metrics"),
        ):
            answer = client.request(method, path)
            assert (answer.status_code, answer.json()["code"]) == (403, "out-of-scope"), path
        assert client.get("/api/v1/hub").json()["problems"] is None
    assert made["key"] not in pupil.get("/api/v1/print-keys").text


async def test_no_stream_and_no_socket_takes_a_key(hub, pupil):
    key = pupil.post("/api/v1/print-keys").json()["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    for path in ("/api/v1/stream", "/api/v1/boards/none/sync"):
        address = f"ws://127.0.0.1:{hub.port}{path}"
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, additional_headers=bearer)
        assert json.loads(refused.value.response.body)["code"] == "out-of-scope"
        async with connect(address) as ws:
            await ws.send(json.dumps({"op": "authenticate", "token": key}))
            with pytest.raises(ConnectionClosed) as closed:
                await ws.recv()
        assert closed.value.rcvd.code in (4401, 4403)


def test_one_sees_and_ends_ones_own_keys_and_the_teacher_everybodys(hub, pupil, teacher, lesson):
    key = pupil.post("/api/v1/print-keys").json()
    other = httpx.Client(base_url=hub.url, headers={"Origin": hub.url}, timeout=20)
    with other:
        other.post("/api/v1/session", json={"digits": lesson["code"], "name": "Dana"})
        assert other.get("/api/v1/print-keys").json()["items"] == []
        assert other.delete(f"/api/v1/print-keys/{key['id']}").status_code == 403
        assert other.get("/api/v1/print-keys", params={"owner": "all"}).status_code == 403
        kept = other.post("/api/v1/print-keys").json()
        of_class = {"owner": "all", "lesson": lesson["id"]}
        listed = teacher.get("/api/v1/print-keys", params=of_class).json()["items"]
        assert {key["id"], kept["id"]} <= {one["id"] for one in listed}
        assert all("key" not in one for one in listed)
        assert teacher.delete(f"/api/v1/print-keys/{key['id']}").status_code == 204
        assert replayed(hub, "prusaslicer-version", key["key"])[0] == 401
        assert replayed(hub, "prusaslicer-version", kept["key"])[0] == 200
        assert pupil.get("/api/v1/print-keys").json()["items"] == []
    # Another token's id is no key's.
    assert teacher.delete(f"/api/v1/print-keys/{hub.new_token('pupil')[1]}").status_code == 404


def test_only_people_have_keys_and_only_so_many(hub, pupil):
    bearer = {"Authorization": f"Bearer {hub.token('pupil')}"}
    answer = httpx.post(f"{hub.url}/api/v1/print-keys", headers=bearer, timeout=20)
    assert (answer.status_code, answer.json()["code"]) == (409, "nobodys-key")
    for _ in range(5):
        pupil.post("/api/v1/print-keys").raise_for_status()
    assert pupil.post("/api/v1/print-keys").json()["code"] == "too-many-keys"


def test_the_engineer_can_make_one_for_a_computer_and_for_nothing_that_there_is_not(hub):
    command = [sys.executable, "-m", "hub.cli", "token", "create", "--role", "pupil"]
    command += ["--data", str(hub.data), "--scope"]
    done = subprocess.run([*command, "printing:send"], capture_output=True, text=True, check=True)
    assert replayed(hub, "orcaslicer-octoprint", done.stdout.strip())[0] == 201
    wrong = subprocess.run([*command, "print:send"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "printing:send" in wrong.stderr
    with hub.client("admin") as admin:
        body = {"role": "pupil", "name": "Computer 7", "scope": "print:send"}
        assert admin.post("/api/v1/tokens", json=body).json()["code"] == "unknown-scope"
        made = admin.post("/api/v1/tokens", json={**body, "scope": "printing:send"}).json()
        assert made["scope"] == "printing:send"
        assert replayed(hub, "prusaslicer-prusalink", made["token"])[0] == 201


def test_with_the_lesson_its_keys_end(hub, pupil, teacher, lesson):
    key = pupil.post("/api/v1/print-keys").json()["key"]
    assert replayed(hub, "prusaslicer-version", key)[0] == 200
    teacher.post(f"/api/v1/lessons/{lesson['id']}/end").raise_for_status()
    assert replayed(hub, "prusaslicer-version", key)[0] == 401
