"""A globe's pen that the kernel takes for a keyboard: heard by the hub, and by nobody else."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from websockets.sync.client import connect

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


def wedge(serial: str) -> HidDevice:
    """Return a pen's receiver that types."""
    return HidDevice(Identity(0x2575, 0x0333, "Lab", "Lab Globe Pen", serial), KEYBOARD)


def typed(pen: HidDevice, code: str) -> None:
    """Type a code and Enter, key by key."""
    keys = [0x27 if sign == "0" else 0x1D + int(sign) for sign in code]
    for key in (*keys, ENTER):
        pen.report(bytes([0, 0, key, 0, 0, 0, 0, 0]))
        pen.report(NOTHING)


@contextmanager
def taps(hub: LabHub) -> Iterator[list[Json]]:
    """Follow what is touched, as a page does; the list grows."""
    heard: list[Json] = []
    ended = threading.Event()
    bearer = {"Authorization": f"Bearer {hub.tokens['teacher'].secret}"}
    address = hub.url.replace("http", "ws", 1) + "/api/v1/stream"
    with connect(address, additional_headers=bearer, open_timeout=60) as socket:
        socket.send(json.dumps({"op": "subscribe", "sub": 1, "filter": "x/globe/taps"}))

        def listen() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    said = json.loads(socket.recv(timeout=0.5))
                    if "code" in (said.get("payload") or {}):
                        heard.append(said["payload"])

        thread = threading.Thread(target=listen, name="taps")
        thread.start()
        try:
            yield heard
        finally:
            ended.set()
            thread.join()


def reachable(hub: LabHub, device: str) -> bool:
    """Tell whether it can be used now."""
    return bool(hub.device(device)["state"]["reachable"])


def test_a_pen_that_types_is_heard_by_the_hub_alone(hub: LabHub, plug: Plug) -> None:
    pen = wedge("GLOBE001")
    plug(pen, 1)

    def found() -> list[Json]:
        return [
            one
            for one in hub.discoveries()
            if "globe-wedge" in one["drivers"] and "2575" in one["identity"]
        ]

    wait_until(lambda: bool(found()), LIMIT, "the pen is found")
    wish = {
        "driver": "globe-wedge",
        "name": "Globe",
        "identity": found()[0]["identity"],
        "settings": {"map": "virtual"},
    }
    with hub.client(limit=LIMIT) as client:
        made = client.post("/api/v1/devices", json=wish)
    assert made.status_code == 201, made.text
    device = str(made.json()["id"])
    wait_until(lambda: reachable(hub, device), LIMIT, "it is reached")
    node = hub.machine.run(
        "grep -l 'Lab Globe Pen' /sys/class/input/event*/device/name | cut -d/ -f5 | head -n1"
    ).strip()
    hub.machine.run(
        f"systemd-run -q --collect sh -c 'cat /dev/input/{node} > /run/lab-globe-typed'"
    )
    with taps(hub) as heard:
        time.sleep(1)
        typed(pen, "10398")
        wait_until(lambda: len(heard) == 1, LIMIT, "Kazakhstan was touched")
        assert (heard[0]["place"], heard[0]["code"]) == ("KZ", "10398")
        # Half a code, and the receiver is pulled out: nothing of it comes back with the next one.
        for key in (0x1E, 0x27):
            pen.report(bytes([0, 0, key, 0, 0, 0, 0, 0]))
            pen.report(NOTHING)
        pen.pull()
        wait_until(lambda: not reachable(hub, device), LIMIT, "it is told as gone")
        hub.machine.free_usb_port("port1")
        again = wedge("GLOBE001")
        plug(again, 2)
        wait_until(lambda: reachable(hub, device), LIMIT, "it is the same one again")
        typed(again, "10392")
        wait_until(lambda: len(heard) == 2, LIMIT, "Japan was touched")
        assert heard[1]["place"] == "JP"
    typed_elsewhere = hub.machine.run("wc -c < /run/lab-globe-typed").strip()
    assert typed_elsewhere == "0", "what a pen types would land in a document"
