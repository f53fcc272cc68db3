"""Input events into frames: what was true at one moment (Documentation/input/event-codes.rst)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from drivers.input.codes import EV_SYN, SYN_DROPPED, SYN_REPORT
from hub.device.transports import InputEvent

MOST = 4096
"""Events of one frame; a device that says more without an end is not believed."""


class InputFrame(NamedTuple):
    """The events up to a SYN_REPORT, without it.

    Attributes:
        time: of the SYN_REPORT, seconds by the device's clock.
        events: may be empty.
        lost: the kernel dropped events before: nothing in it is known, the state is to be read.
    """

    time: float
    events: Sequence[InputEvent]
    lost: bool = False


class Framing:
    """Gathers events; after SYN_DROPPED all up to the next SYN_REPORT is discarded."""

    def __init__(self) -> None:
        self._events: list[InputEvent] = []
        self._lost = False

    def reset(self) -> None:
        """Forget half a frame."""
        self._events = []
        self._lost = False

    def feed(self, events: Sequence[InputEvent]) -> Iterator[InputFrame]:
        """Yield the frames that these events end."""
        for event in events:
            if event.type == EV_SYN and event.code == SYN_REPORT:
                frame = InputFrame(event.time, () if self._lost else self._events, self._lost)
                self.reset()
                yield frame
            elif event.type == EV_SYN and event.code == SYN_DROPPED:
                self._events = []
                self._lost = True
            elif not self._lost:
                self._events.append(event)
                if len(self._events) > MOST:
                    self._events = []
                    self._lost = True
