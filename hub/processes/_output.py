"""What a driver process prints: into the hub's log, bounded."""

import asyncio
import logging

LINES = 200
PERIOD = 10.0
BYTES_A_SECOND = 16 * 1024 * 1024
LONGEST_LINE = 2000
_LEVELS = {
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARNING": logging.WARNING,
    "ERROR": logging.ERROR,
    "CRITICAL": logging.ERROR,
}


class Output:
    """Takes the output of one process.

    At most `LINES` lines in `PERIOD` seconds reach the log, the rest are counted there. More than
    `BYTES_A_SECOND` are not even read, so that a flooding driver waits, not the hub.
    """

    def __init__(self, stream: asyncio.StreamReader, log: logging.Logger) -> None:
        self._stream = stream
        self._log = log
        self._rest = b""
        self._lines = 0
        self._dropped = 0
        self._since = 0.0

    async def run(self) -> None:
        """Read until the process has closed its output."""
        loop = asyncio.get_running_loop()
        second, read = loop.time(), 0
        while chunk := await self._stream.read(65536):
            read += len(chunk)
            self._take(chunk)
            now = loop.time()
            if now - second >= 1.0:
                second, read = now, 0
            elif read > BYTES_A_SECOND:
                await asyncio.sleep(1.0 - (now - second))
        self._line(self._rest)
        self._tell_dropped()

    def _take(self, chunk: bytes) -> None:
        now = asyncio.get_running_loop().time()
        if self._lines > LINES and now - self._since <= PERIOD:
            self._dropped += chunk.count(b"\n")
            self._rest = b""
            return
        *lines, rest = (self._rest + chunk).split(b"\n")
        self._rest = rest[:LONGEST_LINE]
        for line in lines:
            self._line(line)

    def _line(self, line: bytes) -> None:
        if not line.strip():
            return
        now = asyncio.get_running_loop().time()
        if now - self._since > PERIOD:
            self._tell_dropped()
            self._since, self._lines = now, 0
        self._lines += 1
        if self._lines > LINES:
            self._dropped += 1
            return
        text = line[:LONGEST_LINE].decode(errors="backslashreplace").rstrip()
        level = _LEVELS.get(text.partition(" ")[0], logging.INFO)
        self._log.log(level, "%s", "".join(c if c.isprintable() else " " for c in text))

    def _tell_dropped(self) -> None:
        if self._dropped:
            self._log.warning("%d more lines of output were dropped", self._dropped)
            self._dropped = 0
