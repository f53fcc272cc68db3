"""The check of the timetable on the class's screen, until the lesson begins."""

from collections.abc import Callable

from hub.bus import Message
from hub.plugin import N_, PluginHub

ELEMENT = "hub-screen-check"
_BY = {"by": "timetable"}


class OnScreen:
    """Puts what the check has found on the class's screen, and takes it off again.

    Args:
        hub: whose screen it is.
        used: whether the engineer wants it.
    """

    def __init__(self, hub: PluginHub, *, used: bool) -> None:
        self._hub = hub
        self._used = used
        self._end: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to listen for lessons."""
        self._end = self._hub.bus.subscribe("lessons/+", self._heard)

    def stop(self) -> None:
        """Leave off."""
        self._end()

    def show(self) -> None:
        """Show it, unless something is on the screen: whoever put that there wants to see it."""
        if self._used and not self._hub.showing.now():
            self._hub.show(ELEMENT, _BY, N_("Before the lesson"))

    def _heard(self, message: Message) -> None:
        change = message.payload
        if not isinstance(change, dict) or change.get("change") != "started":
            return
        # A teacher who put it there by hand wants it to stay.
        for side, thing in self._hub.showing.now().items():
            if thing.element == ELEMENT and thing.attributes.get("by") == _BY["by"]:
                self._hub.showing.clear(side)
                return
