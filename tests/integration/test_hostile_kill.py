"""A hub is killed while engineers adopt, change, remove and back up: what it said is so."""

import contextlib
import random
import threading
import time
import zipfile

import httpx

from tests.integration.test_mqtt_hub import CAMERA

ROUNDS = 3
GONE = None


class Engineer:
    """Adopts, renames and removes devices, and remembers what the hub has acknowledged.

    `known` is what each device is called now (`GONE`: it was removed); `asked` is what was asked
    last, and may or may not have been done.
    """

    def __init__(self, number: int, url: str) -> None:
        self.number = number
        self.url = url
        self.known: dict[str, str | None] = {}
        self.asked: tuple[str, str | None] | None = None
        self.count = 0

    def work(self, hub) -> None:
        """Go on until the hub is gone."""
        with contextlib.suppress(httpx.TransportError), hub.client("engineer") as api:
            while True:
                self.step(api)

    def step(self, api: httpx.Client) -> None:
        """Do one thing."""
        self.count += 1
        there = [device for device, name in self.known.items() if name is not GONE]
        name = f"name {self.count}"
        if len(there) < 3:
            device = f"d{self.number}-{self.count}"
            self.asked = (device, name)
            # One that is not plugged in: it takes no process of its own.
            identity = f"usb:056a:0302:{device}"
            body = {"driver": "stream", "id": device, "name": name, "identity": identity}
            answer = api.post("/api/v1/devices", json={**body, "settings": {"url": self.url}})
        elif self.count % 4:
            device = there[0]
            self.asked = (device, name)
            answer = api.patch(f"/api/v1/devices/{device}", json={"name": name})
        else:
            device, name = there[0], GONE
            self.asked = (device, name)
            answer = api.delete(f"/api/v1/devices/{device}")
        assert answer.is_success, answer.text
        self.known[device] = name
        self.asked = None

    def check(self, found: dict[str, str]) -> None:
        """Compare with what there is after a new start."""
        unsure, wanted = self.asked or ("", GONE)
        for device, name in {**self.known, unsure: self.known.get(unsure, GONE)}.items():
            now = found.get(device, GONE)
            allowed = {name, wanted} if device == unsure else {name}
            assert now in allowed, (device, now, allowed)
            if now is GONE:
                self.known.pop(device, None)
            else:
                self.known[device] = now
        self.asked = None


def check(hub, engineers: list[Engineer]) -> None:
    """Compare what there is with what every engineer was told."""
    with hub.client("engineer") as api:
        items = api.get("/api/v1/devices").json()["items"]
    for engineer in engineers:
        engineer.check({one["id"]: one["name"] for one in items})


def back_up(hub, made: list[str]) -> None:
    """Make one backup after the other until the hub is gone."""
    with contextlib.suppress(httpx.TransportError), hub.client("admin") as api:
        while True:
            begun = api.post("/api/v1/backups").headers["Location"]
            while (operation := api.get(begun).json())["ended"] is None:
                time.sleep(0.02)
            assert operation["status"] == "done", operation
            made.append(operation["result"]["name"])
            time.sleep(0.05)  # a fast computer would make more than are kept


def test_what_was_acknowledged_is_there_after_a_kill_and_nothing_is_half(start, camera):
    config = CAMERA.format(url=camera.url) + "[keeping]\nbackups_kept = 1000\n"
    chance = random.Random(7)
    engineers = [Engineer(number, camera.url) for number in range(2)]
    made: list[str] = []
    for _ in range(ROUNDS):
        hub = start(config=config)
        check(hub, engineers)
        hub.token("admin")
        workers = [threading.Thread(target=one.work, args=(hub,)) for one in engineers]
        workers.append(threading.Thread(target=back_up, args=(hub, made)))
        before = sum(one.count for one in engineers)
        for worker in workers:
            worker.start()
        while sum(one.count for one in engineers) < before + 4:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.5))
        hub.process.kill()
        hub.process.wait()
        for worker in workers:
            worker.join()
    hub = start(config=config)
    with hub.client("admin") as api:
        check(hub, engineers)
        listed = {one["name"] for one in api.get("/api/v1/backups").json()["items"]}
        assert set(made) <= listed
        for name in listed:
            with zipfile.ZipFile(hub.data / "backups" / name) as archive:
                assert archive.testzip() is None
        running = [o for o in api.get("/api/v1/operations").json()["items"] if o["ended"] is None]
        assert running == []
        backup = api.post("/api/v1/backups").headers["Location"]
        while (operation := api.get(backup).json())["ended"] is None:
            time.sleep(0.02)
        assert operation["status"] == "done", operation
        left = {path.name for path in (hub.data / "backups").iterdir()}
        assert left == listed | {operation["result"]["name"]}, "what was half made is swept away"
    hub.stop()
    assert "Traceback" not in hub.err.read_text()
