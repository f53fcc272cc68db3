"""What a driver looks for, and what the hub has found: the seam between discovery and drivers.

A driver says in `Device.discovery` what its devices look like on a bus; the hub watches the buses,
offers what it finds to the engineer, and hands an adopted device's `Found` to its driver. Paths
such as `/dev/ttyUSB0` change with every replug; identities do not, so only those are kept.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Subsystem = Literal["tty", "video4linux", "hidraw", "input", "usb"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class UsbMatch(_Model):
    """A device on USB, recognised by udev.

    Attributes:
        subsystem: the kind of node that the driver opens.
        vendor, product: USB ids, four lower-case hexadecimal digits; None takes any.
        properties: udev properties that must be there: name -> pattern as of `fnmatch`.
    """

    bus: Literal["usb"] = "usb"
    subsystem: Subsystem
    vendor: str | None = Field(default=None, pattern="^[0-9a-f]{4}$")
    product: str | None = Field(default=None, pattern="^[0-9a-f]{4}$")
    properties: Mapping[str, str] = {}


class MdnsMatch(_Model):
    """A service that the device announces on the network.

    Attributes:
        service: its type, such as `_octoprint._tcp.local.`.
        properties: TXT records that must be there: name -> pattern as of `fnmatch`.
    """

    bus: Literal["mdns"] = "mdns"
    service: str = Field(pattern=r"^_[A-Za-z0-9-]+\._(tcp|udp)\.local\.$")
    properties: Mapping[str, str] = {}


Match = Annotated[UsbMatch | MdnsMatch, Field(discriminator="bus")]


class Candidate(_Model):
    """A device that a driver's search found. What it says of itself is untrusted text.

    Attributes:
        title: what it calls itself, for people; empty where it says nothing.
        place: where it is, for people: an address, a socket.
        settings: those of the driver by which it is reached; the engineer may add to them.
    """

    title: str = Field(default="", max_length=200)
    place: str = Field(default="", max_length=200)
    settings: Mapping[str, Any]


class Found(_Model):
    """A device as it is on its bus now. What it says of itself is untrusted text.

    Attributes:
        identity: survives a replug and a restart; the same for nothing else that is there now.
        bus: where it is.
        title: what it calls itself, for people.
        nodes: device nodes by subsystem, in udev's order: {"tty": ("/dev/ttyUSB0",)}; of USB.
        vendor, product, serial: of USB, empty where it has none.
        port: the path of the USB port that it is in (`ID_PATH`).
        host, tcp_port: of mDNS, where to reach it.
        properties: udev properties or TXT records.
    """

    identity: str
    bus: Literal["usb", "mdns"]
    title: str = ""
    nodes: Mapping[str, tuple[str, ...]] = {}
    vendor: str = ""
    product: str = ""
    serial: str = ""
    port: str = ""
    host: str = ""
    tcp_port: int = 0
    properties: Mapping[str, str] = {}

    def node(self, subsystem: Subsystem) -> str | None:
        """Return its first node of a subsystem, None where it has none."""
        return next(iter(self.nodes.get(subsystem, ())), None)
