"""Work on a model that two processors share."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")

MOST = 1_400_000
"""Triangles up to which two things are done at once: both need their memory at the same time."""


class Beside:
    """Has things done while one goes on oneself; NumPy lets two processors work.

    Args:
        executor: does them; without one, each is done when its result is asked for.
    """

    def __init__(self, executor: ThreadPoolExecutor | None) -> None:
        self._executor = executor

    def begin(self, work: Callable[[], T]) -> Callable[[], T]:
        """Begin a piece of work; return what waits for its result."""
        return work if self._executor is None else self._executor.submit(work).result


@contextmanager
def side_by_side(triangles: int) -> Iterator[Beside]:
    """Share the work on a model of so many triangles, where there is memory for it."""
    if triangles > MOST:
        yield Beside(None)
        return
    with ThreadPoolExecutor(1, "beside") as executor:
        yield Beside(executor)
