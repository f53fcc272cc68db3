"""Input devices: events as the kernel gives them (linux/input.h), without a library."""

import contextlib
import fcntl
import os
import struct
from typing import NamedTuple

from hub.device._errors import Unreachable
from hub.device.transports._channel import Channel
from hub.device.transports._ends import LIMIT, PacketPort
from hub.device.transports._hidraw import ioc, ioctl, open_node
from hub.device.transports._nodes import NodeTransport

_EVENT = struct.Struct("=qqHHi")  # struct input_event with 64-bit times: 24 bytes
_ABS = struct.Struct("=6i")
_READ, _WRITE = 2, 1
_MONOTONIC = 1  # of EVIOCSCLOCKID: CLOCK_MONOTONIC
MOST_EVENTS = 64


class InputEvent(NamedTuple):
    """One input event; `time` in seconds of the monotonic clock."""

    time: float
    type: int
    code: int
    value: int


class Axis(NamedTuple):
    """What EVIOCGABS says of an axis; `resolution` in units a millimetre."""

    value: int
    minimum: int
    maximum: int
    fuzz: int
    flat: int
    resolution: int


def parse_events(packet: bytes) -> list[InputEvent]:
    """Return the events in a packet; what is no whole event is left out."""
    whole = len(packet) - len(packet) % _EVENT.size
    return [
        InputEvent(seconds + micros / 1e6, type_, code, value)
        for seconds, micros, type_, code, value in _EVENT.iter_unpack(packet[:whole])
    ]


class EvdevPort(PacketPort):
    """An input device."""

    oldest = 2.0
    _fd = -1

    def open(self, channel: Channel, path: str) -> None:
        """Open the node for reading: services are given no more (OSError)."""
        fd = self._fd = open_node(path, os.O_RDONLY)
        NodeTransport(
            fd,
            channel,
            most=MOST_EVENTS * _EVENT.size,
            target=path,
            close_node=lambda: os.close(fd),
        )

    async def events(self, *, limit: float | None = LIMIT) -> list[InputEvent]:
        """Return the next events, as many as came at once (errors as `receive`)."""
        return parse_events(await self.receive(limit=limit))

    async def grab(self, on: bool = True) -> None:
        """Have the events for this program alone (AccessRefused where another one has), or not."""
        await self._ioctl("EVIOCGRAB" if on else "EVIOCGRAB 0", ioc(_WRITE, "E", 0x90, 4), int(on))

    def forget(self) -> None:
        """Drop the events that have come: after a loss, before the state is read anew."""
        self._waiting.clear()
        if self._fd >= 0 and not self.closed:
            with contextlib.suppress(OSError):  # EAGAIN: all is read; ENODEV is told by the loop
                while os.read(self._fd, MOST_EVENTS * _EVENT.size):
                    pass

    async def monotonic(self) -> None:
        """Have events bear the time of the monotonic clock."""
        request = struct.pack("=i", _MONOTONIC)
        await self._ioctl("EVIOCSCLOCKID", ioc(_WRITE, "E", 0xA0, 4), request)

    async def name(self) -> str:
        """Return what the device calls itself; untrusted."""
        answer = await self._ioctl("EVIOCGNAME", ioc(_READ, "E", 0x06, 256), bytes(256))
        return answer.split(b"\0")[0].decode(errors="replace")

    async def keys(self) -> frozenset[int]:
        """Return the codes of the keys and buttons that are held now."""
        answer = await self._ioctl("EVIOCGKEY", ioc(_READ, "E", 0x18, 96), bytes(96))
        return _set_bits(answer)

    async def properties(self) -> frozenset[int]:
        """Return the input properties (INPUT_PROP_DIRECT is 1)."""
        answer = await self._ioctl("EVIOCGPROP", ioc(_READ, "E", 0x09, 8), bytes(8))
        return _set_bits(answer)

    async def slots(self, code: int, count: int) -> tuple[int, ...]:
        """Return the value that an axis (ABS_MT_…) has in each of the first `count` slots."""
        request = struct.pack("=I", code) + bytes(4 * count)
        name = f"EVIOCGMTSLOTS {code}"
        answer = await self._ioctl(name, ioc(_READ, "E", 0x0A, len(request)), request)
        return struct.unpack(f"={count}i", answer[4:].ljust(4 * count, b"\xff")[: 4 * count])

    async def axis(self, code: int) -> Axis:
        """Return what the device says of an axis (ABS_X is 0, ABS_Y 1, …)."""
        code_ = ioc(_READ, "E", 0x40 + code, _ABS.size)
        answer = await self._ioctl(f"EVIOCGABS {code}", code_, bytes(_ABS.size))
        return Axis(*_ABS.unpack(answer.ljust(_ABS.size, b"\0")))

    async def bits(self, type_: int) -> frozenset[int]:
        """Return the codes of a type of event that the device has (EV_KEY is 1, EV_ABS 3)."""
        code = ioc(_READ, "E", 0x20 + type_, 96)
        answer = await self._ioctl(f"EVIOCGBIT {type_}", code, bytes(96))
        return _set_bits(answer)

    async def _ioctl(self, name: str, code: int, request: bytes | int) -> bytes:
        if self.channel is None:
            raise Unreachable("it is not open")

        def work() -> bytes:
            if isinstance(request, int):  # the argument is a number, not a buffer
                fcntl.ioctl(self._fd, code, request)
                return b""
            return ioctl(self._fd, code, request)

        return await self.channel.call(name, b"" if isinstance(request, int) else request, work)


def _set_bits(answer: bytes) -> frozenset[int]:
    return frozenset(
        8 * at + bit for at, byte in enumerate(answer) for bit in range(8) if byte >> bit & 1
    )
