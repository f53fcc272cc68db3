"""What wears and is no property of a device: the pictures that a microscope was asked for.

Lamp hours and metres of filament are properties that drivers tell; pen taps are events.
"""

from collections.abc import Callable, Iterator

from hub.plugin import N_, Bus, Message
from plugins.health.series import SeriesInfo
from plugins.health.watching.devices import Value

CAPTURED = "x/microscopy/+/captured"
MOST_DEVICES = 1000


class Captures:
    """Counts captures by device, as the plugin `microscopy` tells of them.

    Args:
        bus: where it tells.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._waiting: dict[str, int] = {}
        self._leave: Callable[[], None] | None = None

    def start(self) -> None:
        """Begin to count."""
        self._leave = self._bus.subscribe(CAPTURED, self._hear)

    def stop(self) -> None:
        """End."""
        if self._leave is not None:
            self._leave()
            self._leave = None

    def values(self) -> Iterator[Value]:
        """Yield what came since the last time."""
        waiting, self._waiting = self._waiting, {}
        for device, count in waiting.items():
            yield Value(
                SeriesInfo(device, "captures", N_("Captures"), "1", sums=True), float(count)
            )

    def _hear(self, message: Message) -> None:
        device = message.topic.split("/")[2]
        if device in self._waiting or len(self._waiting) < MOST_DEVICES:
            self._waiting[device] = self._waiting.get(device, 0) + 1
