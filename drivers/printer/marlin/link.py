"""The serial line with an asyncio protocol of the sender's own, so that nothing stands between.

The gap between `ok` and the next line is the printer's idle time. So what comes is taken where the
event loop reads it: no queue, no task and no thread is woken; the next line was framed before.
"""

import asyncio
from collections.abc import Callable

from hub.device.transports import SerialPort

LONGEST = 4096


class Link(asyncio.Protocol):
    """One open serial line, as lines.

    Attributes:
        hear: takes each line without its end; changed when the handshake is over.
        after: called once all that has come at one time was taken.
        lost: called once, when the line is over.
    """

    def __init__(self, port: SerialPort) -> None:
        self.hear: Callable[[bytes], None] = _nobody
        self.after: Callable[[], None] = _nothing
        self.lost: Callable[[Exception | None], None] = _nobody
        self._port = port
        self._rest = b""
        channel = port.channel
        if channel is None:
            raise ValueError("the line is not open")
        self._channel = channel
        channel.set_protocol(self)

    def write(self, data: bytes) -> None:
        """Send now; what the line does not take at once is sent when it does."""
        self._channel.write(data)

    @property
    def backlog(self) -> int:
        """How many bytes the line has not taken yet."""
        return self._channel.get_write_buffer_size()

    def close(self) -> None:
        """Close now; nobody is told."""
        self.lost = _nobody
        self.hear = _nobody
        self.after = _nothing
        self._port.close()

    def data_received(self, data: bytes) -> None:
        """Take what comes."""
        if self._rest:
            data = self._rest + data
        lines = data.split(b"\n")
        rest = lines.pop()
        self._rest = rest if len(rest) < LONGEST else b""
        for line in lines:
            self.hear(line.rstrip(b"\r\0 "))
        self.after()

    def connection_lost(self, exc: Exception | None) -> None:
        """Take that the line is over."""
        self.lost(exc)


def _nobody(_: object) -> None:
    """Hear nothing."""


def _nothing() -> None:
    """Do nothing."""
