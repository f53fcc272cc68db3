"""One generation of a driver process: spawned once, ended once."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from hub.device import Problem
from hub.driver_host.timing import Timing
from hub.errors import TooMany
from hub.processes._catalogue import DriverEntry
from hub.processes._child import Process, give_back_memory, kill_group, new_mark
from hub.processes._errors import DriverGone
from hub.processes._limits import AT_ONCE, Limits
from hub.processes._nursery import Forked, Nursery, command, environment
from hub.processes._output import Output
from hub.processes._usage import Usage, bound, kill_marked
from hub.processes._watch import DriverCpu, DriverMemory, DriverUsesTooMuch, Watch
from hub.wire import (
    ControlChannel,
    FrameReceiver,
    Message,
    WireError,
    error_from_wire,
    problem_from_wire,
)

MOST_CALLS = 256
MESSAGES_A_SECOND = 2000
FRAME_BUFFER = 4 * 1024 * 1024
CONTROL_BUFFER = 64 * 1024
TERM_LIMIT = 3.0  # less than the hub has for ending all of them
KILL_LIMIT = 5.0
CANCEL_LIMIT = 2.0

OnProgress = Callable[[float, str], None]


Cause = Literal["ended", "hung", "protocol", "load", "memory", "cpu", "processes"]


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a process ended.

    Attributes:
        reason: for the log.
        cause: what it is counted as.
        problem: what it said itself, None where it said nothing.
        excess: what it used too much of, None where it did not.
    """

    reason: str
    cause: Cause = "ended"
    problem: Problem | None = None
    excess: DriverUsesTooMuch | None = None


STOPPED = Ending("it was told to stop")


@dataclass(slots=True)
class _Call:
    future: "asyncio.Future[Any]"
    on_progress: OnProgress | None


