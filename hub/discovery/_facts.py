"""What sources tell of devices: plain facts, before anybody has decided which device it is."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from hub.device import Subsystem

LONGEST = 300
MOST_PROPERTIES = 80
MOST_DEVICES = 500


@dataclass(frozen=True, slots=True)
class UsbFacts:
    """One device that is plugged in, with all of its nodes.

    Attributes:
        key: the same for as long as it stays plugged in, and for nothing else meanwhile.
        vendor, product: four lower-case hexadecimal digits.
        serial: what it says of itself; empty where it says nothing.
        port: the path of the port that it is in (udev's `ID_PATH` without the interface).
        nodes: device nodes by subsystem, in the order of their numbers.
    """

    key: str
    vendor: str
    product: str
    serial: str = ""
    port: str = ""
    title: str = ""
    nodes: Mapping[Subsystem, tuple[str, ...]] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def alike(self) -> tuple[str, str, str]:
        """What is the same for devices that cannot be told apart by what they say."""
        return self.vendor, self.product, self.serial


@dataclass(frozen=True, slots=True)
class MdnsFacts:
    """One service that a device announces on the network.

    Attributes:
        service: its type, such as `_octoprint._tcp.local.`; `name` is that of the instance.
        host: its address. tcp_port: its port, whatever the protocol.
        properties: its TXT records.
    """

    service: str
    name: str
    host: str
    tcp_port: int
    properties: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """Something that watches one bus.

    Attributes:
        problem: why it finds nothing, for the engineer; empty where it works.
    """

    problem: str

    async def start(self, changed: Callable[[], None]) -> None:
        """Look once, then watch; `changed` is called after each change. Never fails."""

    async def stop(self) -> None:
        """Let go of everything; may be called twice."""


class UsbSource(Source, Protocol):
    """Watches what is plugged in."""

    def devices(self) -> Sequence[UsbFacts]:
        """Return all that is plugged in now."""


class MdnsSource(Source, Protocol):
    """Watches what is announced on the network."""

    def services(self) -> Sequence[MdnsFacts]:
        """Return all that is announced now."""


def plain(text: object, longest: int = LONGEST) -> str:
    """Return what a device says as one line of bounded length."""
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    said = "".join(char if char.isprintable() else " " for char in said[:longest])
    return re.sub(r" +", " ", said).strip()
