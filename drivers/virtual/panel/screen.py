"""A screen that is switched on and off: lamp, input, sound, picture."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

POWERS = ("off", "on", "cooling", "warming")
DIGITS = {"off": "0", "on": "1", "cooling": "2", "warming": "3"}


@dataclass
class Screen:
    """How a panel is, by its own clock.

    Attributes:
        warm_up, cool_down: seconds between off and on.
        clock: seconds; tests have their own.
    """

    warm_up: float = 3.0
    cool_down: float = 2.0
    clock: Callable[[], float] = time.monotonic
    source: str = "31"
    volume: int = 20
    muted: bool = False
    blank: bool = False
    frozen: bool = False
    locked: bool = False
    touch_locked: bool = False
    lamp_hours: int = 1234
    filter_hours: int = 56
    errors: str = "000000"
    commands: list[str] = field(default_factory=list)
    _wanted: bool = False
    _since: float = -1e9

    @property
    def power(self) -> str:
        """off, on, cooling or warming."""
        past = self.clock() - self._since
        if self._wanted:
            return "on" if past >= self.warm_up else "warming"
        return "off" if past >= self.cool_down else "cooling"

    def switch(self, on: bool) -> bool:
        """Switch it; False where it does not take that now."""
        now = self.power
        if now in ("warming", "cooling"):
            return (now == "warming") == on
        if on == self._wanted:
            return True
        self._wanted, self._since = on, self.clock()
        self.muted = self.blank = self.frozen = False
        return True

    def note(self, what: str) -> None:
        """Keep what was asked, the newest ten thousand."""
        self.commands.append(what)
        del self.commands[:-10_000]
