"""The base of every contract and driver."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from hub.device._discovery import Candidate, Found, Match
from hub.device._errors import BadSettings
from hub.device._members import Event, FrameStream, Member, Property, SampleStream
from hub.device._values import Problem, Quality, Reading
from hub.device.transports import Transports

T = TypeVar("T")

Isolation = Literal["device", "driver"]

CHECK_LIMIT = 15.0
"""Seconds within which `Device.check` ends."""


class DeviceSettings(BaseModel):
    """What an engineer sets for one device of a driver: address, port, password.

    Secrets are `pydantic.SecretStr`; they never leave the hub.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class DeviceLink(Protocol):
    """Where a driver's reports go; the driver's host gives it one."""

    def reading(self, name: str, reading: Reading[Any]) -> None:
        """Take a reading of the property `name`."""

    def event(self, name: str, data: Any, time: float) -> None:
        """Take an event."""

    def samples(self, name: str, samples: Sequence[Any]) -> None:
        """Take a batch of samples."""

    def health(self, problem: Problem | None) -> None:
        """Take the device's health: None when all is well."""

    def narrowed(self) -> None:
        """Learn that the device's description has changed."""

    def lost(self, error: Exception) -> None:
        """Learn that background work failed: the connection is of no more use."""


class Device:
    """One device: a kind's contract inherits this, a driver inherits the contract.

    A contract names its kind in the class statement, and the Lucide icon that pages show for it:
    `class Microscope(Device, kind="microscope", icon="microscope")`. The docstring's first line of
    a contract or driver is its title for people.

    Class attributes of a driver:
        title: what people call what it drives (message id); the docstring's first line otherwise.
        Settings: the model of its settings.
        isolation: "device", one process for each (cameras, printers), or "driver", one for all.
        urgent: a moment's delay spoils what it does (a print); its process goes before others where
            the system allows it. Not for what computes.
        discovery: what its devices look like on a bus; empty where they cannot be found.
        searching: seconds that `search` takes at most; 0 where the driver has none.
    """

    kind: ClassVar[str] = ""
    kind_title: ClassVar[str] = ""
    kind_icon: ClassVar[str] = "cpu"
    title: ClassVar[str] = ""
    isolation: ClassVar[Isolation] = "device"
    urgent: ClassVar[bool] = False
    discovery: ClassVar[Sequence[Match]] = ()
    searching: ClassVar[float] = 0.0

    class Settings(DeviceSettings):
        """A driver without settings."""

    def __init_subclass__(
        cls, kind: str = "", title: str = "", icon: str = "cpu", **kwargs: Any
    ) -> None:
        super().__init_subclass__(**kwargs)
        if kind:
            cls.kind = kind
            cls.kind_title = title
            cls.kind_icon = icon

    def __init__(
        self,
        settings: DeviceSettings,
        link: DeviceLink,
        *,
        id: str = "",  # noqa: A002 - the device's
        found: Found | None = None,
        transports: Transports | None = None,
        folder: Path | None = None,
    ) -> None:
        self.settings = settings
        self.link = link
        self.id = id
        self.found = found
        self.transports = transports or Transports()
        self._folder = folder
        self.log = logging.getLogger(f"classhub.driver.{id or type(self).__name__}")
        self.omitted: set[str] = set()
        self.narrowings: dict[str, dict[str, Any]] = {}
        self.delays: dict[str, float] = {}
        self._background: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """Reach the device, check that it is the right one, learn what it can do.

        Raises:
            Unreachable: it does not answer; the host waits and tries again.
            WrongDevice: something else answers.
            AccessRefused: it refuses.
        """

    @classmethod
    async def search(cls, heard: Callable[[Candidate], None]) -> None:
        """Look for devices that show themselves on no bus, because a person has asked for it.

        In a process of its own, for `searching` seconds; `heard` is called for each that is found,
        and what was heard until it is ended counts. A question to everybody disturbs the whole
        network: it is asked here, and nowhere else.

        Raises:
            DeviceError: nothing could be asked.
        """

    async def disconnect(self) -> None:
        """Let go of everything that `connect` took. Must not fail, may be called twice."""

    async def check(self) -> str | None:
        """Try whether the device works, so that nobody who uses it notices.

        Asked before lessons, beside all other calls, within `CHECK_LIMIT` seconds. Ask the device
        itself something, rather than telling what is known of it; set, move and heat nothing. While
        it does what must not be disturbed, tell so and leave it alone. Of a device with frame
        streams the hub takes a picture besides. A driver that does not say otherwise shows by its
        answer that it runs and has its device open.

        Returns:
            What was tried, for people (message id); None for no more than that the driver answers.

        Raises:
            HubError: it does not work, as of any call.
        """
        return None

    async def folder(self) -> Path:
        """Return the folder of the hub's data that is this driver's own; it is made if it is not.

        All devices of the driver share it. It is for files that people put there: it is in no
        backup, and a restore leaves it as it is.

        Raises:
            BadSettings: it does not run in a hub, which would give it one.
        """
        if self._folder is None:
            raise BadSettings("no folder: the driver runs without a hub")
        await asyncio.to_thread(self._folder.mkdir, mode=0o750, parents=True, exist_ok=True)
        return self._folder

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Do `work` beside the calls for as long as this connection lasts; call it in `connect`.

        It is for what listens: a scale that speaks unasked, the reports of a pen. It is cancelled
        before `disconnect`. What it raises ends the connection, as when a call raises
        `Unreachable`: the device is let go of and connected again. To return is no error.
        """
        task = asyncio.create_task(work, name=f"{self.id or type(self).__name__} background")
        self._background.add(task)
        task.add_done_callback(self._background_ended)

    async def end_background(self) -> None:
        """Cancel the background work and wait for it: the host's to call, and a test's."""
        tasks = list(self._background)
        self._background.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _background_ended(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled():
            return
        error = task.exception()
        # What fails while it is being ended no longer matters.
        if isinstance(error, Exception) and task in self._background:
            self.link.lost(error)
        self._background.discard(task)

    def report(self, member: Property[T], value: T, quality: Quality = Quality.GOOD) -> None:
        """Tell that a property now has this value, without having been asked."""
        self.link.reading(member.name, Reading(value, time.time(), quality))

    def emit(self, member: Event[T], data: T) -> None:
        """Tell that an event happened now."""
        self.link.event(member.name, data, time.time())

    def sample(self, member: SampleStream[T], samples: Sequence[T]) -> None:
        """Hand over a batch of samples."""
        self.link.samples(member.name, samples)

    def health(self, problem: Problem | None) -> None:
        """Tell how the device is; None when all is well again."""
        self.link.health(problem)

    def omit(self, *members: Member) -> None:
        """Leave optional members out of this device; call it while connecting."""
        for member in members:
            if not member.optional:
                raise ValueError(f"{member.name} is not optional in the contract")
            self.omitted.add(member.name)
        self.link.narrowed()

    def narrow(
        self,
        member: Property[T],
        *,
        minimum: float | None = None,
        maximum: float | None = None,
        choices: Sequence[T] | None = None,
        writable: bool | None = None,
    ) -> None:
        """Narrow a property to what this very device can do; call it while connecting."""
        given = {"minimum": minimum, "maximum": maximum, "choices": choices, "writable": writable}
        self.narrowings[member.name] = {k: v for k, v in given.items() if v is not None}
        self.link.narrowed()

    def delay(self, stream: FrameStream, seconds: float) -> None:
        """Say how long before its `Frame.time` a picture may have been begun, at most.

        Of a camera whose frames carry the time of their arrival, say how long they are on their
        way; what is kept of a frame then names a setting only where it held all that while. Call it
        while connecting; without it a frame's time is the time of its exposure.
        """
        self.delays[stream.name] = seconds
        self.link.narrowed()
