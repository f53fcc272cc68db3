"""One device, whole: description, state, readings, writes, actions, frames."""

import logging
import time
from pathlib import Path
from typing import Any

from hub.bus import Bus
from hub.clock import rfc3339
from hub.device import (
    Device,
    DeviceDescription,
    DriverDescription,
    Found,
    Problem,
    Quality,
    Reading,
    Unreachable,
)
from hub.devices._asking import Asking
from hub.devices._checking import tried
from hub.devices._condition import Condition
from hub.devices._config import DeviceConfig, DeviceState
from hub.devices._discreet import discreet_error, discreet_problem
from hub.devices._errors import NotWritable
from hub.devices._feeds import Feeds
from hub.devices._kept import KeptValues
from hub.devices._lending import Lend, lent, nothing_to_lend
from hub.devices._members import DeviceMembers, Group, Op
from hub.devices._schema import check_value
from hub.devices._told import Told
from hub.errors import N_, HubError, NotFound
from hub.frames import FrameFeed
from hub.histogram import Histogram
from hub.logs import secrets_of
from hub.operations import Operation, Operations, Progress
from hub.processes import DriverBroken, Supervisor
from hub.rights import Access, Principal
from hub.things import thing_description
from hub.wire import ForeignError, Message, WireError, error_of, problem_from_wire

log = logging.getLogger("classhub.devices")

FRESH = 1.0


