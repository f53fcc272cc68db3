"""A conversation over a link: its clock, its questions and answers, lines one after another."""

import asyncio
import time
from collections.abc import Callable, Iterable

from drivers.printer.marlin.command import Command, Listener, Patience
from drivers.printer.marlin.conversation import Conversation
from drivers.printer.marlin.link import Link
from hub.device import N_, DeviceError, Unreachable

TICK = 0.25


class PrinterBusy(DeviceError):
    """The printer has not done yet what was asked; it may still do it."""

    code = "printer-busy"
    status = 409
    title = N_("The printer is still busy.")
    hint = N_("Wait until it has done what it is doing, then try again.")


class Talk:
    """What a driver says to one printer, and hears."""

    def __init__(
        self, link: Link, listener: Listener, *, window: int, patience: Patience | None = None
    ) -> None:
        self.conversation = Conversation(
            link.write, listener, time.monotonic, window=window, patience=patience
        )
        self._link = link
        self._timer: asyncio.TimerHandle | None = None
        self._due: float | None = None
        link.hear = self.conversation.received
        link.after = self._heard

    def close(self) -> None:
        """End: whoever waits for an answer is told that there is none."""
        self.conversation.end()
        self._link.close()
        if self._timer is not None:
            self._timer.cancel()

    async def watch(self) -> None:
        """Keep the conversation's clock for as long as the line is open."""
        while True:
            await asyncio.sleep(TICK)
            self.conversation.tick()
            self._heard()

    async def ask(self, *lines: bytes, limit: float) -> list[bytes]:
        """Send lines, one after the other; return what the printer said to all of them.

        Raises:
            PrinterBusy: it has not taken them after `limit` seconds; they stay in line.
            Unreachable: it has gone or started anew meanwhile.
        """
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[list[bytes] | None]] = [loop.create_future() for _ in lines]
        for line, answer in zip(lines, answers, strict=True):
            self.conversation.ask(Command(line, done=_setter(answer)))
        said: list[bytes] = []
        try:
            async with asyncio.timeout(limit):
                for answer in answers:
                    replies = await answer
                    if replies is None:
                        raise Unreachable("it has gone, or started anew")
                    said += replies
        except TimeoutError:
            raise PrinterBusy(f"no answer within {limit:g} s") from None
        return said

    def say(self, lines: Iterable[bytes]) -> None:
        """Send lines and wait for nothing."""
        for line in lines:
            self.conversation.ask(Command(line))

    def _heard(self) -> None:
        """Look at the clock when the conversation wants it."""
        due = self.conversation.due
        if due is None or due == self._due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(due - time.monotonic(), 0.0), self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._due = None
        self.conversation.tick()
        self._heard()


def _setter(answer: "asyncio.Future[list[bytes] | None]") -> Callable[[list[bytes] | None], None]:
    def done(replies: list[bytes] | None) -> None:
        if not answer.done():
            answer.set_result(replies)

    return done
