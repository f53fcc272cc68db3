"""A file of G-code: looked through before it is printed, read ahead while it is."""

import asyncio
import gc
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from drivers.printer.gcode import (
    GcodeRefused,
    Limits,
    Policy,
    command_of,
    is_layer,
    scan,
    word_of,
)
from drivers.printer.marlin.command import Command
from drivers.printer.marlin.lines import LONG
from drivers.printer.marlin.tracker import FURTHEST
from drivers.printer.values import MOST_TOOLS
from hub.device import N_, DeviceError

CHUNK = 64 * 1024
CHUNKS_AHEAD = 4
WHOLE_FILE: Final = frozenset({"no-extrusion"})
"""Reasons against a pupil's file that are none against what an engineer has printed."""


class NotPrintable(DeviceError):
    """The file cannot be read."""

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


def look_through(path: Path, policy: Policy) -> Contents:
    """Read a whole file of G-code (in a thread).

    Whether it fits the printer, heats and homes was judged by whoever let it be printed; here it is
    for what the policy refuses, and for what is no G-code.

    Raises:
        GcodeRefused: the policy refuses it.
        NotPrintable: it cannot be read.
    """
    lenient = replace(policy, heats=False, homes=False, margin=FURTHEST)
    try:
        found = scan(path, lenient, Limits(tools=MOST_TOOLS))
    except OSError as error:
        raise NotPrintable(f"the file cannot be read: {error.strerror}") from error
    found.refused = [one for one in found.refused if one.reason not in WHOLE_FILE]
    if not found.printable:
        raise GcodeRefused.because(found)
    facts = found.facts
    stripped = sum(one.count for one in found.stripped)
    return Contents(facts.lines, facts.size, facts.commands, stripped, facts.layers or None)


class Source:
    """The commands of a file, one after the other, always some read ahead.

    Args:
        policy: what of it is sent.
        fed: called when there is something again after `pull` had to give None.

    Attributes:
        ended: all was pulled.
        failed: why the file could not be read to its end.
    """

    def __init__(self, file: BinaryIO, policy: Policy, fed: Callable[[], None]) -> None:
        self.ended = False
        self.failed: Exception | None = None
        self._file = file
        self._sends = policy.sends
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
                self._layer += is_layer(raw)
                continue
            text = command_of(raw)
            if not text:
                continue
            long = False
            if text[:3] not in (b"G1 ", b"G0 "):
                word = word_of(text)
                if not self._sends(word):
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


def settle_memory() -> None:
    """Have the search for garbage pass over all that is there now: during a print it is brief."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
