"""A panel: from the call of the API to the command on the wire; a thousand wishes at once.

The projector is in this process and notes when each command has come, by the same clock.
"""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from drivers.virtual.panel import Screen
from drivers.virtual.panel.projector import Projector, listening
from tests.bench._process import hub, quantile
from tests.bench._table import Row

CALLS, STORM, THREADS = 200, 1000, 8
DEVICE = """
[[devices]]
id = "panel"
driver = "pjlink"
name = "Panel"
settings = {{ host = "127.0.0.1", port = {port} }}
"""
SOURCES = ("digital-1", "digital-2")
SOURCE = "/api/v1/devices/panel/properties/source"


class Noting(Screen):
    """A screen that is on, and notes when a command has come."""

    def __init__(self) -> None:
        super().__init__(warm_up=0.0, cool_down=0.0)
        self.switch(True)  # noqa: FBT003 - as a projector is told
        self.came: list[tuple[float, str]] = []

    def note(self, line: str) -> None:
        """Keep a command that has come."""
        self.came.append((time.monotonic(), line))
        super().note(line)

    def inputs(self) -> list[tuple[float, str]]:
        """Return the commands that choose an input."""
        return [one for one in self.came if "INPT " in one[1] and not one[1].endswith("?")]


def measure() -> list[Row]:
    """Run the projector, a hub, and those who want things of it."""
    screen, ready, done = Noting(), threading.Event(), threading.Event()
    ports: list[int] = []

    async def play() -> None:
        async with listening(Projector(screen)) as port:
            ports.append(port)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(play()), name="projector")
    thread.start()
    try:
        ready.wait(10)
        with hub(config=DEVICE.format(port=ports[0])) as running:
            bearer = {"Authorization": f"Bearer {running.token('teacher')}"}
            with httpx.Client(base_url=running.url, headers=bearer, timeout=30) as client:
                return _measure(client, screen)
    finally:
        done.set()
        thread.join(10)


def _measure(client: httpx.Client, screen: Noting) -> list[Row]:
    until = time.monotonic() + 60
    while client.get(SOURCE).status_code != 200 and time.monotonic() < until:
        time.sleep(0.2)
    ages = []
    for number in range(CALLS):
        before, begun = len(screen.inputs()), time.monotonic()
        answer = client.put(SOURCE, json={"value": SOURCES[number % 2]})
        answer.raise_for_status()
        ages.append(screen.inputs()[before][0] - begun)
        time.sleep(0.02)
    before = len(screen.inputs())

    def wish(number: int) -> int:
        return client.put(SOURCE, json={"value": SOURCES[number % 2]}).status_code

    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as many:
        codes = list(many.map(wish, range(STORM)))
    client.put(SOURCE, json={"value": "rgb-1"}).raise_for_status()
    took = time.monotonic() - begun
    sent = screen.inputs()[before:]
    last = sent[-1][1].endswith("INPT 11")
    return [
        Row(
            "panel: API call to the command on the wire, idle, p95",
            f"{quantile(ages, 0.95) * 1000:.1f} ms",
            "<= 20 ms",
            f"median {quantile(ages, 0.5) * 1000:.1f} ms, of {CALLS}",
        ),
        Row(
            f"  {STORM} writes at once: commands on the wire",
            f"{len(sent)}",
            f"{codes.count(200) + 1}",
            f"as many as were answered with a reading; the others are superseded; {took:.1f} s",
        ),
        Row("  the last value holds", "yes" if last else "no", "yes"),
    ]
