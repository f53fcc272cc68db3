"""What wears and is no property of a device: pictures of a microscope, touches of a globe's pen.

Lamp hours and metres of filament are properties that drivers tell. What is counted here waits in
memory and is told as what it rose by; history writes it down once a minute, so that a touch costs
no write and a power cut a minute's count at most. A tablet's pen tells samples and no touches: to
count them the hub would have to listen all day.
"""

from collections.abc import Callable, Iterator

from hub.plugin import N_, Bus, Message
from plugins.health.series import SeriesInfo
from plugins.health.watching.devices import Value

CAPTURED = "x/microscopy/+/captured"
TAPPED = "+/e/tap"
# Of a double tap both touches are told; a hold follows the touch that it began with.
TOUCHES = frozenset(("tap", "double"))
MOST_DEVICES = 1000


class Wear:
    """Counts what wears by device, as plugins and devices tell of it.

    Args:
        bus: where they tell.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._captures: dict[str, int] = {}
        self._taps: dict[str, int] = {}
        self._leave: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to count."""
        self._leave = [
            self._bus.subscribe(CAPTURED, self._hear_capture),
            self._bus.subscribe(TAPPED, self._hear_tap),
        ]

    def stop(self) -> None:
        """End."""
        for leave in self._leave:
            leave()
        self._leave = []

    def values(self) -> Iterator[Value]:
        """Yield what came since the last time."""
        captures, self._captures = self._captures, {}
        taps, self._taps = self._taps, {}
        for device, count in captures.items():
            series = SeriesInfo(device, "captures", N_("Captures"), "1", sums=True)
            yield Value(series, float(count))
        for device, count in taps.items():
            series = SeriesInfo(device, "taps", N_("Touches of the pen"), "1", sums=True)
            yield Value(series, float(count))

    def _hear_capture(self, message: Message) -> None:
        _count(self._captures, message.topic.split("/")[2])

    def _hear_tap(self, message: Message) -> None:
        data = message.payload.get("data") if isinstance(message.payload, dict) else None
        if isinstance(data, dict) and data.get("kind") in TOUCHES:
            _count(self._taps, message.topic.partition("/")[0])


def _count(waiting: dict[str, int], device: str) -> None:
    if device in waiting or len(waiting) < MOST_DEVICES:
        waiting[device] = waiting.get(device, 0) + 1
