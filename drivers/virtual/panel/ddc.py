"""A monitor on the two wires of its video cable, on a socket in place of `/dev/i2c-N`.

What comes from the driver are packets: `w` and bytes written, `r` and how many are wanted; the
answer is `a` and bytes, or `n` where nobody acknowledges. Framing: VESA DDC/CI 1.1, 4.3 to 4.6.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from drivers.virtual.panel.faults import Faults
from drivers.virtual.panel.screen import Screen

CAPABLE = (
    b"(prot(monitor)type(lcd)model(LAB27)cmds(01 02 03 07 0C E3 F3)"
    b"vcp(02 10 12 60(0F 11 12 1B) 62 8D(01 02) AC C0 CA(01 02) D6(01 04 05))mccs_ver(2.2))"
)
NULL = bytes.fromhex("6e80be")
INPUTS = {"31": 0x11, "32": 0x12}
MOST = {0x10: 80, 0x12: 100, 0x62: 50}
"""The largest values of brightness, contrast and volume: few monitors count to 100 in all."""


class DdcMonitor:
    """The monitor's end.

    Args:
        screen: what it shows.

    Attributes:
        nulls: so many times it has nothing to say.
        asleep: off, it acknowledges nothing.
        deaf: it acknowledges nothing at all. broken: the checksums of its next answers are wrong.
    """

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.faults = Faults()
        self.nulls = self.broken = self.stale = 0
        self.asleep = self.deaf = False
        self.values = {0x10: 40, 0x12: 50, 0x60: 0x11, 0x62: 10, 0x8D: 2, 0xC0: 1234, 0xCA: 2}
        self._answer = b""
        self._former = NULL

    def hang_up(self) -> None:
        """A cable does not hang up by itself."""

    def take(self, packet: bytes) -> bytes:
        """Return what is answered to a packet."""
        if self.deaf or (self.asleep and self.screen.power != "on"):
            return b"n"
        if packet[:1] == b"w":
            self._heard(packet[1:])
            return b"a"
        size = packet[1]
        answer, self._answer = self._answer[:size], self._answer[size:]
        return b"a" + answer + b"\0" * (size - len(answer))

    def _heard(self, data: bytes) -> None:
        body = data[2:-1]
        if len(data) < 4 or data[0] != 0x51 or data[1] != 0x80 | len(body) or _sum(0x6E, data):
            return
        self.screen.note(data.hex())
        if body[0] == 0x03 and len(body) == 4:
            self._set(body[1], int.from_bytes(body[2:], "big"))
            return
        told = self._tell(body)
        message = bytes([0x6E, 0x80 | len(told)]) + told
        former, self._former = self._former, message + bytes([_sum(0x50, message)])
        self._answer = self._former
        if self.nulls:
            self.nulls -= 1
            self._answer = NULL
        elif self.broken:
            self.broken -= 1
            self._answer = message + bytes([_sum(0x51, message)])
        elif self.stale:
            self.stale -= 1
            self._answer = former

    def _set(self, code: int, value: int) -> None:
        if code == 0xD6:
            self.screen.switch(value == 1)
        elif code in self.values:
            self.values[code] = value

    def _tell(self, body: bytes) -> bytes:
        if body[0] == 0xF3:
            at = int.from_bytes(body[1:3], "big")
            return b"\xe3" + body[1:3] + CAPABLE[at : at + 32]
        code = body[1]
        if code == 0xD6:
            value: int | None = 1 if self.screen.power == "on" else 4
        else:
            value = self.values.get(code)
        most = MOST.get(code, 0xFFFF if code == 0xC0 else 0xFF)
        result = value is None
        numbers = most.to_bytes(2, "big") + (value or 0).to_bytes(2, "big")
        return bytes([0x02, result, code, 0]) + numbers


def _sum(start: int, data: bytes) -> int:
    for byte in data:
        start ^= byte
    return start


@contextlib.asynccontextmanager
async def on_wires(monitor: DdcMonitor, folder: Path) -> AsyncIterator[str]:
    """Have it on a socket in a folder; yields the path."""
    loop = asyncio.get_running_loop()
    path = folder / "i2c-7"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK) as own:
        own.bind(str(path))
        own.listen()

        async def serve(peer: socket.socket) -> None:
            with peer:
                while packet := await loop.sock_recv(peer, 256):
                    await loop.sock_sendall(peer, monitor.take(packet))

        async def listen() -> None:
            async with asyncio.TaskGroup() as group:
                while True:
                    peer, _ = await loop.sock_accept(own)
                    group.create_task(serve(peer), name="a driver on the wires")

        listening = asyncio.create_task(listen(), name="monitor on the wires")
        try:
            yield str(path)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            path.unlink(missing_ok=True)
