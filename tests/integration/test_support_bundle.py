"""The support bundle of a room in use: what is needed is in it; no secret and nobody's name is."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile

import pytest

from hub.logs import Line
from hub.support import MOST_FILE, Parts, write_bundle
from tests.conftest import start_hub

PUPIL = "Айгерім Сейтқалиқызы"
TEACHER = "Marat O'Neill"
PASSWORD = "s3cret-of-the-panel"
HOOK = "jsons://hook.example/abcdefgh12345678/?token=zyxwvuts87654321"
CONFIG = f"""
language = "en"
[mqtt]
username = "district"
password = "broker-passw0rd"
[plugins.health.alerts.destinations.engineer]
name = "The lab engineer"
address = "{HOOK}"
[[devices]]
id = "far-panel"
driver = "pjlink"
settings = {{ host = "127.0.0.1", port = 9, password = "{PASSWORD}" }}
[[devices]]
id = "far-camera"
driver = "rtsp"
settings = {{ url = "rtsp://viewer:c4mera-word@127.0.0.1:9/stream" }}
"""
SECRETS = (
    PASSWORD, "broker-passw0rd", "c4mera-word", "abcdefgh12345678", "zyxwvuts87654321",
)  # fmt: skip


@pytest.fixture(scope="module")
def room(hub_template, tmp_path_factory):
    folder = tmp_path_factory.mktemp("support")
    shutil.copytree(hub_template, folder / "data")
    running = start_hub(folder, "--virtual", config=CONFIG)
    yield running
    running.stop()


def opened(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def everything(files):
    """All texts as a reader would find them, also where letters are escaped."""
    whole = b"\n".join(files.values()).decode("utf-8", "replace")
    return whole + re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), whole)


def test_it_has_what_is_needed_and_no_secret_and_nobodys_name(room):
    with room.client("teacher") as teacher, room.client("engineer") as engineer:
        for name, role in ((PUPIL, "pupil"), (TEACHER, "teacher")):
            body = {"name": name, "role": role}
            with room.client("admin") as admin:
                assert admin.post("/api/v1/people", json=body).status_code == 201
        lesson = teacher.post("/api/v1/lessons", json={"title": f"Biology with {TEACHER}"})
        assert lesson.status_code == 201, lesson.text
        assert teacher.get("/api/v1/support-bundle").status_code == 403
        answer = engineer.get("/api/v1/support-bundle", timeout=120)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
        files = opened(answer.content)
        audit = engineer.get("/api/v1/audit", params={"action": "support.bundle"})
        assert len(audit.json()["items"]) == 1, audit.text
    assert {"README.txt", "about.json", "doctor.json", "settings.json"} <= files.keys()
    about = json.loads(files["about.json"])
    assert about["packages"]["fastapi"]
    devices = {one["id"]: one for one in json.loads(files["devices.json"])}
    assert devices["virtual-microscope"]["description"]["title"]
    assert devices["far-panel"]["secrets"] == ["password"]
    assert devices["far-panel"]["settings"]["host"] == "127.0.0.1"
    assert "hub/health" in json.loads(files["state.json"])
    assert "virtual-globe" in files["log.txt"].decode()
    whole = everything(files)
    tokens = [room.token(role) for role in ("teacher", "engineer", "admin")]
    for secret in (*SECRETS, *tokens, PUPIL, TEACHER):
        assert secret not in whole, secret


def test_the_command_gets_it_from_the_hub_and_without_a_hub(room, tmp_path):
    command = [sys.executable, "-m", "hub.cli", "support-bundle", "--data", str(room.data)]
    done = subprocess.run(
        [*command, str(tmp_path)], capture_output=True, text=True, timeout=120, check=True
    )
    (path,) = tmp_path.glob("classhub-support-*.zip")
    assert done.stdout.strip() == str(path)
    assert "devices.json" in opened(path.read_bytes())
    room.stop()
    alone = tmp_path / "alone.zip"
    config = ["--config", str(room.out.parent / "classhub.toml")]
    done = subprocess.run(
        [*command, *config, str(alone)], capture_output=True, text=True, timeout=120, check=True
    )
    assert "no hub runs here" in done.stderr
    files = opened(alone.read_bytes())
    assert ("doctor.json" in files, "devices.json" in files) == (True, False)
    for secret in SECRETS:
        assert secret not in everything(files), secret


def test_it_is_bounded_and_blots_out_what_a_log_says(tmp_path):
    recordings = []
    for number in range(5):
        recording = tmp_path / f"{number}.jsonl"
        recording.write_bytes(b"x" * (5 << 20))
        recordings.append(recording)
    recordings.append(tmp_path / "gone.jsonl")
    text = f"{Line(0, 'info', f'{PUPIL} wrote {PASSWORD}').text}\n"
    parts = Parts({"log.txt": text * 200_000}, recordings, [PUPIL, PASSWORD])
    file = io.BytesIO()
    write_bundle(file, parts)
    files = opened(file.getvalue())
    assert len(files["log.txt"]) <= MOST_FILE + 100
    assert files["log.txt"].decode("utf-8", "replace").endswith("•••• wrote ••••\n")
    assert sum(name.startswith("recordings/") for name in files) == 3
