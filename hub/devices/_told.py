"""What one device's driver tells of its members, on the bus for those who may hear of them."""

from typing import Any

from hub.bus import Bus
from hub.clock import rfc3339
from hub.device import Reading
from hub.devices._members import DeviceMembers
from hub.devices._readings import Readings
from hub.wire import Message, WireError


class Told:
    """The readings, events and samples of one device.

    Attributes:
        readings: the last of each property.
    """

    def __init__(self, device: str, bus: Bus, members: DeviceMembers) -> None:
        self.readings = Readings(device, bus)
        self._device = device
        self._bus = bus
        self._members = members
        self._events = 0

    @property
    def counters(self) -> dict[str, int]:
        """How many readings and events were told since the hub started."""
        return {"events": self._events, "readings": self.readings.count}

    def reading(self, name: str, message: Message) -> Reading[Any]:
        """Take a reading (WireError where it is none, or of nothing that the device has)."""
        described = self._members.described
        if described is None or name not in described.properties:
            raise WireError(f"no property {str(name)[:100]}")
        return self.readings.take(name, message, self._members.access("observe", name))

    def event(self, message: Message) -> None:
        """Pass on that something has happened (WireError where the device has no such event)."""
        access = self._members.audience("events", message["name"])
        self._events += 1
        payload = {"data": message["data"], "time": rfc3339(float(message["time"]))}
        self._bus.publish(f"{self._device}/e/{message['name']}", payload, audience=access)

    def samples(self, message: Message) -> None:
        """Pass on samples (WireError where the device has no such stream)."""
        access = self._members.audience("streams", message["name"])
        payload = {"samples": message["samples"]}
        self._bus.publish(f"{self._device}/s/{message['name']}", payload, audience=access)

    def stale(self) -> None:
        """Mark every reading as stale: the device cannot be asked."""
        for name in list(self.readings.known):
            self.readings.stale(name, self._members.access("observe", name))
