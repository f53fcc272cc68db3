"""The power is cut at random moments; whatever the hub had acknowledged is there, whole."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.conftest import MjpegPeer
from tests.lab.conftest import awake
from tests.lab.disk import VolatileDisk
from tests.lab.hub import LIMIT, Installed, LabHub, wait_until
from tests.lab.machine import Machine
from tests.lab.pictures import Kept, add_picture, content_of

ROUNDS = int(os.environ.get("CLASSHUB_LAB_CUTS", "3"))
CAMERA_PORT = 8090  # of the machine, where the camera that is played here answers


@pytest.fixture
def data(
    image: Path, lab: Path, installed: Installed, request: pytest.FixtureRequest
) -> Iterator[VolatileDisk]:
    """A disk with the data of the installed hub, whose cache the power cut empties."""
    with awake(Machine(image, lab / "machine"), installed.state, request) as machine:
        machine.run("systemctl stop classhub", limit=LIMIT)
        tree = machine.fetch_tree("/var/lib/classhub", lab / "data")
    disk = VolatileDisk(lab, content=tree)
    yield disk
    disk.close()


@dataclass
class Pictures:
    """Gives a hub pictures and has it take some, and remembers what it acknowledged."""

    hub: LabHub
    kept: list[Kept] = field(default_factory=list)
    captured: int = 0

    def __post_init__(self) -> None:
        self._ending = threading.Event()
        self._threads = [
            threading.Thread(target=self._repeat, args=(work,), name=work.__name__)
            for work in (self._upload, self._capture)
        ]
        for thread in self._threads:
            thread.start()

    def _repeat(self, work: Callable[[], None]) -> None:
        while not self._ending.is_set():
            try:
                work()
            except httpx.TransportError:
                time.sleep(0.05)  # the power is gone, or the hub is too busy

    def _upload(self) -> None:
        self.kept.append(add_picture(self.hub, size=200_000))

    def _capture(self) -> None:
        with self.hub.client("teacher") as client:
            answer = client.post("/api/v1/microscopes/cam/captures", json={})
        if answer.status_code in (502, 503, 504):
            return  # the camera is just being opened
        made = answer.raise_for_status().json()
        self.kept.append(Kept(made["id"], made["sha256"]))
        self.captured += 1

    def enough(self) -> bool:
        """Tell whether there is something to lose."""
        return self.captured > 0 and len(self.kept) >= 5

    def end(self) -> None:
        """Give no more; call it when the power is cut."""
        self._ending.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive()


def test_what_was_acknowledged_survives_power_cuts(
    image: Path,
    lab: Path,
    installed: Installed,
    data: VolatileDisk,
    camera: MjpegPeer,
    figure: Callable[[str, float], None],
) -> None:
    seed = random.randrange(1 << 32)
    print(f"moments by seed {seed}")
    moment = random.Random(seed)
    machine = Machine(image, lab / "machine")
    hub = LabHub(machine, installed.tokens)
    kept: list[Kept] = []
    captured = 0
    try:
        for number in range(ROUNDS + 1):
            began = time.monotonic()
            machine.boot(base=installed.state.disk, data=data)
            hub.connect().wait_healthy()
            machine.lead_back(CAMERA_PORT, int(camera.url.split(":")[2].split("/")[0]))
            figure("cold boot until the hub is ready", time.monotonic() - began)
            assert [one for one in kept if content_of(hub, one) != one.sha256] == []
            if number == ROUNDS:
                break
            if number == 0:
                adopt_camera(hub)
            wait_until(lambda: hub.reachable("cam"), LIMIT, "the camera is there")
            pictures = Pictures(hub)
            try:
                wait_until(pictures.enough, LIMIT, "pictures are acknowledged")
                time.sleep(moment.uniform(0, 2))
                machine.cut_power()
            finally:
                pictures.end()
            kept += pictures.kept
            captured += pictures.captured
        assert captured >= ROUNDS
        figure(f"(pictures acknowledged before {ROUNDS} power cuts, all whole)", len(kept))
        machine.power_off(LIMIT)
        print(data.check())
    finally:
        hub.close()
        machine.close()


def adopt_camera(hub: LabHub) -> None:
    """Take the camera into use."""
    url = f"http://127.0.0.1:{CAMERA_PORT}/stream"
    hub.add({"id": "cam", "driver": "stream", "name": "Microscope", "settings": {"url": url}})
