"""From pressing the button to the stored and acknowledged capture."""

import json
import time
import urllib.request

from tests.bench._process import hub, peer, quantile
from tests.bench._table import Row
from tests.bench.frames import CONFIG


def measure() -> list[Row]:
    """Capture a hundred times, no frame named: the wait for the next frame (33 ms) is in it."""
    with (
        peer("drivers.virtual.microscope", "--pattern", "250k") as address,
        hub(config=CONFIG.format(address=address)) as running,
    ):
        token = running.token("teacher")
        took = []
        for _ in range(110):
            request = urllib.request.Request(
                f"{running.url}/api/v1/microscopes/bench/captures",
                data=b"{}",
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )
            started = time.monotonic()
            with urllib.request.urlopen(request) as answer:
                json.load(answer)
            took.append(time.monotonic() - started)
        disk = fsync_seconds(str(running.data))
    took = took[10:]
    return [
        Row(
            "press to acknowledged capture, 1080p, p95",
            f"{1000 * quantile(took, 0.95):.0f} ms",
            "<= 150 ms",
            f"p50 {1000 * quantile(took, 0.5):.0f} ms; one fsync of 250 kB here: {1000 * disk:.1f} ms",
        )
    ]


def fsync_seconds(folder: str) -> float:
    """Return how long this disk takes to keep 250 kB (median of nine)."""
    import os
    import statistics
    import tempfile

    times = []
    for _ in range(9):
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            started = time.monotonic()
            file.write(bytes(250_000))
            file.flush()
            os.fsync(file.fileno())
            times.append(time.monotonic() - started)
    return statistics.median(times)
