"""Wake-on-LAN: a panel that is off, and silent on the network, is woken by its hardware address.

The packet: six bytes FF, then the address sixteen times (AMD, "Magic Packet Technology", 20213).
"""

import asyncio
import socket

import psutil

EVERYBODY = "255.255.255.255"
PORT = 9
TIMES = 3
BETWEEN = 0.1
MOST_NETWORKS = 16


def packet(address: str) -> bytes:
    """Return the packet for a hardware address such as `00:1b:44:11:3a:b7`."""
    return b"\xff" * 6 + bytes.fromhex(address.replace(":", "").replace("-", "")) * 16


def networks() -> list[str]:
    """Return whom to send it to: each network that this computer is in.

    A broadcast to all goes out at one card only, that of the way to the internet; without one (a
    school without internet) it goes nowhere.
    """
    cards = psutil.net_if_addrs().values()
    told = {one.broadcast for card in cards for one in card if one.family == socket.AF_INET}
    return [*sorted(network for network in told if network)[:MOST_NETWORKS], EVERYBODY]


async def wake(address: str) -> None:
    """Send it to everyone on the local networks, a few times: nobody acknowledges it.

    Raises:
        OSError: there is no network that it could be sent to.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.setblocking(False)  # noqa: FBT003 - its only parameter
        own.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sent, problem = 0, OSError("no network")
        for _ in range(TIMES):
            for network in networks():
                try:
                    own.sendto(packet(address), (network, PORT))
                    sent += 1
                except OSError as error:  # this one is down; another may do
                    problem = error
            await asyncio.sleep(BETWEEN)
    if not sent:
        raise problem
