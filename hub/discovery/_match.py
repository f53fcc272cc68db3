"""Whether what was found is what a driver looks for."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from hub.device import Found, Match, UsbMatch


def fits(match: Match, found: Found) -> bool:
    """Tell whether `found` is what `match` describes."""
    if isinstance(match, UsbMatch):
        return (
            found.bus == "usb"
            and bool(found.nodes.get(match.subsystem))
            and match.vendor in (None, found.vendor)
            and match.product in (None, found.product)
            and _has(found.properties, match.properties)
        )
    return (
        found.bus == "mdns"
        and found.identity.startswith(f"mdns:{match.service}:")
        and _has(found.properties, match.properties)
    )


def usable(matches: Sequence[Match], found: Found) -> bool:
    """Tell whether a driver that looks for `matches` can open what was found, if it is told to.

    The engineer may choose a driver whose list of makes does not have this one; what it opens must
    be there all the same.
    """
    if found.bus == "mdns":
        return not matches or any(not isinstance(match, UsbMatch) for match in matches)
    opened = [match.subsystem for match in matches if isinstance(match, UsbMatch)]
    return not matches or any(found.nodes.get(subsystem) for subsystem in opened)


def same_place(matches: Sequence[Match], one: Found, other: Found) -> bool:
    """Tell whether a driver that was given `one` need not be told of `other`."""
    if (one.identity, one.host, one.tcp_port) != (other.identity, other.host, other.tcp_port):
        return False
    opened = {match.subsystem for match in matches if isinstance(match, UsbMatch)}
    if not opened:
        return one.nodes == other.nodes
    return all(one.nodes.get(name) == other.nodes.get(name) for name in opened)


def _has(properties: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return all(
        name in properties and fnmatchcase(properties[name], pattern)
        for name, pattern in wanted.items()
    )
