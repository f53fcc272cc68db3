"""One conversation with a monitor: half duplex, patient, and asked again where it says nothing."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from drivers.panel.ddcci import messages
from drivers.panel.ddcci.bus import MonitorBus
from drivers.panel.problems import NotOffered
from hub.device import TimedOut, Unreachable
from hub.device.transports import Transports

T = TypeVar("T")

PAUSE: Final = 0.05
"""Seconds from a question to its answer: at least 40 ms (DDC/CI 1.1, 6.6); more at each new try."""
GAP: Final = 0.06
"""Seconds from one message to the next: at least 50 ms."""
TRIES: Final = 4
MOST_FRAGMENTS: Final = 128


class Session:
    """Asks and sets one monitor; never a second message before the answer or its limit.

    Args:
        transports: what it is opened with.
        path: `/dev/i2c-N`.
    """

    def __init__(self, transports: Transports, path: str) -> None:
        self._transports = transports
        self._path = path
        self._bus = MonitorBus()
        self._turn = asyncio.Lock()
        self._free_from = 0.0

    async def open(self) -> None:
        """Open the way to it (Unreachable, AccessRefused)."""
        await self._bus.open(self._transports, self._path)

    def close(self) -> None:
        """Let it go."""
        self._bus.close()

    async def feature(self, code: int) -> messages.Feature:
        """Return what it tells of a feature.

        Raises:
            NotOffered: it has none. TimedOut: it has nothing to say, or noise. Unreachable.
        """
        try:
            return await self._ask(messages.get(code), partial(messages.feature, code))
        except messages.NotKnownThere:
            raise NotOffered(f"it has no feature {code:02X}") from None

    async def set_to(self, code: int, value: int) -> None:
        """Set a feature; it does not say whether it did (Unreachable)."""
        async with self._turn:
            await self._exchange(messages.set_to(code, value), 0.0, 0)

    async def capabilities(self) -> str:
        """Return what it says that it can, empty where it does not say it."""
        text = b""
        for _ in range(MOST_FRAGMENTS):
            at = len(text)
            try:
                piece = await self._ask(messages.capabilities(at), partial(messages.fragment, at))
            except TimedOut:
                return ""
            text += piece
            if not piece or len(text) > messages.MOST_TEXT:
                break
        return text.decode("ascii", "replace")

    async def _ask(self, question: bytes, read: Callable[[bytes], T]) -> T:
        """Ask until an answer makes sense; it has time between two questions, more each time."""
        problem: Exception | None = None
        async with self._turn:
            for number in range(1, TRIES + 1):
                try:
                    answer = await self._exchange(question, PAUSE * number, messages.MOST_ANSWER)
                    return read(answer)
                except (messages.Nothing, messages.Garbled, Unreachable) as error:
                    problem = error
        if isinstance(problem, Unreachable):
            raise problem
        what = "it has nothing to say" if isinstance(problem, messages.Nothing) else str(problem)
        raise TimedOut(f"{self._path}: {what}")

    async def _exchange(self, message: bytes, pause: float, size: int) -> bytes:
        wait = self._free_from - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        try:
            return await self._bus.exchange(message, pause, size)
        finally:
            self._free_from = time.monotonic() + GAP
