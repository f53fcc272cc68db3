"""Serial devices: a CDC-ACM one that is played here, and qemu's FTDI adapter."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from pathlib import Path

from tests.lab.machine import Machine
from tests.lab.usb.descriptors import (
    BULK,
    INTERRUPT,
    Identity,
    configuration,
    endpoint,
    interface,
)
from tests.lab.usb.redir import PlayedDevice

Answer = Callable[[bytes], bytes]

# CDC 1.2, 5.2.3 and PSTN 1.2, 5.3: header, call management, abstract control, union
_FUNCTIONS = bytes.fromhex("0524001001 0524010001 04240202 0524060001")
_BODY = (
    bytes([8, 11, 0, 2, 2, 2, 1, 0])  # the two interfaces are one function
    + interface(0, 1, (2, 2, 1))
    + _FUNCTIONS
    + endpoint(0x82, INTERRUPT, 8, 16)
    + interface(1, 2, (10, 0, 0))
    + endpoint(0x81, BULK, 64)
    + endpoint(0x01, BULK, 64)
)
SET_LINE_CODING, GET_LINE_CODING, SET_CONTROL_LINES = 0x20, 0x21, 0x22


def line_device(line: bytes) -> bytes:
    """Answer as the lab's line device does: it is asked for its name and for its number."""
    words = {b"ID?": b"LAB-LINE\n", b"N?": b"42\n"}
    return words.get(line, b"?\n")


class AcmDevice(PlayedDevice):
    """A device behind cdc_acm (`/dev/ttyACM0`) that answers each line.

    Args:
        answer: from a line without its end to all that is said back.
        serial: its serial number; empty: it has none, as many cheap ones.
    """

    def __init__(self, answer: Answer = line_device, *, serial: str = "") -> None:
        identity = Identity(0x1209, 0x0004, "Lab", "Lab Line", serial, (0xEF, 2, 1))
        super().__init__(identity, configuration(2, _BODY))
        self.lines: list[bytes] = []
        self._answer = answer
        self._coding = struct.pack("<IBBB", 115200, 0, 0, 8)
        self.reset()

    def reset(self) -> None:
        """Forget half lines."""
        self._in = self._out = b""

    def control(self, kind: int, request: int, value: int, index: int, data: bytes) -> bytes | None:
        """Keep the line's speed; take the control lines as they come."""
        if (kind, request) == (0x21, SET_LINE_CODING):
            self._coding = data
            return b""
        if (kind, request) == (0xA1, GET_LINE_CODING):
            return self._coding
        if (kind, request) == (0x21, SET_CONTROL_LINES):
            return b""
        return None

    def received(self, data: bytes) -> None:
        """Answer each whole line."""
        self._in += data
        while b"\n" in self._in:
            line, self._in = self._in.split(b"\n", 1)
            self.lines.append(line.strip())
            self._out += self._answer(line.strip())

    def offer(self, address: int, length: int) -> bytes | None:
        """Return the answers."""
        if address != 0x81 or not self._out:
            return None
        data, self._out = self._out[:length], self._out[length:]
        return data


class FtdiDevice:
    """A device behind qemu's FTDI adapter (ftdi_sio, `/dev/ttyUSB0`) that answers each line.

    Args:
        machine: into which it can be plugged.
        name: of the adapter, for qemu.
        serial: its serial number.
    """

    def __init__(
        self, machine: Machine, name: str, serial: str, answer: Answer = line_device
    ) -> None:
        self._machine = machine
        self._name = name
        self._serial = serial
        self._answer = answer
        self._socket: socket.socket | None = None
        self.lines: list[bytes] = []

    def plug(self, port: int) -> None:
        """Plug it into a USB port (1 to 8)."""
        path: Path = self._machine.sockets / f"{self._name}.sock"
        address = {"type": "unix", "data": {"path": str(path)}}
        backend = {"type": "socket", "data": {"addr": address, "server": True, "wait": False}}
        with self._machine.qmp() as qmp:
            qmp.call("chardev-add", id=self._name, backend=backend)
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(path))
            where = {"bus": "xhci.0", "port": str(port)}
            qmp.call(
                "device_add",
                driver="usb-serial",
                id=f"{self._name}-usb",
                chardev=self._name,
                serial=self._serial,
                **where,
            )
        self._thread = threading.Thread(target=self._run, args=(self._socket,), name=self._name)
        self._thread.start()

    def pull(self) -> None:
        """Pull it out."""
        if self._socket is None:
            return
        gone = f"{self._name}-usb"
        with self._machine.qmp() as qmp:
            qmp.call("device_del", id=gone)
            qmp.wait_for("DEVICE_DELETED", lambda data: data.get("device") == gone)
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._socket = None
            self._thread.join(10)
            qmp.call("chardev-remove", id=self._name)

    def _run(self, peer: socket.socket) -> None:
        buffer = b""
        with contextlib.suppress(OSError):
            while data := peer.recv(4096):
                buffer += data
                while b"\n" in buffer:
                    line, buffer = buffer.split(b"\n", 1)
                    self.lines.append(line.strip())
                    peer.sendall(self._answer(line.strip()))
