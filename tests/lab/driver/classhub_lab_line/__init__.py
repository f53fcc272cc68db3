"""The lab's line device: it answers `ID?` with its name and `N?` with its number."""

import asyncio

from hub.device import N_, Device, Property, Unreachable, UsbMatch, WrongDevice
from hub.device.transports import SerialPort


class LineDevice(Device, kind="lab_line", title=N_("Line device")):
    """Line device.

    Has a number.
    """

    number: Property[int] = Property(int, title=N_("Number"), doc=N_("What it says when asked."))


class LabLine(LineDevice):
    """The lab's line device.

    Speaks over a serial line, by CDC-ACM or an FTDI adapter.
    """

    discovery = (
        UsbMatch(subsystem="tty", vendor="1209", product="0004"),
        UsbMatch(subsystem="tty", vendor="0403", product="6001"),
    )
    _line: SerialPort | None = None

    async def connect(self) -> None:
        self._turn = asyncio.Lock()
        node = self.found.node("tty") if self.found else None
        if node is None:
            raise Unreachable("it has no serial line")
        self._line = await self.transports.serial(node)
        if (name := await self._ask("ID?")) != "LAB-LINE":
            raise WrongDevice(f"it says that it is {name!r}")

    async def disconnect(self) -> None:
        if self._line is not None:
            self._line.close()

    @LineDevice.number.polled(every=0.5)
    async def _read_number(self) -> int:
        return int(await self._ask("N?"))

    async def _ask(self, words: str) -> str:
        if self._line is None:
            raise Unreachable("it is not open")
        async with self._turn:  # one question at a time
            await self._line.write(f"{words}\n".encode())
            return (await self._line.read_until(b"\n")).decode("ascii", "replace").strip()
