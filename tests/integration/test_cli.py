"""The command line, as scripts use it."""

import json
import os
import re
import subprocess
import sys
import time

import httpx
import pytest


def classhub(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={**os.environ, **environment},
    )


def status(hub, token):
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"{hub.url}/api/v1/devices", headers=headers).status_code


def test_a_token_is_printed_alone_and_works_at_once(live_hub):
    made = classhub("token", "create", "--role", "pupil", "--data", str(live_hub.data))
    assert (made.returncode, made.stderr) == (0, "")
    assert re.fullmatch(r"chub_[A-Za-z0-9_-]{43}\n", made.stdout)
    assert status(live_hub, made.stdout.strip()) == 200


def test_a_revoked_token_is_over_within_a_second(live_hub):
    made = classhub(
        "token", "create", "--role", "pupil", "--name", "lost", CLASSHUB_DATA=str(live_hub.data)
    )
    token = made.stdout.strip()
    assert status(live_hub, token) == 200
    listed = classhub("token", "list", "--json", "--data", str(live_hub.data))
    identity = next(row["id"] for row in json.loads(listed.stdout) if row["name"] == "lost")
    assert token not in listed.stdout
    assert classhub("token", "revoke", identity, "--data", str(live_hub.data)).returncode == 0
    for _ in range(20):
        if status(live_hub, token) == 401:
            break
        time.sleep(0.1)
    assert status(live_hub, token) == 401
    assert "revoked" in classhub("token", "list", "--data", str(live_hub.data)).stdout


def test_tokens_are_made_where_no_hub_runs(tmp_path):
    data = str(tmp_path / "new")
    made = classhub("token", "create", "--role", "admin", "--expires", "12h", "--data", data)
    assert made.stdout.startswith("chub_")
    assert len(json.loads(classhub("token", "list", "--json", "--data", data).stdout)) == 1


def test_a_sign_in_link_leads_to_the_running_hub(live_hub):
    link = classhub("sign-in-link", "--role", "teacher", "--data", str(live_hub.data)).stdout
    url, code = link.strip().split("/#code=")
    assert url == live_hub.url
    answer = httpx.post(f"{live_hub.url}/api/v1/session", json={"code": code})
    assert answer.json()["principal"]["role"] == "teacher"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["token", "create"], 2, "--role"),
        (["token", "create", "--role", "king"], 2, "king"),
        (["token", "create", "--role", "pupil", "--expires", "soon"], 2, "12h"),
        (["token", "revoke", "none"], 1, "none"),
        (["dance"], 2, "dance"),
    ],
)
def test_wrong_use_is_told_plainly(tmp_path, arguments, code, said):
    data = ["--data", str(tmp_path)] if arguments[0] == "token" else []
    tried = classhub(*arguments, *data)
    assert tried.returncode == code
    assert said in tried.stderr
    assert tried.stdout == ""
    assert "Traceback" not in tried.stderr


def test_wrong_settings_are_told_with_their_place(tmp_path):
    file = tmp_path / "hub.toml"
    file.write_text('name = "a"\nport = "x"\n')
    tried = classhub("run", "--config", str(file), "--data", str(tmp_path / "data"))
    assert tried.returncode == 2
    assert f"{file}, line 2: port" in tried.stderr


def test_the_version_is_said():
    assert re.match(r"classhub, version \d", classhub("--version").stdout)


def test_the_virtual_classroom_is_ready_to_use(start):
    hub = start("--virtual")
    with hub.client("teacher") as teacher:
        hub_says = teacher.get("/api/v1/hub").json()
        assert hub_says["virtual"] is True
        (device,) = [
            d for d in teacher.get("/api/v1/devices").json()["items"] if d["kind"] == "microscope"
        ]
        picture = teacher.get(f"/api/v1/devices/{device['id']}/streams/view/latest.jpg", timeout=20)
        assert picture.content[:2] == b"\xff\xd8"
