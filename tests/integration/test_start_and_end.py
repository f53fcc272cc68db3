"""Starting over what a killed hub has left, ending at any moment: cleanly, and within seconds."""

import contextlib
import re
import signal
import subprocess
import sys
import threading
import time

import httpx
import psutil
import pytest
from websockets.sync.client import connect

DAWDLING = """
import asyncio
from hub.devices import Devices
start = Devices.start
async def slow(self, *args, **more):
    await start(self, *args, **more)
    print("starting", flush=True)
    await asyncio.sleep(30)
Devices.start = slow
from hub.cli import main
main()
"""


def ended(processes):
    return psutil.wait_procs(processes, timeout=5)[1] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_hub_that_is_told_to_end_while_it_starts_ends_cleanly(tmp_path, camera, number):
    config = tmp_path / "classhub.toml"
    config.write_text(
        f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    )
    command = [sys.executable, "-c", DAWDLING, "run", "--port", "0"]
    command += ["--data", str(tmp_path / "data"), "--config", str(config)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as hub:
        assert "starting" in hub.stdout.readline()
        deadline = time.monotonic() + 30
        while not (children := psutil.Process(hub.pid).children(recursive=True)):
            assert time.monotonic() < deadline, "no driver process was started"
            time.sleep(0.02)
        started = time.monotonic()
        hub.send_signal(number)
        _, said = hub.communicate(timeout=10)
        assert time.monotonic() - started < 5
    assert hub.returncode == 0, said
    assert "Traceback" not in said
    assert ended(children)


def test_a_hub_that_was_killed_leaves_nothing_in_the_way(start, tiny_jpeg):
    killed = start()
    (killed.data / "files" / "staging" / "half").write_bytes(b"half")
    killed.process.kill()
    killed.process.wait()
    stale = (killed.data / "address").read_text()
    slow = [sys.executable, "-c", DAWDLING, "run", "--port", "0", "--data", str(killed.data)]
    with subprocess.Popen(slow, stdout=subprocess.PIPE, text=True) as starting:
        assert "starting" in starting.stdout.readline()
        assert not (killed.data / "address").exists(), f"{stale} is nobody's"
        starting.send_signal(signal.SIGTERM)
    again = start()
    assert list((again.data / "files" / "staging").iterdir()) == []
    assert (again.data / "address").read_text().strip() == again.url


def test_a_hub_with_a_class_at_work_ends_within_seconds_and_keeps_what_it_acknowledged(
    start, camera
):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    hub = start(config=config)
    headers = {"Authorization": f"Bearer {hub.token('teacher')}"}
    kept = []

    def capture():
        with contextlib.suppress(httpx.HTTPError), hub.client("teacher") as teacher:
            while (made := teacher.post("/api/v1/microscopes/cam/captures", json={})).is_success:
                kept.append(made.json()["id"])

    with contextlib.ExitStack() as stack:
        for _ in range(30):
            viewer = stack.enter_context(
                connect(hub.ws, additional_headers=headers, proxy=None, close_timeout=0.2)
            )
            viewer.send('{"op":"frames","sub":1,"device":"cam","stream":"view"}')
        upload = stack.enter_context(_upload(hub))
        workers = [threading.Thread(target=capture) for _ in range(3)]
        for worker in workers:
            worker.start()
        while len(kept) < 5:
            time.sleep(0.02)
        children = psutil.Process(hub.process.pid).children(recursive=True)
        started = time.monotonic()
        assert hub.stop() == 0
        assert time.monotonic() - started < 5
        for worker in workers:
            worker.join()
        upload.close()
    assert ended(children)
    assert "Traceback" not in hub.err.read_text()
    again = start(config=config)
    with again.client("teacher") as teacher:
        for asset in kept:
            content = teacher.get(f"/api/v1/assets/{asset}/content").content
            assert content[-2:] == b"\xff\xd9"
    assert list((again.data / "files" / "staging").iterdir()) == []


def _upload(hub):
    import socket

    raw = socket.create_connection(("127.0.0.1", hub.port), 5)
    raw.sendall(
        b"POST /api/v1/assets HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + hub.token("teacher").encode()
        + b"\r\nContent-Type: multipart/form-data; boundary=a\r\nContent-Length: 60000000\r\n\r\n"
        b'--a\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        + b"x"
        * 100_000
    )
    return raw


def test_no_way_in_is_written_into_the_journal(start, tmp_path):
    out = tmp_path / "hub" / "out.txt"
    out.parent.mkdir()
    out.touch()
    about = out.stat()
    hub = start(environment={"JOURNAL_STREAM": f"{about.st_dev}:{about.st_ino}"})
    while "ready" not in hub.out.read_text():
        time.sleep(0.02)
    assert "code=" not in hub.out.read_text()


def test_no_secret_is_ever_logged_or_told(start, tmp_path, tiny_jpeg):
    config = 'log_level = "debug"\n'
    hub = start(config=config)
    told, secrets = [], {hub.token(role) for role in ("pupil", "teacher", "admin")}

    def ask(client, method, path, **more):
        answer = client.request(method, path, **more)
        if answer.status_code >= 400:
            told.append(answer.text)
        return answer

    with hub.session("teacher") as teacher, hub.client("admin") as admin:
        secrets.add(teacher.cookies["classhub"])
        lesson = ask(teacher, "POST", "/api/v1/lessons", json={"title": "Onion"}).json()
        secrets.add(lesson["code"])
        secrets.add(
            ask(admin, "POST", "/api/v1/tokens", json={"role": "pupil", "name": "a"}).json()[
                "token"
            ]
        )
        for guess in ("123456", lesson["code"]):
            for name in ("Aizhan", "\u202e", "x" * 300):
                with httpx.Client(base_url=hub.url) as pupil:
                    ask(pupil, "POST", "/api/v1/session", json={"digits": guess, "name": name})
                    secrets.update(pupil.cookies.values())
        for code in ("guess-me", "y" * 300):
            ask(admin, "POST", "/api/v1/session", json={"code": code})
            secrets.add(code)
        for token in sorted(secrets):
            ask(admin, "GET", "/api/v1/people", headers={"Authorization": f"Bearer {token}x"})
            ask(
                admin,
                "GET",
                "/api/v1/people",
                headers={"Authorization": "", "Cookie": f"classhub={token}x"},
            )
            ask(
                admin,
                "PUT",
                f"/api/v1/devices/none/properties/{'a' * 5}?token={token}",
                json={"value": token},
            )
            ask(admin, "GET", f"/api/v1/devices/cam/streams/view/latest.jpg?signature={token}")
        with connect(hub.ws, proxy=None) as stream:
            stream.send('{"op":"authenticate","token":"chub_thiswasnone"}')
            secrets.add("chub_thiswasnone")
            with contextlib.suppress(Exception):
                while True:
                    told.append(stream.recv(5))
        link = subprocess.run(
            [sys.executable, "-m", "hub.cli", "sign-in-link", "--data", str(hub.data)],
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        secrets.add(link.strip().split("#code=")[1])
        ask(teacher, "POST", f"/api/v1/lessons/{lesson['id']}/end")
    hub.stop()
    secrets.update(re.findall(r"#code=(\S+)", hub.out.read_text()))
    logged = hub.err.read_text()
    assert len(secrets) > 10
    assert len(told) > 10
    for secret in secrets:
        assert secret not in logged
        assert not any(secret in text for text in told)
