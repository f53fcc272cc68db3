"""Causes: several devices that are lost at once hang on something. One alert for it, not six."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from hub.plugin import N_, DeviceHandle

TOGETHER = 5.0
"""Seconds: what is lost within them is lost at once."""
FEWEST = 2
_USB = re.compile(r"(?P<bus>.*usb[^-]*-[0-9]+:)(?P<ports>[0-9.]+)(:.*)?\Z")


@dataclass(frozen=True, slots=True)
class Cause:
    """What an alert is about.

    Attributes:
        key: the same for the same cause; alerts are one by it.
        devices: that hang on it, all of them; empty for the cause of one sign.
        title, hint, params: what is said of it (message ids); empty where the sign says it.
    """

    key: str
    devices: frozenset[str] = frozenset()
    title: str = ""
    hint: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)


class Places:
    """Remembers what each device hangs on, also while it is gone: then nothing tells any more."""

    def __init__(self) -> None:
        self._on: dict[str, tuple[str, ...]] = {}

    def look(self, devices: Iterable[DeviceHandle]) -> None:
        """Take in where devices are now; those that are no more are forgotten."""
        found: dict[str, tuple[str, ...]] = {}
        for device in devices:
            on = hangs_on(device)
            before = self._on.get(device.id, ())
            if not any(one.startswith("usb:") for one in on):
                # It is pulled: it was where it was seen last.
                on = (*(one for one in before if one.startswith("usb:")), *on)
            found[device.id] = on
        self._on = found

    def cause(self, device: str, lost: Mapping[str, float]) -> Cause:
        """Return why a device is lost: what it shares with all others that are lost at once.

        Args:
            device: it.
            lost: for how many seconds each lost device has been.
        """
        mine = lost.get(device, 0.0)
        at_once = {one for one, ago in lost.items() if abs(ago - mine) <= TOGETHER} | {device}
        for place in self._on.get(device, ()):
            on_it = {one for one, places in self._on.items() if place in places}
            if len(on_it) >= FEWEST and on_it <= at_once:
                return _of(place, frozenset(on_it))
        return Cause(f"device:{device}")


def hangs_on(device: DeviceHandle) -> tuple[str, ...]:
    """Return what a device hangs on, the widest first of its sort: USB hubs, network, driver."""
    usb = () if device.found is None else tuple(usb_hubs(device.found.port))
    network = ("network:",) if _on_network(device) else ()
    shared = device.driver is not None and device.driver.isolation == "driver"
    driver = (f"driver:{device.driver_name}",) if shared else ()
    return (*usb, *network, *driver)


def usb_hubs(port: str) -> Iterable[str]:
    """Yield the hubs above a USB port, the one nearest to the computer first.

    Args:
        port: udev's `ID_PATH`, such as `pci-0000:00:14.0-usb-0:2.1.3:1.0`: port 3 of the hub in
            port 1 of the hub in the computer's port 2.
    """
    match = _USB.match(port)
    if match is None:
        return
    ports = match["ports"].split(".")
    for depth in range(1, len(ports)):
        yield f"usb:{match['bus']}{'.'.join(ports[:depth])}"


def _on_network(device: DeviceHandle) -> bool:
    if device.found is not None:
        return device.found.bus == "mdns"
    for name in ("host", "url"):
        value = device.config.settings.get(name)
        if isinstance(value, str) and value:
            return not _here(value)
    return False


def _here(address: str) -> bool:
    try:
        host = (urlsplit(address).hostname or "") if "://" in address else address
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _of(place: str, devices: frozenset[str]) -> Cause:
    sort, _, where = place.partition(":")
    if sort == "usb":
        return Cause(
            place,
            devices,
            N_("A USB hub with {n} devices is gone."),
            N_("Plug the cable of the USB hub in again, and look whether its power supply is on."),
            {"n": len(devices), "where": where},
        )
    if sort == "network":
        return Cause(
            place,
            devices,
            N_("No device on the network answers: {n} are gone."),
            N_("Look whether the network cable is in and the switch or access point is on."),
            {"n": len(devices)},
        )
    return Cause(
        place,
        devices,
        N_("{n} devices of the same sort are gone at once."),
        N_("Look whether they share a cable, a USB hub or a receiver, and plug it in again."),
        {"n": len(devices), "driver": where},
    )
