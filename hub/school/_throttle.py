"""How often somebody may guess a code."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable

from hub.errors import TooMany

_ADDRESSES = 2000


class Throttle:
    """Counts wrong guesses, of each address and of all, over the last minute.

    A whole class may sit behind one address, so right codes are not counted, and an address that
    has guessed wrong too often is told to wait, yet still gets in with a right code, up to its
    `share`: from then on nobody's code from there is looked at. So no address uses up what all have
    together. While that is full, only addresses that have not guessed wrong of late get in: those
    who guess keep themselves out, not the class. `utmost` holds off who has many addresses.

    Whoever looks a code up calls `check` and `wrong` where codes are looked up one after the other,
    so that a thousand guesses sent at once are no way round.
    """

    def __init__(
        self,
        *,
        each: int = 40,
        share: int = 70,
        all_together: int = 100,
        utmost: int = 300,
        seconds: float = 60.0,
        monotonic: Callable[[], float],
    ) -> None:
        self._each = each
        self._share = share
        self._all = all_together
        self._utmost = utmost
        self._seconds = seconds
        self._now = monotonic
        self._lock = threading.Lock()
        self._guesses: deque[float] = deque(maxlen=utmost)
        self._of: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Raise `TooMany` where a code from `address` may not be looked at now."""
        with self._lock:
            guesses = self._of.get(address)
            own = 0 if guesses is None else self._recent(guesses)
            in_all = self._recent(self._guesses)
            if own >= self._share:
                raise TooMany(f"{own} wrong codes from one address")
            if in_all >= self._utmost or (own and in_all >= self._all):
                raise TooMany(f"{in_all} wrong codes in all")

    def wrong(self, address: str) -> None:
        """Count a wrong guess; raise `TooMany` where `address` is to wait."""
        with self._lock:
            own = self._of.setdefault(address, deque(maxlen=self._share))
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
