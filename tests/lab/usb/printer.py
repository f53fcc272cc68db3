"""The project's virtual printer behind a USB cable: its firmware, played as a serial device."""

import contextlib
import math
import select
import socket
import time

from drivers.virtual.printer import Firmware, Options
from tests.lab.machine import Machine
from tests.lab.usb.descriptors import Identity
from tests.lab.usb.serial import AcmDevice, FtdiDevice

LONGEST = 0.5  # seconds that it waits, whatever the firmware says


class Printer:
    """A firmware that is switched on, with or without a cable.

    Attributes:
        executed: each command that it has begun.
    """

    def __init__(self, speed: float) -> None:
        self.executed: list[str] = []
        self.firmware = Firmware(
            time.monotonic(),
            options=Options(boot=0.1),
            speed=speed,
            executed=lambda _, text: self.executed.append(text),
        )

    def moves(self) -> int:
        """Return how many moves with plastic it has begun."""
        return sum(text.startswith("G1 X") and " E" in text for text in self.executed)


class AcmPrinter(AcmDevice):
    """A printer with USB of its own, as Prusa's boards have it (cdc_acm)."""

    def __init__(self, printer: Printer, serial: str) -> None:
        super().__init__(serial=serial)
        self.identity = Identity(0x2C99, 0x0002, "Lab", "Lab Printer", serial, (0xEF, 2, 1))
        self._firmware = printer.firmware

    def received(self, data: bytes) -> None:
        """Give it to the firmware."""
        self._firmware.receive(data, time.monotonic())

    def next_offer(self) -> float | None:
        """Return when the firmware is to be run again."""
        return min(self._firmware.due, time.monotonic() + LONGEST)

    def offer(self, address: int, length: int) -> bytes | None:
        """Return what the firmware says."""
        if address != 0x81:
            return None
        self._out += self._firmware.run(time.monotonic())
        data, self._out = self._out[:length], self._out[length:]
        return data or None


class FtdiPrinter(FtdiDevice):
    """A printer behind a USB adapter (ftdi_sio)."""

    def __init__(self, machine: Machine, printer: Printer, serial: str) -> None:
        super().__init__(machine, "printer", serial)
        self._firmware = printer.firmware

    def _run(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while True:
                peer.sendall(self._firmware.run(now := time.monotonic()))
                due = self._firmware.due
                wait = LONGEST if due == math.inf else min(max(due - now, 0.0), LONGEST)
                if select.select([peer], [], [], wait)[0]:
                    data = peer.recv(4096)
                    if not data:
                        return
                    self._firmware.receive(data, time.monotonic())
