"""A file of G-code looked through before it is printed: what is refused, left out, and in it.

Plain moves, nearly all of a file, are read in runs by one regular expression; whatever else there
is, line by line.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from drivers.printer.gcode.commands import command_of, is_layer, parameters, word_of
from drivers.printer.gcode.facts import Facts
from drivers.printer.gcode.motion import Motion, Outside
from drivers.printer.gcode.policy import Policy
from drivers.printer.gcode.reasons import REASONS
from hub.errors import N_, HubError

CHUNK: Final = 256 * 1024
LONGEST_LINE: Final = 64 * 1024
"""Bytes, with a comment: slicers write their whole settings into some."""
LONGEST_COMMAND: Final = 82
"""Bytes: MAX_CMD_SIZE of Marlin is 96 with its NUL; a line's number and checksum take thirteen."""
MOST_REFUSALS: Final = 20
_SHOWN: Final = 60
_MOST_WORDS: Final = 200
_REST: Final = b"..."
"""Stands for all further commands that are left out."""

_NUMBER = rb"(-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))"
_SPEED = rb"(?: F[\d.]{1,9})?"
_REMARK = rb" ?(?:;[^\n\x00-\x08\x0b-\x1f\x7f]{0,80})?"
_MOVE = rb"G[01]" + _SPEED + rb"(?: X%b)?(?: Y%b)?(?: Z%b)?(?: E%b)?" + _SPEED + _REMARK + rb"\r?\n"
_MOVES: Final = re.compile(_MOVE % ((_NUMBER,) * 4))
_RUN: Final = re.compile(rb"(?:%b)+" % (_MOVE % ((_NUMBER.replace(b"(-", b"(?:-", 1),) * 4)))
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_FOREIGN: Final = re.compile(rb"[\x80-\xff]")
_PACKED: Final = (b"PK\x03\x04", b"GCDE", b"\x1f\x8b", b"g3dr", b"\xd5\x0f")
_MESSAGES: Final = frozenset({b"M117"})
"""Commands that end in words for people."""
_HEATERS: Final = {
    b"M104": "tool", b"M109": "tool", b"G10": "tool",
    b"M140": "bed", b"M190": "bed", b"M141": "chamber", b"M191": "chamber",
}  # fmt: skip

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a printer can do; millimetres and degrees Celsius.

    Attributes:
        volume: x, y, z.
        centred: the middle of the plate is at x 0, y 0, as of delta printers.
        tools: how many nozzles there are.
    """

    volume: tuple[float, float, float] = (220.0, 220.0, 250.0)
    centred: bool = False
    tools: int = 1
    hottest_tool: float = 320.0
    hottest_bed: float = 140.0
    hottest_chamber: float = 90.0


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is refused: the line (from 1; 0 for the file as a whole) and what stands there."""

    reason: str
    line: int
    text: str

    def as_json(self) -> dict[str, Any]:
        """Return it with its words (message ids)."""
        words = REASONS[self.reason]
        return {**asdict(self), "title": words.title, "hint": words.hint}


@dataclass(slots=True)
class Stripped:
    """A command that is left out: why, how often, and in which line first."""

    reason: str
    word: str
    line: int
    count: int = 1

    def as_json(self) -> dict[str, Any]:
        """Return it with its words (message ids)."""
        words = REASONS[self.reason]
        return {**asdict(self), "title": words.title, "hint": words.hint}


@dataclass(slots=True)
class Scan:
    """What was found in a file.

    Attributes:
        policy: the mark of the one by which it was judged.
        refused: why it is refused, in the order of the file, at most `MOST_REFUSALS`; empty where
            it may be printed.
        stripped: what is left out, by command.
        facts: what it says of itself, and what was seen in it.
    """

    policy: str
    refused: list[Refusal] = field(default_factory=list)
    stripped: list[Stripped] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)

    @property
    def printable(self) -> bool:
        """Nothing is refused."""
        return not self.refused

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it, with words (message ids)."""
        return {
            "policy": self.policy,
            "printable": self.printable,
            "refused": [one.as_json() for one in self.refused],
            "stripped": [one.as_json() for one in self.stripped],
            "facts": asdict(self.facts),
        }


class GcodeRefused(HubError):
    """A file of G-code was refused by the printer's policy."""

    code = "gcode-refused"
    status = 422
    title = N_("This file cannot be printed on this printer.")
    hint = N_("Slice the model again for this printer.")

    @classmethod
    def because(cls, scan: Scan) -> "GcodeRefused":
        """Return the error for what was found; its title and hint are those of the first reason."""
        first = scan.refused[0]
        words = REASONS[first.reason]
        error = cls(f"line {first.line}: {first.reason}: {first.text}", line=first.line)
        error.title, error.hint = words.title, words.hint  # type: ignore[misc]
        return error


