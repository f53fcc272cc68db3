"""Building USB descriptors, and reading them back for the other end of the cable."""

import struct
from dataclasses import dataclass, field

DEVICE, CONFIGURATION, STRING, INTERFACE, ENDPOINT, QUALIFIER = 1, 2, 3, 4, 5, 6
BULK, INTERRUPT, ISOCHRONOUS = 2, 3, 1


@dataclass(frozen=True)
class Identity:
    """What a device says of itself; an empty serial is a device that has none."""

    vendor: int
    product: int
    maker: str
    name: str
    serial: str = ""
    kind: tuple[int, int, int] = (0, 0, 0)  # class, subclass, protocol; zeros: each interface's

    def descriptor(self) -> bytes:
        """Return the device descriptor (USB 2.0, 9.6.1)."""
        third = 3 if self.serial else 0
        numbers = (self.vendor, self.product, 0x0100, 1, 2, third, 1)
        return struct.pack("<BBHBBBBHHHBBBB", 18, DEVICE, 0x0200, *self.kind, 64, *numbers)

    def string(self, index: int) -> bytes | None:
        """Return a string descriptor, None where there is none (9.6.7)."""
        if index == 0:
            text = b"\x09\x04"  # US English
        elif 1 <= index <= 3 and (said := (self.maker, self.name, self.serial)[index - 1]):
            text = said.encode("utf-16le")
        else:
            return None
        return bytes([len(text) + 2, STRING]) + text


def configuration(interfaces: int, body: bytes) -> bytes:
    """Return a configuration descriptor before its interfaces: bus-powered, 500 mA (9.6.3)."""
    return struct.pack("<BBHBBBBB", 9, 2, 9 + len(body), interfaces, 1, 0, 0x80, 250) + body


def interface(
    number: int, endpoints: int, kind: tuple[int, int, int], *, alternate: int = 0
) -> bytes:
    """Return an interface descriptor (9.6.5)."""
    return bytes([9, INTERFACE, number, alternate, endpoints, *kind, 0])


def endpoint(address: int, transfer: int, size: int, interval: int = 0) -> bytes:
    """Return an endpoint descriptor (9.6.6); an address with 0x80 goes to the host."""
    return struct.pack("<BBBBHB", 7, ENDPOINT, address, transfer, size, interval)


@dataclass
class Layout:
    """The interfaces and endpoints of a configuration under the chosen alternate settings."""

    interfaces: list[tuple[int, int, int, int]] = field(default_factory=list)
    # By usbredir's index: type, interval, interface, packet size.
    endpoints: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: bytes, alternates: dict[int, int]) -> "Layout":
        """Read a whole configuration descriptor."""
        layout = cls()
        number = alternate = 0
        at = 0
        while at < len(configuration):
            length, kind = configuration[at], configuration[at + 1]
            part = configuration[at : at + length]
            if kind == INTERFACE:
                number, alternate = part[2], part[3]
                if alternate == 0:
                    layout.interfaces.append((number, part[5], part[6], part[7]))
            elif kind == ENDPOINT and alternate == alternates.get(number, 0):
                size = part[4] | part[5] << 8
                layout.endpoints[index(part[2])] = (part[3] & 3, part[6], number, size)
            at += length
        return layout


def index(address: int) -> int:
    """Return usbredir's index of an endpoint: 0-15 from the host, 16-31 to it."""
    return (address & 0x80) >> 3 | address & 0x0F
