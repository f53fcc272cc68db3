"""The lab's own devices: the stock kernel's drivers bind to them and speak with them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.hub import LabHub
from tests.lab.machine import Machine, await_node
from tests.lab.usb.camera import Webcam
from tests.lab.usb.hid import touch_report, touch_screen
from tests.lab.usb.redir import PlayedDevice
from tests.lab.usb.serial import AcmDevice, FtdiDevice

pytestmark = pytest.mark.shared_machine
INSIDE = Path(__file__).parent / "inside"


@pytest.fixture
def machine(hub: LabHub) -> Machine:
    """The machine that is shared; its hub opens nothing that nobody has taken into use."""
    return hub.machine


def settle(machine: Machine, node: str) -> None:
    """Wait until a device node is there and udev is done with it."""
    machine.run(await_node(node))


def inside(machine: Machine, script: str, arguments: str) -> str:
    """Run a script of `inside/` in the machine and return what it printed."""
    machine.send(INSIDE / script, f"/root/{script}")
    return machine.run(f"python3 /root/{script} {arguments}")


def test_serial_devices_answer(machine: Machine, plug: Callable[[PlayedDevice, int], None]) -> None:
    ftdi = FtdiDevice(machine, "adapter", "FT0001")
    acm = AcmDevice(serial="LINE0001")
    try:
        ftdi.plug(1)
        plug(acm, 2)
        for node in ("/dev/ttyUSB0", "/dev/ttyACM0"):
            settle(machine, node)
            assert inside(machine, "ask.py", f"{node} ID?").strip() == "LAB-LINE"
        links = machine.run("ls /dev/serial/by-id")
        assert "LINE0001" in links
        assert "FT0001" in links
    finally:
        ftdi.pull()
    machine.run("for i in $(seq 100); do [ -e /dev/ttyUSB0 ] || exit 0; sleep .1; done; exit 1")


def test_devices_without_serial_number_share_a_link(
    machine: Machine, plug: Callable[[PlayedDevice, int], None]
) -> None:
    plug(AcmDevice(), 1)
    plug(AcmDevice(), 2)
    settle(machine, "/dev/ttyACM1")
    assert len(machine.run("ls /dev/serial/by-id").split()) == 1
    assert len(machine.run("ls /dev/serial/by-path").split()) == 2


@pytest.mark.parametrize("isochronous", [False, True], ids=["bulk", "isochronous"])
def test_camera_gives_the_frames_it_made(
    machine: Machine,
    plug: Callable[[PlayedDevice, int], None],
    tiny_jpeg: bytes,
    isochronous: bool,
) -> None:
    picture = tiny_jpeg[:-2] + bytes(20_000) + tiny_jpeg[-2:]
    plug(Webcam(lambda *_: picture, isochronous=isochronous, serial="CAM1"), 3)
    settle(machine, "/dev/video0")
    said = inside(machine, "frame.py", "/dev/video0 5").splitlines()
    assert said[0] == "format 640 480 MJPG"
    assert said[1:] == [f"frame {len(picture)} ffd8 ffd9"] * 5


def test_touch_screen_reports_where(
    machine: Machine, plug: Callable[[PlayedDevice, int], None]
) -> None:
    screen = touch_screen()
    plug(screen, 4)
    settle(machine, "/dev/input/by-path")
    machine.send(INSIDE / "touches.py", "/root/touches.py")
    machine.run(
        "python3 /root/touches.py 3 > /root/touches 2>&1 & for i in $(seq 200); do grep -q reads /root/touches && exit 0; sleep .1; done; exit 1"
    )
    for step in range(3):
        screen.report(touch_report(1000 + step, 500 + step, step * 100))
    said = machine.run(
        "for i in $(seq 200); do [ $(wc -l < /root/touches) = 4 ] && break; sleep .1; done; cat /root/touches"
    )
    assert said.splitlines()[1:] == ["1000 500", "1001 501", "1002 502"]
    bound = machine.run(
        "for one in /sys/bus/hid/devices/*; do basename $(readlink $one/driver); done"
    )
    assert "hid-multitouch" in bound
