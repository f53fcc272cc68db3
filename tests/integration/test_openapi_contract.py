"""The API is what its OpenAPI document says, under any input: schemathesis against a running hub."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLES = os.environ.get("CLASSHUB_TEST_EXAMPLES", "6")
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance,unsupported_method,ignored_auth"
)


def things_that_exist(running) -> dict[str, str]:
    """Make one of everything, so that routes are tried with what exists, too."""
    with running.client("teacher") as client:
        lesson = client.post("/api/v1/lessons", json={"title": "Plants"}).json()["id"]
        person = client.post("/api/v1/people", json={"name": "Dana", "role": "pupil"}).json()["id"]
        made = client.post("/api/v1/microscopes/cam/captures", json={"lesson": lesson})
        assert made.status_code == 201, made.text
        asset = made.json()["id"]
    known = {"device": "cam", "stream": "view", "lesson": lesson, "person": person, "asset": asset}
    return known | {"microscope": "cam", "kind": "microscope"}


@pytest.mark.parametrize("role", ["pupil", "admin"])
def test_every_route_answers_as_its_description_says(role: str, start, camera, tmp_path: Path):
    config = f'[[devices]]\nid = "cam"\ndriver = "stream"\nsettings = {{ url = "{camera.url}" }}\n'
    running = start(config=config)
    lines = [f'"path.{name}" = {json.dumps(v)}' for name, v in things_that_exist(running).items()]
    (tmp_path / "schemathesis.toml").write_text("\n".join(["[parameters]", *lines]))
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
    command += ["--phases", "examples,coverage,fuzzing", "--continue-on-failure"]
    command += ["--exclude-path-regex", "/live$"]  # it never ends
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]
    assert "Tested: " in done.stdout
    with running.client("teacher") as client:
        assert client.get("/api/v1/health").status_code == 200
        assert client.get("/api/v1/devices/cam").status_code == 200
