"""GET /api/v1/devices beside bare FastAPI returning the same model."""

import http.client
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from urllib.parse import urlsplit

from tests.bench._process import hub, listen_address, peer
from tests.bench._table import Row
from tests.bench.frames import CONFIG

REQUESTS = 1500


def rate(url: str, path: str, headers: dict[str, str]) -> float:
    """Return requests per second over one connection."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    for count in (200, REQUESTS):
        started = time.monotonic()
        for _ in range(count):
            connection.request("GET", path, headers=headers)
            connection.getresponse().read()
    connection.close()
    return REQUESTS / (time.monotonic() - started)


def measure() -> list[Row]:
    """Measure both in turn, three times, and compare the best of each."""
    with (
        peer("drivers.virtual.microscope") as address,
        hub(config=CONFIG.format(address=address)) as running,
        tempfile.NamedTemporaryFile("w", suffix=".json") as model,
    ):
        headers = {"Authorization": f"Bearer {running.token('teacher')}"}
        request = urllib.request.Request(f"{running.url}/api/v1/devices", headers=headers)
        with urllib.request.urlopen(request) as answer:
            json.dump(json.load(answer), model)
        model.flush()
        command = [sys.executable, "-m", "tests.bench.bare", "fastapi", model.name]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            bare_url = listen_address(process)
            pairs = [
                (rate(running.url, "/api/v1/devices", headers), rate(bare_url, "/", {}))
                for _ in range(3)
            ]
            process.kill()
    ours, bare = max(p[0] for p in pairs), max(p[1] for p in pairs)
    return [
        Row(
            "GET /api/v1/devices",
            f"{100 * ours / bare:.0f} %",
            ">= 60 % of bare",
            f"{ours:.0f}/s, bare FastAPI {bare:.0f}/s",
        )
    ]
