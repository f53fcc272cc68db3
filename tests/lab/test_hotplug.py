"""Devices are plugged in, pulled out and put back, also two that are alike."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.lab.hub import LIMIT, Json, LabHub, Watch, wait_until
from tests.lab.machine import Machine, slowness
from tests.lab.usb.redir import PlayedDevice
from tests.lab.usb.serial import AcmDevice

pytestmark = pytest.mark.shared_machine
Plug = Callable[[PlayedDevice, int], None]
Figure = Callable[[str, float], None]


def found(hub: LabHub) -> list[Json]:
    """Return what was found that the lab's driver looks for."""
    return [one for one in hub.discoveries() if "lab-line" in one["drivers"]]


def wait_found(hub: LabHub, count: int) -> list[Json]:
    """Wait until so many are found, and return them."""
    wait_until(lambda: len(found(hub)) == count, LIMIT, f"{count} are found")
    return found(hub)


def adopt(hub: LabHub, identity: str, name: str) -> str:
    """Take a device into use and return its id, once it works."""
    device = hub.add({"driver": "lab-line", "identity": identity, "name": name})
    wait_until(lambda: works(hub.device(device)), LIMIT, f"{name} works")
    return device


def works(device: Json) -> bool:
    """Tell whether a device is there, answers, and its reading is good."""
    reading = device["properties"].get("number", {})
    return bool(
        device["state"]["presence"] == "present"
        and device["state"]["reachable"]
        and reading.get("quality") == "good"
    )


def is_gone(state: Any) -> bool:
    """Tell whether a device's state says that it was pulled out."""
    return bool(state["presence"] == "absent" and not state["reachable"])


def is_back(state: Any) -> bool:
    """Tell whether a device's state says that it works again."""
    return bool(state["presence"] == "present" and state["reachable"])


def replug(machine: Machine, device: PlayedDevice, old: int, new: int) -> None:
    """Put a device that was pulled out into another port."""
    machine.free_usb_port(f"port{old}")
    device.plug(machine.usb_port(f"port{new}", new))


def measure_pull(hub: LabHub, watch: Watch, device: PlayedDevice, name: str) -> float:
    """Pull a device out and return after how many seconds MQTT and the API say so."""
    device.pull()
    seconds = watch.wait(f"{name}/state", is_gone)
    assert is_gone(hub.device(name)["state"])
    return seconds


def told_when(hub: LabHub, words: str) -> float:
    """Return when the journal told words last, in seconds since the machine started."""
    said = hub.machine.run(
        f"journalctl -b -o short-monotonic --no-pager | grep '{words}' | tail -1"
    )
    return float(said[1:].split("]")[0])


def test_a_device_with_a_serial_number_is_itself_in_any_port(
    hub: LabHub, plug: Plug, figure: Figure
) -> None:
    line = AcmDevice(serial="LINE0001")
    plug(line, 1)
    (first,) = wait_found(hub, 1)
    assert first["serial"] == "LINE0001"
    assert first["device"] is None
    device = adopt(hub, first["identity"], "Line")
    with hub.watched("+/state") as watch:
        watch.wait(f"{device}/state", is_back)
        for number in range(3):
            figure("device pulled to its state on MQTT", measure_pull(hub, watch, line, device))
            replug(hub.machine, line, number + 1, number + 2)
            figure("device put back to working", watch.wait(f"{device}/state", is_back))
    seen, found, connected = (
        told_when(hub, words)
        for words in ("new full-speed USB device", "found .*LINE0001", f"{device} is connected")
    )
    figure("of it until the kernel, udev and the hub had found it", found - seen)
    figure("of it until the hub's driver had connected", connected - found)
    figure("(the machine takes so many times this computer's time)", slowness(hub.machine))
    wait_until(lambda: works(hub.device(device)), LIMIT, "it is read again")
    assert [one["device"] for one in wait_found(hub, 1)] == [device]


def numbered(number: int) -> Callable[[bytes], bytes]:
    """Return the answers of a line device with this number."""
    words = {b"ID?": b"LAB-LINE\n", b"N?": b"%d\n" % number}
    return lambda line: words.get(line, b"?\n")


@pytest.mark.parametrize("serial", ["", "SAME"], ids=["without serial", "with the same serial"])
def test_two_that_are_alike_stay_two(hub: LabHub, plug: Plug, serial: str) -> None:
    left, right = (AcmDevice(numbered(number), serial=serial) for number in (1, 2))
    plug(left, 1)
    plug(right, 2)
    seen = sorted(wait_found(hub, 2), key=lambda one: str(one["port"]))
    assert len({one["identity"] for one in seen}) == 2
    assert {one["twins"] for one in seen} == {2}
    devices = [adopt(hub, one["identity"], f"Line {at}") for at, one in enumerate(seen, 1)]
    assert [number_of(hub, device) for device in devices] == [1, 2]

    with hub.watched("+/state") as watch:
        watch.wait(f"{devices[1]}/state", is_back)
        since = hub.device(devices[1])["state"]["since"]
        measure_pull(hub, watch, left, devices[0])
        # In another port it is known for nobody: the hub does not guess which one it is.
        replug(hub.machine, left, 1, 3)
        assert [one["device"] for one in wait_found(hub, 2)].count(None) == 1
        assert is_gone(hub.device(devices[0])["state"])
        # In its own port it is itself again.
        left.pull()
        wait_found(hub, 1)
        replug(hub.machine, left, 3, 1)
        watch.wait(f"{devices[0]}/state", is_back)
    wait_until(lambda: works(hub.device(devices[0])), LIMIT, "it is read again")
    assert [number_of(hub, device) for device in devices] == [1, 2]
    # The other one never noticed.
    assert hub.device(devices[1])["state"]["since"] == since


def number_of(hub: LabHub, device: str) -> int:
    """Return the newest reading of a line device's number."""
    return int(hub.device(device)["properties"]["number"]["value"])
