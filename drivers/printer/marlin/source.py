"""A file of G-code: looked through before it is printed, read ahead while it is."""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from drivers.printer.marlin.command import Command
from drivers.printer.marlin.lines import LONG, LONGEST_COMMAND, STRIPPED, command_of, word_of
from hub.device import N_, DeviceError

CHUNK = 64 * 1024
CHUNKS_AHEAD = 4
LONGEST_LINE = 64 * 1024

_LAYER: Final = re.compile(rb";\s*(?:LAYER_CHANGE|CHANGE_LAYER|LAYER:\s*-?\d+)\s*$")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NotPrintable(DeviceError):
    """The file is not G-code that this printer can be given."""

    code = "not-printable"
    status = 422
    title = N_("This file cannot be printed.")
    hint = N_("Slice the model again for this printer, as plain G-code.")


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a file.

    Attributes:
        lines: all of them. commands: those that are sent. stripped: those that are never sent.
        layers: None where the file names none.
    """

    lines: int
    bytes: int
    commands: int
    stripped: int
    layers: int | None


def look_through(path: Path) -> Contents:
    """Read a whole file of G-code (in a thread).

    Raises:
        NotPrintable: it is binary, has a line that firmware cannot take, or no command at all.
        OSError: it cannot be read.
    """
    lines = commands = stripped = size = layers = 0
    with path.open("rb") as file:
        while raw := file.readline(LONGEST_LINE):
            lines += 1
            size += len(raw)
            if raw[:1] == b";":
                layers += _is_layer(raw)
                continue
            if raw[:3] in (b"G1 ", b"G0 ") and len(raw) < LONGEST_COMMAND and raw.isascii():
                commands += 1
                continue
            if len(raw) >= LONGEST_LINE or _CONTROL.search(raw):
                raise NotPrintable(f"line {lines} is no text")
            command = command_of(raw)
            if len(command) > LONGEST_COMMAND:
                raise NotPrintable(f"line {lines} has {len(command)} bytes")
            if word_of(command) in STRIPPED:
                stripped += 1
            else:
                commands += bool(command)
    if not commands:
        raise NotPrintable("there is no command in it")
    return Contents(lines, size, commands, stripped, layers or None)


def _is_layer(raw: bytes) -> bool:
    return _LAYER.match(raw) is not None


class Source:
    """The commands of a file, one after the other, always some read ahead.

    Args:
        fed: called when there is something again after `pull` had to give None.

    Attributes:
        ended: all was pulled.
        failed: why the file could not be read to its end.
    """

    def __init__(self, file: BinaryIO, fed: Callable[[], None]) -> None:
        self.ended = False
        self.failed: Exception | None = None
        self._file = file
        self._fed = fed
        self._chunks: deque[list[bytes]] = deque()
        self._lines: list[bytes] = []
        self._at = 0
        self._line = 0
        self._byte = 0
        self._layer = 0
        self._whole = False
        self._hungry = False
        self._room = asyncio.Event()
        self._room.set()

    async def read_ahead(self) -> None:
        """Read until the end of the file; the driver runs this beside the print."""
        rest = b""
        try:
            while data := await asyncio.to_thread(self._file.read, CHUNK):
                lines = (rest + data).split(b"\n")
                rest = lines.pop()
                self._offer(lines)
                await self._room.wait()
            self._offer([rest])
        except (OSError, ValueError) as error:
            self.failed = error
        self._whole = True
        self._wake()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def pull(self) -> Command | None:
        """Return the next command; None while nothing is read ahead, and at the end."""
        while True:
            if self._at >= len(self._lines):
                if not self._chunks:
                    self._hungry = not self._whole
                    self.ended = self._whole
                    return None
                self._lines, self._at = self._chunks.popleft(), 0
                self._room.set()
                continue
            raw = self._lines[self._at]
            self._at += 1
            self._line += 1
            self._byte += len(raw) + 1
            if raw[:1] == b";":
                self._layer += _is_layer(raw)
                continue
            text = command_of(raw)
            if not text:
                continue
            long = False
            if text[:3] not in (b"G1 ", b"G0 "):
                word = word_of(text)
                if word in STRIPPED:
                    continue
                long = word in LONG
            return Command(text, line=self._line, note=(self._byte, self._layer), long=long)

    def _offer(self, lines: list[bytes]) -> None:
        if lines:
            self._chunks.append(lines)
        if len(self._chunks) >= CHUNKS_AHEAD:
            self._room.clear()
        self._wake()

    def _wake(self) -> None:
        if self._hungry:
            self._hungry = False
            self._fed()
