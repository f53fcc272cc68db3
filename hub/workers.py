"""Heavy or risky work (pictures, meshes, slicing) in killable child processes.

A job that takes too long, wants too much memory or crashes takes its process with it and nothing
else. Two processes at most; they are reused, and end when idle. Work that somebody waits for
(`urgent`) runs at a lower priority than the hub, all other work only when the computer has nothing
else to do, and one of the two places is always kept for what is urgent.
"""

import asyncio
import contextlib
import json
import logging
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from hub.errors import N_, HubError
from hub.worker import READY

log = logging.getLogger("classhub.workers")

MEMORY = 512 << 20
WAITING = 64
_ANSWER_LIMIT = 8 << 20
_JOBS_EACH = 200
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*\Z")
_START_LIMIT = 60.0
_END_LIMIT = 5.0

Progress = Callable[[float, str], None]
"""Is told how far a job is: a fraction 0..1, and a message id."""


class WorkersBusy(HubError):
    """More work is waiting than is kept."""

    code = "workers-busy"
    status = 503
    title = N_("The hub has too much to do just now.")
    hint = N_("Wait a moment and try again.")
    retryable = True


class WorkTimedOut(HubError):
    """The work took longer than it may; it was ended."""

    code = "work-timed-out"
    status = 500
    title = N_("This took too long and was stopped.")
    hint = N_("Try again when the computer has less to do, or with a smaller file.")
    retryable = True


class WorkTooLarge(HubError):
    """The work wanted more memory than it may have."""

    code = "work-too-large"
    status = 422
    title = N_("This file needs more memory than the hub may use.")
    hint = N_("Use a smaller file.")


class WorkFailed(HubError):
    """The work failed, or its process crashed; `detail` says how."""

    code = "work-failed"
    status = 422
    title = N_("This file could not be worked on.")
    hint = N_("Check that the file opens elsewhere, and send it again.")


class WorkBroken(HubError):
    """The hub's own programs do not run; that says nothing of the file."""

    code = "work-broken"
    status = 503
    title = N_("The hub's programs for this could not be started.")
    hint = N_("Try again in a moment. If it stays so, the lab engineer restarts the hub.")
    retryable = True


class WorkHasNoRoom(HubError):
    """The disk was full when the work wanted to write."""

    code = "storage-full"
    status = 507
    title = N_("The hub's disk is full.")
    hint = N_("Delete what is no longer needed, or tell the lab engineer.")


@dataclass(eq=False, slots=True)
class _Worker:
    process: asyncio.subprocess.Process
    urgent: bool
    jobs: int = 0
    spent: bool = False
    idle_since: float = field(default_factory=time.monotonic)


