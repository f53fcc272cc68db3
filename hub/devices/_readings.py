"""The last readings of one device: kept, told when they change, stale when it is gone."""

import time
from typing import Any

from hub.bus import Bus
from hub.clock import rfc3339
from hub.device import Quality, Reading
from hub.rights import Access
from hub.wire import Message, WireError

TELL_AGAIN = 30.0


def reading_payload(reading: Reading[Any]) -> dict[str, Any]:
    """Return a reading as JSON-ready data: value, time (RFC 3339), quality."""
    return {
        "value": reading.value,
        "time": rfc3339(reading.time),
        "quality": reading.quality.value,
    }


class Readings:
    """The readings of one device.

    A reading is published on `<device>/p/<property>` when its value or quality has changed, and
    again after `TELL_AGAIN` seconds where it has not.

    Attributes:
        known: the last reading of each property.
        count: how many were taken.
    """

    def __init__(self, device: str, bus: Bus) -> None:
        self.known: dict[str, Reading[Any]] = {}
        self.count = 0
        self._device = device
        self._bus = bus
        self._told: dict[str, tuple[Any, Quality, float]] = {}

    def take(self, name: str, message: Message, audience: Access) -> Reading[Any]:
        """Take what a driver tells of a property: value, time, quality.

        A bad reading without a value keeps the value that was read before. Where there was none, it
        is neither kept nor told: `null` is the value of nothing but properties that may be null.

        Raises:
            WireError: it is no reading.
        """
        moment = message.get("time")
        if isinstance(moment, bool) or not isinstance(moment, int | float):
            raise WireError("a reading has a time")
        if "value" not in message or not 0 <= moment < 1e11:
            raise WireError("a reading has a value and a time that can be said")
        try:
            quality = Quality(str(message.get("quality")))
        except ValueError:
            raise WireError("a reading has a quality") from None
        value = message["value"]
        if value is None and quality is Quality.BAD:
            if name not in self.known:
                return Reading(value, float(moment), quality)
            value = self.known[name].value
        reading = Reading(value, float(moment), quality)
        self.known[name] = reading
        self.count += 1
        self._tell(name, reading, audience)
        return reading

    def keep_only(self, names: set[str]) -> None:
        """Forget the properties that the device does not have any more."""
        for name in set(self.known) - names:
            del self.known[name]

    def stale(self, name: str, audience: Access) -> None:
        """Mark a reading as stale: the device cannot be asked."""
        last = self.known[name]
        self.known[name] = Reading(last.value, last.time, Quality.STALE)
        self._tell(name, self.known[name], audience)

    def _tell(self, name: str, reading: Reading[Any], audience: Access) -> None:
        now = time.monotonic()
        value, quality, told = self._told.get(name, (None, None, -TELL_AGAIN))
        if value == reading.value and quality == reading.quality and now - told < TELL_AGAIN:
            return
        self._told[name] = (reading.value, reading.quality, now)
        topic = f"{self._device}/p/{name}"
        self._bus.publish(topic, reading_payload(reading), retained=True, audience=audience)
