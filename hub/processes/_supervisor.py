"""Keeps a driver's process running: restarts it, counts its crashes, tells how it is."""

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import Mapping
from typing import Any, Literal, Protocol

from hub.device import Problem
from hub.driver_host.timing import Timing
from hub.errors import HubError
from hub.pauses import backoff
from hub.processes._catalogue import DriverEntry
from hub.processes._errors import DriverCrashes, DriverGone
from hub.processes._limits import Limits
from hub.processes._nursery import Nursery
from hub.processes._process import STOPPED, DriverProcess, Ending, OnProgress
from hub.processes._watch import DriverUsesTooMuch
from hub.wire import Message, WireError, error_of

ProcessState = Literal["starting", "running", "restarting", "fault", "stopped"]

CRASHES = 5
CRASH_WINDOW = 60.0


class ProcessListener(Protocol):
    """Who hears how a process is."""

    def process_state(self, state: ProcessState, problem: Problem | None) -> None:
        """Learn the state of the process; `problem` says why it is not running."""


class DeviceListener(ProcessListener, Protocol):
    """Who hears of one device of a process."""

    def message(self, message: Message) -> None:
        """Take what the driver tells of the device (WireError where it makes no sense)."""

    def frame(self, stream: str, data: bytes, media_type: str, taken: float) -> None:
        """Take a frame (WireError where there is no such stream)."""

    def last_words_over(self) -> None:
        """Learn that no more of its last words come, of which there were some."""


