"""Is the network there: the router, its name server, the internet. Nothing of it needs rights."""

import asyncio
import contextlib
import ipaddress
import secrets
import socket
import ssl
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from plugins.health.network.addresses import Address

LIMIT = 5.0
"""Seconds after which whoever is asked counts as silent."""
ROUTES = Path("/proc/net/route")
NEIGHBOURS = Path("/proc/net/arp")
RESOLVERS = Path("/etc/resolv.conf")
# Ports that a router answers on, or refuses, which tells as well that it is there.
DOORS = (53, 80, 443)
_FLAG_GATEWAY = 0x2
_ARP_COMPLETE = 0x2
_MOST_RESOLVERS = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking.

    Attributes:
        up: whether there was an answer. seconds: until it came. said: why there was none, for logs.
    """

    up: bool
    seconds: float = 0.0
    said: str = ""


def gateway(routes: Path = ROUTES) -> str | None:
    """Return the router's address, of the default route with the least metric; None for none.

    Args:
        routes: the kernel's table (proc(5), `/proc/net/route`): addresses in the machine's own
            order of bytes, in hexadecimal.
    """
    best: tuple[int, str] | None = None
    for line in _lines(routes)[1:]:
        parts = line.split()
        if len(parts) < 8 or parts[1] != "00000000" or not int(parts[3], 16) & _FLAG_GATEWAY:
            continue
        found = int(parts[6]), socket.inet_ntoa(struct.pack("=I", int(parts[2], 16)))
        best = found if best is None else min(best, found)
    return None if best is None else best[1]


async def ask_gateway(
    host: str, doors: Sequence[int] = DOORS, *, neighbours: Path = NEIGHBOURS
) -> Answer:
    """Tell whether the router is there: it opens or refuses a door, or the kernel knows its card.

    Asking by ICMP would want a right that the hub has not.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    knocks = [
        asyncio.create_task(_knock(host, door), name=f"knock at {host}:{door}") for door in doors
    ]
    try:
        for done in asyncio.as_completed(knocks, timeout=LIMIT):
            if await done:
                return Answer(up=True, seconds=loop.time() - began)
    except TimeoutError:
        pass
    finally:
        for one in knocks:
            one.cancel()
        await asyncio.gather(*knocks, return_exceptions=True)
    if _is_neighbour(host, neighbours):
        return Answer(up=True, said="it answers on no port; the kernel knows its network card")
    return Answer(up=False, said=f"{host} does not answer")


async def _knock(host: str, door: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, door)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _is_neighbour(host: str, table: Path) -> bool:
    """Tell whether the kernel has the router's hardware address (proc(5), `/proc/net/arp`)."""
    for line in _lines(table)[1:]:
        parts = line.split()
        if len(parts) >= 4 and parts[0] == host:
            return bool(int(parts[2], 16) & _ARP_COMPLETE)
    return False


def resolvers(table: Path = RESOLVERS) -> list[str]:
    """Return the name servers of this computer (resolv.conf(5)), three at most."""
    found = [line.split() for line in _lines(table)]
    servers = [parts[1] for parts in found if len(parts) > 1 and parts[0] == "nameserver"]
    return servers[:_MOST_RESOLVERS]


async def ask_names(name: str, servers: Sequence[tuple[str, int]]) -> Answer:
    """Tell whether a name server knows a name; they are asked one after the other.

    Args:
        name: of a host; one that is an address itself needs no name server.
        servers: addresses and ports.
    """
    loop = asyncio.get_running_loop()
    said = "no name server is set"
    for host, port in servers:
        began = loop.time()
        try:
            async with asyncio.timeout(LIMIT):
                code = await _question(name, host, port)
        except TimeoutError:
            said = f"{host} does not answer"
        except OSError as error:
            said = f"{host}: {error.strerror or error}"
        else:
            if code == 0:
                return Answer(up=True, seconds=loop.time() - began)
            said = f"{host} does not know {name} (RCODE {code})"
    return Answer(up=False, said=said)


def is_address(host: str) -> bool:
    """Tell whether a host is named by its address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


async def _question(name: str, host: str, port: int) -> int:
    """Ask for the address of a name by UDP (RFC 1035, 4.1); return the RCODE of the answer."""
    number = secrets.randbelow(1 << 16)
    labels = [part.encode("idna") for part in name.rstrip(".").split(".")]
    spelled = b"".join(bytes([len(one)]) + one for one in labels) + b"\0"
    question = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + spelled + struct.pack(">2H", 1, 1)
    answered: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: _Answers(number, answered), remote_addr=(host, port)
    )
    try:
        transport.sendto(question)
        return await answered
    finally:
        transport.close()


class _Answers(asyncio.DatagramProtocol):
    """Waits for the answer of a number; whatever else comes is left alone."""

    def __init__(self, number: int, answered: "asyncio.Future[int]") -> None:
        self._number = number
        self._answered = answered

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - connected
        """Take a datagram."""
        if len(data) < 12 or self._answered.done():
            return
        number, flags = struct.unpack(">2H", data[:4])
        if number == self._number and flags & 0x8000:
            self._answered.set_result(flags & 0xF)

    def error_received(self, exc: Exception) -> None:
        """The other computer has nobody at that port."""
        if not self._answered.done():
            self._answered.set_exception(exc)


async def ask_internet(address: Address, trusted: ssl.SSLContext | None) -> Answer:
    """Tell whether a server on the internet answers itself.

    A provider's page that stands in for it ("please pay") has no certificate for it, or leads
    elsewhere: either counts as no internet.

    Args:
        address: whom to ask.
        trusted: whose certificates are believed; None where `address` is without TLS.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(2 * LIMIT):
            status, where = await _head(address, trusted)
    except TimeoutError:
        return Answer(up=False, said=f"{address.server} does not answer")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        said = str(error) or type(error).__name__
        return Answer(up=False, said=f"{address.server}: {said}"[:300])
    elsewhere = 300 <= status < 400 and not _of_the_same(where, address.host)
    if status >= 500 or elsewhere:
        return Answer(up=False, said=f"{address.server} answers {status} {where}"[:300])
    return Answer(up=True, seconds=loop.time() - began)


def _of_the_same(where: str, host: str) -> bool:
    """Tell whether a redirection stays with whom was asked: `school.kz` and `www.school.kz` do."""
    return not where or f".{where}".endswith(f".{host}") or f".{host}".endswith(f".{where}")


async def _head(address: Address, trusted: ssl.SSLContext | None) -> tuple[int, str]:
    """Return the status that a server answers with, and the host that it leads to."""
    url = f"http{'s' if address.tls else ''}://{address.server}{address.path}"
    # Whom the computer's settings name as a proxy is not who is asked.
    async with httpx.AsyncClient(
        verify=trusted or False, timeout=LIMIT, trust_env=False, headers={"User-Agent": "classhub"}
    ) as client:
        answer = await client.head(url)
    following = answer.next_request
    return answer.status_code, "" if following is None else following.url.host


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("ascii", "replace").splitlines()
    except OSError:
        return []
