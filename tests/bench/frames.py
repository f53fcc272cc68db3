"""1080p30, 250 kB a frame, to thirty viewers with acks and one that reads two frames a second."""

import json
import subprocess
import sys
import time

import psutil

from tests.bench._process import Running, cpu_seconds, hub, listen_address, peer
from tests.bench._table import Row

SECONDS = 12.0
CONFIG = """
[[devices]]
id = "bench"
driver = "stream"
name = "Bench"
settings = {{ url = "{address}/stream" }}
"""


def viewers(
    url: str, token: str, watched: Running | psutil.Process, *, slow: int = 1, small: int = 0
) -> tuple[dict, float]:
    """Let the viewers watch; return what they saw and the share of a core that was used.

    Of a hub all its children are watched, also those that it starts for the viewers.
    """
    command = [sys.executable, "-m", "tests.bench.viewers", url, token, "bench"]
    command += ["--slow", str(slow), "--small", str(small), "--seconds", str(SECONDS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        used = watched.family() if isinstance(watched, Running) else [watched]
        before, since = cpu_seconds(used), time.monotonic()
        result = json.loads(process.stdout.readline())
        return result, (cpu_seconds(used) - before) / (time.monotonic() - since)


def bare() -> tuple[dict, float]:
    """The same by bare asyncio: no rights, no driver, no acks."""
    command = [sys.executable, "-m", "tests.bench.bare", "fanout"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            return viewers(listen_address(process), "none", psutil.Process(process.pid), slow=0)
        finally:
            process.kill()


def watched_hub(address: str, *, slow: int = 1, small: int = 0) -> tuple[dict, float]:
    """The hub with one camera."""
    with hub(config=CONFIG.format(address=address)) as running:
        return viewers(running.url, running.token("pupil"), running, slow=slow, small=small)


def measure() -> list[Row]:
    """Measure the hub and the bare fan-out one after the other."""
    with peer("drivers.virtual.microscope", "--pattern", "250k") as address:
        seen, used = watched_hub(address)
        both, used_both = watched_hub(address, slow=0, small=30)
    bare_seen, bare_used = bare()
    peer_says = f"bare asyncio: {bare_seen['fps_min']:.1f} fps, {100 * bare_used:.0f} %"
    rows = [
        Row(
            "30 viewers, 1080p30: slowest fast viewer",
            f"{seen['fps_min']:.1f} fps",
            ">= 29 fps",
            peer_says,
        ),
        Row("  hub and driver, of a core", f"{100 * used:.1f} %", "<= 15 %", peer_says),
        Row("  age of a frame at the viewer, p50", f"{1000 * seen['age_p50']:.0f} ms", ""),
        Row("  age of a frame at the viewer, p95", f"{1000 * seen['age_p95']:.0f} ms", "<= 50 ms"),
        Row(
            "  viewer at 2 fps: stalest picture",
            f"{1000 * seen['slow_age_max']:.0f} ms",
            "<= 133 ms",
        ),
    ]
    rows += [
        Row(
            "30 viewers of it and 30 of its small rendition",
            f"{both['fps_min']:.1f} fps",
            ">= 29 fps",
            f"small: {both['fps_small']:.1f} fps of 10",
        ),
        Row("  hub, driver and renditions, of a core", f"{100 * used_both:.1f} %", "<= 45 %"),
    ]
    if seen["closed"]:
        rows.append(
            Row("  viewers that were closed", str(len(seen["closed"])), "0", seen["closed"][0])
        )
    return rows
