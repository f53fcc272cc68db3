"""The hub is killed at random moments while pictures are taken; what it acknowledged is whole."""

import hashlib
import os
import random
import signal
import threading
import time

import httpx
import pytest

from plugins.microscopy.jpeg import scan

ROUNDS = max(5, int(os.environ.get("CLASSHUB_TEST_KILLS", "8")) // 3)
"""Each takes two or three seconds."""
CAPTURES = "/api/v1/microscopes/cam/captures"
AT_ONCE = 4
LIMIT = 30.0


def config(camera) -> str:
    return f"""
[[devices]]
id = "cam"
driver = "stream"
settings = {{ url = "{camera.url}" }}
"""


def press(url: str, token: str, kept: list[dict], ended: threading.Event) -> None:
    """Keep one picture after the other until the hub is gone; note each that is acknowledged."""
    with httpx.Client(base_url=url, headers={"Authorization": token}, timeout=LIMIT) as client:
        while not ended.is_set():
            try:
                answer = client.post(CAPTURES, json={"note": "Жасуша"})
            except httpx.TransportError:
                return
            if answer.status_code == 201:
                kept.append(answer.json())


def until_taken(client: httpx.Client) -> dict:
    """The first picture that this hub keeps: its camera is there."""
    end = time.monotonic() + LIMIT
    while (answer := client.post(CAPTURES, json={})).status_code != 201:
        assert time.monotonic() < end, answer.text
        time.sleep(0.02)
    return answer.json()


def check(client: httpx.Client, kept: list[dict]) -> None:
    for asset in kept:
        found = client.get(f"/api/v1/assets/{asset['id']}").json()
        assert found == {**asset, "favourite": False}
        content = client.get(asset["links"]["content"]).content
        assert hashlib.sha256(content).hexdigest() == asset["sha256"]
        assert scan(content).width == asset["width"]
        taken = client.get(f"/api/v1/captures/{asset['id']}").json()["capture"]
        assert taken["frame"] == asset["info"]["frame"]


@pytest.mark.slow
def test_every_acknowledged_capture_is_whole_after_the_hub_is_killed(start, camera):
    chance = random.Random(20260901)
    kept: list[dict] = []
    secret = ""
    for _ in range(ROUNDS):
        hub = start(config=config(camera))
        secret = secret or hub.token("teacher")
        with httpx.Client(
            base_url=hub.url, headers={"Authorization": f"Bearer {secret}"}, timeout=LIMIT
        ) as client:
            check(client, kept[-40:])
            kept.append(until_taken(client))
        ended = threading.Event()
        pressing = [
            threading.Thread(target=press, args=(hub.url, f"Bearer {secret}", kept, ended))
            for _ in range(AT_ONCE)
        ]
        for thread in pressing:
            thread.start()
        wanted = len(kept) + chance.randrange(1, 12)
        end = time.monotonic() + LIMIT
        while len(kept) < wanted and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.03))  # somewhere within the next capture
        assert hub.stop(signal.SIGKILL) == -signal.SIGKILL
        ended.set()
        for thread in pressing:
            thread.join(LIMIT)
    hub = start(config=config(camera))
    with hub.client("teacher") as client:
        check(client, kept)
        listed = {item["id"] for item in everything(client)}
        assert {asset["id"] for asset in kept} <= listed


def everything(client: httpx.Client) -> list[dict]:
    items, cursor = [], None
    while True:
        place = {} if cursor is None else {"cursor": cursor}
        page = client.get("/api/v1/assets", params={"limit": 200, **place}).json()
        items += page["items"]
        if (cursor := page["next"]) is None:
            return items
