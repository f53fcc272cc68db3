"""The life of one device in its driver's process: connect, serve, lose, connect again."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from pydantic import ValidationError

from hub.device import (
    BadSettings,
    Device,
    DeviceDescription,
    DriverDescription,
    Event,
    Found,
    FrameStream,
    Problem,
    Property,
    Reading,
    SampleStream,
    TimedOut,
    Unreachable,
    describe_device,
    handlers_of,
    members_of,
)
from hub.driver_host._calls import CallBook
from hub.driver_host._outbox import Outbox
from hub.driver_host._streams import FrameSender, FrameStreamRunner
from hub.driver_host._values import Codec
from hub.driver_host.errors import as_hub_error, where
from hub.driver_host.timing import Timing, backoff
from hub.errors import HubError, NotFound
from hub.wire import Message, error_to_wire

log = logging.getLogger("classhub.driver_host")

STABLE = 5.0
TIMEOUTS_UNTIL_LOST = 3


class DeviceRunner:
    """One device: owns its connection, its polling, its streams and its calls.

    It is the driver's `DeviceLink`.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the device's
        cls: type[Device],
        driver: DriverDescription,
        settings: dict[str, Any],
        *,
        found: Found | None = None,
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
        self._outbox = outbox
        self._book = book
        self._timing = timing
        self._members = {member.name: member for member in members_of(cls)}
        self._handlers = handlers_of(cls)
        self._codecs: dict[str, Codec] = {}
        self._device: Device | None = None
        self._lost: asyncio.Future[HubError] | None = None
        self._problem: HubError = Unreachable("not connected yet")
        self._described: DeviceDescription | None = None
        self._revision = 0
        self._describing: asyncio.Handle | None = None
        self._timeouts = 0
        self._calling: set[asyncio.Task[Any]] = set()
        self._bad: set[str] = set()
        self._life: asyncio.Task[None] | None = None
        self._streams = {
            name: FrameStreamRunner(
                id,
                name,
                self._generator(name),
                sender=sender,
                book=book,
                timing=timing,
                tell=lambda error, name=name: self._tell_stream(name, error),  # type: ignore[misc]
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
        if self._life is not None:
            self._life.cancel()
            await asyncio.wait({self._life}, timeout=self._timing.disconnect + self._timing.grace)

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
        """Set a property and read it back; returns value, time and quality."""
        value = self._codec(name, "type").from_json(data)
        set_ = self._handler(name, "write")

        async def write_and_read() -> Message:
            await set_(value)
            return await self._read(name)

        what = f"{self.id}.{name} write"
        reading: Message = await self._call(what, self.limit(name), write_and_read)
        return reading

    async def run(self, name: str, data: Any, progress: Callable[[float, str], None]) -> Any:
        """Run an action and return its result as JSON-ready data."""
        member = self._members.get(name)
        act = self._handler(name, "run")
        takes = getattr(member, "input", None) is not None
        call = RunningCall(self._codec(name, "input").from_json(data) if takes else None, progress)
        result = await self._call(f"{self.id}.{name} run", self.limit(name), lambda: act(call))
        if getattr(member, "output", None) is None:
            return None
        return self._codec(name, "output").to_json(result)

    # What the driver tells (DeviceLink).

    def reading(self, name: str, reading: Reading[Any]) -> None:
        """Take a reading of the property `name`."""
        try:
            value = self._codec(name, "type").to_json(reading.value)
        except HubError as error:
            self._bad_reading(name, error)
            return
        self._bad.discard(name)
        self._tell_reading(
            name, {"value": value, "time": reading.time, "quality": str(reading.quality)}
        )

    def event(self, name: str, data: Any, time: float) -> None:
        """Take an event."""
        member = self._members.get(name)
        try:
            takes = isinstance(member, Event) and member.data is not None
            value = self._codec(name, "data").to_json(data) if takes else None
        except HubError as error:
            self._bad_reading(name, error)
            return
        self._outbox.happened(
            {"op": "event", "device": self.id, "name": name, "data": value, "time": time}
        )

    def samples(self, name: str, samples: Sequence[Any]) -> None:
        """Take a batch of samples."""
        try:
            codec = self._codec(name, "type")
            values = [codec.to_json(sample) for sample in samples]
        except HubError as error:
            self._bad_reading(name, error)
            return
        self._outbox.happened({"op": "samples", "device": self.id, "name": name, "samples": values})

    def health(self, problem: Problem | None) -> None:
        """Take the device's health: None when all is well."""
        data = None if problem is None else problem.model_dump(mode="json")
        self._outbox.newest(
            (self.id, "health"), {"op": "health", "device": self.id, "problem": data}
        )

    def narrowed(self) -> None:
        """Learn that the device's description has changed; several changes are told as one."""
        if self.connected and self._describing is None:
            self._describing = asyncio.get_running_loop().call_soon(self._describe)

    # Its life.

    async def _live(self) -> None:
        attempt = 0
        try:
            while True:
                started = time.monotonic()
                self._problem = await self._connect() or await self._serve()
                self._lost = None
                self._tell_state(self._problem)
                await self._let_go()
                attempt = 0 if time.monotonic() - started > STABLE else attempt + 1
                if self._problem.retryable:
                    pause = backoff(attempt - 1, self._timing.again, self._timing.again_most)
                else:
                    pause = self._timing.slow * random.uniform(0.75, 1.0)  # noqa: S311
                await asyncio.sleep(max(pause, 0.0))
        finally:
            self._lost = None
            await self._let_go()

    async def _connect(self) -> HubError | None:
        what = f"{self.id} connect"
        try:
            if self._device is None:
                self._device = self._make()
            self._device.omitted.clear()
            self._device.narrowings.clear()
            await self._book.run(what, self._timing.connect, self._device.connect())
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            return as_hub_error(error, what, self._log)
        return None

    def _make(self) -> Device:
        try:
            settings = self._cls.Settings.model_validate(self._settings)
        except ValidationError as error:
            raise BadSettings(where(error)) from None
        return self._cls(settings, self, id=self.id, found=self._found)

    async def _serve(self) -> HubError:
        self._lost = asyncio.get_running_loop().create_future()
        self._timeouts = 0
        tasks = [asyncio.create_task(self._first_readings(), name=f"{self.id} first readings")]
        try:
            self._describe()
            self._tell_state(None)
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
            await self._book.run(what, self._timing.disconnect, self._device.disconnect())
        except Exception as error:  # noqa: BLE001 - whatever a driver raises is told
            self._log.warning("%s failed: %s", what, as_hub_error(error, what, self._log).detail)

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
                self._bad_reading(name, error)
        else:
            self._bad.discard(name)
            self._tell_reading(name, reading)

    # Calls into the driver.

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
        value = await self._handler(name, "read")()
        return {"value": self._codec(name, "type").to_json(value), "time": time.time()} | {
            "quality": "good"
        }

    def _handler(self, name: str, how: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        found = self._handlers.get((name, how))
        if found is None or self._device is None or name in self._device.omitted:
            raise NotFound(f"{self.id} has no {name} to {how}")
        method: Callable[..., Coroutine[Any, Any, Any]] = getattr(self._device, found[0])
        return method

    def _generator(self, name: str) -> Callable[[], Any]:
        # The handler is looked up anew each time: the device is made when it first connects.
        def begin() -> Any:
            return self._handler(name, "frames")()

        return begin

    def _codec(self, name: str, attribute: str) -> Codec:
        key = f"{name} {attribute}"
        if key not in self._codecs:
            self._codecs[key] = Codec(getattr(self._members.get(name), attribute))
        return self._codecs[key]

    @property
    def _log(self) -> logging.Logger:
        return log if self._device is None else self._device.log

    # What the hub is told.

    def _describe(self) -> None:
        self._describing = None
        if self._device is None or not self.connected:
            return
        described = describe_device(self._driver, self._device, 0)
        if described != self._described:
            self._revision += 1
            self._described = described
        data = described.model_copy(update={"revision": self._revision}).model_dump(mode="json")
        self._outbox.send({"op": "description", "device": self.id, "description": data})

    def _tell_state(self, problem: HubError | None) -> None:
        data = None if problem is None else error_to_wire(problem)
        self._outbox.send(
            {"op": "state", "device": self.id, "reachable": problem is None, "problem": data}
        )

    def _tell_stream(self, name: str, error: HubError | None) -> None:
        data = None if error is None else error_to_wire(error)
        self._outbox.send({"op": "stream", "device": self.id, "name": name, "problem": data})

    def _tell_reading(self, name: str, reading: Message) -> None:
        message = {"op": "reading", "device": self.id, "name": name, **reading}
        self._outbox.newest((self.id, name), message)

    def _bad_reading(self, name: str, error: HubError) -> None:
        if isinstance(self._members.get(name), Event | SampleStream | Property):
            if name not in self._bad:
                self._bad.add(name)
                self._log.warning("%s: %s (%s)", name, error.code, error.detail)
            if isinstance(self._members[name], Property):
                self._tell_reading(name, {"value": None, "time": time.time(), "quality": "bad"})


class RunningCall:
    """A running action as its driver sees it (`hub.device.Call`)."""

    def __init__(self, input: Any, tell: Callable[[float, str], None]) -> None:  # noqa: A002
        self.input = input
        self._tell = tell

    async def progress(self, fraction: float, message: str = "") -> None:
        """Tell how far the action is."""
        self._tell(float(fraction), str(message))
