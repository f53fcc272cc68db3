"""Operations: following and cancelling what takes a while."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from classhub_client._http import Http, path_of
from classhub_client._live import Live, Messages
from classhub_client.errors import NoAnswer, OperationEnded
from classhub_client.models import OperationState

LOOK_SECONDS = 5.0


def result_of(state: OperationState) -> Any:
    """Return the result of an operation that is over.

    Raises:
        OperationEnded: it has none: failed, cancelled or interrupted.
    """
    if state.status == "done":
        return state.result
    if state.problem is not None:
        problem = state.problem
        raise OperationEnded(state.status, problem.code, problem.title, problem.hint)
    raise OperationEnded(state.status)


class AsyncOperation:
    """An action under way. `state` is the last that is known of it."""

    def __init__(self, http: Http, live: Live, state: OperationState) -> None:
        self._http = http
        self._live = live
        self.id = state.id
        self.state = state

    async def refresh(self) -> OperationState:
        """Ask the hub how far it is (NotFound where the hub has forgotten it)."""
        answer = await self._http.json("GET", path_of("operations", self.id))
        self.state = OperationState.of(answer)
        return self.state

    async def updates(self) -> AsyncIterator[OperationState]:
        """Yield how far it is, at each change, until it is over."""
        topic = f"operations/{self.id}"
        messages = Messages(
            self._live, topic, lambda message: OperationState.of(message.payload), LOOK_SECONDS
        )
        async with messages:
            yield await self.refresh()
            while not self.state.over:
                try:
                    state = await anext(messages)
                except NoAnswer:  # the hub may have been started again meanwhile
                    state = await self.refresh()
                # In the caller's language only where it is asked for.
                self.state = await self.refresh() if state.over else state
                yield self.state

    async def wait(self, progress: Callable[[OperationState], object] | None = None) -> Any:
        """Wait until it is over and return its result.

        Args:
            progress: called at each change.

        Raises:
            OperationEnded: it failed, was cancelled or interrupted.
            NotFound: the hub was started again and knows nothing of it.
        """
        async for state in self.updates():
            if progress is not None:
                progress(state)
        return result_of(self.state)

    async def cancel(self) -> None:
        """Ask it to stop; it ends a moment later (`wait` then raises OperationEnded)."""
        await self._http.json("DELETE", path_of("operations", self.id))
