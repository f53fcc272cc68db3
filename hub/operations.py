"""Operations: what takes a while, followed and cancelled by whoever started it.

An action of a device, a capture of many pictures, a print: each is an `Operation` with a status,
a fraction, a result or a problem. The newest thousand are known; `keep` is told of each change, and
`take_up` is given those of earlier runs (see `hub.keeping.OperationJournal`).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hub.bus import Bus
from hub.clock import now, rfc3339
from hub.device import Problem, Role, TimedOut
from hub.errors import HubError, NotFound, TooMany
from hub.ids import new_id
from hub.rights import Access, Principal

log = logging.getLogger("classhub.operations")

MOST_KEPT = 1000
MOST_RUNNING = 200


class Status(StrEnum):
    """How far an operation is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"


_ENDED = frozenset({Status.DONE, Status.FAILED, Status.CANCELLED, Status.INTERRUPTED})


@dataclass(slots=True)
class Operation:
    """One thing under way, or how it ended.

    Attributes:
        id: opaque; sorts by the time it was started.
        device: the device it is about, None where it is about none.
        action: the member's name; `title` is its name for people (message id).
        fraction: 0..1; `message` says what is being done now (message id, may be empty).
        result: JSON-ready, once done. problem: once failed.
        by: whose it is: the person's id, or the program's.
        started, ended: seconds since the epoch.
    """

    id: str
    device: str | None
    action: str
    title: str
    by: str
    status: Status = Status.PENDING
    fraction: float = 0.0
    message: str = ""
    result: Any = None
    problem: Problem | None = None
    started: float = field(default_factory=now)
    ended: float | None = None

    @property
    def access(self) -> Access:
        """Who may see and cancel it: its owner and teachers."""
        return Access(role=Role.PUPIL, persons=frozenset({self.by}), private=True)

    def payload(self) -> dict[str, Any]:
        """Return it as JSON-ready data, times in RFC 3339."""
        return {
            "id": self.id,
            "device": self.device,
            "action": self.action,
            "title": self.title,
            "by": self.by,
            "status": self.status.value,
            "fraction": self.fraction,
            "message": self.message,
            "result": self.result,
            "problem": None if self.problem is None else self.problem.model_dump(mode="json"),
            "started": rfc3339(self.started),
            "ended": None if self.ended is None else rfc3339(self.ended),
        }


Progress = Callable[[float, str], None]
"""What `work` calls to tell how far it is: fraction 0..1 and a message id."""

Work = Callable[[Progress], Awaitable[Any]]


class Operations:
    """Starts operations, follows them, and publishes each change on `operations/<id>`."""

    def __init__(self, bus: Bus, *, keep: Callable[[Operation], None] | None = None) -> None:
        self._bus = bus
        self._keep = keep
        self._known: dict[str, Operation] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def take_up(self, earlier: Iterable[Operation]) -> None:
        """Know the operations of earlier runs too; all of them have ended."""
        self._known = {operation.id: operation for operation in earlier} | self._known

    def start(
        self,
        *,
        action: str,
        by: Principal,
        work: Work,
        device: str | None = None,
        title: str = "",
        limit: float | None = None,
    ) -> Operation:
        """Start `work` and return at once.

        Args:
            action: the name of what is done.
            by: who wants it.
            work: does it; is given `progress`, returns the JSON-ready result.
            device: the device it is about.
            title: a name for people (message id).
            limit: seconds after which it is cancelled and has failed.

        Raises:
            TooMany: too many are running already.
        """
        if len(self._tasks) >= MOST_RUNNING:
            raise TooMany(f"{len(self._tasks)} operations are running")
        operation = Operation(new_id(), device, action, title or action, by.owner)
        self._forget_oldest()
        self._known[operation.id] = operation
        self._tell(operation)
        name = f"operation {operation.id} {action}"
        task = asyncio.create_task(self._run(operation, work, limit), name=name)
        self._tasks[operation.id] = task
        task.add_done_callback(lambda _: self._over(operation))
        return operation

    def get(self, id: str) -> Operation:  # noqa: A002 - the word of the API
        """Return an operation.

        Raises:
            NotFound: there is none of this id, or it is long over.
        """
        try:
            return self._known[id]
        except KeyError:
            raise NotFound(f"no operation {id}") from None

    def access(self, id: str) -> Access:  # noqa: A002 - the word of the API
        """Return who may see and cancel an operation (NotFound where there is none)."""
        return self.get(id).access

    def list(self) -> list[Operation]:
        """Return all that are known, the newest first."""
        return list(reversed(self._known.values()))

    def cancel(self, id: str) -> Operation:  # noqa: A002 - the word of the API
        """Ask an operation to stop; one that has ended stays as it is. It ends a moment later."""
        operation = self.get(id)
        task = self._tasks.get(id)
        if task is not None:
            task.cancel()
        return operation

    async def wait(self, id: str, limit: float) -> Operation:  # noqa: A002 - the word of the API
        """Return the operation once it has ended, or as it is after `limit` seconds."""
        operation = self.get(id)
        task = self._tasks.get(id)
        if task is not None:
            await asyncio.wait({task}, timeout=limit)
        return operation

    async def stop(self) -> None:
        """End all that are running; they are left `interrupted`."""
        running = list(self._tasks.items())
        for id_, task in running:
            task.cancel("interrupted")
            self._known[id_].status = Status.INTERRUPTED
        if running:
            await asyncio.wait([task for _, task in running], timeout=5.0)

    async def _run(self, operation: Operation, work: Work, limit: float | None) -> None:
        def progress(fraction: float, message: str = "") -> None:
            operation.fraction = min(max(fraction, 0.0), 1.0)
            operation.message = message
            self._tell(operation)

        operation.status = Status.RUNNING
        self._tell(operation)
        try:
            async with asyncio.timeout(limit):
                operation.result = await work(progress)
            operation.fraction = 1.0
            operation.status = Status.DONE
        except asyncio.CancelledError:
            if operation.status is not Status.INTERRUPTED:
                operation.status = Status.CANCELLED
        except HubError as error:
            self._failed(operation, error)
        except TimeoutError:
            self._failed(operation, TimedOut(f"{operation.action} took too long"))
        except Exception as error:
            log.exception("operation %s (%s) failed", operation.id, operation.action)
            self._failed(operation, HubError(f"{type(error).__name__}: {error}"))

    def _over(self, operation: Operation) -> None:
        # Not at the end of `_run`, which never begins where it was cancelled before its turn.
        if operation.status not in _ENDED:
            operation.status = Status.CANCELLED
        operation.ended = now()
        self._tasks.pop(operation.id, None)
        self._tell(operation)

    @staticmethod
    def _failed(operation: Operation, error: HubError) -> None:
        operation.status = Status.FAILED
        operation.problem = Problem.of(error)

    def _tell(self, operation: Operation) -> None:
        if self._keep is not None:
            self._keep(operation)
        self._bus.publish(
            f"operations/{operation.id}", operation.payload(), audience=operation.access
        )

    def _forget_oldest(self) -> None:
        if len(self._known) < MOST_KEPT:
            return
        oldest = next((o.id for o in self._known.values() if o.status in _ENDED), None)
        if oldest is not None:
            del self._known[oldest]
