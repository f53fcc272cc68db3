"""Who reads a camera slowly gets its newest picture, and what was passed over is counted."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.hub import LabHub
from tests.lab.machine import await_node
from tests.lab.pictures import picture
from tests.lab.usb.camera import Webcam
from tests.lab.usb.redir import PlayedDevice

pytestmark = pytest.mark.shared_machine
INSIDE = Path(__file__).parent / "inside"
PYTHON = "/opt/classhub/current/bin/python"
REST = 4.0  # seconds
RATE = 10
BUFFERS = 5  # of the driver's, that the kernel fills


def test_a_slow_reader_gets_the_newest(
    hub: LabHub, plug: Callable[[PlayedDevice, int], None]
) -> None:
    made: list[str] = []

    def show(number: int, width: int, height: int) -> bytes:
        data = picture(20_000)
        made.append(hashlib.sha256(data).hexdigest())
        return data

    plug(Webcam(show, rate=RATE, serial="CAM1"), 1)
    hub.machine.run(await_node("/dev/video0"))
    hub.machine.send(INSIDE / "newest.py", "/root/newest.py")
    said = hub.machine.run(f"{PYTHON} /root/newest.py /dev/video0 {REST}")
    first, slow, blocked, after = map(json.loads, said.splitlines()[-4:])
    # Each is a picture that the camera sent, and they come in its order.
    order = [made.index(one["sha256"]) for one in (first, slow, blocked, after)]
    assert order == sorted(set(order))

    # Whoever does not ask for a while: the newest, not the oldest that waits.
    assert slow["sequence"] - first["sequence"] > BUFFERS
    assert slow["age"] < REST / 2
    passed = slow["skipped"] - first["skipped"]
    lost = sum(slow[name] - first[name] for name in ("missed", "late", "broken"))
    assert passed + lost == slow["sequence"] - first["sequence"] - 1
    assert passed > 0

    # Whoever could do nothing at all: the newest of what the kernel had room for.
    assert blocked["sequence"] - slow["sequence"] >= BUFFERS
    assert blocked["skipped"] - slow["skipped"] >= BUFFERS - 1
    # What it had no room for is a gap before the next, and the reader's fault, not the cable's.
    gap = after["sequence"] - blocked["sequence"] - 1
    assert gap > BUFFERS
    assert after["late"] - slow["late"] >= gap - (after["skipped"] - blocked["skipped"])
    assert after["missed"] == slow["missed"]
    assert after["age"] < REST / 2
