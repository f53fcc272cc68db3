"""Viewers of pens and touches: raw WebSocket clients that see what is missing and how late it is.

python -m tests.bench.strokes URL TOKEN COUNT SECONDS

Pens that are on their tablets all the time make `rate` samples a second: fewer were lost, or are not
there yet. Of a table every frame number must be there.
"""

import asyncio
import json
import sys
import time

from pydantic import BaseModel

from tests.bench.viewers import Viewer

MOST_AGES = 200_000


class Viewing(BaseModel):
    """What the viewers saw: samples a second of one, missing frames, ages in seconds."""

    rate: float
    gaps: int
    ages: list[float]
    closed: list[str]


class StrokeViewer(Viewer):
    """One viewer of all streams of samples."""

    def __init__(self, host: str, token: str) -> None:
        super().__init__(host, token, device="", pause=0.0, size="full")
        self.count = self.gaps = 0
        self.last: dict[str, int] = {}
        self.asked = False

    def message(self) -> bool:
        size, head = self.buffer[1] & 127, 2
        if self.fill < 10:
            return False
        if size == 126:
            size, head = int.from_bytes(self.view[2:4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(self.view[2:10], "big"), 10
        if self.fill < head + size:
            return False
        if self.buffer[0] & 15 == 1:
            self.text(json.loads(bytes(self.view[head : head + size])))
        elif self.buffer[0] & 15 == 8:
            self.closed = "closed by the hub"
        self.take(head + size)
        return True

    def text(self, message: dict[str, object]) -> None:
        if not self.asked:
            self.asked = True
            self.say({"op": "subscribe", "sub": 2, "filter": "+/s/+"})
        payload = message.get("payload")
        if not isinstance(payload, dict):
            return
        now, topic = time.time(), str(message["topic"])
        for sample in payload["samples"]:
            self.ages.append(now - sample["time"])
            self.count += 1
            if "frame" in sample:
                before = self.last.get(topic, sample["frame"])
                self.gaps += max(sample["frame"] - before - 1, 0)
                self.last[topic] = sample["frame"]


async def watch(url: str, token: str, count: int, seconds: float) -> Viewing:
    host, _, port = url.removeprefix("http://").rpartition(":")
    loop = asyncio.get_running_loop()
    viewers = []
    for _ in range(count):
        _, viewer = await loop.create_connection(
            lambda: StrokeViewer(f"{host}:{port}", token), host, int(port)
        )
        viewers.append(viewer)
    await asyncio.sleep(2.0)
    for viewer in viewers:
        viewer.ages.clear()
        viewer.count = 0
    print("measuring", flush=True)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    spent = time.monotonic() - began
    ages = [age for viewer in viewers for age in viewer.ages][:MOST_AGES]
    return Viewing(
        rate=min(viewer.count for viewer in viewers) / spent,
        gaps=sum(viewer.gaps for viewer in viewers),
        ages=ages,
        closed=[viewer.closed for viewer in viewers if viewer.closed],
    )


if __name__ == "__main__":
    url, token, count, seconds = sys.argv[1:]
    print(asyncio.run(watch(url, token, int(count), float(seconds))).model_dump_json())
