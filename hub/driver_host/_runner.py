"""The life of one device in its driver's process: connect, serve, lose, connect again."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hub.device import (
    CHECK_LIMIT,
    BadSettings,
    Device,
    DeviceDescription,
    DriverDescription,
    Found,
    FrameStream,
    Property,
    TimedOut,
    Unreachable,
    describe_device,
    handlers_of,
    members_of,
)
from hub.driver_host._calls import CallBook
from hub.driver_host._outbox import Outbox
from hub.driver_host._reports import Reports
from hub.driver_host._streams import FrameSender, FrameStreamRunner
from hub.driver_host._tape import Tape
from hub.driver_host.errors import as_hub_error, where
from hub.driver_host.timing import Timing
from hub.errors import HubError, NotFound
from hub.pauses import backoff
from hub.wire import Message

log = logging.getLogger("classhub.driver_host")

STABLE = 5.0
TIMEOUTS_UNTIL_LOST = 3


class DeviceRunner:
    """One device: owns its connection, its polling, its streams and its calls."""

    def __init__(
        self,
        id: str,  # noqa: A002 - the device's
        cls: type[Device],
        driver: DriverDescription,
        settings: dict[str, Any],
        *,
        found: Found | None = None,
        replay: Mapping[str, Any] | None = None,
        kept: Mapping[str, Any] | None = None,
        folder: Path | None = None,
        outbox: Outbox,
        sender: FrameSender,
        book: CallBook,
        timing: Timing,
    ) -> None:
        self.id = id
        self._cls = cls
        self._driver = driver
        self._settings = settings
        self._found = found
        self._kept = dict(kept or {})
        self._folder = folder
        self._book = book
        self._timing = timing
        self._members = {member.name: member for member in members_of(cls)}
        self._handlers = handlers_of(cls)
        self._reports = Reports(id, self._members, outbox, self._narrowed, self._lost_beside)
        self.tape = Tape(id, driver, replay)
        self._device: Device | None = None
        self._lost: asyncio.Future[HubError] | None = None
        self._lost_early: HubError | None = None
        self._problem: HubError = Unreachable("not connected yet")
        self._described: DeviceDescription | None = None
        self._revision = 0
        self._describing: asyncio.Handle | None = None
        self._timeouts = 0
        self._calling: set[asyncio.Task[Any]] = set()
        self._hurry = asyncio.Event()
        self._life: asyncio.Task[None] | None = None
        self._streams = {
            name: FrameStreamRunner(
                id,
                name,
                self._generator(name),
                sender=sender,
                book=book,
                timing=timing,
                tell=lambda error, name=name: self._reports.stream(name, error),  # type: ignore[misc]
                lose=self.lose,
            )
            for name, member in self._members.items()
            if isinstance(member, FrameStream) and (name, "frames") in self._handlers
        }

    def start(self) -> None:
        """Begin to live."""
        self._life = asyncio.create_task(self._live(), name=f"device {self.id}")

    async def stop(self) -> None:
        """End: disconnect, within the limit of doing so."""
        # Whoever waits for an answer of it gets one: in a process of several devices nothing ends.
        self.lose(Unreachable("it is not in use any more"))
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait({self._life}, timeout=self._timing.disconnect + self._timing.grace)
        self.tape.close()

    @property
    def connected(self) -> bool:
        """Whether the device can be asked now."""
        return self._lost is not None and not self._lost.done()

    @property
    def problem(self) -> HubError:
        """Why it cannot be asked."""
        return self._problem

    def stream(self, name: str) -> FrameStreamRunner | None:
        """Return a frame stream, None where there is none."""
        return self._streams.get(name)

    @property
    def dropped(self) -> int:
        """Frames that were none or too large."""
        return sum(stream.dropped for stream in self._streams.values())

    def lose(self, error: HubError) -> None:
        """The device has gone: let go of it and connect again after a pause."""
        if self._lost is not None and not self._lost.done():
            self._problem = error
            self._lost.set_result(error)
            for call in self._calling:
                call.cancel()

    # What the hub asks.

    def limit(self, name: str) -> float:
        """Return the time limit of a member (NotFound where there is none)."""
        member = self._members.get(name)
        limit = getattr(member, "limit", None)
        if limit is None:
            raise NotFound(f"{self.id} has no {name}")
        return float(limit)

    async def read(self, name: str) -> Message:
        """Ask the device for a property; returns value, time and quality."""
        what = f"{self.id}.{name} read"
        reading: Message = await self._call(what, self.limit(name), lambda: self._read(name))
        return reading

    async def write(self, name: str, data: Any) -> Message:
        """Set a property and read it back; returns value, time and quality.

        What follows it is read again before: whoever has the answer has no old value of those.
        """
        value = self._reports.codec(name, "type").from_json(data)
        set_ = self._handler(name, "write")

        async def write_and_read() -> Message:
            certainty = self._reports.certainty
            certainty.setting(name, time.time())
            await set_(value)
            for follower in certainty.followers(name):
                if (follower, "read") in self._handlers and not self._omits(follower):
                    await self._read_follower(follower)
            return await self._read(name)

        what = f"{self.id}.{name} write"
        reading: Message = await self._call(what, self.limit(name), write_and_read)
        if getattr(self._members[name], "kept", False):
            self._kept[name] = data
        return reading

    async def run(self, name: str, data: Any, progress: Callable[[float, str], None]) -> Any:
        """Run an action and return its result as JSON-ready data."""
        member = self._members.get(name)
        act = self._handler(name, "run")
        takes = getattr(member, "input", None) is not None
        call = RunningCall(
            self._reports.codec(name, "input").from_json(data) if takes else None, progress
        )
        result = await self._call(f"{self.id}.{name} run", self.limit(name), lambda: act(call))
        if getattr(member, "output", None) is None:
            return None
        return self._reports.codec(name, "output").to_json(result)

    async def check(self) -> str | None:
        """Have the driver try its device; returns what was tried, for people (message id)."""
        device = self._device
        if device is None or not self.connected:
            raise self._problem
        if self.tape.plays:
            return None  # a recording has no answers to new questions
        said = await self._call(f"{self.id} check", CHECK_LIMIT, device.check)
        return None if said is None else str(said)

    async def record(self, message: Message, progress: Callable[[float, str], None]) -> Message:
        """Record from a new connection on, so that it can be replayed (see `Tape.record`)."""
        return await self.tape.record(message, self._revision, self.reconnect, progress)

    def set_faults(self, data: Any) -> None:
        """Put faults into force, None for none; the device is tried again at once."""
        faults = self.tape.set_faults(data)
        if faults is not None and faults.unplug:
            # A driver between two questions would not notice.
            self.lose(Unreachable("unplugged (a fault on command)"))
        self._hurry.set()

    # Its life.

    async def _live(self) -> None:
        attempt = 0
        try:
            while True:
                started = time.monotonic()
                problem = await self._connect() or await self._serve()
                self._problem = self.tape.problem or problem
                self._lost = None
                self._reports.state(self._problem)
                await self._let_go()
                attempt = 0 if time.monotonic() - started > STABLE else attempt + 1
                if self._problem.retryable:
                    pause = backoff(attempt - 1, self._timing.again, self._timing.again_most)
                else:
                    pause = self._timing.slow * random.uniform(0.75, 1.0)  # noqa: S311
                await self._pause(pause)
        finally:
            self._lost = None
            await self._let_go()

    def reconnect(self) -> None:
        """Let go of the device and connect again at once, as when its cable was out and is back."""
        self.lose(Unreachable("it is connected again, on request"))
        self._hurry.set()

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._hurry.wait()

    async def _connect(self) -> HubError | None:
        what = f"{self.id} connect"
        self._hurry.clear()
        self._lost_early = None
        try:
            if self._device is None:
                self._device = await self._make()
            self.tape.rewind()
            self._device.omitted.clear()
            self._device.narrowings.clear()
            self._device.delays.clear()
            self._reports.certainty.forget()
            await self._book.run(what, self._timing.connect, self._device.connect())
            await self._set_again()
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            # What its background work ran into is why it waited in vain.
            return self._lost_early or as_hub_error(error, what, self._log)
        return None

    async def _set_again(self) -> None:
        """Set what is kept, before anybody is told that the device is there."""
        for name, data in self._kept.items():
            if (name, "write") not in self._handlers or self._omits(name):
                continue
            what = f"{self.id}.{name} set again"
            try:
                value = self._reports.codec(name, "type").from_json(data)
                await self._book.run(what, self.limit(name), self._handler(name, "write")(value))
            except Exception as error:
                told = as_hub_error(error, what, self._log)
                if isinstance(told, Unreachable):
                    raise
                self._log.warning("%s failed: %s", what, told.detail)

    async def _make(self) -> Device:
        given = await self.tape.load(self._settings, self._found)
        try:
            settings = self._cls.Settings.model_validate(given.settings)
        except ValidationError as error:
            raise BadSettings(where(error)) from None
        transports = self.tape.transports(settings, given.found)
        return self._cls(
            settings,
            self._reports,
            id=self.id,
            found=given.found,
            transports=transports,
            folder=self._folder,
        )

    async def _serve(self) -> HubError:
        if self._lost_early is not None:
            return self._lost_early
        self._lost = asyncio.get_running_loop().create_future()
        self._timeouts = 0
        tasks = [asyncio.create_task(self._first_readings(), name=f"{self.id} first readings")]
        try:
            self._describe()
            self._reports.state(None)
            tasks += [
                asyncio.create_task(self._poll(name, every), name=f"{self.id} poll {name}")
                for name, every in self._polled()
            ]
            for stream in self._streams.values():
                stream.connected()
            return await self._lost
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(
                *tasks,
                *(stream.disconnected() for stream in self._streams.values()),
                return_exceptions=True,
            )

    async def _let_go(self) -> None:
        if self._device is None:
            return
        what = f"{self.id} disconnect"
        try:
            await self._book.run(what, self._timing.disconnect, _leave(self._device))
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            self._log.warning("%s failed: %s", what, as_hub_error(error, what, self._log).detail)
        self._device.transports.drop_all()

    def _polled(self) -> list[tuple[str, float]]:
        assert self._device is not None  # noqa: S101 - it is connected
        return [
            (name, note.poll)
            for (name, how), (_, note) in self._handlers.items()
            if how == "read" and note.poll and name not in self._device.omitted
        ]

    async def _first_readings(self) -> None:
        assert self._device is not None  # noqa: S101 - it is connected
        for name, member in self._members.items():
            served = isinstance(member, Property) and (name, "read") in self._handlers
            if served and name not in self._device.omitted:
                await self._refresh(name)

    async def _poll(self, name: str, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            await self._refresh(name)

    async def _refresh(self, name: str) -> None:
        try:
            reading = await self.read(name)
        except HubError as error:
            if self.connected:
                self._reports.bad_reading(name, error)
        else:
            self._reports.good_reading(name, reading)

    # Calls into the driver, and from it.

    def _lost_beside(self, error: Exception) -> None:
        told = as_hub_error(error, f"{self.id} background", self._log)
        if isinstance(told, TimedOut):
            told = Unreachable(told.detail)
        if self._lost is None:
            self._lost_early = told  # it is still being connected
        self.lose(told)

    def _narrowed(self) -> None:
        if self.connected and self._describing is None:
            self._describing = asyncio.get_running_loop().call_soon(self._describe)

    async def _call(
        self, what: str, limit: float, work: Callable[[], Coroutine[Any, Any, Any]]
    ) -> Any:
        if not self.connected:
            raise self._problem
        task = asyncio.create_task(self._book.run(what, limit, work()), name=f"call {what}")
        self._calling.add(task)
        task.add_done_callback(self._calling.discard)
        try:
            result = await task
        except asyncio.CancelledError:
            asking = asyncio.current_task()
            if asking is not None and asking.cancelling():
                raise
            raise self._problem from None  # `lose` has ended it
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            raise self._failed(as_hub_error(error, what, self._log)) from None
        self._timeouts = 0
        return result

    def _failed(self, error: HubError) -> HubError:
        if isinstance(error, Unreachable):
            self.lose(error)
        elif isinstance(error, TimedOut):
            self._timeouts += 1
            if self._timeouts >= TIMEOUTS_UNTIL_LOST:
                self.lose(Unreachable(f"{self._timeouts} calls in a row were not answered"))
        return error

    async def _read(self, name: str) -> Message:
        began = time.time()
        value = self._reports.codec(name, "type").to_json(await self._handler(name, "read")())
        ended = time.time()
        self._reports.certainty.read(name, value, began, ended)
        return {"value": value, "time": ended, "quality": "good"}

    async def _read_follower(self, name: str) -> None:
        try:
            self._reports.good_reading(name, await self._read(name))
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            self._reports.bad_reading(name, as_hub_error(error, f"{self.id}.{name}", self._log))

    def _omits(self, name: str) -> bool:
        return self._device is None or name in self._device.omitted

    def _handler(self, name: str, how: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        found = self._handlers.get((name, how))
        if found is None or self._device is None or self._omits(name):
            raise NotFound(f"{self.id} has no {name} to {how}")
        method: Callable[..., Coroutine[Any, Any, Any]] = getattr(self._device, found[0])
        return method

    def _generator(self, name: str) -> Callable[[], Any]:
        # The handler is looked up anew each time: the device is made when it first connects.
        def begin() -> Any:
            return self._handler(name, "frames")()

        return begin

    @property
    def _log(self) -> logging.Logger:
        return log if self._device is None else self._device.log

    def _describe(self) -> None:
        self._describing = None
        if self._device is None or not self.connected:
            return
        described = describe_device(self._driver, self._device, 0)
        if described != self._described:
            self._revision += 1
            self._described = described
        self._reports.description(described.model_copy(update={"revision": self._revision}))


async def _leave(device: Device) -> None:
    await device.end_background()
    await device.disconnect()


class RunningCall:
    """A running action as its driver sees it (`hub.device.Call`)."""

    def __init__(self, input: Any, tell: Callable[[float, str], None]) -> None:  # noqa: A002
        self.input = input
        self._tell = tell

    async def progress(self, fraction: float, message: str = "") -> None:
        """Tell how far the action is."""
        self._tell(float(fraction), str(message))