class Workers:
    """Runs functions in child processes with limits of time and memory.

    Args of the constructor:
        most: so many processes at once.
        idle: seconds after which a process with nothing to do is ended.
    """

    def __init__(self, *, most: int = 2, idle: float = 30.0) -> None:
        self._most = most
        self._idle_limit = idle
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._places = asyncio.Semaphore(most)
        self._patient = asyncio.Semaphore(max(1, most - 1))
        self._waiting = 0
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to end processes that have nothing to do; none is started before there is work."""
        self._closed = False
        self._task = asyncio.create_task(self._end_idle(), name="workers-idle")

    async def stop(self) -> None:
        """Kill them all; whoever waits for work gets `WorkFailed` or `WorkBroken`."""
        self._closed = True
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for worker in list(self._all):
            await self._end(worker)
        # Whoever was about to start a process ends it again; then all places are free.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_LIMIT):
                for _ in range(self._most):
                    await self._places.acquire()
        self._places = asyncio.Semaphore(self._most)

    async def run(
        self,
        function: str,
        *args: Any,
        timeout: float,  # noqa: ASYNC109 - the work's own limit, not the wait's
        memory: int = MEMORY,
        urgent: bool = False,
        progress: Progress | None = None,
    ) -> Any:
        """Call `package.module:function` with JSON-ready arguments; return its JSON-ready result.

        Args:
            function: a name of the hub's or a plugin's code, never of anybody's input.
            args: its arguments.
            timeout: seconds of work after which the process is killed (waiting for a free process
                is not counted).
            memory: bytes of address space, beside what the process has mapped already.
            urgent: somebody waits for it.
            progress: told what the function says by `hub.worker.progress`, ten times a second at
                most.

        Raises:
            WorkTimedOut, WorkTooLarge, WorkHasNoRoom, WorkFailed: what became of it.
            WorkBroken: the function could not be loaded, or no process be started: the hub's
                programs were changed while it runs, say.
            WorkersBusy: too much is waiting already.
            HubError: the one that the function raised, where its class is loaded here as well.
        """
        if not _FUNCTION.match(function):
            raise ValueError(f"{function!r} is no module:function")
        if self._closed:
            raise WorkBroken("the workers are stopping")
        if self._waiting >= WAITING:
            raise WorkersBusy(f"{self._waiting} are waiting")
        job = {
            "function": function,
            "args": args,
            "memory": memory,
            "progress": progress is not None,
        }
        line = json.dumps(job, allow_nan=False).encode() + b"\n"
        async with self._place(urgent=urgent) as worker:
            answer = await self._ask(worker, function, line, timeout, progress)
            # What it has loaded in part it would not load again.
            worker.spent = not answer.keys().isdisjoint(("memory", "broken"))
            worker.spent = worker.spent or worker.jobs >= _JOBS_EACH
        return _result(function, answer)

    @contextlib.asynccontextmanager
    async def _place(self, *, urgent: bool) -> AsyncIterator[_Worker]:
        async with contextlib.AsyncExitStack() as held:
            self._waiting += 1
            try:
                if not urgent:
                    await held.enter_async_context(self._patient)
                await held.enter_async_context(self._places)
            finally:
                self._waiting -= 1
            worker = await self._worker(urgent=urgent)
            worker.jobs += 1
            try:
                yield worker
            except BaseException:
                # It may be in the middle of something; cancelling the job ends it as well.
                await asyncio.shield(self._end(worker))
                raise
            if worker.spent or self._closed:
                await self._end(worker)
            else:
                worker.idle_since = time.monotonic()
                self._idle.append(worker)

    async def _worker(self, *, urgent: bool) -> _Worker:
        for worker in self._idle:
            if worker.urgent == urgent and worker.process.returncode is None:
                self._idle.remove(worker)
                return worker
        while len(self._all) >= self._most and self._idle:
            await self._end(self._idle[0])
        if self._closed:
            raise WorkBroken("the workers are stopping")
        priority = ["--nice", "10"] if urgent else ["--nice", "19", "--idle"]
        command = [sys.executable, "-m", "hub.worker", "--parent", str(os.getpid()), *priority]
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_ANSWER_LIMIT,
            start_new_session=True,
        )
        worker = _Worker(process, urgent)
        self._all.add(worker)
        try:
            await self._begun(worker)
        except BaseException:
            await asyncio.shield(self._end(worker))
            raise
        return worker

    async def _begun(self, worker: _Worker) -> None:
        """Wait until a process is ready for work: what fails before is not the work's fault."""
        assert worker.process.stdout is not None  # noqa: S101 - it was opened with pipes
        try:
            async with asyncio.timeout(_START_LIMIT):
                ready = await worker.process.stdout.readline()
        except TimeoutError:
            raise WorkBroken(f"no worker was ready within {_START_LIMIT:g} s") from None
        if self._closed:
            raise WorkBroken("the workers are stopping")
        if ready != READY:
            code = await self._exit_code(worker.process)
            raise WorkBroken(f"no worker could be started: it ended with {code}")

    async def _ask(
        self,
        worker: _Worker,
        function: str,
        line: bytes,
        limit: float,
        progress: Progress | None,
    ) -> dict[str, Any]:
        process = worker.process
        assert process.stdin is not None  # noqa: S101 - it was opened with pipes
        assert process.stdout is not None  # noqa: S101
        try:
            async with asyncio.timeout(limit):
                process.stdin.write(line)
                await process.stdin.drain()
                answer = await _answer(process.stdout, progress)
        except TimeoutError:
            raise WorkTimedOut(f"{function} took more than {limit:g} s") from None
        except (ConnectionError, ValueError) as error:
            raise WorkFailed(f"{function}: {error}") from error
        if answer is None:
            code = await self._exit_code(process)
            raise WorkFailed(f"{function}: the process ended with {code}")
        return answer

    async def _exit_code(self, process: asyncio.subprocess.Process) -> int | None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_LIMIT):
                await process.wait()
        return process.returncode

    async def _end(self, worker: _Worker) -> None:
        self._all.discard(worker)
        if worker in self._idle:
            self._idle.remove(worker)
        if worker.process.returncode is None:
            # The whole session: programs that the work has started go with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.process.pid, signal.SIGKILL)
        if await self._exit_code(worker.process) is None:
            log.error("worker %d does not end", worker.process.pid)
        if worker.process.stdin is not None:
            worker.process.stdin.close()

    async def _end_idle(self) -> None:
        while True:
            await asyncio.sleep(self._idle_limit / 4)
            limit = time.monotonic() - self._idle_limit
            for worker in [w for w in self._idle if w.idle_since <= limit]:
                await self._end(worker)


async def _answer(said: asyncio.StreamReader, progress: Progress | None) -> dict[str, Any] | None:
    """Return the job's answer once it comes, None where the process ends without one."""
    while True:
        line = await said.readline()
        if not line.endswith(b"\n"):
            return None
        answer: dict[str, Any] = json.loads(line)
        if "progress" not in answer:
            return answer
        if progress is not None:
            progress(answer["progress"], answer["message"])


def _result(function: str, answer: dict[str, Any]) -> Any:
    if "result" in answer:
        return answer["result"]
    if "memory" in answer:
        raise WorkTooLarge(function)
    if "broken" in answer:
        log.error("%s cannot be loaded: %s", function, answer["broken"])
        raise WorkBroken(f"{function}: {answer['broken']}")
    if "full" in answer:
        raise WorkHasNoRoom(f"{function}: {answer['full']}")
    error = answer["error"]
    module, _, name = error["type"].partition(":")
    kind = getattr(sys.modules.get(module), name, None)
    if isinstance(kind, type) and issubclass(kind, HubError):
        raise kind(error["detail"], **error["params"])
    log.warning("%s failed:\n%s", function, error["trace"])
    raise WorkFailed(f"{function}: {error['type']}: {error['detail']}")
