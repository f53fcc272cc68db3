"""Raw pictures, by the kernel's own virtual camera: encoded once, in their colours, for all who watch."""

import base64
import concurrent.futures
import io
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.lab.hub import LIMIT, LabHub, wait_until
from tests.lab.test_camera import latest, put, value

pytestmark = pytest.mark.shared_machine
INSIDE = Path(__file__).parent / "inside"
PYTHON = "/opt/classhub/current/bin/python"
SIZE = 640, 360
SECONDS = 6
VIEWERS = 3
PART = re.compile(rb"Content-Length: (\d+)\r\nX-Frame: (\S+)\r\n\r\n")
# What vivid shows unless it is told otherwise: eight bars of 75 %, white, yellow, cyan, green, …
BARS = ["www", "ww.", ".ww", ".w.", "w.w", "w..", "..w", "..."]
BRIGHT, OFF = 191, 20  # 75 % of 255; what a conversion and JPEG may be off by


@pytest.fixture
def vivid(hub: LabHub) -> Iterator[str]:
    """The virtual camera's node."""
    hub.machine.run("modprobe vivid n_devs=1 node_types=0x1; udevadm settle; ls -l /dev/video0")
    yield "/dev/video0"
    for one in hub.get("/devices")["items"]:
        hub.remove(one["id"])
    hub.machine.run("for n in $(seq 50); do modprobe -r vivid && exit 0; sleep .2; done; exit 1")


def bars(picture: Image.Image) -> list[Any]:
    """Return the colour of each bar, below what vivid writes over them."""
    return [picture.getpixel((40 + 80 * at, 300)) for at in range(8)]


def are_true(seen: list[Any]) -> bool:
    """Tell whether the bars have the colours that vivid gave them."""
    return all(
        abs(one - (BRIGHT if letter == "w" else 0)) <= OFF
        for bar, letters in zip(seen, BARS, strict=True)
        for one, letter in zip(bar, letters, strict=True)
    )


@pytest.mark.parametrize("fourcc", ["YUYV", "NV12"])
def test_each_raw_format_is_encoded_in_its_colours(hub: LabHub, vivid: str, fourcc: str) -> None:
    hub.machine.send(INSIDE / "encodes.py", "/root/encodes.py")
    width, height = SIZE
    said = hub.machine.run(f"{PYTHON} /root/encodes.py {vivid} {fourcc} {width} {height}")
    given, encoded = said.split()[-2:]
    assert given == fourcc
    shown = Image.open(io.BytesIO(base64.b64decode(encoded)))
    assert (shown.format, shown.mode, shown.size) == ("JPEG", "RGB", SIZE)
    assert are_true(bars(shown)), bars(shown)


def watched(hub: LabHub, seconds: float) -> dict[bytes, bytes]:
    """Watch the live view for a while; return the pictures by their ids."""
    with (
        hub.client("teacher") as client,
        client.stream("GET", "/api/v1/devices/vivid/streams/view/live") as answer,
    ):
        assert answer.status_code == 200, answer.read()
        end = time.monotonic() + seconds
        data = b""
        for piece in answer.iter_bytes():
            data += piece
            if time.monotonic() > end:
                break
    found = {}
    for head in PART.finditer(data):
        picture = data[head.end() : head.end() + int(head[1])]
        if len(picture) == int(head[1]):
            found[head[2]] = picture
    return found


def test_raw_pictures_are_encoded_once_for_all_who_watch(hub: LabHub, vivid: str) -> None:
    settings = {"path": vivid, "resolution": "640x360"}
    hub.add({"driver": "v4l2", "id": "vivid", "name": "Vivid", "settings": settings})
    wait_until(lambda: hub.device("vivid")["state"]["reachable"], LIMIT, "vivid works")
    shown = Image.open(io.BytesIO(latest(hub, "vivid")))
    assert (shown.format, shown.size) == ("JPEG", SIZE)
    assert are_true(bars(shown)), bars(shown)

    before = value(hub, "vivid", "pictures")["good"]
    with concurrent.futures.ThreadPoolExecutor(VIEWERS) as viewers:
        seen = list(viewers.map(watched, [hub] * VIEWERS, [SECONDS] * VIEWERS))
    made = value(hub, "vivid", "pictures")["good"] - before
    everything: dict[bytes, bytes] = {}
    for pictures in seen:
        assert len(pictures) > 2
        for number, picture in pictures.items():
            assert everything.setdefault(number, picture) == picture
    # Vivid writes a running time into each picture: no two of them are alike.
    assert len(set(everything.values())) == len(everything)
    assert len(everything) < sum(map(len, seen)), "they share pictures"
    assert len(everything) <= made
    # What encodes is in the driver's process, and the hub's own hands on what comes from there.
    loads = "grep -l cv2 /proc/$p/maps || true"
    driver = hub.machine.run(f"for p in $(pgrep -f 'driver_host run'); do {loads}; done").split()
    assert len(driver) == 1
    assert hub.machine.run(f"p={hub.main_process()}; {loads}") == ""

    assert put(hub, "vivid", "brightness", 20) == 20
    light = sum(bars(shown)[0])
    wait_until(
        lambda: sum(bars(Image.open(io.BytesIO(latest(hub, "vivid"))))[0]) < light - 60,
        LIMIT,
        "the picture follows the control",
    )
