"""Which device is which: from what is plugged in now to identities. Pure functions.

An identity is `usb:<vendor>:<product>:<serial>` where a serial number is there and no other device
has the same one, else `usb:<vendor>:<product>@<port>`; of the network
`mdns:<service>:<instance name>`.

Devices that say the same serial number ("twins") are told apart by the port they are in. The one
that was adopted by its serial before its twin came keeps that identity while it is plugged in, and
afterwards where it is in the port that it was in when the twin was first seen; that port is
remembered. Where even that does not tell which is which, nobody gets the identity: the hub asks.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from hub.discovery._facts import MdnsFacts, UsbFacts


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who is who.

    Attributes:
        identities: by the device's key; no two are equal.
        unclear: adopted identities that one of several could have; somebody must be asked.
        twins: serial identities that several devices have, with the port of the one that keeps it
            ("" where none does); to be given again next time, also after a restart.
    """

    identities: Mapping[str, str]
    unclear: frozenset[str]
    twins: Mapping[str, str]


def by_serial(device: UsbFacts) -> str:
    """Return the identity of a device that has a serial number of its own."""
    return f"usb:{device.vendor}:{device.product}:{device.serial}"


def by_port(device: UsbFacts) -> str:
    """Return the identity of a device that is known by the port it is in."""
    return f"usb:{device.vendor}:{device.product}@{device.port or device.key}"


def of_service(service: MdnsFacts) -> str:
    """Return the identity of a service on the network."""
    return f"mdns:{service.service}:{service.name}"


def alike(devices: Sequence[UsbFacts]) -> Counter[tuple[str, str, str]]:
    """Count the devices that say the same of themselves."""
    return Counter(device.alike for device in devices)


def identify(
    devices: Sequence[UsbFacts],
    *,
    held: Mapping[str, str],
    claimed: Collection[str],
    twins: Mapping[str, str],
    unclear: Collection[str] = (),
) -> Assignment:
    """Say which identity each device has.

    Args:
        devices: all that are plugged in now.
        held: the identities that were given last, by key.
        claimed: the identities of adopted and configured devices.
        twins: what was learnt before (see `Assignment`).
        unclear: what was said to be unclear last.
    """
    counts = alike(devices)
    found: dict[str, str] = {}
    # What is in use keeps its identity for as long as it stays plugged in.
    for device in devices:
        kept = held.get(device.key)
        if kept is not None and kept in claimed and kept in (by_serial(device), by_port(device)):
            found[device.key] = kept
    known = _learn(devices, counts, found, claimed, twins)
    taken = set(found.values())
    for device in devices:
        identity = by_port(device)
        if device.key not in found and identity in claimed and identity not in taken:
            found[device.key] = identity
            taken.add(identity)
    asked = set()
    for device in devices:
        if device.key in found:
            continue
        serial = by_serial(device)
        if not device.serial or serial in taken:
            found[device.key] = by_port(device)
        elif _its_own(device, counts, claimed, known):
            found[device.key] = serial
        else:
            found[device.key] = by_port(device)
            # One that was there all the time is known to be another; one that has come may be it.
            if serial in claimed and (device.key not in held or serial in unclear):
                asked.add(serial)
    asked -= set(found.values())
    return Assignment(_distinct(devices, found), frozenset(asked), known)


def _its_own(
    device: UsbFacts,
    counts: Counter[tuple[str, str, str]],
    claimed: Collection[str],
    known: Mapping[str, str],
) -> bool:
    """Tell whether its serial number says which device it is."""
    serial = by_serial(device)
    if serial not in known:
        return counts[device.alike] == 1
    return serial in claimed and bool(known[serial]) and known[serial] == device.port


def _learn(
    devices: Sequence[UsbFacts],
    counts: Counter[tuple[str, str, str]],
    found: Mapping[str, str],
    claimed: Collection[str],
    twins: Mapping[str, str],
) -> dict[str, str]:
    """Return the serial identities that several devices have, with the port of the one in use."""
    known = dict(twins)
    for device in devices:
        serial = by_serial(device)
        if device.serial and counts[device.alike] > 1:
            known.setdefault(serial, "")
        if serial in known and found.get(device.key) == serial:
            known[serial] = device.port
    return {serial: port if serial in claimed else "" for serial, port in known.items()}


def _distinct(devices: Sequence[UsbFacts], found: Mapping[str, str]) -> dict[str, str]:
    """Return the identities with none given twice, whatever nonsense the ports say."""
    given: dict[str, str] = {}
    seen: set[str] = set()
    for device in sorted(devices, key=lambda one: one.key):
        identity = found[device.key]
        if identity in seen:
            identity = f"usb:{device.vendor}:{device.product}@{device.key}"
        seen.add(identity)
        given[device.key] = identity
    return given