class Supervisor:
    """One driver process, kept running for as long as it is wanted, with the devices in it.

    A process that ends is started again after a pause that doubles; after `CRASHES` within
    `CRASH_WINDOW` seconds, when its driver cannot be loaded, or when it was ended too often for
    what it used (`Limits.endings`), it is in `fault` and is tried again slowly.

    Args:
        entry: the driver.
        timing: limits and pauses.
        name: of the process in the log; the driver's own where it is empty.
        limits: what the process may use, with all that it starts.
        nursery: what processes are forked from; where there is none, they are started as programs.

    Attributes:
        state, problem: how it is now, and why it is not running.
        warning: what it uses nearly too much of; told as the health of devices that are well.
        restarts: how often it was started again.
    """

    def __init__(
        self,
        entry: DriverEntry,
        timing: Timing,
        *,
        name: str = "",
        limits: Limits | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        self.state: ProcessState = "starting"
        self.problem: Problem | None = None
        self.warning: Problem | None = None
        self.restarts = 0
        self._entry = entry
        self._timing = timing
        self._limits = limits or Limits()
        self._nursery = nursery
        self._name = name or entry.name
        self._log = logging.getLogger(f"classhub.driver.{self._name}")
        self._devices: dict[str, tuple[Mapping[str, Any], DeviceListener]] = {}
        self._process: DriverProcess | None = None
        self._task: asyncio.Task[None] | None = None
        self._crashes: deque[float] = deque(maxlen=CRASHES)
        self._excesses: deque[float] = deque(maxlen=self._limits.endings)
        self._causes: Counter[str] = Counter()
        self._cpu_before = 0.0
        self._health: dict[str, Message] = {}
        self._leaving: dict[str, DeviceListener] = {}
        self._spoke: set[str] = set()
        self._given_up = False
        self._stopping = asyncio.Event()

    @property
    def process(self) -> DriverProcess | None:
        """The process as it runs now, None between two generations."""
        return self._process

    @property
    def counters(self) -> dict[str, int]:
        """What has been counted; other devices may share the process.

        `restarts` and `restarts_<cause>` since the hub started, `cpu_ms` of the processor since
        then; `rss` in bytes, `processes` that it has started and `messages_dropped` as it runs now.
        """
        found = {"restarts": self.restarts}
        found |= {f"restarts_{cause}": count for cause, count in sorted(self._causes.items())}
        cpu = self._cpu_before
        if self._process is not None:
            used = self._process.used
            cpu += used.cpu
            found["rss"], found["processes"] = used.rss, used.processes
            found["messages_dropped"] = self._process.dropped
        return {**found, "cpu_ms": round(cpu * 1000)}

    def add(self, device: str, start: Mapping[str, Any], listener: DeviceListener) -> None:
        """Have the process run a device, from now on or from its next start.

        Args:
            device: its id.
            start: what its process is told of it: `settings`, and `found` where it was.
            listener: who hears of it.
        """
        self._devices[device] = (start, listener)
        self.send({**start, "op": "start", "device": device})
        listener.process_state(self.state, self.problem)

    def remove(self, device: str, *, last_words: bool = False) -> None:
        """Let go of a device.

        Args:
            device: its id.
            last_words: whether events and samples that its driver tells while it lets go are
                heard: that a print is interrupted, that fingers are on the table no more.
        """
        self._health.pop(device, None)
        found = self._devices.pop(device, None)
        if found is not None:
            if last_words and self._process is not None and self.state == "running":
                self._leaving[device] = found[1]
            self.send({"op": "stop", "device": device})

    @property
    def empty(self) -> bool:
        """Whether it runs no device."""
        return not self._devices

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name=f"supervisor of {self._name}")

    async def stop(self) -> None:
        """End the process; returns when nothing of it is left."""
        self._stopping.set()
        if self._task is not None:
            await self._task
            self._task = None

    def send(self, message: Message) -> None:
        """Send a message that has no answer; dropped while the process is not running."""
        if self._process is not None and self.state == "running":
            self._process.send(message)

    async def call(
        self, message: Message, limit: float, on_progress: OnProgress | None = None
    ) -> Any:
        """Ask the process (see `DriverProcess.call`)."""
        if self._process is None or self.state != "running":
            raise self.error
        return await self._process.call(message, limit, on_progress)

    @property
    def error(self) -> HubError:
        """Why the process cannot be asked now."""
        if self.problem is not None:
            return error_of(self.problem, status=503, retryable=True)
        return DriverGone(f"the process is {self.state}")

    async def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            started = time.monotonic()
            ending = await self._generation()
            if self._stopping.is_set():
                break
            now = time.monotonic()
            self._crashes.append(now)
            attempt = 0 if now - started > CRASH_WINDOW else attempt + 1
            if now - started > CRASH_WINDOW:
                self._given_up = False
            pause = self._after(ending, attempt, now)
            self.restarts += 1
            self._causes[ending.cause] += 1
            await self._pause(pause)
        self._set("stopped", None)

    async def _generation(self) -> Ending:
        """Start a process, wait for its end and clear it away."""
        process = DriverProcess(
            self._entry,
            self._timing,
            on_message=self._on_message,
            on_frame=self._on_frame,
            on_warning=self._on_warning,
            on_end=self._on_end,
            log=self._log,
            limits=self._limits,
            nursery=self._nursery,
        )
        stopping = asyncio.create_task(self._stopping.wait(), name=f"stop of {self._name}")
        ended = asyncio.create_task(self._follow(process), name=f"life of {self._name}")
        try:
            await asyncio.wait([ended, stopping], return_when=asyncio.FIRST_COMPLETED)
            return ended.result() if ended.done() else STOPPED
        finally:
            self._process = None
            self._cpu_before += process.used.cpu
            self._health.clear()
            self.warning = None
            stopping.cancel()
            ended.cancel()
            await asyncio.gather(stopping, ended, return_exceptions=True)
            await process.stop()
            for device in tuple(self._leaving):
                self._left(device)

    async def _follow(self, process: DriverProcess) -> Ending:
        starting = asyncio.create_task(process.start(), name=f"start of {self._name}")
        try:
            await asyncio.shield(starting)
        except OSError as error:
            return Ending(f"it could not be started: {error}")
        except asyncio.CancelledError:
            # What is half started cannot be ended.
            await asyncio.gather(starting, return_exceptions=True)
            raise
        if await process.ready():
            self._process = process
            # Before anybody hears that it runs: they ask for frames at once.
            for device, (start, _) in self._devices.items():
                process.send({**start, "op": "start", "device": device})
            self._set("running", None)
        return await process.ended()

    def _on_end(self, ending: Ending) -> None:
        if self.state == "running" and ending is not STOPPED:
            self._set("restarting", Problem.of(DriverGone(ending.reason)))

    def _after(self, ending: Ending, attempt: int, now: float) -> float:
        """Tell how things are after an ending, and return the pause until the next start."""
        often = len(self._crashes) == CRASHES and now - self._crashes[0] <= CRASH_WINDOW
        if ending.excess is not None:
            self._excesses.append(now)
            full = len(self._excesses) == self._limits.endings
            often = often or (full and now - self._excesses[0] <= self._limits.window)
        if self._given_up or often or ending.problem is not None:
            if not self._given_up:
                self._log.error("the driver is given up for now: %s", ending.reason)
            self._given_up = True
            why = Problem.of(ending.excess or DriverCrashes(ending.reason))
            self._set("fault", ending.problem or why)
            return backoff(0, self._timing.fault, self._timing.fault)
        self._log.warning("the driver is started again: %s", ending.reason)
        self._set("restarting", Problem.of(DriverGone(ending.reason)))
        return backoff(attempt - 1, self._timing.restart, self._timing.restart_most)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    def _set(self, state: ProcessState, problem: Problem | None) -> None:
        self.state, self.problem = state, problem
        for _, listener in list(self._devices.values()):
            listener.process_state(state, problem)

    def _listener(self, message: Message) -> DeviceListener | None:
        device = message.get("device")
        if not isinstance(device, str):
            raise WireError("a message names its device")
        if device in self._leaving:
            # Of one that is run again already, too: its next start waits until it has let go.
            if message.get("op") not in ("event", "samples"):
                return None
            self._spoke.add(device)
            return self._leaving[device]
        found = self._devices.get(device)
        return None if found is None else found[1]

    def _left(self, device: str) -> None:
        """Whoever heard of a contact in its last words shall not wait for its end for ever."""
        listener = self._leaving.pop(device, None)
        if device in self._spoke:
            self._spoke.discard(device)
            if listener is not None:
                listener.last_words_over()

    def _on_message(self, message: Message) -> None:
        if message.get("op") == "left":
            self._left(str(message.get("device")))
            return
        listener = self._listener(message)
        if listener is None:
            return
        if message.get("op") == "health":
            self._health[message["device"]] = message
            message = self._with_warning(message)
        listener.message(message)

    def _on_warning(self, near: DriverUsesTooMuch | None) -> None:
        """Tell it as the health of the devices that report nothing worse themselves."""
        self.warning = None if near is None else Problem.of(near)
        if near is not None:
            self._log.warning("the driver is near its limit: %s %s", near.code, near.detail)
        for device, (_, listener) in list(self._devices.items()):
            own = self._health.get(device, {"op": "health", "device": device, "problem": None})
            listener.message(self._with_warning(own))

    def _with_warning(self, message: Message) -> Message:
        if message.get("problem") is None and self.warning is not None:
            return {**message, "problem": self.warning.model_dump(mode="json")}
        return message

    def _on_frame(self, header: Message, data: bytes) -> None:
        listener = self._listener(header)
        stream, media_type, taken = header.get("stream"), header.get("type"), header.get("time")
        if not (
            isinstance(stream, str)
            and isinstance(media_type, str)
            and isinstance(taken, int | float)
        ):
            raise WireError("a frame has stream, type and time")
        if listener is not None:
            listener.frame(stream, data, media_type, float(taken))
