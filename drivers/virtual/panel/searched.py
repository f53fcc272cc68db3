"""A projector of class 2 that is found: it answers `%2SRCH` on UDP with its hardware address.

Source: PJLink Specifications 2.10 (JBMIA), class 2, section 3.2: the answer goes to UDP port 4352
of whoever asked, within ten seconds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import cast

from drivers.virtual.panel.projector import Projector

ADDRESS = "02:00:5e:10:00:07"


class _Listening(asyncio.DatagramProtocol):
    def __init__(self, projector: Projector, address: str, answer_port: int | None) -> None:
        self._projector = projector
        self._address = address
        self._answer_port = answer_port
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data != b"%2SRCH\r" or self._transport is None:
            return
        faults = self._projector.faults
        to = (addr[0], addr[1] if self._answer_port is None else self._answer_port)
        if faults.deaf:
            return
        if faults.garble:
            self._transport.sendto(b"\xff%2ACKN=nobody\r", to)
        said = f"%2ACKN={self._address}\r"
        self._transport.sendto((said.lower() if faults.small else said).encode(), to)


@contextlib.asynccontextmanager
async def searchable(
    projector: Projector,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    address: str = ADDRESS,
    answer_port: int | None = None,
) -> AsyncIterator[int]:
    """Have a projector answer searches; yields its UDP port.

    Args:
        projector: whose faults hold.
        host: where it hears.
        port: there, 0 for any.
        address: its hardware address.
        answer_port: where to answer, as the specification says; None: where it was asked from.
    """
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Listening(projector, address, answer_port),
        local_addr=(host, port),
        reuse_port=True,  # a broadcast is heard by all who listen for it
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
        await asyncio.sleep(0)
