"""How often somebody may guess a code."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from hub.errors import TooMany

_ADDRESSES = 2000


class Throttle:
    """Counts wrong guesses, of each address and of all, over the last minute.

    A class behind one address joins at once, since right codes are not counted. Whoever looks a
    code up calls `check` and `wrong` where codes are looked up one after the other, so that a
    thousand guesses sent at once are no way round.
    """

    def __init__(
        self,
        *,
        each: int = 10,
        all_together: int = 100,
        seconds: float = 60.0,
        monotonic: Callable[[], float],
    ) -> None:
        self._each = each
        self._all = all_together
        self._seconds = seconds
        self._now = monotonic
        self._lock = threading.Lock()
        self._guesses: deque[float] = deque()
        self._of: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise `TooMany` where `address`, or all together, guessed wrong too often of late."""
        with self._lock:
            own = self._of.get(address, deque[float]())
            for guesses in (own, self._guesses):
                while guesses and guesses[0] <= self._now() - self._seconds:
                    guesses.popleft()
            if len(own) >= self._each or len(self._guesses) >= self._all:
                raise TooMany(f"{len(own)} wrong codes from {address}, {len(self._guesses)} in all")

    def wrong(self, address: str) -> None:
        """Count a wrong guess."""
        with self._lock:
            own = self._of.setdefault(address, deque())
            self._of.move_to_end(address)
            own.append(self._now())
            self._guesses.append(self._now())
            while len(self._of) > _ADDRESSES:
                self._of.popitem(last=False)