class DriverProcess:
    """A running driver process.

    Args:
        entry: the driver.
        on_message: called with what it tells of its devices; may raise `WireError`.
        on_frame: called with the header and the data of each frame; may raise `WireError`.
        on_warning: called with what it uses nearly too much of, with None when that is over.
        on_end: called once, at the very moment that it can no longer be used.
        log: where its output goes.
        limits: what it may use.
        nursery: what it is forked from; where there is none, it is started as a program.
    """

    def __init__(
        self,
        entry: DriverEntry,
        timing: Timing,
        *,
        on_message: Callable[[Message], None],
        on_frame: Callable[[Message, bytes], None],
        on_warning: Callable[[DriverUsesTooMuch | None], None],
        on_end: Callable[[Ending], None],
        log: logging.Logger,
        limits: Limits,
        nursery: Nursery | None = None,
    ) -> None:
        self.dropped = 0
        self._nursery = nursery
        self._limits = limits
        self._mark = new_mark()
        self._usage: Watch | None = None
        self._asked = False
        self._entry = entry
        self._timing = timing
        self._tell = on_message
        self._on_frame = on_frame
        self._on_warning = on_warning
        self._on_end = on_end
        self._log = log
        loop = asyncio.get_running_loop()
        self._ended: asyncio.Future[Ending] = loop.create_future()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._calls: dict[int, _Call] = {}
        self._number = 0
        self._process: Process | None = None
        self._control: ControlChannel | None = None
        self._frames: FrameReceiver | None = None
        self._closed = 0
        self._all_closed: asyncio.Future[None] = loop.create_future()
        self._tasks: list[asyncio.Task[Any]] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._heard = 0.0

    @property
    def pid(self) -> int | None:
        """Its process id, None before it was started."""
        return None if self._process is None else self._process.pid

    @property
    def used(self) -> Usage:
        """What it and all that it started used when it was last looked at."""
        return Usage(0, 0.0, 0) if self._usage is None else self._usage.used

    @property
    def rss(self) -> int:
        """Bytes of memory, of it and all that it started."""
        return self.used.rss

    async def start(self) -> None:
        """Spawn it. It loads the driver by itself; `ready` tells when it has.

        Raises:
            OSError: the process could not be started.
        """
        loop = asyncio.get_running_loop()
        ours_control, theirs_control = socket.socketpair()
        ours_frames, theirs_frames = socket.socketpair()
        sockets = [ours_control, theirs_control, ours_frames, theirs_frames]
        try:
            theirs_frames.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, FRAME_BUFFER)
            # Small, so that what waits there is never old.
            theirs_control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, CONTROL_BUFFER)
            files = {"control": theirs_control.fileno(), "frames": theirs_frames.fileno()}
            process = self._process = await self._spawn(files)
        except BaseException:
            for one in sockets:
                one.close()
            raise
        theirs_control.close()
        theirs_frames.close()
        try:
            ours_control.settimeout(0)
            ours_frames.settimeout(0)
            limits = self._limits
            bound(process.pid, files=limits.files, data=AT_ONCE * limits.memory)
            control = ControlChannel(self._on_message, self._on_closed, rate=MESSAGES_A_SECOND)
            await loop.create_unix_connection(lambda: control, sock=ours_control)
        except BaseException:
            ours_control.close()
            ours_frames.close()
            raise
        self._control = control
        frames = FrameReceiver(self._on_picture, self._on_closed)
        try:
            await loop.create_unix_connection(lambda: frames, sock=ours_frames)
        except BaseException:
            ours_frames.close()
            raise
        self._frames = frames
        name = f"{self._entry.name} {process.pid}"
        assert process.stdout is not None  # noqa: S101 - it was asked for
        output = Output(process.stdout, self._log)
        self._usage = Watch(
            process.pid,
            self._limits,
            asked=self._was_asked,
            on_warning=self._on_warning,
            on_over=self._on_over,
        )
        self._tasks = [
            asyncio.create_task(self._usage.run(), name=f"watch of {name}"),
            asyncio.create_task(output.run(), name=f"output of {name}"),
            asyncio.create_task(self._wait(), name=f"exit of {name}"),
        ]
        self._alarm = loop.call_later(
            self._timing.open, self._end, Ending("it did not load its driver in time", "load")
        )
        control.send(
            {
                "op": "open",
                "driver": self._entry.name,
                "entry": self._entry.target,
                "timing": self._timing.as_data(),
            }
        )

    async def _spawn(self, files: dict[str, int]) -> Process:
        if self._nursery is not None:
            return await self._nursery.spawn(["run"], self._mark, files=files)
        options = [word for name, number in files.items() for word in (f"--{name}", str(number))]
        return await asyncio.create_subprocess_exec(
            *command("run", *options),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            pass_fds=tuple(files.values()),
            start_new_session=True,
            env=environment(self._mark),
        )

    async def ready(self) -> bool:
        """Wait until the driver is loaded; False when the process has ended instead."""
        either: list[asyncio.Future[Any]] = [self._ready, self._ended]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return not self._ended.done()

    async def ended(self) -> Ending:
        """Wait until there is a reason to end it, or it has ended, and return why."""
        return await asyncio.shield(self._ended)

    def send(self, message: Message) -> None:
        """Send a message that has no answer."""
        if self._control is not None and not self._ended.done():
            self._control.send(message)

    async def call(
        self, message: Message, limit: float, on_progress: OnProgress | None = None
    ) -> Any:
        """Ask the driver for something and return its answer.

        Raises:
            HubError: what the driver raised.
            DriverGone: the process has ended, or does not even say that its limit has passed.
            TooMany: too many calls are under way.
        """
        if self._ended.done():
            raise DriverGone(self._ended.result().reason)
        if len(self._calls) >= MOST_CALLS:
            raise TooMany(f"{MOST_CALLS} calls are under way")
        self._number += 1
        number = self._number
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._calls[number] = _Call(future, on_progress)
        self._asked = True
        self.send({**message, "id": number})
        try:
            async with asyncio.timeout(limit + self._timing.grace + self._timing.silence):
                return await asyncio.shield(future)
        except TimeoutError:
            raise DriverGone("no answer, not even that the limit has passed") from None
        except asyncio.CancelledError:
            self.send({"op": "cancel", "id": number})
            await asyncio.wait({future}, timeout=CANCEL_LIMIT)
            raise
        finally:
            del self._calls[number]
            if not future.done():
                future.cancel()
            elif not future.cancelled():
                future.exception()  # looked at: whoever asked may have left

    async def stop(self) -> None:
        """End it: ask first where it still listens, then kill. Returns when nothing is left."""
        self._end(STOPPED)
        process = self._process
        if process is None:
            return
        try:
            await self._end_process(process)
        finally:  # also where whoever stops it is ended meanwhile
            for channel in (self._control, self._frames):
                if channel is not None:
                    channel.close()
            try:
                await asyncio.wait({self._all_closed, *self._tasks}, timeout=1.0)
            finally:
                for task in self._tasks:
                    task.cancel()
                if isinstance(process, Forked):
                    process.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(give_back_memory)

    async def _end_process(self, process: Process) -> None:
        if process.returncode is None and self._ended.result() is STOPPED:
            kill_group(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TERM_LIMIT):
                    await process.wait()
        kill_group(process, signal.SIGKILL)
        if await asyncio.to_thread(kill_marked, self._mark, process.pid):
            self._log.warning("what it had started and left behind was ended")
        # Whoever holds its output open holds this up: nobody, now that all of them are ended.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(KILL_LIMIT):
                await process.wait()

    async def _wait(self) -> None:
        assert self._process is not None  # noqa: S101 - it was started
        status = await self._process.wait()
        how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
        self._end(Ending(f"it ended with {how}"))

    def _end(self, ending: Ending) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        if self._ended.done():
            return
        self._ended.set_result(ending)
        self._on_end(ending)
        for call in self._calls.values():
            if not call.future.done():
                call.future.set_exception(DriverGone(ending.reason))

    def _on_closed(self, error: Exception | None) -> None:
        self._closed += 1
        if self._closed == 2 and not self._all_closed.done():
            self._all_closed.set_result(None)
        if error is not None:
            # The trace leads to the channel and its buffers, as the channel does to the error.
            error.__traceback__ = None
            self._end(Ending(f"it did not keep to the protocol: {error}", "protocol"))
        else:
            # In order only at its end; the exit status, which comes a moment later, says more.
            loop = asyncio.get_running_loop()
            loop.call_later(0.5, self._end, Ending("it closed its channel"))

    def _on_message(self, message: Message) -> None:
        op = message.get("op")
        if self._ended.done():
            if op in ("event", "samples", "left") and self._ended.result() is STOPPED:
                self._tell(message)  # what it says while it lets go
            return
        self._heard = asyncio.get_running_loop().time()
        if op in ("result", "error", "cancelled", "progress"):
            self._on_answer(op, message)
        elif op == "heartbeat":
            self._on_heartbeat(message)
        elif op == "ready":
            if not self._ready.done():
                self._ready.set_result(None)
                if self._alarm is not None:
                    self._alarm.cancel()
                self._watch()
        elif op == "broken":
            problem = problem_from_wire(message.get("problem"))
            self._end(Ending("its driver cannot be loaded", "load", problem))
        else:
            # A pen that is used explains work, as a picture that was asked for does.
            self._asked = self._asked or op == "samples"
            self._tell(message)

    def _on_picture(self, header: Message, data: bytes) -> None:
        self._asked = True
        self._on_frame(header, data)

    def _was_asked(self) -> bool:
        """Tell whether a call, a picture or its start explains that it has worked since then."""
        ready = self._ready.done()
        asked, self._asked = self._asked or bool(self._calls) or not ready, not ready
        return asked

    def _on_over(self, excess: DriverUsesTooMuch) -> None:
        causes: dict[type[DriverUsesTooMuch], Cause] = {DriverMemory: "memory", DriverCpu: "cpu"}
        cause = causes.get(type(excess), "processes")
        self._end(Ending(f"too much {cause}: {excess.detail}", cause, excess=excess))

    def _on_answer(self, op: str, message: Message) -> None:
        number = message.get("id")
        call = self._calls.get(number) if type(number) is int else None
        if call is None or call.future.done():
            return
        if op == "result":
            call.future.set_result(message.get("value"))
        elif op == "error":
            problem = message.get("problem")
            call.future.set_exception(error_from_wire(problem if isinstance(problem, dict) else {}))
        elif op == "cancelled":
            call.future.cancel()
        elif call.on_progress is not None:
            fraction, text = message.get("fraction"), message.get("message")
            if not isinstance(fraction, int | float) or not isinstance(text, str):
                raise WireError("progress is a fraction and a message")
            call.on_progress(float(fraction), text[:500])

    def _on_heartbeat(self, message: Message) -> None:
        numbers = [message.get(key) for key in ("age", "overdue", "dropped")]
        if not all(isinstance(number, int | float) for number in numbers):
            raise WireError("a heartbeat has age, overdue and dropped")
        self.dropped = int(message["dropped"])
        if message["overdue"] > self._timing.grace:
            what = str(message.get("what"))[:100]
            self._end(Ending(f"{what} hangs: {message['overdue']:.1f} s past its limit", "hung"))

    def _watch(self) -> None:
        """Wait for the next sign of life, from now on.

        Any message is one: the heartbeat of a driver that floods its channel is late, not missing.
        """
        loop = asyncio.get_running_loop()
        left = self._heard + self._timing.silence - loop.time()
        if left <= 0:
            self._end(Ending(f"no heartbeat for {self._timing.silence:g} s", "hung"))
        elif not self._ended.done():
            self._alarm = loop.call_later(left, self._watch)
