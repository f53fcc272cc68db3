"""The camera below its channel: buffers that were filled become packets, the newest first.

A picture is larger than a line of a recording may be, so it travels in pieces, each a packet with
`HEAD` before it. The driver says `on` and `off`: when pictures are wanted.
"""

import asyncio
import concurrent.futures
import struct
import threading
from collections.abc import Callable
from typing import Any, cast

from hub import v4l2 as abi
from hub.device.transports._channel import Channel
from hub.device.transports._v4l2_node import Filled, V4l2Node

HEAD = struct.Struct("<IIIqHHHH")
"""Sequence, bytes of the whole picture, offset of this piece, microseconds of CLOCK_MONOTONIC (0:
unknown), older pictures that were passed over, broken ones, whether all buffers were full, 0."""
PIECE = 240 * 1024
RECORDED = 1_000_000
"""Bytes a second that are let through while a recording is made: it has a size to keep within."""
ON, OFF = b"on", b"off"


class V4l2Transport(asyncio.Transport):
    """An open camera under a channel; closes the node once nobody uses it any more."""

    def __init__(self, node: V4l2Node, channel: Channel, target: str) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._node = node
        self._channel = channel
        self._protocol: asyncio.BaseProtocol = channel
        self._target = target
        self._lock = threading.Lock()
        self._closing = False
        self._gone = False
        self._reading = False
        self._next = 0.0  # while recording: when the next picture may pass
        self._passed = 0  # pictures that were passed over since the last
        self._broken = 0  # and broken ones that came after it
        self.closed: concurrent.futures.Future[None] = concurrent.futures.Future()
        channel.connection_made(self)

    def using(self, work: Callable[[V4l2Node], bytes]) -> bytes:
        """Do what may block with the node, in a thread; one at a time, and never once closed."""
        with self._lock:
            if self._closing:
                raise OSError("it is closed")
            return work(self._node)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take `on` and `off`."""
        if self._closing:
            return
        if bytes(data) == ON and not self._reading and self._node.buffers:
            self._reading, self._passed, self._broken = True, 0, 0
            self._loop.add_reader(self._node.fd, self._readable)
        elif bytes(data) == OFF:
            self.rest()

    def rest(self) -> None:
        """Take no more pictures."""
        if self._reading:
            self._reading = False
            self._loop.remove_reader(self._node.fd)

    def _readable(self) -> None:
        newest: Filled | None = None
        last: Filled | None = None
        taken = before = after = 0  # broken ones before the newest, and after it
        try:
            while taken < self._node.buffers and (filled := self._node.take()) is not None:
                taken, last = taken + 1, filled
                if filled.flags & abi.BUF_ERROR or not filled.used:
                    after += 1
                    self._node.give_back(filled)
                    continue
                before, after = before + after, 0
                if newest is not None:
                    self._passed += 1
                    self._node.give_back(newest)
                newest = filled
            if last is None:
                return
            content = b"" if newest is None else self._node.content(newest)
            if newest is not None:
                self._node.give_back(newest)
        except OSError as error:
            self._end(OSError(error.errno, error.strerror, self._target))
            return
        self._broken += before
        if newest is None:  # only broken ones came: the last of them tells of all
            self._broken, after = self._broken + after, 0
        if self._may_pass(len(content)):
            self._hand_on(newest or last, content, full=taken == self._node.buffers)
        # Those belong to the gap before the next picture, not to that before this one.
        self._broken += after

    def _may_pass(self, size: int) -> bool:
        if not self._channel.recorded:
            return True
        now = self._loop.time()
        if now < self._next:
            self._passed += 1
            return False
        self._next = now + size / RECORDED
        return True

    def _hand_on(self, filled: Filled, content: bytes, *, full: bool) -> None:
        counts = (min(self._passed, 0xFFFF), min(self._broken, 0xFFFF), full, 0)
        self._passed = self._broken = 0
        view = memoryview(content)  # copies of pictures are what a live view costs most by
        for at in range(0, max(len(content), 1), PIECE):
            head = HEAD.pack(filled.sequence, len(content), at, filled.microseconds, *counts)
            if self._gone:
                return
            piece = b"".join((head, view[at : at + PIECE]))
            cast("asyncio.Protocol", self._protocol).data_received(piece)

    def close(self) -> None:
        """Close."""
        self.abort()

    def abort(self) -> None:
        """Close now."""
        self._end(None)

    def is_closing(self) -> bool:
        """Tell whether it is over or about to be."""
        return self._closing

    def pause_reading(self) -> None:
        """Nothing to do: the newest picture replaces those that nobody took."""

    def resume_reading(self) -> None:
        """Nothing to do."""

    def is_reading(self) -> bool:
        """Tell whether pictures are taken."""
        return self._reading

    def get_write_buffer_size(self) -> int:
        """Return 0: whatever is said is heard at once."""
        return 0

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Have another protocol go on."""
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Return who hears of it."""
        return self._protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ARG002 - asyncio's
        """Return nothing more than asked for."""
        return default

    def _end(self, error: Exception | None) -> None:
        if self._gone:
            return
        self._gone = self._closing = True
        self.rest()
        # To stop a camera that answers no more takes as long as USB is patient: not here.
        threading.Thread(target=self._close_node, name=f"closing {self._target}").start()
        self._loop.call_soon(lambda: self._protocol.connection_lost(error))

    def _close_node(self) -> None:
        with self._lock:
            self._node.close()
        self.closed.set_result(None)
