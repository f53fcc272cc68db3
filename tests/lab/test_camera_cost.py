"""What a camera's live view costs: passed through by the driver, beside OpenCV decoding it."""

import io
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.lab.hub import LabHub
from tests.lab.test_camera import latest, plugged_in, value, watched
from tests.lab.usb.camera import Webcam
from tests.lab.usb.redir import PlayedDevice

pytestmark = pytest.mark.shared_machine
INSIDE = Path(__file__).parent / "inside"
SECONDS = 5
TICKS = 100  # a second, of /proc/PID/stat (CLK_TCK)


def real_picture() -> bytes:
    """Return a JPEG of 1920x1080 as cameras make them: detail everywhere, some 400 kB."""
    noise = np.random.default_rng(1).integers(0, 256, (270, 480, 3), np.uint8)
    picture = Image.fromarray(noise).resize((1920, 1080), Image.Resampling.BICUBIC)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=70)
    return out.getvalue()


def cpu_of(hub: LabHub) -> float:
    """Return the seconds of a core that the driver's process has used so far."""
    said = hub.machine.run("for p in $(pgrep -f 'driver_host run'); do cat /proc/$p/stat; done")
    return sum(
        sum(int(one) for one in line.rsplit(")", 1)[1].split()[11:13]) / TICKS
        for line in said.splitlines()
    )


def test_passing_through_beside_decoding(
    hub: LabHub, plug: Callable[[PlayedDevice, int], None], figure: Callable[[str, float], None]
) -> None:
    shown = real_picture()
    camera = Webcam(lambda *_: shown, rate=30, serial="CAM1")
    device = plugged_in(hub, plug, camera, 1, "Camera")
    assert value(hub, device, "resolution") == "1920x1080"
    # Nothing decodes it on its way: these are the camera's own bytes.
    assert latest(hub, device) == shown
    with watched(hub, device):
        time.sleep(5)
        good, used, began = value(hub, device, "pictures")["good"], cpu_of(hub), time.monotonic()
        time.sleep(SECONDS)
        good = value(hub, device, "pictures")["good"] - good
        used, lasted = cpu_of(hub) - used, time.monotonic() - began
    assert good > 0
    passed = used / good
    time.sleep(7)  # nobody watches any more
    hub.machine.send(INSIDE / "decodes.py", "/root/decodes.py")
    python = "/opt/classhub/current/bin/python"
    said = hub.machine.run(f"{python} /root/decodes.py /dev/video0 1920 1080 {SECONDS}")
    rate, cores = (float(one) for one in said.split()[-2:])
    assert rate > 0
    decoded = cores / rate
    figure(f"1080p ({len(shown) / 1000:.0f} kB) passed through: pictures a second", good / lasted)
    figure("1080p passed through: cores", used / lasted)
    figure("1080p decoded by OpenCV: pictures a second", rate)
    figure("1080p decoded by OpenCV: cores", cores)
    figure("of OpenCV's time for a picture, percent", 100 * passed / decoded)
