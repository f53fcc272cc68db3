"""What a driver tells of its device, checked and on its way to the hub."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.device import (
    DeviceDescription,
    Event,
    Member,
    NotNow,
    Problem,
    Property,
    Reading,
    SampleStream,
)
from hub.driver_host._certainty import Certainty
from hub.driver_host._outbox import Outbox
from hub.driver_host._values import Codec
from hub.errors import HubError
from hub.wire import Message, error_to_wire


class Reports:
    """The `DeviceLink` of one driver.

    Attributes:
        certainty: what is certain of the properties that pictures show.

    Args:
        id: the device's.
        members: what it may speak of.
        outbox: leads to the hub.
        narrowed: called when the device's description has changed.
        lost: called with what ended the device's background work.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the device's
        members: Mapping[str, Member],
        outbox: Outbox,
        narrowed: Callable[[], None],
        lost: Callable[[Exception], None],
    ) -> None:
        self._id = id
        self._members = members
        self._outbox = outbox
        self._on_narrowed = narrowed
        self._on_lost = lost
        self._codecs: dict[str, Codec] = {}
        self._bad: set[str] = set()
        self.certainty = Certainty(members, self._doubtful)
        self._log = logging.getLogger(f"classhub.driver.{id}")

    def codec(self, name: str, attribute: str) -> Codec:
        """Return what converts a member's values: its `type`, `data`, `input` or `output`."""
        key = f"{name} {attribute}"
        if key not in self._codecs:
            self._codecs[key] = Codec(getattr(self._members.get(name), attribute))
        return self._codecs[key]

    # What the driver tells (DeviceLink).

    def reading(self, name: str, reading: Reading[Any]) -> None:
        """Take a reading of the property `name`."""
        try:
            value = self.codec(name, "type").to_json(reading.value)
        except HubError as error:
            self.bad_reading(name, error)
            return
        told = {"value": value, "time": reading.time, "quality": str(reading.quality)}
        self.certainty.reported(name, value, reading.time)
        self.good_reading(name, told)

    def event(self, name: str, data: Any, time: float) -> None:
        """Take an event."""
        member = self._members.get(name)
        try:
            takes = isinstance(member, Event) and member.data is not None
            value = self.codec(name, "data").to_json(data) if takes else None
        except HubError as error:
            self.bad_reading(name, error)
            return
        self._outbox.happened(
            {"op": "event", "device": self._id, "name": name, "data": value, "time": time}
        )

    def samples(self, name: str, samples: Sequence[Any]) -> None:
        """Take a batch of samples."""
        try:
            values = self.codec(name, "type").all_to_json(samples)
        except HubError as error:
            self.bad_reading(name, error)
            return
        self._outbox.samples(self._id, name, values)

    def health(self, problem: Problem | None) -> None:
        """Take the device's health: None when all is well."""
        data = None if problem is None else problem.model_dump(mode="json")
        self._outbox.newest(
            (self._id, "health"), {"op": "health", "device": self._id, "problem": data}
        )

    def narrowed(self) -> None:
        """Learn that the device's description has changed; several changes are told as one."""
        self._on_narrowed()

    def lost(self, error: Exception) -> None:
        """Learn that what listens to the device has failed."""
        self._on_lost(error)

    # What the device's runner tells.

    def description(self, description: DeviceDescription) -> None:
        """Tell what the device has."""
        data = description.model_dump(mode="json")
        self._outbox.send({"op": "description", "device": self._id, "description": data})

    def state(self, problem: HubError | None) -> None:
        """Tell whether the device can be reached; `problem` says why not."""
        data = None if problem is None else error_to_wire(problem)
        self._outbox.send(
            {"op": "state", "device": self._id, "reachable": problem is None, "problem": data}
        )

    def stream(self, name: str, error: HubError | None) -> None:
        """Tell how a frame stream is."""
        data = None if error is None else error_to_wire(error)
        self._outbox.send({"op": "stream", "device": self._id, "name": name, "problem": data})

    def good_reading(self, name: str, reading: Message) -> None:
        """Tell a reading that is JSON-ready."""
        self._bad.discard(name)
        message = {"op": "reading", "device": self._id, "name": name, **reading}
        self._outbox.newest((self._id, name), message)

    def _doubtful(self, name: str, reading: Message) -> None:
        message = {"op": "reading", "device": self._id, "name": name, **reading}
        self._outbox.now((self._id, name), message)

    def bad_reading(self, name: str, error: HubError) -> None:
        """Tell that a reading failed, or made no sense; the log has the first of several."""
        member = self._members.get(name)
        if isinstance(member, Event | SampleStream | Property):
            if name not in self._bad:
                self._bad.add(name)
                level = logging.DEBUG if isinstance(error, NotNow) else logging.WARNING
                self._log.log(level, "%s: %s (%s)", name, error.code, error.detail)
            if isinstance(member, Property):
                bad = {"value": None, "time": time.time(), "quality": "bad"}
                message = {"op": "reading", "device": self._id, "name": name, **bad}
                self._outbox.newest((self._id, name), message)
