"""The printer's firmware: bytes in, bytes out, and a clock.

What the host sees follows Marlin 2.1 (`queue.cpp`, `e_parser.cpp`, `gcode.cpp`, `M115.cpp`,
`MarlinCore.cpp`): a receive buffer that overflows, a queue of four commands, `ok` when a command
is done, numbers and checksums, `Resend`, `busy` and `wait`. Physics run by the printer's own time,
which may be faster; what is for the host (`busy`, `M155`, `M85`) by the host's.
"""

import math
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import xor
from typing import Final

from drivers.virtual.printer.chatter import CAPABILITIES, Chatter, greeting
from drivers.virtual.printer.faults import Faults
from drivers.virtual.printer.heating import ThermalFault
from drivers.virtual.printer.machine import Machine, Wait

MOST_COMMAND = 96
TURN = 64
"""How many commands are done at most before whoever runs it may do something else."""

_EMERGENCY: Final = re.compile(rb"\s*(?:N\d+\s*)?(M108|M112|M410|M876)\b(?:\s*S(\d+))?")
_NUMBERED: Final = re.compile(rb"\s*N\s*(-?\d+)")
_WORD: Final = re.compile(r"([GMT]\d+)")


@dataclass(frozen=True)
class Options:
    """How this printer is built.

    Attributes:
        queue: commands. receive: bytes before more are lost.
        busy: it says every two seconds that it is busy. wait: it says every second that it is idle.
        ok_after_resend: as Marlin said it before 2.1.
        runout: `m600`, it changes filament by itself; `host`, it has the host pause.
        boot: seconds of its start.
    """

    queue: int = 4
    receive: int = 128
    advanced_ok: bool = True
    emergency_parser: bool = True
    busy: bool = True
    wait: bool = False
    prompts: bool = True
    ok_after_resend: bool = True
    runout: str = "m600"
    boot: float = 0.5
    name: str = "Marlin 2.1.2 (virtual)"


@dataclass(slots=True)
class _Queued:
    text: str
    number: int | None
    silent: bool = False


