"""The API is what its OpenAPI document says, under any input: schemathesis against a running hub."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLES = os.environ.get("CLASSHUB_TEST_EXAMPLES", "6")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,unsupported_method,ignored_auth"
)
CONFIG = """
fault_injection = true
[keeping]
backups_kept = 2
[[devices]]
id = "cam"
driver = "stream"
settings = {{ url = "{url}" }}
"""
# What is asked at random must not start a process for each answer, or fill the disk.
MOST_DEVICES = 5
SMALL = f"""
import hub.devices.adoption as adoption
import hub.recordings._recordings as recordings
adoption.MOST_DEVICES = {MOST_DEVICES}
recordings.MOST_TOTAL = recordings.MOST_ONE = 4 << 20
"""
# Adopted devices that are asked to do what would make the others answer "not just now".
SPARE = {
    "spare": ("changeDevice", "getDeviceSettings"),
    "doomed": ("removeDevice",),
    "spoilt": ("setFaults", "clearFaults", "recordDevice"),
}
# They ask others, who are not there, and say so with 502, or want a kernel's module that is not
# (503); they have tests of their own.
ASK_OTHERS = ("fetchGlobePack", "testAlertDestination", "switchVirtualCameraOn")


def things_that_exist(running, url: str) -> dict[str, str]:
    """Make one of everything, so that routes are tried with what exists, too."""
    with running.client("teacher") as client:
        lesson = client.post("/api/v1/lessons", json={"title": "Plants"}).json()["id"]
        person = client.post("/api/v1/people", json={"name": "Dana", "role": "pupil"}).json()["id"]
        made = client.post("/api/v1/microscopes/cam/captures", json={"lesson": lesson})
        assert made.status_code == 201, made.text
        asset = made.json()["id"]
    with running.client("admin") as client:
        for device in SPARE:
            body = {"driver": "stream", "id": device, "settings": {"url": url}}
            assert client.post("/api/v1/devices", json=body).status_code == 201
        begun = client.post("/api/v1/devices/cam/recordings", json={"seconds": 1})
        assert begun.status_code == 201, begun.text
        end = time.monotonic() + 30
        while (done := client.get(begun.headers["Location"]).json())["status"] != "done":
            assert time.monotonic() < end, done
            time.sleep(0.1)
    known = {"device": "cam", "stream": "view", "lesson": lesson, "person": person, "asset": asset}
    known |= {"recording": done["result"]["recording"], "operation": done["id"]}
    return known | {"microscope": "cam", "kind": "microscope"}


def configuration(known: dict[str, str]) -> str:
    """Return schemathesis' settings: which things there are."""
    lines = [f'"path.{name}" = {json.dumps(value)}' for name, value in known.items()]
    parts = ["[parameters]", *lines]
    for device, operations in SPARE.items():
        for operation in operations:
            parts += ["[[operations]]", f'include-operation-id = "{operation}"']
            parts += [f'parameters = {{ "path.device" = "{device}" }}']
    return "\n".join(parts)


@pytest.mark.parametrize("role", ["pupil", "admin"])
def test_every_route_answers_as_its_description_says(role: str, start, camera, tmp_path: Path):
    running = start(config=CONFIG.format(url=camera.url), before=SMALL)
    known = things_that_exist(running, camera.url)
    (tmp_path / "schemathesis.toml").write_text(configuration(known))
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "run",
        f"{running.url}/api/v1/openapi.json",
    ]
    command += ["--header", f"Authorization: Bearer {running.token(role)}", "--checks", CHECKS]
    command += [
        "--max-examples",
        EXAMPLES,
        "--seed",
        "20",
        "--no-shrink",
        "--request-timeout",
        "20",
    ]
    # A pupil is refused before most of what is wrong is looked at: each route's every wrong field
    # (the phase `coverage`, the longest) is an administrator's.
    phases = "examples,fuzzing" if role == "pupil" else "examples,coverage,fuzzing"
    command += ["--phases", phases, "--continue-on-failure"]
    command += ["--exclude-path-regex", "/live$"]  # it never ends
    for operation in ASK_OTHERS:
        command += ["--exclude-operation-id", operation]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    assert "Tested: " in done.stdout
    with running.client("teacher") as client:
        assert client.get("/api/v1/health").status_code == 200
        assert client.get("/api/v1/devices/cam").status_code == 200
        assert len(client.get("/api/v1/devices").json()["items"]) <= MOST_DEVICES
    assert sum(1 for _ in (running.data / "backups").glob("*.zip")) <= 2
    assert "Traceback" not in running.err.read_text()
