"""Serial lines: pyserial opens and sets them, the event loop drives them."""

import asyncio
import os
from typing import TYPE_CHECKING, Literal, cast

from hub.device.transports._channel import Channel
from hub.device.transports._ends import ByteStream
from hub.device.transports._nodes import NodeTransport

if TYPE_CHECKING:
    from serial import Serial

Parity = Literal["N", "E", "O"]


class SerialPort(ByteStream):
    """A serial line: a stream of bytes, with its control lines."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self._line: Serial | None = None

    def open(
        self, channel: Channel, path: str, baudrate: int, parity: Parity, stop_bits: float
    ) -> None:
        """Open the line for this program alone.

        Raises:
            OSError: there is none, or another program has it (`SerialException`).
        """
        import serial  # noqa: PLC0415 - only drivers of serial lines pay for it

        line = serial.Serial(
            path,
            baudrate,
            parity=parity,
            stopbits=stop_bits,
            timeout=0,
            write_timeout=0,
            exclusive=True,
        )
        self._line = line
        os.set_blocking(line.fileno(), False)
        NodeTransport(
            line.fileno(), channel, most=65536, target=path, close_node=lambda: _close(line)
        )

    async def set_lines(self, *, dtr: bool | None = None, rts: bool | None = None) -> None:
        """Set the control lines DTR and RTS; many boards restart when DTR changes."""
        for name, value in (("dtr", dtr), ("rts", rts)):
            if value is not None:
                await self._call(name, bytes([value]))

    async def forget_input(self) -> None:
        """Drop what has come and was not read."""
        await self._call("reset_input_buffer", b"")
        while True:
            try:
                async with asyncio.timeout(0):
                    if not await self._reader.read(65536):
                        return
            except TimeoutError:
                return

    async def _call(self, name: str, value: bytes) -> None:
        if self.channel is None:
            raise self._gone()

        def work() -> bytes:
            line = cast("Serial", self._line)
            if name == "reset_input_buffer":
                line.reset_input_buffer()
            else:
                setattr(line, name, bool(value[0]))
            return b""

        await self.channel.call(name, value, work)


def _close(line: "Serial") -> None:
    try:
        line.close()
    except (OSError, TypeError):  # pyserial closes an unplugged line, and may say so
        return
