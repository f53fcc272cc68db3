"""The program that measures the internet's speed, in a process of its own: it waits in threads.

Reads one line of JSON on its standard input (`Job`) and prints one (`Found`). Several connections
at once fill a line that one alone would not; what they need to be opened is not counted. Of what is
sent only that counts which the other side has answered, since the rest may still wait in this
computer's own buffers.
"""

import http.client
import json
import os
import ssl
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from plugins.health.network.addresses import Address, address_of

CONNECTIONS = 4
TIMEOUT = 5.0
PIECE = 64 << 10
SMALLEST, LARGEST = 64 << 10, 4 << 20
LEAST = 1 << 20
"""Bytes that the answer at the address of downloads must have: shorter ones measure the waiting."""
_OK = (200, 201, 204, 206)


@dataclass(frozen=True, slots=True)
class Job:
    """What to measure. Attributes: see `SpeedSettings`; `bytes` is of each direction."""

    download: str | None
    upload: str | None
    seconds: float
    bytes: int


@dataclass(slots=True)
class Found:
    """What was measured.

    Attributes:
        download, upload: Mbit/s; None where it was not asked for, or not found out.
        bytes: that went over the line for it.
        said: why something was not found out, of the servers, for engineers.
    """

    download: float | None = None
    upload: float | None = None
    bytes: int = 0
    said: list[str] = field(default_factory=list)


class Refused(Exception):
    """The server does not do what is needed for measuring; the text says what it does."""


class Tally:
    """Counts the bytes of all connections, and says when it is enough.

    Args:
        seconds: since the first byte. most: bytes.
    """

    def __init__(self, seconds: float, most: int) -> None:
        self._seconds = seconds
        self._most = most
        self._lock = threading.Lock()
        self._first: float | None = None
        self._last = 0.0
        self.bytes = 0

    def begin(self) -> None:
        """Count from now on, unless it was begun."""
        with self._lock:
            if self._first is None:
                self._first = self._last = time.monotonic()

    def take(self, count: int) -> None:
        """Count bytes that have gone over."""
        with self._lock:
            self._last = time.monotonic()
            self.bytes += count

    @property
    def goes_on(self) -> bool:
        """Whether it is not enough yet."""
        with self._lock:
            if self._first is None:
                return True
            return self.bytes < self._most and time.monotonic() - self._first < self._seconds

    @property
    def speed(self) -> float | None:
        """Mbit/s; None where nothing went over."""
        if self._first is None or self._last <= self._first:
            return None
        return self.bytes * 8 / (self._last - self._first) / 1e6


def measure(job: Job) -> Found:
    """Measure both directions, one after the other."""
    found = Found()
    for name, given, way in (
        ("download", job.download, fetch),
        ("upload", job.upload, hand_in),
    ):
        if given is None:
            continue
        tally = Tally(job.seconds, job.bytes)
        said = _side_by_side(way, address_of(given), tally)
        found.bytes += tally.bytes
        if said or tally.speed is None:
            found.said.append(f"{name}: {said or 'nothing came'}"[:300])
        else:
            setattr(found, name, round(tally.speed, 2))
    return found


def _side_by_side(way: Callable[[Address, Tally], None], address: Address, tally: Tally) -> str:
    """Have all connections work; return why, where none of them could to the end."""
    wrong: list[str] = []

    def one() -> None:
        try:
            way(address, tally)
        except Refused as error:
            wrong.append(str(error))
        except (OSError, http.client.HTTPException, ValueError) as error:
            wrong.append(f"{address.server}: {type(error).__name__} {error}"[:200])

    threads = [threading.Thread(target=one, daemon=True) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong[0] if len(wrong) == CONNECTIONS or (wrong and not tally.bytes) else ""


def fetch(address: Address, tally: Tally) -> None:
    """Take from the server until it is enough.

    Raises:
        Refused: it answers something else than what was asked for, or too little of it.
    """
    line = _line(address)
    try:
        while tally.goes_on:
            line.request("GET", address.path, headers=_HEADERS)
            answer = line.getresponse()
            if answer.status not in _OK:
                raise Refused(f"{address.server} answers {answer.status}")
            length, whole = 0, True
            tally.begin()
            while piece := answer.read1(PIECE):
                length += len(piece)
                tally.take(len(piece))
                if not tally.goes_on:
                    whole = False
                    break
            if whole and length < LEAST:
                raise Refused(f"{address.server} has only {length} bytes at this address")
    finally:
        line.close()


def hand_in(address: Address, tally: Tally) -> None:
    """Give to the server until it is enough; pieces grow while they are taken quickly.

    Raises:
        Refused: it does not take them.
    """
    data = os.urandom(LARGEST)  # what can be pressed together would go over the faster
    size = SMALLEST
    line = _line(address)
    try:
        line.connect()
        tally.begin()
        while tally.goes_on:
            began = time.monotonic()
            line.request("POST", address.path, memoryview(data)[:size], _HEADERS | _BINARY)
            answer = line.getresponse()
            answer.read()
            if answer.status not in _OK:
                raise Refused(f"{address.server} answers {answer.status}")
            tally.take(size)
            if time.monotonic() - began < 0.5:
                size = min(LARGEST, size * 2)
    finally:
        line.close()


_HEADERS = {"Accept-Encoding": "identity", "Cache-Control": "no-store", "User-Agent": "classhub"}
_BINARY = {"Content-Type": "application/octet-stream"}


def _line(address: Address) -> http.client.HTTPConnection:
    if not address.tls:
        return http.client.HTTPConnection(address.host, address.port, timeout=TIMEOUT)
    trusted = ssl.create_default_context()
    return http.client.HTTPSConnection(address.host, address.port, timeout=TIMEOUT, context=trusted)


def main() -> None:
    """Measure what stands on the standard input."""
    job: dict[str, Any] = json.loads(sys.stdin.readline())
    print(json.dumps(asdict(measure(Job(**job)))), flush=True)  # noqa: T201 - this is the answer


if __name__ == "__main__":
    main()
