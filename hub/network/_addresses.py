"""This computer's addresses and names, the ones that pupils can reach first."""

import ipaddress
import socket
from dataclasses import dataclass
from pathlib import Path

import ifaddr

ROUTES = Path("/proc/net/route")
# Networks inside of this computer: containers, virtual machines, tunnels.
_INNER = ("docker", "virbr", "br-", "veth", "lxc", "lxd", "podman", "cni", "tun", "tap", "wg")
_UP = 0x1


@dataclass(frozen=True, slots=True)
class Address:
    """One address of an interface.

    Attributes:
        interface: its name, such as `eth0`.
        ip: the address, without a scope.
    """

    interface: str
    ip: str

    @property
    def is_v6(self) -> bool:
        """Whether it is an IPv6 address."""
        return ":" in self.ip

    @property
    def host(self) -> str:
        """The address as it stands in a URL."""
        return f"[{self.ip}]" if self.is_v6 else self.ip


def interfaces() -> tuple[Address, ...]:
    """Return the addresses of all interfaces but loopback, the best for pupils first.

    Those of the interface with the default route come first, IPv4 before IPv6; link-local ones and
    networks inside of this computer come last.
    """
    best = default_interface()
    found = []
    for adapter in ifaddr.get_adapters():
        for one in adapter.ips:
            text = one.ip if isinstance(one.ip, str) else one.ip[0]
            ip = ipaddress.ip_address(text.partition("%")[0])
            if not ip.is_loopback and not ip.is_unspecified:
                found.append(Address(adapter.name, str(ip)))
    return tuple(sorted(set(found), key=lambda address: _rank(address, best)))


def default_interface(routes: Path = ROUTES) -> str | None:
    """Return the interface of the default route, None where there is none.

    Args:
        routes: the kernel's table, proc(5).
    """
    try:
        lines = routes.read_text("ascii").splitlines()[1:]
    except OSError:
        return None
    found = []
    for line in lines:
        fields = line.split()
        if len(fields) > 7 and fields[1] == "00000000" == fields[7] and int(fields[3], 16) & _UP:
            found.append((int(fields[6]), fields[0]))
    return min(found)[1] if found else None


def peer_of(ip: str) -> str:
    """Return what stands for one peer in counts: its IPv4 address, or its IPv6 network.

    A computer chooses among 2⁶⁴ addresses of its IPv6 network as it likes (RFC 8981).
    """
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ip
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def own_names() -> frozenset[str]:
    """Return the names that this computer calls itself by."""
    name = socket.gethostname().lower().rstrip(".")
    short = name.split(".")[0]
    return frozenset({name, short, f"{short}.local"})


def _rank(address: Address, best: str | None) -> tuple[bool, bool, bool, bool, str, str]:
    return (
        ipaddress.ip_address(address.ip).is_link_local,
        address.interface != best,
        address.interface.startswith(_INNER),
        address.is_v6,
        address.interface,
        address.ip,
    )
