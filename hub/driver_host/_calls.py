"""The book of calls into drivers: each has a limit, and the oldest one's age is told.

A call stays in the book until it has really ended: its task *and* whatever that runs in threads.
So the hub sees a `read()` that hangs in a thread although the loop is well, and ends the process.
Tasks that a driver starts for itself, and their threads, may live as long as they like.
"""

import asyncio
import concurrent.futures
import time
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from hub.device import DeviceError, TimedOut

T = TypeVar("T")
P = ParamSpec("P")

MOST_THREADS = 16


class BookedCall:
    """One call: what it is, since when, until when; `holds` counts what of it still runs."""

    __slots__ = ("deadline", "holds", "started", "what")

    def __init__(self, what: str, limit: float) -> None:
        self.what = what
        self.started = time.monotonic()
        self.deadline = self.started + limit
        self.holds = 0

    def touch(self, limit: float) -> None:
        """Begin anew, with a new limit: it has shown that it lives."""
        self.started = time.monotonic()
        self.deadline = self.started + limit


class CallBook:
    """All calls that are under way in this process."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._open: set[BookedCall] = set()
        self._tasks: dict[asyncio.Task[Any], BookedCall] = {}

    def oldest(self) -> tuple[float, float, str]:
        """Return the age of the oldest call, how far the latest one is past its limit, and which.

        Both in seconds; what is past no limit is negative.
        """
        if not self._open:
            return 0.0, -1.0, ""
        now = time.monotonic()
        age = now - min(call.started for call in self._open)
        late = min(self._open, key=lambda call: call.deadline)
        return age, now - late.deadline, late.what

    def hold(self, call: BookedCall) -> None:
        """Count one more part of a call that runs."""
        call.holds += 1
        self._open.add(call)

    def release(self, call: BookedCall) -> None:
        """Count a part as ended; the call leaves the book with its last one."""
        call.holds -= 1
        if call.holds == 0:
            self._open.discard(call)

    def begin(self, call: BookedCall, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Start `work` as a task that holds `call` until it ends; so do its threads."""
        task = asyncio.create_task(work, name=call.what)
        self.hold(call)
        self._tasks[task] = call
        task.add_done_callback(self._ended)
        return task

    def call_of(self, task: "asyncio.Task[Any] | None") -> BookedCall | None:
        """Return the call whose own task this is, None where it is none's."""
        return None if task is None else self._tasks.get(task)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self.release(self._tasks.pop(task))

    async def run(self, what: str, limit: float, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` and return its result.

        Raises:
            TimedOut: it has not ended after `limit` seconds. It is cancelled and stays in the book
                for as long as it does not end.
            DeviceError: it cancelled itself.
        """
        call = BookedCall(what, limit)
        task = self.begin(call, work)
        try:
            done, _ = await asyncio.wait({task}, timeout=limit)
        except asyncio.CancelledError:
            await self.end(call, task)
            raise
        if not done:
            task.cancel()
            task.add_done_callback(_look_at)
            raise TimedOut(f"{what} did not end within {limit:g} s")
        if task.cancelled():
            raise DeviceError(f"{what} was cancelled by the driver itself")
        return task.result()

    async def end(self, call: BookedCall, task: "asyncio.Task[Any]") -> None:
        """Cancel a task and wait for its end, for as long as the grace; then it is late."""
        call.deadline = min(call.deadline, time.monotonic())
        task.cancel()
        task.add_done_callback(_look_at)
        await asyncio.wait({task}, timeout=self._grace)


def _look_at(task: "asyncio.Task[Any]") -> None:
    """Look at the error of a task that nobody waits for, so that asyncio does not complain."""
    if not task.cancelled():
        task.exception()


class BookedThreads(concurrent.futures.ThreadPoolExecutor):
    """The threads of drivers (`asyncio.to_thread`): what runs in them is in the book of calls."""

    def __init__(self, book: CallBook, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(MOST_THREADS, thread_name_prefix="driver")
        self._book = book
        self._loop = loop

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> "concurrent.futures.Future[T]":
        """Run a function in a thread, as part of the call that asks for it."""
        call = self._book.call_of(self._task())
        future = super().submit(fn, *args, **kwargs)
        if call is not None:
            self._book.hold(call)
            future.add_done_callback(lambda _: self._release_soon(call))
        return future

    @staticmethod
    def _task() -> "asyncio.Task[Any] | None":
        try:
            return asyncio.current_task()
        except RuntimeError:  # asked for from a thread
            return None

    def _release_soon(self, call: BookedCall) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._book.release, call)
