"""Discovery: what is plugged in or announces itself, and which device it is.

Sources (`Udev`, `Mdns`) tell facts, pure functions make identities of them, `Discovery` keeps what
is found now. Which of it is a device of the classroom is decided in `hub.devices`.
"""

from hub.discovery._discovery import Discovery
from hub.discovery._facts import MdnsFacts, MdnsSource, Source, UsbFacts, UsbSource, plain
from hub.discovery._identity import Assignment, identify
from hub.discovery._match import fits, same_place, usable
from hub.discovery._mdns import Mdns
from hub.discovery._udev import Udev, UsbDevices, facts_of

__all__ = [
    "Assignment",
    "Discovery",
    "Mdns",
    "MdnsFacts",
    "MdnsSource",
    "Source",
    "Udev",
    "UsbDevices",
    "UsbFacts",
    "UsbSource",
    "facts_of",
    "fits",
    "identify",
    "plain",
    "same_place",
    "usable",
]
