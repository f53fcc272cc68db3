"""Wake-on-LAN: a panel that is off, and silent on the network, is woken by its hardware address.

The packet: six bytes FF, then the address sixteen times (AMD, "Magic Packet Technology", 20213).
"""

import asyncio
import socket

TO = ("255.255.255.255", 9)
TIMES = 3
BETWEEN = 0.1


def packet(address: str) -> bytes:
    """Return the packet for a hardware address such as `00:1b:44:11:3a:b7`."""
    return b"\xff" * 6 + bytes.fromhex(address.replace(":", "").replace("-", "")) * 16


async def wake(address: str) -> None:
    """Send it to everyone on the local network, a few times: nobody acknowledges it.

    Raises:
        OSError: there is no network.
    """
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, family=socket.AF_INET, allow_broadcast=True
    )
    try:
        for _ in range(TIMES):
            transport.sendto(packet(address), TO)
            await asyncio.sleep(BETWEEN)
    finally:
        transport.close()
