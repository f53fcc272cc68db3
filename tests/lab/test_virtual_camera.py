"""The microscope as a camera of the machine, with the kernel itself and Debian's v4l2loopback.

What a program reads there (OpenCV by V4L2, as a user of the machine's own) is compared with what the hub was sent.
"""

import base64
import contextlib
import io
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from plugins.virtualcamera.writing.output import Mode
from plugins.virtualcamera.writing.pictures import from_jpeg
from tests.conftest import MjpegPeer
from tests.lab.hub import LIMIT, LabHub, wait_until
from tests.lab.loopback import NotBuilt, built

INSIDE = Path(__file__).parent / "inside"
PYTHON = "/opt/classhub/current/bin/python"
PORT = 8099
TABLE = "[plugins.virtualcamera]\\nwidth = {}\\nheight = {}\\nrate = {}\\n{}\\n"


def picture(size: tuple[int, int], turned: int = 0) -> bytes:
    """Four fields of colour, and a slope that shows whether lines and columns are where they were."""
    image = Image.new("RGB", size)
    width, height = size
    colours = [(200, 40, 40), (40, 180, 60), (50, 70, 210), (220, 200, 60)]
    for at in range(4):
        field = (at % 2 * width // 2, at // 2 * height // 2)
        image.paste(
            colours[(at + turned) % 4], (*field, field[0] + width // 2, field[1] + height // 2)
        )
    slope = Image.linear_gradient("L").resize((width // 4, height // 4)).convert("RGB")
    image.paste(slope, (width // 8, height // 8))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


@pytest.fixture
def microscope(hub: LabHub) -> Iterator[MjpegPeer]:
    """A camera on this computer's network that the machine's hub drives as a microscope."""
    peer = MjpegPeer(picture((320, 240)))
    peer.interval = 0.3
    try:
        hub.machine.lead_back(PORT, int(peer.url.split(":")[2].split("/")[0]))
        settings = {"url": f"http://127.0.0.1:{PORT}/stream"}
        hub.add({"driver": "stream", "id": "scope", "name": "Scope", "settings": settings})
        wait_until(lambda: hub.reachable("scope"), LIMIT, "the microscope works")
        yield peer
    finally:
        if not peer.closing.is_set():
            peer.close()


def set_up(hub: LabHub, width: int, height: int, rate: int, more: str = "") -> None:
    """Have the hub write pictures of a size."""
    table = TABLE.format(width, height, rate, more)
    hub.machine.run(f"printf '{table}' >> /etc/classhub/classhub.toml; systemctl restart classhub")
    hub.wait_healthy()
    hub.machine.send(INSIDE / "watches.py", "/root/watches.py")


def cameras(hub: LabHub) -> list[dict[str, Any]]:
    """The virtual cameras, as a teacher sees them."""
    return list(hub.get("/virtual-cameras", "teacher")["items"])


def caps(hub: LabHub, node: str) -> dict[str, Any]:
    """What a node is to a program that opens it now."""
    said = hub.machine.run(f"{PYTHON} /root/watches.py caps {node}").splitlines()
    return dict(json.loads(said[-1]))


def switch(hub: LabHub, camera: str, device: str | None) -> None:
    """Switch a camera on, or off."""
    with hub.client("teacher", limit=LIMIT) as client:
        path = f"/api/v1/virtual-cameras/{camera}"
        answer = (
            client.delete(path) if device is None else client.put(path, json={"device": device})
        )
    assert answer.status_code in (200, 204), answer.text


class Watching:
    """A program of the machine that reads a camera, for as long as it is wanted."""

    def __init__(self, hub: LabHub, node: str, size: tuple[int, int]) -> None:
        command = f"{PYTHON} /root/watches.py pictures {node} {size[0]} {size[1]} 2>/dev/null"
        self._process = subprocess.Popen(
            [*hub.machine._ssh(), command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self) -> dict[str, Any]:
        """What it sees now."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        said = dict(json.loads(self._process.stdout.readline()))
        if "picture" in said:
            said["picture"] = base64.b64decode(said["picture"])
        return said

    def sees(self, wanted: bytes) -> bool:
        """Whether its newest picture is this one."""
        said = self.ask()
        seen = said.pop("picture", b"")
        self.last = said | {"bytes": len(seen)}  # to be looked at where it does not come
        if len(seen) != len(wanted):
            return False
        off = np.abs(np.frombuffer(seen, np.uint8).astype(int) - np.frombuffer(wanted, np.uint8))
        self.last |= {"off": int(off.max()), "of": int((off > 2).sum())}
        return bool(off.max() <= 2)  # the very bytes, but for how processors round

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        killer = threading.Timer(60, self._process.kill)
        killer.start()
        self._process.wait()
        killer.cancel()
        assert self._process.stdout is not None
        self._process.stdout.close()


def wait_to_see(watching: Watching, wanted: bytes, what: str) -> None:
    """Wait until its newest picture is this one."""
    try:
        wait_until(lambda: watching.sees(wanted), LIMIT, what)
    except TimeoutError as error:
        raise AssertionError(f"{what}: {watching.last}") from error


def test_a_browser_finds_the_camera_only_while_a_teacher_shows_it(
    hub: LabHub, microscope: MjpegPeer, figure: Any
) -> None:
    machine = hub.machine
    assert hub.get("/virtual-cameras", "teacher") | {"rate": 15} == {
        "installed": False,
        "width": 1280,
        "height": 720,
        "rate": 15,
        "items": [],
    }
    kernel = machine.run("uname -r").strip()
    try:
        module = built(kernel)
    except NotBuilt as why:
        pytest.skip(f"v4l2loopback cannot be compiled here: {why}")
    installer = "/opt/classhub/current/share/classhub/install.sh --virtual-camera"
    assert "apt-get install v4l2loopback-dkms" in machine.run(installer, check=False)
    machine.send(module, "/root/v4l2loopback.ko")
    machine.run(
        "d=/lib/modules/$(uname -r)/extra; mkdir -p $d; mv /root/v4l2loopback.ko $d/; depmod -a"
    )
    assert "/virtual-camera" in machine.run(installer)
    machine.run("udevadm settle")
    set_up(hub, 320, 240, 5)
    assert hub.get("/virtual-cameras", "teacher")["installed"]
    found = [(one["id"], one["name"], one["on"]) for one in cameras(hub)]
    assert found == [
        ("video60", "Classroom microscope", False),
        ("video61", "Classroom microscope 2", False),
    ]
    assert caps(hub, "/dev/video60") == {"card": "Classroom microscope", "is": ["output"]}
    assert not any("video6" in str(one) for one in hub.discoveries()), "no microscope is offered"

    mode = Mode(320, 240, 640, 320 * 240 * 2)
    switch(hub, "video60", "scope")
    wait_until(lambda: cameras(hub)[0]["live"], LIMIT, "programs get the picture")
    assert caps(hub, "/dev/video60")["is"] == ["capture"]
    assert caps(hub, "/dev/video61")["is"] == ["output"]
    with contextlib.closing(Watching(hub, "/dev/video60", (320, 240))) as watching:
        first = from_jpeg(microscope.picture, mode)
        wait_to_see(watching, first, "the very picture that was sent")
        assert watching.ask()["size"] == [320, 240]
        # The microscope changes its size; what a program has opened does not.
        microscope.picture = picture((640, 360), turned=1)
        wide = from_jpeg(microscope.picture, mode)
        wait_to_see(watching, wide, "the other picture, between bars")
        before = watching.ask()["count"]
        microscope.close()
        wait_until(lambda: not cameras(hub)[0]["live"], LIMIT, "it is told that there is none")
        wait_until(lambda: not watching.sees(wide), LIMIT, "the card")
        wait_until(lambda: watching.ask()["count"] > before + 5, LIMIT, "it comes all the time")
        assert watching.ask()["size"] == [320, 240]
        assert not watching.ask()["ended"]
    switch(hub, "video60", None)
    assert caps(hub, "/dev/video60")["is"] == ["output"], "no program finds it any more"
    switch(hub, "video60", "scope")
    wait_until(lambda: caps(hub, "/dev/video60")["is"] == ["capture"], LIMIT, "and again")
    switch(hub, "video60", None)
    # What the hub began ends with the hub, whatever becomes of that.
    switch(hub, "video61", "scope")
    wait_until(lambda: caps(hub, "/dev/video61")["is"] == ["capture"], LIMIT, "the other one")
    machine.run(f"kill -9 {hub.main_process()}")
    took = wait_until(lambda: caps(hub, "/dev/video61")["is"] == ["output"], LIMIT, "it has gone")
    figure("virtual camera gone after the hub was killed", took)
    hub.wait_healthy()
    assert not any(one["on"] for one in cameras(hub)), "and it is off"
