"""The talk with a printer, as a state machine without input or output of its own.

Lines are numbered, sent within a window, confirmed by `ok`, sent again on `Resend`. A line carries
the same number each time it is sent, and the printer takes each number once: so to send it again is
never wrong, only slow. Every doubt (an `ok` that did not come, a `Resend` said twice, answers to a
copy) is settled the same way: be quiet for a moment, then send one line and hear what is wanted.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from drivers.printer.marlin.answers import (
    BUSY,
    KILL,
    OK,
    REPEATED,
    RESEND,
    START,
    UNKNOWN,
    text_of,
)
from drivers.printer.marlin.command import Command, Counts, Listener, Patience
from drivers.printer.marlin.lines import framed
from drivers.printer.marlin.pace import Pace

SETTLE = 0.03
SETTLE_MOST = 2.0
QUICK_AFTER = 8
MOST_REFUSALS = 20
MOST_STRANGE = 3
MOST_REPLIES = 200
MOST_IN_FLIGHT = 120  # bytes: Marlin's receive buffer has 128 where nothing else is set
HISTORY = 64

_LAST_LINE: Final = re.compile(rb"Last Line:\s*(\d{1,9})\s*$")


@dataclass(slots=True)
class _Doubt:
    """While it is not certain what the printer has taken."""

    wanted: int
    quiet: float
    last: float
    quick: bool
    """One line was under way and is wanted again: its `ok` settles it."""


class Conversation:
    """One talk, from the first line number on.

    Args:
        write: sends bytes.
        listener: hears the rest.
        clock: seconds, monotonic.
        window: the most lines under way where the firmware tells which it has taken.

    Attributes:
        pull: gives the next line of the file, None where there is none now.
        busy_is_told: the firmware says when it is busy.
        due: when `tick` is wanted before its usual time, None for never.
    """

    def __init__(
        self,
        write: Callable[[bytes], None],
        listener: Listener,
        clock: Callable[[], float],
        *,
        window: int = 1,
        patience: Patience | None = None,
    ) -> None:
        self.pull: Callable[[], Command | None] | None = None
        self.busy_is_told = False
        self.due: float | None = None
        self.counts = Counts()
        self.window = 1
        self._write = write
        self._listener = listener
        self._clock = clock
        self._most_window = window
        self._patience = patience or Patience()
        self._number = 0
        self._asked: deque[Command] = deque()
        self._again: deque[Command] = deque()
        self._ready: Command | None = None
        self._flight: deque[Command] = deque()
        self._history: dict[int, Command] = {}
        self._doubt: _Doubt | None = None
        self._life = clock()
        self._pace = Pace()
        self._questions = 0
        self._question = 0.0
        self._silent = False
        self._confirmed = QUICK_AFTER
        self._may_deepen = True
        self._wanted = (0, 0)
        self._strange = 0
        self._over = False
        self._anew = False

    # What is sent.

    def ask(self, command: Command) -> None:
        """Send a command before the next line of the file."""
        if self._over:
            self._done(command, None)
            return
        self._asked.append(command)
        self.pump()

    def shout(self, text: bytes) -> None:
        """Send now, past the window, what the firmware's emergency parser takes at once."""
        if not self._over:
            self._send(self._numbered(Command(text)))

    def blurt(self, text: bytes) -> None:
        """Send now, without a number and without waiting for anything: the last words."""
        self._write(b"\n" + text + b"\n")

    def emergency(self) -> None:
        """Stop the printer at once (`M112`); nothing more is sent."""
        self._write(b"\nM112\n")
        self.end()

    @property
    def waiting(self) -> int:
        """How many commands wait to be sent before the next line of the file."""
        return len(self._asked)

    def withdraw(self) -> Command | None:
        """Stop pulling; return the line that was pulled and not sent, None where there is none."""
        self.pull = None
        ready, self._ready = self._ready, None
        return ready

    @property
    def idle(self) -> bool:
        """Whether all that was sent is confirmed and nothing waits."""
        return not (self._flight or self._asked or self._again or self._doubt or self._ready)

    @property
    def under_way(self) -> int:
        """How many lines are sent and not confirmed."""
        return len(self._flight)

    def end(self) -> None:
        """Send nothing more; whoever waits for an answer is told that there is none."""
        self._over = True
        waiting = [*self._flight, *self._again, *self._asked]
        for queue in (self._flight, self._again, self._asked):
            queue.clear()
        self._doubt = self._ready = self.pull = self.due = None
        for command in waiting:
            self._done(command, None)

    def pump(self) -> None:
        """Send what the window allows, then prepare the line after it."""
        if self._doubt is not None or self._over:
            return
        flight = self._flight
        while len(flight) < self.window:
            if flight and flight[-1].long:
                return  # what takes long may be given up meanwhile; nothing waits behind it
            command = self._next()
            if command is None:
                return
            if flight and sum(len(c.frame) for c in flight) + len(command.frame) > MOST_IN_FLIGHT:
                self._again.appendleft(command)
                return
            self._send(command)
        if self._ready is None and self.pull is not None:
            self._prepare()

    def _next(self) -> Command | None:
        if self._again:
            return self._again.popleft()
        if self._asked:
            command = self._asked.popleft()
        else:
            if self._ready is None and self.pull is not None:
                self._prepare()
            command, self._ready = self._ready, None  # type: ignore[assignment]
            if command is None:
                return None
        return self._numbered(command)

    def _numbered(self, command: Command) -> Command:
        self._number += 1
        if command.number != self._number:  # not prepared, or for another number
            command.number = self._number
            command.frame = framed(self._number, command.text)
        self._history[self._number] = command
        self._history.pop(self._number - HISTORY, None)
        return command

    def _prepare(self) -> None:
        if self.pull is not None and (command := self.pull()) is not None:
            command.number = self._number + 1
            command.frame = framed(command.number, command.text)
            self._ready = command

    def _send(self, command: Command) -> None:
        command.sent = self._clock()
        self._flight.append(command)
        self.counts.sent += 1
        self._write(command.frame)

    # What comes.

    def received(self, line: bytes) -> None:
        """Take a line without its end."""
        if self._over:
            if START.match(line):
                self._reset("start")
            return
        if line == b"ok":
            self._ok(None, None)
        elif line[:2] == b"ok" and (found := OK.match(line)) and line[found.end() :][:1] in b" ":
            if len(line) > found.end() + 1:
                self._hear(line)
            self._ok(found["number"], found["free"])
        elif found := RESEND.fullmatch(line):
            self._refused(int(found[1]), soon=True)
        elif BUSY.match(line):
            self.busy_is_told = True
            self._lives()
            self._hear(line)
        elif line == b"wait":
            self._waits()
        else:
            self._said(line)

    def _said(self, line: bytes) -> None:
        if START.match(line):
            self._reset("start")
        elif KILL.match(line):
            self._halt(text_of(line))
        elif line[:5].lower() == b"error" and REPEATED.match(line):
            if found := _LAST_LINE.search(line):
                self._refused(int(found[1]) + 1, soon=False)
        else:
            self._other(line)

    def _other(self, line: bytes) -> None:
        if found := UNKNOWN.match(line):
            self._unknown(line[found.end() :])
        elif len(line) < 12 and b":" not in line and line.strip() and self._expects_ok:
            # Perhaps an `ok` that was spoilt on its way: ask rather sooner than later.
            self.counts.garbled += 1
            self._soon()
        if self._flight and self._flight[0].long:
            self._lives()  # such as the temperatures told while heating up
        self._hear(line)

    def _unknown(self, said: bytes) -> None:
        """It does not know a command.

        One whose `N` was spoilt is none to it and has no number that it could miss: it says `ok`.
        The line after it brings that out, so there must be one.
        """
        self.counts.refused += 1
        text = said.strip(b' :"')
        ours = any(text and command.text.startswith(text) for command in self._flight)
        if not ours and not self._asked:
            self.ask(Command(b"M105"))

    @property
    def _expects_ok(self) -> bool:
        return bool(self._flight) and self._flight[0].done is None

    def _hear(self, line: bytes) -> None:
        if self._flight:
            replies = self._flight[0].replies
            if self._flight[0].done is not None and len(replies) < MOST_REPLIES:
                replies.append(line)
        self._listener.said(line)

    def _ok(self, number: bytes | None, free: bytes | None) -> None:
        self._lives()
        doubt, flight = self._doubt, self._flight
        if doubt is not None:
            if doubt.quick:
                self._settle()
            else:
                doubt.quiet = min(self._clock() + SETTLE, doubt.last)
                self.due = doubt.quiet
            return
        if number is not None:
            told = int(number)
            if not flight or told < flight[0].number:
                return  # of a copy
            # Those before it were taken too: their `ok` was lost.
            while len(flight) > 1 and flight[0].number < told:
                self._taken(flight.popleft())
            if free is not None and self._may_deepen:
                self.window = max(1, min(self._most_window, int(free) + 1))
        if not flight:
            return
        command = flight.popleft()
        self._confirmed += 1
        if not command.long:
            self._pace.took(self._life - command.sent)
        self.pump()
        self._taken(command)

    def _refused(self, wanted: int, *, soon: bool) -> None:
        """The printer wants a line again: back to one at a time, and be certain first."""
        now = self._clock()
        self._life = now
        self._may_deepen = False
        self.window = 1
        flight = self._flight
        if self._doubt is None:
            self.counts.resent += 1
            quick = (
                soon
                and len(flight) == 1
                and flight[0].number == wanted
                and self._confirmed >= QUICK_AFTER
            )
            # Named by the error, the `Resend` is still to come: it decides.
            self._doubt = _Doubt(wanted, now + SETTLE, now + SETTLE_MOST, quick)
            self._confirmed = self._confirmed if not soon else 0
        else:
            doubt = self._doubt
            if soon:
                doubt.quick = (
                    not doubt.quick
                    and len(flight) == 1
                    and flight[0].number == wanted
                    and self._confirmed >= QUICK_AFTER
                )
                self._confirmed = 0
            doubt.wanted = wanted
            doubt.quiet = min(now + SETTLE, doubt.last)
        self.due = self._doubt.quiet

    def _settle(self) -> None:
        """Go on from the line that is wanted."""
        doubt, self._doubt = self._doubt, None
        self.due = None
        if doubt is None:
            return
        wanted = doubt.wanted
        if wanted != self._number + 1 and wanted not in self._history:
            self._strange += 1
            if self._strange >= MOST_STRANGE:
                self._reset("line numbers")
                return
            # Perhaps the number was spoilt on its way: hear it again.
            wanted = self._flight[0].number if self._flight else self._number
        else:
            self._strange = 0
        self._wanted = (wanted, self._wanted[1] + 1 if wanted == self._wanted[0] else 1)
        if self._wanted[1] > MOST_REFUSALS:
            command = self._history.get(wanted)
            what = "" if command is None else text_of(command.text)
            self._listener.refused(f"it refuses line {wanted} again and again: {what}")
            return
        taken = [c for n, c in self._history.items() if n < wanted and not c.taken]
        waiting = {c.number: c for c in (*self._again, *self._flight)}
        waiting |= {n: c for n, c in self._history.items() if n >= wanted}
        self._flight.clear()
        self._again = deque(waiting[n] for n in sorted(waiting) if n >= wanted)
        self.pump()
        for command in taken:
            self._taken(command)

    def _taken(self, command: Command) -> None:
        if command.taken:
            return
        command.taken = True
        if command.line:
            self._listener.taken(command)
        self._done(command, command.replies)

    @staticmethod
    def _done(command: Command, replies: list[bytes] | None) -> None:
        done, command.done = command.done, None
        if done is not None:
            done(replies)

    def _waits(self) -> None:
        """It says that nothing has come to it."""
        if self._flight and self._clock() - self._flight[0].sent > 0.5 and self._doubt is None:
            self._soon()

    def _soon(self) -> None:
        if self._doubt is None and self._flight:
            self.due = self._clock() + 5 * SETTLE

    def _lives(self) -> None:
        self._life = self._clock()
        self._questions = 0
        self.due = None if self._doubt is None else self.due
        if self._silent:
            self._silent = False
            self._listener.silent(False)  # noqa: FBT003 - one thing, yes or no

    def _reset(self, why: str) -> None:
        self.end()
        if not self._anew:
            self._anew = True
            self._listener.reset(why)

    def _halt(self, why: str) -> None:
        self.end()
        self._listener.halted(why)

    # Time.

    def tick(self) -> None:
        """Look at the clock: several times a second, and when it is `due`."""
        if self._over:
            return
        now = self._clock()
        if self._doubt is not None:
            if now >= self._doubt.quiet:
                self._settle()
            return
        if not self._flight:
            self.due = None
            self._life = now
            self.pump()
            return
        if self.due is not None and now >= self.due:
            self.due = None
            self._question_now(now)
            return
        self._watch(now)

    def _watch(self, now: float) -> None:
        oldest, patience = self._flight[0], self._patience
        if oldest.long and now - oldest.sent >= patience.doubt * 2**oldest.asked:
            oldest.asked += 1
            self._question_now(now)
            return
        silence = now - max(self._life, oldest.sent)
        long = any(c.long for c in self._flight)
        most = patience.busy if self.busy_is_told else patience.long if long else patience.mute
        soon = most if long else self._pace.patience(most, busy_is_told=self.busy_is_told)
        if silence < soon:
            return
        if self._questions and now - self._question < patience.again:
            return
        if silence - most >= patience.gone:
            self._listener.gone("it has not answered for a minute")
            return
        if not self._questions:
            self.counts.silences += 1
        self._question_now(now)
        if silence - most >= patience.silent - patience.mute and not self._silent:
            self._silent = True
            self._listener.silent(True)  # noqa: FBT003 - one thing, yes or no

    def _question_now(self, now: float) -> None:
        """Ask by sending the oldest line once more: whatever became of it, the answer tells."""
        life, self._question = self._life, now
        self._questions += 1
        self._confirmed = 0
        self._pace.forget()
        self.counts.resent += 1
        self._write(b"\n" + self._flight[0].frame)
        self._life = life