class _Enough(Exception):
    """There are as many refusals as are told."""


def scan(path: Path, policy: Policy, limits: Limits, progress: Progress | None = None) -> Scan:
    """Look through a whole file of G-code.

    It takes about four seconds for 100 MB, and a megabyte of memory whatever is in the file.

    Args:
        path: the file.
        policy: what its printer is given.
        limits: what its printer can do.
        progress: told how much of the file was read, 0..1.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return _Scanner(policy, limits).whole(file, progress)


def write_clean(source: Path, target: Path, policy: Policy) -> int:
    """Write the file without what the policy leaves out; return how many lines that were.

    Comments stay. The file must have been found printable. `target` is synced.
    """
    left_out = 0
    with source.open("rb") as given, target.open("wb") as file:
        while raw := given.readline(LONGEST_LINE):
            if raw[:3] not in (b"G1 ", b"G0 ") and (command := command_of(raw)):
                word = word_of(command)
                if policy.ruling(word)[0] == "strip":
                    left_out += 1
                    file.write(b"; left out: " + word + b"\n")
                    continue
            file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    return left_out


class _Scanner:
    def __init__(self, policy: Policy, limits: Limits) -> None:
        self._policy = policy
        self._limits = limits
        self._found = Scan(policy.mark)
        self._facts = self._found.facts
        self._motion = Motion(limits.volume, policy.margin, centred=limits.centred)
        self._stripped: dict[bytes, Stripped] = {}
        self._tools = {0}
        self._line = 0
        self._layers = 0
        self._heated = False
        self._homed = False
        self._checked = False
        self._handlers: dict[bytes, Callable[[bytes], None]] = {
            **dict.fromkeys(_HEATERS, self._heat),
            **dict.fromkeys((b"G0", b"G1", b"G2", b"G3", b"G5"), self._move),
            **dict.fromkeys((b"G90", b"G91", b"G92", b"M82", b"M83"), self._mode),
            b"G28": self._home,
            b"M200": self._volumetric,
        }

    def whole(self, file: BinaryIO, progress: Progress | None) -> Scan:
        size = os.fstat(file.fileno()).st_size
        try:
            for data in self._chunks(file):
                if self._facts.size == 0 and data.startswith(_PACKED):
                    self._refuse("packed", b"", line=0)
                    raise _Enough
                self._chunk(data)
                self._facts.size += len(data)
                if progress is not None and size:
                    progress(self._facts.size / size)
            self._end()
        except _Enough:
            pass
        return self._result()

    def _chunks(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield whole lines, many at once; refuse a file with a line that is too long."""
        rest = b""
        while data := file.read(CHUNK):
            whole, newline, left = data.rpartition(b"\n")
            if newline:
                yield rest + whole + newline
                rest = left
            else:
                rest += left
            if len(rest) > LONGEST_LINE and not newline:
                self._line += 1
                binary = _CONTROL.search(rest)
                self._refuse("not-text" if binary else "long-line", rest)
                raise _Enough
        if rest:
            yield rest + b"\n"

    def _chunk(self, data: bytes) -> None:
        at, end = 0, len(data)
        while at < end:
            run = _RUN.match(data, at)
            if run is not None:
                self._run(data, at, run.end())
                at = run.end()
                continue
            after = data.find(b"\n", at) + 1
            self._line += 1
            self._one(data[at : after - 1])
            at = after

    def _run(self, data: bytes, start: int, end: int) -> None:
        moves = _MOVES.findall(data, start, end)
        self._facts.commands += len(moves)
        if not self._checked:
            self._before_plastic(moves, data, start)
        for number, reason in self._motion.run(moves):
            text = data[start:end].split(b"\n", number + 1)[number]
            self._line += number + 1
            self._refuse(reason, text)
            self._line -= number + 1
        self._line += len(moves)

    def _before_plastic(self, moves: list[tuple[bytes, ...]], data: bytes, start: int) -> None:
        """Look whether heating and homing came before the first plastic."""
        for number, (x, y, _z, e) in enumerate(moves):
            if e and (x or y):
                self._checked = True
                if (self._policy.heats and not self._heated) or (
                    self._policy.homes and not self._homed
                ):
                    reason = "never-heated" if not self._heated else "never-homed"
                    self._line += number + 1
                    self._refuse(reason, data[start:].split(b"\n", number + 1)[number])
                    self._line -= number + 1
                return

    def _one(self, raw: bytes) -> None:
        if raw[:1] == b";" and len(raw) <= LONGEST_LINE:
            if _CONTROL.search(raw, 0, len(raw.rstrip(b"\r"))):
                self._refuse("not-text", raw)
            self._layers += is_layer(raw)
            self._facts.hear(raw[1:])
            return
        if _CONTROL.search(raw, 0, len(raw) - raw.endswith(b"\r")):
            self._refuse("not-text", raw)
            return
        command = command_of(raw)
        if not command:
            if len(raw) > LONGEST_LINE:
                self._refuse("long-line", raw)
            return
        word = word_of(command)
        if len(command) > LONGEST_COMMAND or len(raw) > LONGEST_LINE:
            self._refuse(self._long(word), command)
            return
        self._command(word, command)

    def _long(self, word: bytes) -> str:
        verdict, reason = self._policy.ruling(word)
        return reason if verdict == "refuse" else "long-line"

    def _command(self, word: bytes, command: bytes) -> None:
        verdict, reason = self._policy.ruling(word)
        if verdict == "strip":
            self._strip(reason, word)
        elif verdict == "refuse":
            self._refuse(reason, command)
        elif _FOREIGN.search(command) and word not in _MESSAGES:
            self._refuse("not-text", command)
        elif b"{" in command or b"[" in command:
            self._refuse("placeholder", command)
        else:
            self._facts.commands += 1
            handle = self._handlers.get(word.partition(b".")[0])
            if handle is not None:
                self._handle(handle, command)
            elif word[:1] == b"T" and word[1:2].isdigit():
                self._tool(word, command)

    def _handle(self, handle: Callable[[bytes], None], command: bytes) -> None:
        try:
            handle(command)
        except Outside:
            self._refuse("outside", command)
        except ValueError:
            self._refuse("not-gcode", command)

    def _heat(self, command: bytes) -> None:
        word = word_of(command)
        part = _HEATERS[word.partition(b".")[0]]
        most = getattr(self._limits, f"hottest_{part}")
        if b"x" in command.lower():
            raise ValueError("a number may be read as hexadecimal")
        for letter, value in parameters(command):
            if letter not in "SR" or value is None:
                continue
            if value > most:
                self._refuse("too-hot", command)
            elif part == "tool":
                self._facts.hottest_tool = max(self._facts.hottest_tool, value)
                self._heated = self._heated or (value > 1 and word != b"G10")
            elif part == "bed":
                self._facts.hottest_bed = max(self._facts.hottest_bed, value)

    def _move(self, command: bytes) -> None:
        word, given = word_of(command), dict(parameters(command))
        if not self._checked:
            row = tuple(b"1" if given.get(axis) is not None else b"" for axis in "XYZE")
            self._line -= 1
            self._before_plastic([row], command + b"\n", 0)
            self._line += 1
        self._motion.move(given, arc=word in (b"G2", b"G3"), clockwise=word == b"G2")

    def _mode(self, command: bytes) -> None:
        self._motion.mode(word_of(command).decode(), dict(parameters(command)))

    def _home(self, command: bytes) -> None:
        self._motion.home({letter for letter, _ in parameters(command)})
        self._homed = True

    def _volumetric(self, command: bytes) -> None:
        """M200 D1.75 counts E in cubic millimetres; what is pushed would be told wrongly."""
        if any(letter == "D" and value for letter, value in parameters(command)):
            self._refuse("units", command)

    def _tool(self, word: bytes, command: bytes) -> None:
        number = int(word[1:].partition(b".")[0])
        self._tools.add(number)
        if number >= self._limits.tools:
            self._refuse("another-tool", command)

    def _strip(self, reason: str, word: bytes) -> None:
        known = self._stripped.get(word)
        if known is not None:
            known.count += 1
        elif len(self._stripped) < _MOST_WORDS:
            one = Stripped(reason, word[:_SHOWN].decode("ascii", "replace"), self._line)
            self._stripped[word] = one
        elif (rest := self._stripped.get(_REST)) is not None:
            rest.count += 1
        else:
            self._stripped[_REST] = Stripped("unknown", _REST.decode(), self._line)

    def _refuse(self, reason: str, text: bytes, *, line: int | None = None) -> None:
        said = _CONTROL.sub(b"?", text[:_SHOWN]).decode("utf-8", "replace").strip()
        self._found.refused.append(Refusal(reason, self._line if line is None else line, said))
        if len(self._found.refused) >= MOST_REFUSALS:
            raise _Enough

    def _end(self) -> None:
        if self._found.refused:
            return
        if self._facts.commands == 0:
            self._refuse("empty", b"", line=0)
        elif self._motion.pushed <= 0 or self._motion.low is None:
            self._refuse("no-extrusion", b"", line=0)

    def _result(self) -> Scan:
        facts, motion = self._facts, self._motion
        facts.lines = self._line
        facts.layers = self._layers or facts.layers
        facts.tools = len(self._tools)
        facts.millimetres = round(max(motion.pushed, 0.0), 3)
        facts.low, facts.high = motion.low, motion.high
        facts.height = round(motion.top, 4)
        self._found.stripped = list(self._stripped.values())
        return self._found
