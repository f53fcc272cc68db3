"""Plays a recording to its driver, in a driver process of its own, without a hub."""

import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from hub.device import DeviceDescription, Problem, Unreachable
from hub.device.transports import Recording
from hub.errors import HubError
from hub.processes import Catalogue, DriverMissing, Supervisor, Timing
from hub.wire import Message, WireError, error_of, problem_from_wire

DEVICE = "replay"
PULL_EVERY = 0.04
MOST_START = 30.0

What = Literal["state", "description", "reading", "event", "samples", "health", "stream", "frame"]


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that the driver told while it was replayed.

    Attributes:
        what: `state` (data: `{"reachable": …, "problem": …}`), `description`, `reading` (data:
            `{"value", "time", "quality"}`), `event` (the event's data), `samples` (a list),
            `health` (a problem or None), `stream` (why a stream gives nothing, or None), `frame`
            (data: `{"size", "type"}`).
        name: the member's; empty for state, description, health.
        data: JSON-ready. What a device says in it is untrusted text.
    """

    what: What
    name: str
    data: Any


@dataclass(slots=True)
class ReplayEnd:
    """How a replay went.

    Attributes:
        played: recorded connections that were played. connections: all of them.
        seconds: that the recording covers. whole: it was ended in order, not cut by a crash.
        told: how often the driver told what.
        problem: why it did not come to its end, such as `replay-diverged`; None where it did.
    """

    played: int = 0
    connections: int = 0
    seconds: float = 0.0
    whole: bool = False
    told: dict[str, int] = field(default_factory=dict)
    problem: HubError | None = None


async def replay(
    path: Path,
    *,
    tell: Callable[[Happening], None],
    pace: Literal["original", "fast"] = "original",
    settings: Mapping[str, Any] | None = None,
    extra_drivers: Mapping[str, str] | None = None,
) -> ReplayEnd:
    """Play a recording to its driver and tell what the driver makes of it.

    The driver is the installed one that the recording names; it runs unchanged in a process of its
    own and speaks to the recording in place of the device. Its frame streams are pulled, so that
    they run. Returns once the recording is played; cancelling ends it at once. For the command
    line: the exit code is 0 where `problem` is None.

    Args:
        path: of the recording.
        tell: called with everything that the driver tells, in order.
        pace: `fast` leaves out the device's pauses (a driver's own waits stay).
        settings: the driver's, in place of those of the recording (there, secrets are `*`).
        extra_drivers: drivers beside the installed ones, for tests: name -> "module:Class".

    Raises:
        BadRecording: the file is none. OSError: it cannot be read.
        DriverMissing, DriverBroken: its driver is not installed, or cannot be loaded.
    """
    recording = await asyncio.to_thread(Recording, path)
    recording.close()
    header = recording.header
    listener = _Listener(tell)
    end = ReplayEnd(
        connections=sum(not one.late for one in recording.connections),
        seconds=recording.duration,
        whole=recording.whole,
        told=listener.told,
    )
    with tempfile.TemporaryDirectory(prefix="classhub-replay-") as cache:
        catalogue = Catalogue(Path(cache), extra_drivers)
        entry = catalogue.entries().get(header.driver)
        if entry is None:
            raise DriverMissing(f"the recording is of the driver {header.driver}")
        driver = await catalogue.describe(entry)
        streams = [n for n, one in driver.members.streams.items() if one.content == "frames"]
        supervisor = Supervisor(entry, Timing(), name=DEVICE)
        absolute = Path.cwd() / path
        played = {"path": str(absolute), "pace": pace, "again": False}
        start = {"settings": dict(settings or {}), "replay": played}
        supervisor.add(DEVICE, start, listener)
        supervisor.start()
        pulling = asyncio.create_task(_pull(supervisor, streams), name="replay: frames")
        try:
            await _play(supervisor, listener, recording.duration, end)
        finally:
            pulling.cancel()
            await asyncio.gather(pulling, return_exceptions=True)
            await supervisor.stop()
    return end


async def _play(
    supervisor: Supervisor, listener: "_Listener", duration: float, end: ReplayEnd
) -> None:
    limit = duration * 1.5 + MOST_START
    try:
        async with asyncio.timeout(limit):
            await listener.started.wait()
            answer = await supervisor.call({"op": "replayed", "device": DEVICE}, limit)
            end.played = int(answer["played"])
    except TimeoutError:
        end.problem = Unreachable(f"it was not played to its end within {limit:.0f} s")
    except HubError as error:
        end.problem = error
    if end.problem is None and listener.problem is not None and not listener.reached:
        # The recording is of a device that was never reached: played, and nothing else to tell.
        end.problem = listener.problem


async def _pull(supervisor: Supervisor, streams: list[str]) -> None:
    while True:
        for name in streams:
            supervisor.send({"op": "pull", "device": DEVICE, "name": name})
        await asyncio.sleep(PULL_EVERY)


class _Listener:
    """Hears of the device (`DeviceListener`)."""

    def __init__(self, tell: Callable[[Happening], None]) -> None:
        self.told: dict[str, int] = {}
        self.started = asyncio.Event()
        self.reached = False
        self.problem: HubError | None = None
        self._tell = tell

    def process_state(self, state: str, problem: Problem | None) -> None:
        """Learn how the process is."""
        if state == "fault" and problem is not None:
            self.problem = error_of(problem)
        if state in ("running", "fault"):
            self.started.set()

    def message(self, message: Message) -> None:
        """Take what the driver tells."""
        with contextlib.suppress(KeyError):
            match message["op"]:
                case "reading":
                    keys = ("value", "time", "quality")
                    self._say("reading", message["name"], {key: message[key] for key in keys})
                case "event":
                    self._say("event", message["name"], message["data"])
                case "samples":
                    self._say("samples", message["name"], message["samples"])
                case "stream":
                    self._say("stream", message["name"], message["problem"])
                case "health":
                    self._say("health", "", message["problem"])
                case "description":
                    DeviceDescription.model_validate(message["description"])
                    self._say("description", "", message["description"])
                case "state":
                    self._on_state(message)
                case other:
                    raise WireError(f"no message {other}")

    def frame(self, stream: str, data: bytes, media_type: str, taken: float) -> None:  # noqa: ARG002
        """Take a frame."""
        self._say("frame", stream, {"size": len(data), "type": media_type})

    def last_words_over(self) -> None:
        """Nothing is left open here."""

    def _on_state(self, message: Message) -> None:
        reachable = message["reachable"] is True
        self.reached = self.reached or reachable
        if message["problem"] is not None:
            self.problem = error_of(problem_from_wire(message["problem"]))
        data = {"reachable": reachable, "problem": message["problem"]}
        self._say("state", "", data)

    def _say(self, what: What, name: str, data: Any) -> None:
        self.told[what] = self.told.get(what, 0) + 1
        self._tell(Happening(what, name, data))