class DeviceHandle:
    """One device.

    Attributes:
        config: as the engineer configured it.
        calls: how long it took to be asked, be set, or do something.

    Of the arguments, `folder` is that of its driver's own files.
    """

    def __init__(
        self,
        config: DeviceConfig,
        bus: Bus,
        operations: Operations,
        lend: Lend = nothing_to_lend,
        kept: KeptValues | None = None,
        folder: Path | None = None,
    ) -> None:
        self.config = config
        self._kept = kept or KeptValues()
        self._folder = folder
        self._lend = lend
        self._members = DeviceMembers(config.id)
        self._condition = Condition()
        self._counters = {"connects": 0, "losses": 0}
        self.calls = Histogram()
        self._told = Told(config.id, bus, self._members)
        self._bus = bus
        self._operations = operations
        self._supervisor: Supervisor | None = None
        self._closed = False
        self._feeds = Feeds(self)
        self._asking = Asking(config.id, self._call, self._members.limit, self._told.reading)

    # Who it is.

    @property
    def id(self) -> str:
        """Its id, as configured."""
        return self.config.id

    @property
    def name(self) -> str:
        """What people call it; untrusted text."""
        return self.config.name or self.config.id

    @property
    def seat(self) -> str | None:
        """Where it stands."""
        return self.config.seat

    @property
    def driver_name(self) -> str:
        """The name of its driver's entry point."""
        return self.config.driver

    @property
    def driver(self) -> DriverDescription | None:
        """Its driver's description.

        None while it is not known: the driver is missing or broken, as `state.problem` says.
        """
        return self._members.driver

    @driver.setter
    def driver(self, driver: DriverDescription | None) -> None:
        self._members.driver = driver

    @property
    def description(self) -> DeviceDescription | None:
        """What it has, once it was connected; then kept while it is unreachable."""
        return self._members.description

    @property
    def kind(self) -> str:
        """The kind of its contract; empty while the driver is not known."""
        return "" if self.driver is None else self.driver.kind.kind

    @property
    def kind_title(self) -> str:
        """The kind's name for people (message id); "Device" while the driver is not known."""
        return N_("Device") if self.driver is None else self.driver.kind.title

    @property
    def icon(self) -> str:
        """The Lucide icon of its kind."""
        return Device.kind_icon if self.driver is None else self.driver.kind.icon

    @property
    def state(self) -> DeviceState:
        """How it is."""
        return self._condition.state

    @property
    def found(self) -> Found | None:
        """It as discovery has found it.

        None where its config names no identity, or that is not there.
        """
        return self._condition.found

    @property
    def streams(self) -> list[str]:
        """The names of its frame streams."""
        described = self._members.described
        if described is None:
            return []
        return [name for name, one in described.streams.items() if one.content == "frames"]

    @property
    def readings(self) -> dict[str, Reading[Any]]:
        """The last reading of each property, values JSON-ready."""
        return self._told.readings.known

    @property
    def counters(self) -> dict[str, int]:
        """What has been counted since the hub started.

        Those of its process are `Supervisor.counters`; other devices may share it.
        """
        found = {**self._counters, **self._told.counters, **self._feeds.counters}
        if self._supervisor is not None:
            found |= self._supervisor.counters
        return found

    def state_payload(self) -> dict[str, Any]:
        """Return state, name and kind as JSON-ready data, as published on `<device>/state`."""
        return {
            **self.state.model_dump(mode="json"),
            "since": rfc3339(self.state.since),
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "kind_title": self.kind_title,
            "icon": self.icon,
            "driver": self.driver_name,
            "seat": self.seat,
        }

    # What can be done with it.

    def access(self, op: Op, member: str) -> Access:
        """Return who may do `op` with a member.

        `observe` fits properties, events and streams.

        Raises:
            NotFound: it has no such member.
        """
        return self._members.access(op, member)

    def group_of(self, member: str) -> Group:
        """Return which of its groups has a member; names are unique in a device.

        Raises:
            NotFound: none has.
        """
        return self._members.group_of(member)

    async def read(self, name: str, *, now: bool = False) -> Reading[Any]:
        """Return a property's reading, its value JSON-ready.

        A polled property's last reading is returned at once; others are asked for when the last
        is older than a second, or where it must be known how it is `now`. While the device is
        unreachable the last reading is returned, stale.

        Raises:
            NotFound: it has no such property.
            HubError: the device's problem, where nothing was read yet.
        """
        self.access("read", name)
        known = self.readings.get(name)
        if not self.state.reachable:
            if known is not None:
                return known
            raise self.error
        described = self._members.described
        polled = described is not None and described.properties[name].poll is not None
        if not now and known is not None and known.quality is Quality.GOOD:
            fresh = 0 <= time.time() - known.time < FRESH
            if polled or fresh:
                return known
        return await self._asking.read(name)

    async def write(self, name: str, value: Any) -> Reading[Any]:
        """Set a property and return what was read back.

        Raises:
            NotFound, NotWritable: it has no such property, or it cannot be set.
            Invalid, OutOfRange: the value does not fit the property's schema.
            Superseded: a newer value came while this one waited.
            HubError: the device's problem, or what it answered.
        """
        self.access("write", name)
        described = self._members.described
        assert described is not None  # noqa: S101 - `access` has found it
        if not described.properties[name].writable:
            raise NotWritable(f"{self.id}.{name}")
        check_value(described.properties[name].value_schema, value)
        if not self.state.reachable:
            raise self.error
        reading = await self._asking.write(name, value)
        if described.properties[name].kept:
            await self._kept.keep(self.id, name, value)
        return reading

    def invoke(self, name: str, input: Any, *, by: Principal) -> Operation:  # noqa: A002
        """Start an action and return its operation at once.

        Args:
            name: the action.
            input: JSON data; None where the action takes none. Assets in it are lent to the driver.
            by: who wants it.

        Raises:
            NotFound: it has no such action.
            Invalid, OutOfRange: the input does not fit the action's schema.
            HubError: the device's problem.
        """
        self.access("invoke", name)
        described = self._members.described
        assert described is not None  # noqa: S101 - `access` has found it
        action = described.actions[name]
        if action.input is not None:
            check_value(action.input, {} if input is None else input, field="input")
            input = {} if input is None else input  # noqa: A001
        elif input not in (None, {}):
            check_value({"type": "null"}, input, field="input")
        if not self.state.reachable:
            raise self.error

        async def work(progress: Progress) -> Any:
            given = await lent(action.input or {}, input, by, self._lend)
            message = {"op": "run", "device": self.id, "name": name, "input": given}
            return await self._call(message, action.limit, progress)

        return self._operations.start(
            device=self.id, action=name, title=action.title, by=by, work=work
        )

    def frames(self, stream: str) -> FrameFeed:
        """Return the feed of a frame stream, the same object each time.

        Raises:
            NotFound: it has no such stream.
        """
        if stream not in self.streams:
            raise NotFound(f"{self.id} has no stream {stream}")
        return self._feeds.of(stream)

    async def check(self) -> str:
        """Try whether it works, unnoticed; return what was tried (message id).

        Takes as long as `hub.device.CHECK_LIMIT`, and as long again for each of its pictures.

        Raises:
            HubError: it does not work.
        """
        if not self.state.reachable:
            raise self.error
        return await tried(self.id, self._call, [self.frames(name) for name in self.streams])

    @property
    def error(self) -> HubError:
        """Why the device cannot be used now."""
        if self.state.problem is None:
            return Unreachable(f"{self.id} is not connected yet")
        error = error_of(self.state.problem, status=503, retryable=True)
        if error.status < 500:  # wrong settings, say: not the fault of who asks now
            return ForeignError(self.state.problem, status=503)
        return error

    # Its process, seen from here (`DeviceListener`).

    def attach(self, supervisor: Supervisor, driver: DriverDescription) -> None:
        """Have it run by a process."""
        self.driver = driver
        self._supervisor = supervisor
        start: Message = {"settings": self.config.settings}
        if self.found is not None:
            start["found"] = self.found.model_dump(mode="json")
        if self._folder is not None:
            start["folder"] = str(self._folder)
        if self.config.replay is not None:
            start["replay"] = {"path": str(self.config.replay.absolute())}
        else:
            # The very object: a process that is started anew is told the newest.
            start["kept"] = self._kept.of(self.id)
        supervisor.add(self.id, start, self)

    def detach(self, *, last_words: bool = False) -> Supervisor | None:
        """Have it run by nobody; returns the process that it was in, to be ended if it is empty.

        With `last_words` the events and samples that its driver tells while it lets go are
        published.
        """
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.remove(self.id, last_words=last_words)
        self.process_state("stopped", None)
        return supervisor

    def see(self, found: Found | None, absence: HubError | None) -> None:
        """Learn what discovery has found of it, and why it counts as absent (None: it does not)."""
        self._condition.found = found
        self._condition.absence = None if absence is None else Problem.of(absence)
        self._change()

    def configure(self, config: DeviceConfig) -> None:
        """Take a changed configuration; settings count from the next start on."""
        self.config = config
        if self.description is not None:
            self._bus.publish(f"{self.id}/td", thing_description(self), retained=True)
        self.publish_state()

    def broken(self, error: DriverBroken) -> None:
        """Learn that its driver cannot be loaded."""
        self.process_state("fault", Problem.of(error))

    async def close(self) -> None:
        """Let go of everything; its process is ended by its owner."""
        self._closed = True
        self._feeds.close()
        await self._asking.close()

    def process_state(self, state: Any, problem: Problem | None) -> None:
        """Learn how its process is."""
        self._condition.process_problem = problem
        changes: dict[str, Any] = {"process": state}
        if state != "running":
            self._condition.device_problem = None
            changes["reachable"] = False
            changes["health"] = None
        self._change(**changes)
        if state == "running":
            self._feeds.reset()

    def message(self, message: Message) -> None:
        """Take what its driver tells (WireError where it makes no sense)."""
        if self._closed:
            return
        try:
            match message["op"]:
                case "reading":
                    self._told.reading(message["name"], message)
                case "state":
                    self._on_state(message)
                case "description":
                    self._on_description(message["description"])
                case "event":
                    self._told.event(message)
                case "samples":
                    self._told.samples(message)
                case "health":
                    self._change(health=self._problem(message["problem"]))
                case "stream":
                    self._on_stream(message)
                case other:
                    raise WireError(f"no message {other}")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, NotFound) as error:
            raise WireError(f"{message.get('op')}: {type(error).__name__}") from None

    def frame(self, stream: str, data: bytes, media_type: str, taken: float) -> None:
        """Take a frame (WireError where it has no such stream)."""
        self._feeds.offer(stream, data, media_type, taken)

    def last_words_over(self) -> None:
        """Say again that it is not there: what began in its last words ends with that."""
        if not self._closed and not self.state.reachable:
            self.publish_state()

    def send(self, op: str, stream: str) -> None:
        """Tell its process something about a stream."""
        if self._supervisor is not None:
            self._supervisor.send({"op": op, "device": self.id, "name": stream})

    def _on_state(self, message: Message) -> None:
        reachable = message["reachable"] is True
        self._condition.device_problem = self._problem(message["problem"])
        if reachable and not self.state.reachable:
            self._counters["connects"] += 1
        self._change(reachable=reachable)

    def _on_description(self, data: Any) -> None:
        if not self._members.learn(data) or self.description is None:
            return
        self._told.readings.keep_only(set(self.description.properties))
        thing = thing_description(self)
        self._bus.publish(f"{self.id}/td", thing, retained=True)

    def _on_stream(self, message: Message) -> None:
        problem = self._problem(message["problem"])
        self._feeds.fail_one(message["name"], None if problem is None else error_of(problem))

    def _problem(self, data: Any) -> Problem | None:
        """Return a problem as its driver says it, without the secrets that it was given."""
        if data is None:
            return None
        return discreet_problem(problem_from_wire(data), self._secrets())

    def _secrets(self) -> list[str]:
        schema = {} if self.driver is None else self.driver.settings
        return secrets_of(self.config.settings, schema)

    # What it asks of its process.

    async def _call(self, message: Message, limit: float, progress: Progress | None = None) -> Any:
        supervisor = self._supervisor
        if supervisor is None:
            raise self.error
        with self.calls.timed():
            try:
                answer = await supervisor.call(message, limit, progress)
            except HubError as error:
                raise discreet_error(error, self._secrets()) from None
        if self._supervisor is not supervisor:
            # It was removed or started anew meanwhile: a topic that is cleared stays clear.
            raise self.error
        return answer

    async def tape(self, message: Message, limit: float, progress: Progress | None = None) -> Any:
        """Ask its process to record or to spoil its connections (see `hub.recordings`)."""
        return await self._call({**message, "device": self.id}, limit, progress)

    # What it tells.

    def _change(self, **changes: Any) -> None:
        was_reachable = self.state.reachable
        if not self._condition.change(**changes):
            return
        reachable = self.state.reachable
        if was_reachable and not reachable:
            self._counters["losses"] += 1
            self._lost()
        elif reachable and not was_reachable:
            log.info("%s is connected", self.id, extra={"device": self.id})
            self._feeds.fail(None)
        if not reachable and self.state.problem is not None:
            self._feeds.fail(self.error)
        self.publish_state()

    def publish_state(self) -> None:
        """Publish how it is."""
        self._bus.publish(f"{self.id}/state", self.state_payload(), retained=True)

    def _lost(self) -> None:
        problem = self.state.problem
        why = "" if problem is None else f": {problem.code} {problem.detail}"
        code = None if problem is None else problem.code
        log.warning("%s is not reachable%s", self.id, why, extra={"device": self.id, "code": code})
        self._told.stale()
