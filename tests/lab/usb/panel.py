"""An interactive panel on RS-232 behind a USB adapter: one made of a table of commands."""

import contextlib
import socket

from drivers.panel.command_table.simulator import Simulator
from drivers.panel.command_table.table import find
from tests.lab.machine import Machine
from tests.lab.usb.serial import FtdiDevice


class FtdiPanel(FtdiDevice):
    """A panel behind qemu's FTDI adapter (ftdi_sio).

    Args:
        machine: into which it can be plugged.
        table: its commands, such as `lg`.
        serial: of the adapter.
    """

    def __init__(self, machine: Machine, table: str, serial: str) -> None:
        super().__init__(machine, "panel", serial)
        known = find(table)
        self.panel = Simulator(known, known.identity.default)
        self.asked: list[bytes] = []

    def _run(self, peer: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := peer.recv(4096):
                self.asked.append(data)
                for answer in self.panel.take(data):
                    peer.sendall(answer)
