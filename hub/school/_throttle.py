"""How often somebody may guess a code."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from hub.errors import TooMany

_ADDRESSES = 2000


class Throttle:
    """Counts wrong guesses, of each address and of all, over the last minute.

    A whole class may sit behind one address, so right codes are not counted, and an address that
    has guessed wrong too often still gets in with a right one; it is only told to wait. What holds
    guessing off is the count of all together: while that is full, nobody's code is looked at.

    Whoever looks a code up calls `check` and `wrong` where codes are looked up one after the other,
    so that a thousand guesses sent at once are no way round.
    """

    def __init__(
        self,
        *,
        each: int = 40,
        all_together: int = 100,
        seconds: float = 60.0,
        monotonic: Callable[[], float],
    ) -> None:
        self._each = each
        self._all = all_together
        self._seconds = seconds
        self._now = monotonic
        self._lock = threading.Lock()
        self._guesses: deque[float] = deque(maxlen=all_together)
        self._of: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self) -> None:
        """Raise `TooMany` where all together guessed wrong too often of late."""
        with self._lock:
            if self._recent(self._guesses) >= self._all:
                raise TooMany(f"{len(self._guesses)} wrong codes in all")

    def wrong(self, address: str) -> None:
        """Count a wrong guess; raise `TooMany` where `address` has had its share of them."""
        with self._lock:
            own = self._of.setdefault(address, deque(maxlen=self._each))
            self._of.move_to_end(address)
            full = self._recent(own) >= self._each
            own.append(self._now())
            self._guesses.append(self._now())
            while len(self._of) > _ADDRESSES:
                self._of.popitem(last=False)
            if full:
                raise TooMany(f"{len(own)} wrong codes from one address")

    def _recent(self, guesses: deque[float]) -> int:
        while guesses and guesses[0] <= self._now() - self._seconds:
            guesses.popleft()
        return len(guesses)
