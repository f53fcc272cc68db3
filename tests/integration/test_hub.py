"""The hub as a process: its start, its end, and what it serves."""

import fcntl
import json
import re
import signal
import socket
import subprocess
import sys
import time

import httpx
import psutil
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


def test_the_sign_in_link_that_it_prints_works_once(start):
    hub = start()
    link = re.search(r"http://127\.0\.0\.1:\d+/#code=\S+", hub.out.read_text())[0]
    code = link.split("#code=")[1]
    with httpx.Client(base_url=hub.url, headers={"Origin": hub.url}) as browser:
        answer = browser.post("/api/v1/session", json={"code": code})
        assert answer.json()["principal"]["role"] == "admin"
        assert browser.post("/api/v1/lessons", json={"title": "First"}).status_code == 201
        assert browser.post("/api/v1/session", json={"code": code}).status_code == 403


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quickly_and_leaves_no_process(start, camera, number):
    hub = start(config=f'[[devices]]\nid="c"\ndriver="stream"\nsettings={{url="{camera.url}"}}\n')
    with hub.client("pupil") as pupil:
        assert pupil.get("/api/v1/devices/c/streams/view/latest.jpg").status_code == 200
        children = psutil.Process(hub.process.pid).children(recursive=True)
        assert children
        with pupil.stream("GET", "/api/v1/devices/c/streams/view/live") as live:
            next(live.iter_raw())
            started = time.monotonic()
            assert hub.stop(number) == 0
            assert time.monotonic() - started < 5
    assert psutil.wait_procs(children, timeout=5)[1] == []
    assert "Traceback" not in hub.err.read_text()
    assert not (hub.data / "address").exists()


def test_a_second_hub_on_the_data_says_so_and_leaves(live_hub):
    second = run("--port", "0", "--data", str(live_hub.data))
    assert second.returncode == 4
    assert "another hub" in second.stderr
    assert str(live_hub.process.pid) in second.stderr
    assert httpx.get(f"{live_hub.url}/api/v1/health").status_code == 200


def test_a_busy_port_is_told(live_hub, tmp_path):
    second = run("--port", str(live_hub.port), "--data", str(tmp_path / "data"))
    assert second.returncode == 4
    assert "--port" in second.stderr


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["--host", "256.1.1.1"], 4, "no address"),
        (["--config", "/nonexistent.toml"], 2, "cannot be read"),
        (["--data", "/proc/nothing"], 3, "/proc/nothing"),
        (["--port", "99999"], 2, "99999"),
    ],
)
def test_what_it_cannot_start_with_is_told_in_one_line(tmp_path, options, code, said):
    data = [] if "--data" in options else ["--data", str(tmp_path)]
    tried = run("--port", "0", *data, *options) if "--port" not in options else run(*data, *options)
    assert tried.returncode == code
    assert said in tried.stderr
    assert "Traceback" not in tried.stderr


def run(*options):
    command = [sys.executable, "-m", "hub.cli", "run", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_what_was_acknowledged_is_there_after_a_kill(start, tiny_jpeg):
    hub = start()
    with hub.client("teacher") as teacher:
        lesson = teacher.post("/api/v1/lessons", json={"title": "Onion"}).json()
        files = {"file": ("a.jpg", tiny_jpeg, "image/jpeg")}
        asset = teacher.post("/api/v1/assets", files=files, data={"lesson": lesson["id"]}).json()
        hub.process.kill()
        hub.process.wait()
    again = start()
    with again.client("teacher") as teacher:
        assert teacher.get(asset["links"]["content"]).content == tiny_jpeg
        assert teacher.get(f"/api/v1/lessons/{lesson['id']}").json()["ended"] is None


def test_keys_and_locks_are_the_hubs_alone(live_hub):
    assert (live_hub.data / "links.key").stat().st_mode & 0o077 == 0
    assert live_hub.data.stat().st_mode & 0o077 == 0
    with (live_hub.data / "lock").open() as lock, pytest.raises(BlockingIOError):
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_the_list_of_devices_follows_their_state(live_hub):
    with live_hub.client("display") as display:
        (device,) = display.get("/api/v1/devices").json()["items"]
        assert (device["id"], device["kind"], device["streams"]) == ("cam", "microscope", ["view"])
        assert display.get("/api/v1/devices?kind=printer").json()["items"] == []
        whole = display.get("/api/v1/devices/cam").json()
        assert "view" in whole["description"]["streams"]
        thing = display.get("/api/v1/devices/cam/td")
        assert thing.headers["content-type"] == "application/td+json"
        assert thing.json()["base"] == live_hub.url
        model = display.get("/api/v1/kinds/microscope")
        assert model.headers["content-type"] == "application/tm+json"


def test_pages_have_a_policy_and_what_the_shell_needs(live_hub):
    page = httpx.get(live_hub.url)
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-eval" not in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    found = re.search(r'<script type="application/json" id="hub-data">(.*?)</script>', page.text)
    if found is None:
        assert "make build" in page.text
    else:
        assert json.loads(found[1])["hub"]["languages"] == ["kk", "ru", "en"]


@pytest.mark.parametrize("path", ["/join", "/devices/cam", "/albums", "/lessons/abc/album"])
def test_the_shell_answers_for_its_pages(live_hub, path):
    answer = httpx.get(live_hub.url + path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../settings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/..%2f..%2fsettings.py",
        "/static//etc/passwd",
        "/static/.hidden",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%5c..%5cetc/passwd",
        "/plugins/microscopy/abc/../../../plugin.py",
        "/plugins/none/abc/pages.js",
        "/locale/hub/abc/../../../settings.py.json",
        "/index.html%00.js",
    ],
)
def test_no_path_leads_out_of_the_served_folders(live_hub, path):
    with socket.create_connection(("127.0.0.1", live_hub.port), 5) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := raw.recv(65536):
            answer += chunk
    status = int(answer.split()[1])
    assert status in (400, 404), answer[:300]
    assert b"root:" not in answer
    assert b"import " not in answer


def test_open_streams_are_closed_when_it_ends(start):
    hub = start()
    headers = {"Authorization": f"Bearer {hub.token('pupil')}"}
    with connect(hub.ws, additional_headers=headers, proxy=None) as stream:
        assert "welcome" in stream.recv(5)
        assert hub.stop() == 0
        with pytest.raises(ConnectionClosed):
            stream.recv(5)
        assert stream.close_code == 1012
    assert "Traceback" not in hub.err.read_text()


def test_a_data_directory_that_is_no_hubs_is_told(tmp_path):
    (tmp_path / "hub.sqlite").write_bytes(b"no database at all, but long enough" * 100)
    tried = run("--port", "0", "--data", str(tmp_path))
    assert tried.returncode == 1
    assert "backup" in tried.stderr
    assert "Traceback" not in tried.stderr
