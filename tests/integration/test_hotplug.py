"""A whole hub while devices are pulled, put back, moved to other sockets; twins.

udev is played in two ways: by umockdev to the real libudev (whose preload library does not bear
driver processes beside it), and by udev's events as they come, with drivers that open the nodes.
"""

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from websockets.sync.client import connect

from tests.usb_sockets import Sockets, found_drivers

HERE = Path(__file__).parent
PRELOAD = "libumockdev-preload.so.0"
LIMIT = 30.0


def _has_umockdev() -> bool:
    with contextlib.suppress(OSError):
        return ctypes.CDLL("libumockdev.so.0") is not None
    return False


needs_umockdev = pytest.mark.skipif(
    not _has_umockdev(), reason="umockdev is not installed: apt install umockdev"
)


class RealSockets:
    """The same, played by umockdev to the real libudev."""

    before = ""

    def __init__(self) -> None:
        self._player = subprocess.Popen(
            [sys.executable, str(HERE / "usb_player.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "LD_PRELOAD": PRELOAD},
        )
        root = self._player.stdout.readline().strip()
        self.environment = {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": root}

    def plug(self, port, node, serial="S", vendor="056a"):
        self._say(op="plug", port=port, node=node, serial=serial, vendor=vendor, product="0302")

    def pull(self, port):
        self._say(op="pull", port=port)

    def tell(self, port):
        self._say(op="tell", port=port)

    def _say(self, **about):
        self._player.stdin.write(json.dumps(about) + "\n")
        self._player.stdin.flush()
        assert self._player.stdout.readline() == "done\n"

    def close(self):
        self._player.stdin.close()
        self._player.wait(10)
        self._player.stdout.close()


@pytest.fixture(params=["events"])
def sockets(request, tmp_path):
    made = RealSockets() if request.param == "libudev" else Sockets(tmp_path / "sockets")
    yield made
    made.close()


libudev = pytest.mark.parametrize(
    "sockets", [pytest.param("libudev", marks=needs_umockdev), "events"], indirect=True
)


@pytest.fixture
def drivers(tmp_path):
    """The environment in which the drivers for tests are installed."""
    return found_drivers(tmp_path / "site")


@pytest.fixture
def hub(start, sockets, drivers):
    def make():
        return start(
            config='language = "en"\n',
            environment={**drivers, **sockets.environment},
            before=sockets.before,
        )

    hub = make()
    with hub.client("engineer") as engineer:
        hub.api, hub.again = engineer, make
        yield hub


def until(ask, true):
    end = time.monotonic() + LIMIT
    while not true(answer := ask()):
        assert time.monotonic() < end, answer
        time.sleep(0.02)
    return answer


def found(api, number):
    """The identities of all that is found, once there are so many and drivers are described."""
    items = until(
        lambda: api.get("/api/v1/discoveries").json()["items"],
        lambda items: (
            [bool(i["drivers"]) for i in items if "hidraw" in i["nodes"]] == [True] * number
        ),
    )
    return {item["identity"]: item for item in items}


def adopt(api, identity, driver="pen", **more):
    answer = api.post("/api/v1/devices", json={"driver": driver, "identity": identity, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def is_there(api, device, node):
    return until(
        lambda: api.get(f"/api/v1/devices/{device}").json(),
        lambda d: (
            d["state"]["reachable"]
            and d["properties"].get("name", {}).get("value", "").find(f"/{node} ") >= 0
        ),
    )


def is_gone(api, device, code="unplugged"):
    state = until(
        lambda: api.get(f"/api/v1/devices/{device}/state").json(),
        lambda s: s["presence"] == "absent" and s["process"] == "stopped",
    )
    assert (state["reachable"], state["problem"]["code"]) == (False, code)
    assert state["problem"]["hint"]
    return state


def processes(hub):
    found = []
    for child in psutil.Process(hub.process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if "run" in child.cmdline() and "hub.driver_host" in child.cmdline():
                found.append(child)
    return found


@contextlib.contextmanager
def parting(hub, device):
    """See that what its driver says happened, while it lets go of it, is told."""
    headers = {"Authorization": f"Bearer {hub.token('engineer')}"}
    with connect(hub.ws, additional_headers=headers, proxy=None, open_timeout=LIMIT) as live:
        live.send(json.dumps({"op": "subscribe", "sub": 1, "filter": f"{device}/e/#"}))
        while json.loads(live.recv(LIMIT)).get("op") != "subscribed":
            pass
        yield
        while "payload" not in (told := json.loads(live.recv(LIMIT))):
            pass
    assert told["topic"].endswith(f"{device}/e/pinged")


@libudev
def test_twins_come_and_go_and_whether_they_are_there_is_told(hub, sockets):
    api = hub.api
    sockets.plug("1-1", "hidraw3")
    (item,) = found(api, 1).values()
    assert (item["identity"], item["twins"], item["device"]) == ("usb:056a:0302:S", 1, None)
    assert (item["title"], item["port"]) == ("Maker Pen Tablet", "pci-0000:00:14.0-usb-0:1")
    assert (item["drivers"], next(iter(item["nodes"]))) == (["pen"], "hidraw")
    device = adopt(api, item["identity"])
    state = f"/api/v1/devices/{device}/state"
    until(lambda: api.get(state).json(), lambda now: now["presence"] == "present")
    sockets.plug("1-2", "hidraw4")
    twins = found(api, 2)
    assert {i: one["device"] for i, one in twins.items()} == {
        "usb:056a:0302:S": device,
        "usb:056a:0302@pci-0000:00:14.0-usb-0:2": None,
    }
    sockets.pull("1-1")
    is_gone(api, device)
    sockets.plug("1-1", "hidraw5")
    until(lambda: api.get(state).json(), lambda now: now["presence"] == "present")


def test_a_device_is_found_adopted_pulled_and_put_back_into_another_socket(hub, sockets):
    api = hub.api
    sockets.plug("1-1", "hidraw3")
    item = found(api, 1)["usb:056a:0302:S"]
    assert (item["drivers"], item["device"], item["twins"]) == (["pen"], None, 1)
    assert (item["title"], item["port"]) == ("Maker Pen Tablet", "pci-0000:00:14.0-usb-0:1")
    device = adopt(api, item["identity"])
    shown = is_there(api, device, "hidraw3")
    assert (shown["name"], shown["state"]["presence"]) == ("Maker Pen Tablet", "present")
    assert found(api, 1)["usb:056a:0302:S"]["device"] == device
    with parting(hub, device):
        sockets.pull("1-1")
        is_gone(api, device)
    until(lambda: processes(hub), lambda running: running == [])
    sockets.plug("1-4", "hidraw7")
    is_there(api, device, "hidraw7")


def test_two_identical_devices_stay_two_over_pulls_and_a_restart(hub, sockets):
    api = hub.api
    sockets.plug("1-1", "hidraw1")
    found(api, 1)
    first = adopt(api, "usb:056a:0302:S")
    is_there(api, first, "hidraw1")
    (process,) = processes(hub)
    sockets.plug("1-2", "hidraw2")
    other = "usb:056a:0302@pci-0000:00:14.0-usb-0:2"
    assert {i["twins"] for i in found(api, 2).values()} == {2}
    second = adopt(api, other)
    is_there(api, second, "hidraw2")
    assert process.is_running(), "the first one is not disturbed"
    sockets.pull("1-1")
    is_gone(api, first)
    is_there(api, second, "hidraw2")
    sockets.plug("1-1", "hidraw5")
    is_there(api, first, "hidraw5")
    hub.stop()
    again = hub.again()
    with again.client("engineer") as api:
        found_again = api.get("/api/v1/devices").json()["items"]
        assert {d["id"] for d in found_again} == {first, second}
        for port in ("1-2", "1-1"):
            sockets.tell(port)
        is_there(api, first, "hidraw5")
        is_there(api, second, "hidraw2")


def test_the_hub_asks_where_it_cannot_know(hub, sockets):
    api = hub.api
    sockets.plug("1-1", "hidraw1")
    found(api, 1)
    device = adopt(api, "usb:056a:0302:S")
    sockets.plug("1-2", "hidraw2")
    found(api, 2)
    sockets.pull("1-1")
    sockets.pull("1-2")
    is_gone(api, device)
    sockets.plug("1-3", "hidraw3")
    (identity,) = found(api, 1)
    is_gone(api, device, "which-one")
    answer = api.patch(f"/api/v1/devices/{device}", json={"identity": identity})
    assert answer.status_code == 200, answer.text
    is_there(api, device, "hidraw3")


def test_devices_of_one_process_come_and_go_without_disturbing_each_other(hub, sockets):
    api = hub.api
    for number in (1, 2):
        sockets.plug(f"1-{number}", f"hidraw{number}", serial=f"S{number}", vendor="0483")
    identities = sorted(found(api, 2))
    devices = [adopt(api, identity, "shared-pen") for identity in identities]
    for number, device in enumerate(devices, 1):
        is_there(api, device, f"hidraw{number}")
    (process,) = processes(hub)
    with parting(hub, devices[0]):
        sockets.pull("1-1")
        is_gone(api, devices[0])
    is_there(api, devices[1], "hidraw2")
    sockets.plug("1-3", "hidraw9", serial="S1", vendor="0483")
    is_there(api, devices[0], "hidraw9")
    assert processes(hub) == [process]
    assert api.delete(f"/api/v1/devices/{devices[1]}").status_code == 204
    is_there(api, devices[0], "hidraw9")
    sockets.pull("1-3")
    is_gone(api, devices[0])
    until(lambda: processes(hub), lambda running: running == [])


@libudev
def test_which_one_is_meant_is_shown_by_pulling_it_out_and_putting_it_back(hub, sockets):
    api = hub.api
    for number in (1, 2):
        sockets.plug(f"1-{number}", f"hidraw{number}")
    found(api, 2)
    operation = api.post("/api/v1/pairings", json={"driver": "pen"}).json()
    at = f"/api/v1/operations/{operation['id']}"
    until(lambda: api.get(at).json(), lambda o: o["message"].startswith("Touch"))
    sockets.pull("1-2")
    until(lambda: api.get(at).json(), lambda o: "Put it back" in o["message"])
    sockets.plug("1-2", "hidraw4")
    done = until(lambda: api.get(at).json(), lambda o: o["status"] != "running")
    assert done["result"] == {"identity": "usb:056a:0302@pci-0000:00:14.0-usb-0:2"}
