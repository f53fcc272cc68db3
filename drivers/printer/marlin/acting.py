"""What is done when a printer asks for something: action commands, questions, filament that ends.

Source: Marlin 2.1, `host_actions.cpp` and `runout.h`; what OctoPrint understands of them. All of it
is untrusted: what is asked without end is done seldom.
"""

import contextlib
import time
from collections.abc import Callable, Coroutine
from typing import Any

from drivers.printer.contract import Printer
from drivers.printer.marlin.answers import (
    ACTION,
    CARD_BEGUN,
    CARD_DONE,
    POSITION,
    RUNOUT,
    text_of,
)
from drivers.printer.marlin.problems import RUN_OUT
from drivers.printer.marlin.prompts import Prompts
from drivers.printer.marlin.session import Session
from drivers.printer.values import PrinterState, PrintHappened, Prompt
from hub.device import DeviceError, Problem

SELDOM = 0.25
MOST_ASKED_FOR = 4


class Acting:
    """What one connected printer asks of whoever prints with it.

    Args:
        printer: tells of it. trouble: takes how it is.
    """

    def __init__(
        self, printer: Printer, session: Session, trouble: Callable[[Problem | None], None]
    ) -> None:
        self._printer = printer
        self._session = session
        self._trouble = trouble
        self._prompts = Prompts()
        self._told = 0.0
        self._card_told: dict[bool, float] = {}
        self._card_name = ""
        self._asked_for = 0

    @property
    def question(self) -> Prompt:
        """What it asks the people before it."""
        return self._prompts.shown

    def take(self, line: bytes) -> None:
        """Take a line that is no answer: an action, a position, filament."""
        job = self._session.job
        if found := ACTION.match(line):
            self._act(text_of(found[1]))
        elif found := POSITION.search(line):
            if job is None or not job.under_way:
                self._place(float(found[1]), float(found[2]), float(found[3]))
        elif RUNOUT.match(line):
            self._run_out(park=False)
        elif job is None or not job.under_way:
            self._card(line)

    def answer(self, choice: int) -> None:
        """Answer what it asks; without a question, have it go on."""
        if self.question.message:
            self._session.talk.say([b"M876 S%d" % choice])
            self._prompts = Prompts()
            self._asks(self.question)
        self._session.talk.conversation.shout(b"M108")

    def _place(self, x: float, y: float, z: float) -> None:
        tracker = self._session.tracker
        tracker.x, tracker.y, tracker.z = x, y, z
        self._printer.report(Printer.position, self._session.position())

    def _card(self, line: bytes) -> None:
        """Tell that somebody prints from the printer's own card: nobody here has begun that."""
        begun, now = CARD_BEGUN.match(line), time.monotonic()
        if begun:
            self._card_name = text_of(begun[1])
        elif not CARD_DONE.match(line):
            return
        if now < self._card_told.get(bool(begun), -SELDOM) + SELDOM:
            return
        self._card_told[bool(begun)] = now
        of = PrintHappened(
            job="", name=self._card_name, line=0, lines=0, height=None, layer=None,
            filament=0.0, printed=0.0, reason="card",
        )  # fmt: skip
        self._printer.emit(Printer.print_started if begun else Printer.print_finished, of)

    def _act(self, action: str) -> None:
        word, _, rest = action.partition(" ")
        session = self._session
        printing = session.job is not None and session.job.under_way
        if word.startswith("prompt_"):
            if self._prompts.take(word, rest):
                self._asks(self.question)
        elif word in ("out_of_filament", "filament_runout"):
            self._run_out(park=False)
        elif word in ("pause", "paused") and "runout" in rest:
            self._run_out(park=word == "pause")
        elif not printing:
            return
        elif word in ("pause", "paused"):
            self._later(lambda: session.pause("printer", park=word == "pause"))
        elif word in ("resume", "resumed"):
            self._later(lambda: session.resume(said_by_printer=word == "resumed"))
        elif word == "cancel":
            self._later(lambda: session.cancel("printer"))

    def _asks(self, shown: Prompt) -> None:
        self._printer.report(Printer.prompt, shown)
        self._session.attend("prompt", waits=bool(shown.message))
        if shown.message and (now := time.monotonic()) >= self._told + SELDOM:
            self._told = now
            self._printer.emit(Printer.prompted, shown)

    def _run_out(self, *, park: bool) -> None:
        session = self._session
        if "runout" in session.attention:
            return
        session.attend("runout", waits=True)
        self._printer.report(Printer.filament, False)  # noqa: FBT003 - a value
        self._printer.emit(Printer.runout, None)
        self._trouble(RUN_OUT)
        if session.state is PrinterState.ATTENTION:
            self._later(lambda: session.pause("runout", park=park))

    def _later(self, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if self._asked_for >= MOST_ASKED_FOR:
            return
        self._asked_for += 1
        self._printer.background(self._do(what))

    async def _do(self, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
        # Said twice, or not fitting: nothing is to be done then.
        try:
            with contextlib.suppress(DeviceError):
                await what()
        finally:
            self._asked_for -= 1
