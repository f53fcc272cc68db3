"""A USB device that is played in Python, plugged in by way of usbredir.

Qemu's `usb-redir` device speaks the usbredir protocol (usbredir-protocol.txt, version 0.7) on a
socket, and this is its other end: connecting plugs the device in, closing pulls it out. The
machine's own drivers (uvcvideo, cdc_acm, usbhid …) bind to it as they would to hardware.
"""

import contextlib
import select
import socket
import struct
import threading
import time
from collections import defaultdict, deque
from enum import IntEnum
from pathlib import Path
from typing import Self

from tests.lab.usb.descriptors import CONFIGURATION, DEVICE, QUALIFIER, STRING, Identity, Layout


class Packet(IntEnum):
    """What a packet is about."""

    HELLO = 0
    CONNECT = 1
    RESET = 3
    INTERFACES = 4
    ENDPOINTS = 5
    SET_CONFIGURATION = 6
    GET_CONFIGURATION = 7
    CONFIGURATION_STATUS = 8
    SET_ALTERNATE = 9
    GET_ALTERNATE = 10
    ALTERNATE_STATUS = 11
    START_ISO = 12
    STOP_ISO = 13
    ISO_STATUS = 14
    START_INTERRUPT = 15
    STOP_INTERRUPT = 16
    INTERRUPT_STATUS = 17
    CANCEL = 21
    CONTROL = 100
    BULK = 101
    ISO = 102
    INTERRUPT = 103


OK, CANCELLED, IO_ERROR, STALL = 0, 1, 3, 4
FULL_SPEED, HIGH_SPEED = 1, 2
# Version, acknowledged disconnects, packet sizes, 64-bit ids, 32-bit bulk lengths
CAPABILITIES = 1 << 1 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6
WIDE_IDS = 1 << 5

BULK_HEADER = "<BBHIH"
ISO_PACKET = 0.001  # seconds between two isochronous packets


