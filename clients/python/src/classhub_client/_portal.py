"""An event loop in a thread, and what carries calls into it."""

import asyncio
import functools
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, cast

T = TypeVar("T")
P = ParamSpec("P")
A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class Portal:
    """A thread with an event loop in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="classhub: loop", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        left = asyncio.all_tasks(self._loop)
        for task in left:  # other threads may be waiting for them
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def call(self, awaitable: Awaitable[T]) -> T:
        """Wait for it in the loop, from another thread."""

        async def wait() -> T:
            return await awaitable

        coroutine: Coroutine[Any, Any, T] = wait()
        if threading.current_thread() is self._thread or not self._thread.is_alive():
            coroutine.close()
            if asyncio.iscoroutine(awaitable):
                awaitable.close()
            raise RuntimeError("the client is closed")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # Ctrl-C while waiting
            raise

    def stop(self) -> None:
        """End the thread."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5.0)


class Wrapped(Protocol[A_co]):
    """A blocking object: an async one and the portal to it."""

    @property
    def _async(self) -> A_co: ...
    @property
    def _portal(self) -> Portal: ...


def blocking(
    method: Callable[Concatenate[A, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[Wrapped[A], P], T]:
    """Return the blocking form of an async method: the same arguments, result and docstring."""

    @functools.wraps(method)
    def call(self: Wrapped[A], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._portal.call(method(self._async, *args, **kwargs))

    return cast("Callable[Concatenate[Wrapped[A], P], T]", call)


class Following:
    """A callback that is being called, in a thread of its own, until `close`."""

    def __init__(self, thread: threading.Thread, end: Callable[[], None]) -> None:
        self._thread = thread
        self._end = end

    def close(self) -> None:
        """Call it no more."""
        self._end()
        if threading.current_thread() is not self._thread:
            self._thread.join(5.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Blocking(Generic[T]):
    """An iterator that waits for what comes; also a context manager that ends it."""

    def __init__(self, portal: Portal, source: AsyncIterator[T]) -> None:
        self._portal = portal
        self._source = source

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return self._portal.call(anext(self._source))
        except StopAsyncIteration:
            raise StopIteration from None

    def __enter__(self) -> Self:
        enter = getattr(self._source, "__aenter__", None)
        if enter is not None:
            self._portal.call(enter())
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        close = getattr(self._source, "aclose", None)
        if close is not None:
            self._portal.call(close())

    def each(self, callback: Callable[[T], object]) -> Following:
        """Call back for each one, in a thread of its own; the callback may use the client."""

        def run() -> None:
            for one in self:
                callback(one)

        thread = threading.Thread(target=run, name="classhub: callback", daemon=True)
        thread.start()
        return Following(thread, self.close)