class Firmware:
    """One printer that is switched on.

    Args:
        now: the host's clock, seconds.
        speed: how many of its own seconds pass in one of the host's.
        executed: takes each command that is begun, with its line number, None where it had none.

    Attributes:
        count: commands that were begun since it was switched on. killed: it takes nothing more.
        unplugged: seconds for which the fault `unplug` wants the cable out; whoever holds the cable
            sees to it and sets it back to 0.
    """

    def __init__(
        self,
        now: float,
        *,
        options: Options | None = None,
        speed: float = 1.0,
        executed: Callable[[int | None, str], None] | None = None,
    ) -> None:
        self.options = options or Options()
        self.speed = speed
        self.unplugged = 0.0
        self.count = 0
        self._booting = 0.0
        self._executed = executed or (lambda _number, _text: None)
        self._now = now
        self._out = bytearray()
        self._faults: list[Faults] = []
        self._left: dict[str, int] = {}
        self._hung = self._muted = self._slow = 0.0
        self._boot(now)

    # The line.

    def receive(self, data: bytes, now: float) -> None:
        """Take what comes on the line; what its buffer does not hold is lost."""
        self._pass(now)
        if self._booting:
            return
        if self.options.emergency_parser and now >= self._hung:
            self._look_for_emergency(data)
        room = self.options.receive - len(self._come)
        while data and room > 0:
            self._come += data[:room]
            data = data[room:]
            self._take_lines()
            room = self.options.receive - len(self._come)

    def run(self, now: float) -> bytes:
        """Let time pass, do what is due; return what it says."""
        self._pass(now)
        self._ask_faults(now)
        if self._booting and now >= self._booting:
            self._booting = 0.0
            for line in greeting():
                self._say(line)
        if not self._booting and now >= self._hung:
            try:
                self._turn(now)
            except ThermalFault as fault:
                self._kill(str(fault))
        said, self._out = bytes(self._out), bytearray()
        return b"" if now < self._muted else said

    @property
    def due(self) -> float:
        """When `run` is wanted next, by the host's clock; infinite where nothing is to be done."""
        if self._booting or self._now < self._hung:
            return max(self._booting, self._hung)
        due = self._chatter.due
        if self.killed:
            return math.inf
        if self._running is not None:
            until = self._wait.until
            soon = 0.05 if until is None else max(until - self.machine.now, 0.0) / self.speed
            due = min(due, max(self._now + soon, self._slow))
        elif self._queue:
            due = self._now
        if self.machine.nozzle.target or self.machine.bed.target:
            due = min(due, self._now + 0.25)
        return due

    # What is done to it.

    def misbehave(self, faults: Faults) -> None:
        """Have something go wrong, now or after `at` lines."""
        self._faults.append(faults)

    def mend(self) -> None:
        """Take back all faults that have not happened yet."""
        self._faults.clear()
        self._left.clear()
        self._hung = self._muted = self._slow = 0.0
        self.machine.nozzle.broken = False
        self.machine.filament = True

    def press(self) -> None:
        """Press its button: go on."""
        self.machine.user = False

    def restart(self) -> None:
        """Switch it off and on again."""
        self._boot(self._now)

    # Inside.

    def _boot(self, now: float) -> None:
        warm = getattr(self, "machine", None)
        self.machine = Machine(self._say)
        if warm is not None:  # what was warm still is
            self.machine.nozzle.actual = warm.nozzle.actual
            self.machine.bed.actual = warm.bed.actual
        self._come = bytearray()
        self._tail = b""
        self._queue: deque[_Queued] = deque()
        self._last = 0
        self._running: Iterator[Wait] | None = None
        self._command: _Queued | None = None
        self._wait = Wait()
        self.killed = False
        self._booting = now + self.options.boot
        self._chatter = Chatter(now, self.options.busy, self.options.wait)

    def _say(self, line: str) -> None:
        self._out += line.encode() + b"\n"

    def _pass(self, now: float) -> None:
        seconds, self._now = max(now - self._now, 0.0), max(now, self._now)
        if self.killed or self._booting:
            return
        try:
            self.machine.advance(seconds * self.speed)
        except ThermalFault as fault:
            self._kill(str(fault))

    def _look_for_emergency(self, data: bytes) -> None:
        *lines, rest = (self._tail + data).split(b"\n")
        self._tail = rest[-MOST_COMMAND:]
        for line in lines:
            self._emergency(line)

    def _emergency(self, line: bytes | bytearray) -> None:
        found = _EMERGENCY.match(line)
        if found is None:
            return
        if found[1] == b"M112":
            self._kill("M112 Shutdown")
        elif found[1] == b"M410":
            self.machine.planner.stop()
        else:
            self.machine.user = False
            self.machine.hurried = self.machine.hurried or found[1] == b"M108"

    def _take_lines(self) -> None:
        """Move whole lines from the receive buffer to the queue, as far as there is room."""
        while len(self._queue) < self.options.queue and not self.killed and self._now >= self._hung:
            line, end, rest = self._come.partition(b"\n")
            if not end:
                if len(line) > self.options.receive - 2:
                    self._come.clear()
                return
            self._come = rest
            if line := line.strip(b"\r "):
                if not self.options.emergency_parser:
                    self._emergency(line)
                self._take(bytes(line[:MOST_COMMAND]))

    def _take(self, line: bytes) -> None:
        found = _NUMBERED.match(line)
        if found is None:
            self._queue.append(_Queued(line.decode("ascii", "replace"), None))
            return
        number, reset = int(found[1]), b"M110" in line
        if reset and (other := re.search(rb"M110\s*N\s*(-?\d+)", line)):
            number = int(other[1])
        body, star, told = line.rpartition(b"*")
        if self._spoils("checksum"):
            self._again("checksum mismatch")
        elif number != self._last + 1 and not reset:
            self._again("Line Number is not Last Line Number+1")
        elif not star:
            self._again("No Checksum with line number")
        elif not told.strip().isdigit() or int(told) != reduce(xor, body, 0):
            self._again("checksum mismatch")
        elif self._spoils("resends"):
            self._again("Line Number is not Last Line Number+1", times=2)
        elif self._spoils("earlier"):
            self._last = number
            self._queue.append(
                _Queued(body[found.end() :].strip().decode("ascii", "replace"), number)
            )
            self._say(f"Resend: {number - 1}")
        else:
            self._last = number
            self._queue.append(
                _Queued(body[found.end() :].strip().decode("ascii", "replace"), number)
            )

    def _again(self, why: str, times: int = 1) -> None:
        self._say(f"Error:{why}, Last Line: {self._last}")
        self._come.clear()
        for _ in range(times):
            self._say(f"Resend: {self._last + 1}")
            if self.options.ok_after_resend:
                self._say("ok")

    def _turn(self, now: float) -> None:
        self._chatter.tick(now, self)
        for _ in range(TURN):
            if self.killed:
                return
            if self._running is not None and not self._goes_on(now):
                return
            self._take_lines()
            if not self._queue:
                return
            self._begin(self._queue[0], now)

    def _goes_on(self, now: float) -> bool:
        """Go on with the command that is being done; returns whether it is done."""
        if now < self._slow:
            return False
        running, command = self._running, self._command
        if running is None or command is None:
            return True
        try:
            self._wait = next(running)
        except StopIteration:
            self._running = self._command = None
            self._done(command)
            return True
        return False

    def _begin(self, command: _Queued, now: float) -> None:
        if self._spoils("slow_next"):
            self._slow = now + self._left.pop("slow_seconds", 0)
        found = _WORD.match(command.text)
        word = found[1] if found else ""
        if word in ("G0", "G1"):
            self._chatter.moved(now)
        if not command.silent:
            self.count += 1
            self._executed(command.number, command.text)
        self._command, self._running = command, self._run(word, command.text)
        self._goes_on(now)

    def _run(self, word: str, text: str) -> Iterator[Wait]:
        handler = self._chatter.handles(word)
        if handler is not None:
            handler(text, self)
        elif word.startswith("T") or self.machine.knows(word):
            waits = self.machine.execute(word, text[len(word) :])
            if waits is not None:
                yield from waits
        else:
            self._say(f'echo:Unknown command: "{text}"')

    def _done(self, command: _Queued) -> None:
        self._queue.popleft()
        if self.machine.ran_out:
            self._ran_out()
        if command.silent:
            return
        answer, self._chatter.answer = self._chatter.answer, ""
        ok = "ok" + (f" {answer}" if answer else "")
        if self.options.advanced_ok and not answer:
            number = "" if command.number is None else f" N{command.number}"
            free = self.options.queue - len(self._queue) - 1
            ok += f"{number} P{15 - min(len(self.machine.planner), 15)} B{free}"
        if self._spoils("garbage"):
            self._out += b"\xff\x00\x9b\xfe<script>alert(1)</script>\n"
        if self._spoils("lost_ok"):
            return
        if self._spoils("spoilt_ok"):
            ok = "o\x12"
        for _ in range(2 if self._spoils("doubled_ok") else 1):
            self._say(ok)

    def _ran_out(self) -> None:
        self.machine.ran_out = False
        if self.options.runout == "m600":
            self._say("//action:out_of_filament T0")
            self._queue.appendleft(_Queued("M600", None, silent=True))
        else:
            self.machine.filament = True  # it tells once
            self._say("//action:pause filament_runout 0")

    def _kill(self, why: str) -> None:
        if self.killed:
            return
        self.killed = True
        self.machine.off()
        self._queue.clear()
        self._running = self._command = None
        self._say(f"Error:{why}")
        self._say("Error:Printer halted. kill() called!")

    def _ask_faults(self, now: float) -> None:
        due = [faults for faults in self._faults if self.count >= faults.at]
        for faults in due:
            self._faults.remove(faults)
            self._go_wrong(faults, now)

    def _go_wrong(self, faults: Faults, now: float) -> None:
        for name in _COUNTED:
            self._left[name] = self._left.get(name, 0) + getattr(faults, name)
        if faults.slow:
            self._left["slow_next"] = 1
            self._left["slow_seconds"] = int(faults.slow)
        self._hung = max(self._hung, now + faults.silence if faults.silence else 0.0)
        self._muted = max(self._muted, now + faults.mute if faults.mute else 0.0)
        self.machine.nozzle.broken |= faults.runaway
        if faults.flood:
            self._out += b"x" * faults.flood
        if faults.runout:
            self.machine.filament = False
        if faults.unplug:
            self.unplugged = faults.unplug
        if faults.halt:
            self._kill("MAXTEMP triggered, system stopped! Heater_ID: 0")
        if faults.reset:
            self._boot(now)

    def _spoils(self, name: str) -> bool:
        left = self._left.get(name, 0)
        if left:
            self._left[name] = left - 1
        return left > 0

    # For `chatter`.

    @property
    def waiting(self) -> str:
        """Why the command that is being done is not done yet; empty where none is."""
        if self._running is None:
            return ""
        return "" if self._now < self._slow else self._wait.why

    def say(self, line: str) -> None:
        """Say a line."""
        self._say(line)

    def give_up(self, why: str) -> None:
        """Stop, as Marlin's `kill()`."""
        self._kill(why)

    def capabilities(self) -> list[str]:
        """Return the lines of `M115` after the first."""
        yes = {
            "ADVANCED_OK": self.options.advanced_ok,
            "EMERGENCY_PARSER": self.options.emergency_parser,
            "PROMPT_SUPPORT": self.options.prompts,
        }
        return [f"Cap:{name}:{int(yes.get(name, has))}" for name, has in CAPABILITIES.items()]


_COUNTED: Final = (
    "checksum",
    "resends",
    "earlier",
    "lost_ok",
    "doubled_ok",
    "spoilt_ok",
    "garbage",
)
