"""A model of 98 MB handed in: how soon it is acknowledged, and what that costs the hub in memory.

Beside a bare program of the same run that hashes as many bytes, writes them and has the disk keep
them, which is the least that acknowledging can take.
"""

import hashlib
import os
import tempfile
import threading
import time

import httpx
import psutil

from tests.bench._process import hub
from tests.bench._table import Row
from tests.printing import box

SIZE = 98_000_000
TIMES = 3
_CHUNK = 1 << 20


def measure() -> list[Row]:
    """Hand a model in, three times; return the rows: the slowest, and the most memory."""
    # Padded after its last triangle: what counts is that it comes, not what is in it.
    content = box().ljust(SIZE, b"\0")
    seconds, grown = [], []
    with hub() as running:
        headers = {"Authorization": f"Bearer {running.token('pupil')}"}
        with httpx.Client(base_url=f"{running.url}/api/v1", headers=headers, timeout=60) as client:
            _hand_in(client, box())  # the first one loads what uploads need
            for _ in range(TIMES):
                most = _Most(running.process)
                seconds.append(_hand_in(client, content))
                grown.append(most.end())
    bare = max(_bare(content) for _ in range(TIMES))
    peer = f"hashed and written by a bare program: {bare:.2f} s"
    return [
        Row("98 MB of a model acknowledged", f"{max(seconds):.2f} s", "<= 1.5 s", peer),
        Row("  memory of the hub grows", f"{max(grown) / 1e6:.1f} MB", "<= 20 MB"),
    ]


def _hand_in(client: httpx.Client, content: bytes) -> float:
    begun = time.monotonic()
    made = client.post("/print-jobs", files={"file": ("ring.stl", content)})
    seconds = time.monotonic() - begun
    job = f"/print-jobs/{made.raise_for_status().json()['id']}"
    # Its check must not be under way while the next one comes.
    while client.get(job).json()["state"] in ("uploaded", "checking", "slicing"):
        time.sleep(0.1)
    return seconds


class _Most:
    """The most memory that a process has had since, by looking fifty times a second."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._before = self._most = process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self._most = max(self._most, self._process.memory_info().rss)

    def end(self) -> int:
        self._over.set()
        self._thread.join()
        return self._most - self._before


def _bare(content: bytes) -> float:
    begun = time.monotonic()
    with tempfile.TemporaryFile() as file:
        hashing = hashlib.sha256()
        for at in range(0, len(content), _CHUNK):
            hashing.update(content[at : at + _CHUNK])
            file.write(content[at : at + _CHUNK])
        file.flush()
        os.fsync(file.fileno())
    return time.monotonic() - begun
