"""A globe's pen that the kernel takes for a keyboard: heard by the hub, and by nobody else."""

import base64
import time
from collections.abc import Callable

import pytest

from drivers.input import codes
from hub.device.transports._evdev import parse_events
from tests.lab.hub import LIMIT, Json, LabHub, wait_until
from tests.lab.usb.descriptors import Identity
from tests.lab.usb.hid import HidDevice
from tests.lab.usb.redir import PlayedDevice

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]

# The keyboard of the boot protocol (HID 1.11, appendix B.1), without its lamps.
KEYBOARD = bytes.fromhex(
    "05010906a101050719e029e71500250175019508810295017508810195067508150025650507190029658100c0"
)
ENTER = 0x28
NOTHING = bytes(8)
KEY_7, KEY_ENTER = 8, 28  # the kernel's numbers (input-event-codes.h)
TYPED = "/run/lab-globe-typed"


def wedge(serial: str) -> HidDevice:
    """Return a pen's receiver that types."""
    return HidDevice(Identity(0x2575, 0x0333, "Lab", "Lab Globe Pen", serial), KEYBOARD)


def typed(pen: HidDevice, code: str) -> None:
    """Type a code and Enter, key by key."""
    keys = [0x27 if sign == "0" else 0x1D + int(sign) for sign in code]
    for key in (*keys, ENTER):
        pen.report(bytes([0, 0, key, 0, 0, 0, 0, 0]))
        pen.report(NOTHING)


def taps(said: Json) -> list[Json]:
    """What was touched, of all that the globe's plugin tells."""
    return [said] if "code" in said else []


def pressed(hub: LabHub) -> list[int]:
    """Return the keys that whoever reads the keyboard, as a document's window does, was told of."""
    events = parse_events(base64.b64decode(hub.machine.run(f"base64 {TYPED}")))
    return [event.code for event in events if (event.type, event.value) == (codes.EV_KEY, 1)]


def test_a_pen_that_types_is_heard_by_the_hub_alone(hub: LabHub, plug: Plug) -> None:
    machine = hub.machine
    pen = wedge("GLOBE001")
    plug(pen, 1)

    def found() -> list[Json]:
        return [
            one
            for one in hub.discoveries()
            if "globe-wedge" in one["drivers"] and "2575" in one["identity"]
        ]

    wait_until(lambda: bool(found()), LIMIT, "the pen is found")
    node = machine.run(
        "grep -l 'Lab Globe Pen' /sys/class/input/event*/device/name | cut -d/ -f5 | head -n1"
    ).strip()
    machine.listen(f"/dev/input/{node}", TYPED, "typed")
    # As long as nobody has taken it into use it types like any keyboard.
    typed(pen, "7")
    wait_until(lambda: pressed(hub) == [KEY_7, KEY_ENTER], LIMIT, "it types into a document")
    device = hub.add(
        {
            "driver": "globe-wedge",
            "name": "Globe",
            "identity": found()[0]["identity"],
            "settings": {"map": "virtual"},
        }
    )
    wait_until(lambda: hub.reachable(device), LIMIT, "it is reached")
    with hub.heard("x/globe/taps", taps) as heard:
        time.sleep(1)
        typed(pen, "10398")
        wait_until(lambda: len(heard) == 1, LIMIT, "Kazakhstan was touched")
        assert (heard[0]["place"], heard[0]["code"]) == ("KZ", "10398")
        assert machine.run("systemctl is-active typed").strip() == "active"
        assert pressed(hub) == [KEY_7, KEY_ENTER], "what a pen types would land in a document"
        # Half a code, and the receiver is pulled out: nothing of it comes back with the next one.
        for key in (0x1E, 0x27):
            pen.report(bytes([0, 0, key, 0, 0, 0, 0, 0]))
            pen.report(NOTHING)
        pen.pull()
        wait_until(lambda: not hub.reachable(device), LIMIT, "it is told as gone")
        machine.free_usb_port("port1")
        again = wedge("GLOBE001")
        plug(again, 2)
        wait_until(lambda: hub.reachable(device), LIMIT, "it is the same one again")
        typed(again, "10392")
        wait_until(lambda: len(heard) == 2, LIMIT, "Japan was touched")
        assert (heard[1]["place"], heard[1]["code"]) == ("JP", "10392")
    assert pressed(hub) == [KEY_7, KEY_ENTER], "nor half a code"