class PlayedDevice:
    """The base of played devices. Subclasses say what they are and answer what is theirs.

    Args:
        identity: what it says of itself.
        configuration: its whole configuration descriptor.
        speed: of the bus it is for.

    Attributes:
        broken: its cable is bad: whatever it is asked ends in an error of the bus (EPROTO).
    """

    def __init__(
        self, identity: Identity, configuration: bytes, *, speed: int = FULL_SPEED
    ) -> None:
        self.identity = identity
        self.configuration = configuration
        self.speed = speed
        self.broken = False
        self._thread: threading.Thread | None = None

    # What subclasses answer; all is called in the device's own thread

    def control(self, kind: int, request: int, value: int, index: int, data: bytes) -> bytes | None:
        """Answer a request of the device's class: bytes to the host, b"" for done, None refuses."""
        return None

    def received(self, data: bytes) -> None:
        """Take what the host sent to a bulk or interrupt endpoint."""

    def offer(self, address: int, length: int) -> bytes | None:
        """Return at most `length` bytes for the host from this endpoint, None: nothing now."""
        return None

    def next_offer(self) -> float | None:
        """Return when `offer` is worth asking again (monotonic time), None: after `wake`."""
        return None

    def reset(self) -> None:
        """Forget what a reset of the bus makes a device forget."""

    # The cable

    @property
    def plugged(self) -> bool:
        """Whether its thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def plug(self, path: Path) -> Self:
        """Plug it into the port with this socket (`Machine.usb_port`)."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._buffer = b""
        self._wide_ids = False
        self._chosen = 0
        self._alternates: dict[int, int] = {}
        self._waiting: defaultdict[int, deque[tuple[int, int, int]]] = defaultdict(deque)
        self._interrupts: set[int] = set()
        self._isochronous: dict[int, float] = {}
        self._packets = 0
        self._waker, self._woken = socket.socketpair()
        self._running = True
        self._thread = threading.Thread(target=self._run, name=f"usb {self.identity.name}")
        self._thread.start()
        return self

    def pull(self) -> None:
        """Pull it out."""
        if self._thread is None:
            return
        self._running = False
        self.wake()
        self._thread.join(10)
        self._thread = None

    def wake(self) -> None:
        """Say that `offer` has something new; may be called from any thread."""
        with contextlib.suppress(OSError):
            self._waker.send(b"x")

    # The protocol

    def _run(self) -> None:
        try:
            name = b"played device".ljust(64, b"\0")
            self._send(Packet.HELLO, name + struct.pack("<I", CAPABILITIES))
            while self._running:
                readable, _, _ = select.select([self._socket, self._woken], [], [], self._pause())
                if self._woken in readable:
                    self._woken.recv(4096)
                if self._socket in readable:
                    data = self._socket.recv(1 << 18)
                    if not data:
                        break
                    self._buffer += data
                    while self._take_packet():
                        pass
                self._serve()
        except (BrokenPipeError, ConnectionResetError):
            pass  # the port was taken away
        finally:
            for one in (self._socket, self._waker, self._woken):
                one.close()

    def _pause(self) -> float:
        times = [at + 4 * ISO_PACKET for at in self._isochronous.values()]
        if (due := self.next_offer()) is not None:
            times.append(due)
        return max(0.0, min(1.0, min(times) - time.monotonic())) if times else 1.0

    @property
    def _header(self) -> str:
        return "<IIQ" if self._wide_ids else "<III"

    def _send(self, kind: int, body: bytes = b"", number: int = 0) -> None:
        self._socket.sendall(struct.pack(self._header, kind, len(body), number) + body)

    def _take_packet(self) -> bool:
        size = struct.calcsize(self._header)
        if len(self._buffer) < size:
            return False
        kind, length, number = struct.unpack_from(self._header, self._buffer)
        if len(self._buffer) < size + length:
            return False
        body = self._buffer[size : size + length]
        self._buffer = self._buffer[size + length :]
        self._handle(kind, number, body)
        return True

    def _handle(self, kind: int, number: int, body: bytes) -> None:
        match kind:
            case Packet.HELLO:
                theirs = struct.unpack_from("<I", body, 64)[0] if len(body) >= 68 else 0
                self._wide_ids = bool(theirs & WIDE_IDS)
                self._say_layout()
                me = (self.identity.vendor, self.identity.product, 0x0100)
                self._send(
                    Packet.CONNECT, struct.pack("<BBBBHHH", self.speed, *self.identity.kind, *me)
                )
            case Packet.RESET:
                self._chosen = 0
                self._alternates = {}
                self._waiting.clear()
                self._interrupts.clear()
                self._isochronous.clear()
                self.reset()
            case Packet.CONTROL:
                self._on_control(number, body)
            case Packet.BULK:
                self._on_bulk(number, body)
            case Packet.INTERRUPT:  # to an interrupt endpoint
                address, _, length = struct.unpack_from("<BBH", body)
                self.received(body[4:])
                self._send(Packet.INTERRUPT, struct.pack("<BBH", address, OK, length), number)
            case Packet.CANCEL:
                self._on_cancel(number)
            case _:
                self._on_setting(kind, number, body)

    def _on_setting(self, kind: int, number: int, body: bytes) -> None:
        if kind in (Packet.SET_CONFIGURATION, Packet.GET_CONFIGURATION):
            if kind == Packet.SET_CONFIGURATION:
                self._chosen = body[0]
                self._say_layout()
            self._send(Packet.CONFIGURATION_STATUS, bytes([OK, self._chosen]), number)
        elif kind in (Packet.SET_ALTERNATE, Packet.GET_ALTERNATE):
            if kind == Packet.SET_ALTERNATE:
                self._alternates[body[0]] = body[1]
                self._say_layout()
            chosen = self._alternates.get(body[0], 0)
            self._send(Packet.ALTERNATE_STATUS, bytes([OK, body[0], chosen]), number)
        elif kind in (Packet.START_ISO, Packet.STOP_ISO):
            if kind == Packet.START_ISO:
                self._isochronous[body[0]] = time.monotonic()
            else:
                self._isochronous.pop(body[0], None)
            self._send(Packet.ISO_STATUS, bytes([OK, body[0]]), number)
        elif kind in (Packet.START_INTERRUPT, Packet.STOP_INTERRUPT):
            if kind == Packet.START_INTERRUPT:
                self._interrupts.add(body[0])
            else:
                self._interrupts.discard(body[0])
            self._send(Packet.INTERRUPT_STATUS, bytes([OK, body[0]]), number)

    def _say_layout(self) -> None:
        layout = Layout.of(self.configuration, self._alternates)
        columns = (bytes(row[k] for row in layout.interfaces).ljust(32, b"\0") for k in range(4))
        self._send(Packet.INTERFACES, struct.pack("<I", len(layout.interfaces)) + b"".join(columns))
        ends = layout.endpoints | {0: (0, 0, 0, 64), 16: (0, 0, 0, 64)}
        rows = [ends.get(k, (255, 0, 0, 0)) for k in range(32)]
        types, intervals, interfaces = (bytes(row[k] for row in rows) for k in range(3))
        sizes = struct.pack("<32H", *(row[3] for row in rows))
        self._send(Packet.ENDPOINTS, types + intervals + interfaces + sizes)

    def _on_control(self, number: int, body: bytes) -> None:
        address, request, kind, _, value, index, length = struct.unpack_from("<BBBBHHH", body)
        answer = self._standard(kind, request, value)
        if answer is None:
            answer = self.control(kind, request, value, index, body[10:])
        status, data = (STALL, b"") if answer is None else (OK, answer[:length])
        if self.broken:
            status, data = IO_ERROR, b""
        if kind & 0x80 or status != OK:
            length = len(data)
        else:
            data = b""
        head = struct.pack("<BBBBHHH", address, request, kind, status, value, index, length)
        self._send(Packet.CONTROL, head + data, number)

    def _standard(self, kind: int, request: int, value: int) -> bytes | None:
        """Answer what every device answers (USB 2.0, 9.4)."""
        if (kind, request) == (0x80, 6):
            if value >> 8 == DEVICE:
                return self.identity.descriptor()
            if value >> 8 == CONFIGURATION:
                return self.configuration
            if value >> 8 == STRING:
                return self.identity.string(value & 0xFF)
            if value >> 8 == QUALIFIER and self.speed == HIGH_SPEED:
                return struct.pack("<BBHBBBBBB", 10, 6, 0x0200, *self.identity.kind, 64, 1, 0)
        if (kind, request) == (0x80, 0):  # its status
            return b"\0\0"
        if kind == 0x02 and request in (1, 3):  # an endpoint's features
            return b""
        return None

    def _on_bulk(self, number: int, body: bytes) -> None:
        address, _, low, stream, high = struct.unpack_from(BULK_HEADER, body)
        if address & 0x80:
            self._waiting[address].append((number, low | high << 16, stream))
        else:
            self.received(body[10:])
            self._send(
                Packet.BULK, struct.pack(BULK_HEADER, address, OK, low, stream, high), number
            )

    def _on_cancel(self, number: int) -> None:
        for address, queue in self._waiting.items():
            for entry in [one for one in queue if one[0] == number]:
                queue.remove(entry)
                head = struct.pack(BULK_HEADER, address, CANCELLED, 0, entry[2], 0)
                self._send(Packet.BULK, head, number)

    def _serve(self) -> None:
        """Send what the device has for the host."""
        for address, queue in list(self._waiting.items()):
            while queue and (data := self.offer(address, queue[0][1])) is not None:
                number, _, stream = queue.popleft()
                size = len(data)
                head = struct.pack(BULK_HEADER, address, OK, size & 0xFFFF, stream, size >> 16)
                self._send(Packet.BULK, head + data, number)
        for address in list(self._interrupts):
            while (data := self.offer(address, 64)) is not None:
                self._send_packet(Packet.INTERRUPT, address, data)
        now = time.monotonic()
        for address, at in list(self._isochronous.items()):
            due = max(at, now - 0.05)  # after a pause, no avalanche
            while due <= now:
                self._send_packet(Packet.ISO, address, self.offer(address, 1 << 16) or b"")
                due += ISO_PACKET
            self._isochronous[address] = due

    def _send_packet(self, kind: int, address: int, data: bytes) -> None:
        self._send(kind, struct.pack("<BBH", address, OK, len(data)) + data, self._packets)
        self._packets += 1
