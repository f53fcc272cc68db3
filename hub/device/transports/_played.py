"""Device nodes that a program plays: where a path is a socket, not a node of the kernel.

A peer of the virtual classroom listens on a UNIX socket of the type SEQPACKET, and a driver opens
its path as it would open `/dev/input/event5` or `/dev/hidraw0`. Each packet from the peer begins
with one byte:

    c   calls: JSON `[{"name", "data", "answer"}, …]` as in recordings (base64), the answers that
        the device gives to ioctls from now on; `data` null: to any request of the name
    d   data: input events, or one report

The first packet is of calls. What the driver writes comes as packets without such a byte. A call
that is not known is refused as a node refuses it (ENOTTY).
"""

import asyncio
import base64
import binascii
import errno
import json
import os
import socket
from pathlib import Path
from typing import Any

from hub.device._errors import WrongDevice
from hub.device.transports._errors import device_error
from hub.device.transports._nodes import NodeTransport

MOST_PACKET = 128 * 1024
MOST_CALLS = 4096
CALLS, DATA = b"c", b"d"

Answers = dict[tuple[str, bytes | None], bytes]


def is_played(path: str) -> bool:
    """Tell whether a program plays the node (OSError where there is nothing)."""
    return Path(path).is_socket()


def parse_calls(packet: bytes) -> Answers:
    """Return the answers that a packet of calls says (WrongDevice where it says none)."""
    try:
        calls = json.loads(packet)
        if not isinstance(calls, list) or len(calls) > MOST_CALLS:
            raise WrongDevice("its calls are no list, or too many")
        return {
            (str(one["name"]), _bytes(one["data"])): _bytes(one["answer"]) or b"" for one in calls
        }
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise WrongDevice(f"its calls make no sense: {type(error).__name__}") from None


def _bytes(text: Any) -> bytes | None:
    return None if text is None else base64.b64decode(text, validate=True)


class PlayedNode(NodeTransport):
    """The connection to a peer that plays a node."""

    def __init__(self, fd: int, protocol: asyncio.Protocol, *, target: str, calls: Answers) -> None:
        self._calls = calls
        super().__init__(
            fd, protocol, most=MOST_PACKET, target=target, close_node=lambda: os.close(fd)
        )

    def answer(self, name: str, request: bytes) -> bytes:
        """Return what the device answers to a call (DeviceError where it knows none)."""
        for key in ((name, request), (name, None)):
            if key in self._calls:
                return self._calls[key]
        refused = OSError(errno.ENOTTY, os.strerror(errno.ENOTTY), self._target)
        raise device_error(refused, f"{self._target} {name}")

    def _come(self, data: bytes) -> None:
        if data[:1] == DATA:
            super()._come(data[1:])
            return
        try:
            if data[:1] != CALLS:
                raise WrongDevice("a packet of no kind")
            self._calls.update(parse_calls(data[1:]))
        except WrongDevice as error:
            self._break(OSError(errno.EPROTO, error.detail))


async def open_played(path: str, protocol: asyncio.Protocol) -> None:
    """Connect to the peer behind a path (OSError; WrongDevice where it is no such peer)."""
    loop = asyncio.get_running_loop()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
    try:
        await loop.sock_connect(sock, path)
        first = await loop.sock_recv(sock, MOST_PACKET)
        if first[:1] != CALLS:
            raise WrongDevice(f"{path}: what listens there plays no node")
        calls = parse_calls(first[1:])
    except BaseException:
        sock.close()
        raise
    PlayedNode(sock.detach(), protocol, target=path, calls=calls)
