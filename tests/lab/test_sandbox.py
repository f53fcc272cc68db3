"""The service opens the classroom's devices and no others, whatever the modes of the nodes say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.hub import LabHub
from tests.lab.machine import await_node
from tests.lab.usb.camera import Webcam
from tests.lab.usb.descriptors import Identity
from tests.lab.usb.hid import TOUCH_SCREEN, HidDevice
from tests.lab.usb.redir import PlayedDevice
from tests.lab.usb.serial import AcmDevice, FtdiDevice

pytestmark = pytest.mark.shared_machine
INSIDE = Path(__file__).parent / "inside"
OTHERS = ["/dev/vda", "/dev/mem", "/dev/port", "/dev/uinput", "/dev/loop-control"]

Plug = Callable[[PlayedDevice, int], None]


def opened(hub: LabHub, user: str, nodes: list[str]) -> dict[str, str]:
    """Return for each node what came of opening it inside the service."""
    hub.machine.send(INSIDE / "opens.py", "/root/opens.py")
    nodes_said = " ".join(nodes)
    said = hub.machine.run(f"python3 /root/opens.py {hub.main_process()} {user} {nodes_said}")
    return dict(line.split() for line in said.splitlines())


def test_devices_that_are_plugged_in_later_open(hub: LabHub, plug: Plug) -> None:
    # The adapter's module is loaded when it is plugged in, long after the service was started.
    assert "ftdi_sio" not in hub.machine.run("modprobe -r ftdi_sio; lsmod")
    adapter = FtdiDevice(hub.machine, "adapter", "FT0001")
    tablet = HidDevice(Identity(0x28BD, 0x0001, "Lab", "Lab Touch"), TOUCH_SCREEN)
    nodes = ["/dev/ttyUSB0", "/dev/ttyACM0", "/dev/video0", "/dev/hidraw0"]
    try:
        adapter.plug(1)
        plug(AcmDevice(), 2)
        plug(Webcam(lambda *_: b""), 3)
        plug(tablet, 4)
        for node in nodes:
            hub.machine.run(await_node(node))
        nodes += hub.machine.run("ls /dev/input/event*").split()
        assert len(nodes) >= 5
        # Serial lines are open in the hub's driver for itself alone (EBUSY) where it uses them;
        # here nobody has adopted one.
        assert opened(hub, "classhub", nodes) == dict.fromkeys(nodes, "opens")
    finally:
        adapter.pull()


def test_other_devices_are_refused_even_to_root(hub: LabHub) -> None:
    nodes = hub.machine.run(f"ls {' '.join(OTHERS)} 2>/dev/null || true").split()
    assert "/dev/vda" in nodes
    assert len(nodes) >= 4
    # Outside the service root opens them: what refuses is the service's own list.
    assert hub.machine.run("head -c 1 /dev/vda | wc -c").strip() == "1"
    assert opened(hub, "root", nodes) == dict.fromkeys(nodes, "EPERM")
    assert opened(hub, "root", ["/dev/null"]) == {"/dev/null": "opens"}
