"""How much one caller may ask for, so that there is room for the others.

The limits are generous: a class of thirty tablets may sit behind one address. What they hold off is
a page gone wild, or a pupil with a script.
"""

import contextlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator

from starlette.types import Scope

from hub.errors import N_, HubError, TooMany
from hub.network import peer_of

# Thirty tablets that open their pages at once ask some 1,000 times in all.
REQUESTS = 4000
REQUESTS_A_SECOND = 200.0
_ADDRESSES = 2000
# Programs of this computer: lesson software, a proxy that speaks for others.
_THIS_COMPUTER = frozenset({"127.0.0.1", "::1"})

MOST_ENDLESS = 400
MOST_ENDLESS_OF_ONE = 100


class TooFast(TooMany):
    """More requests came from one address than a whole class sends."""

    title = N_("Too many requests come from this address.")
    hint = N_("Wait a few seconds and try again.")
    retry_after = 5


class TooManyFollow(TooMany):
    """The caller follows so much already that there would be no room for others."""

    title = N_("Too many pages are open.")
    hint = N_("Close pages that nobody looks at, and try again.")
    retry_after = 10


class NoRoom(HubError):
    """All callers together follow as much as the hub can serve."""

    code = "busy"
    status = 503
    title = N_("Too many pages are open.")
    hint = N_("Close pages that nobody looks at, and try again.")
    retryable = True
    retry_after = 10


class RequestRate:
    """Counts requests by address: `most` at once, then `a_second` each second.

    Args:
        most: how many may come at once.
        a_second: how many are allowed again each second.
        monotonic: seconds that never go back.
    """

    def __init__(
        self,
        most: int | None = None,
        a_second: float | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = REQUESTS if most is None else most
        self._rate = REQUESTS_A_SECOND if a_second is None else a_second
        self._now = monotonic
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self.refused = 0

    def check(self, scope: Scope) -> None:
        """Count a request; raise `TooFast` where its address has sent too many."""
        client = scope.get("client")
        if client is None or client[0] in _THIS_COMPUTER:
            return
        address = peer_of(client[0])
        now = self._now()
        left, since = self._left.get(address, (float(self._most), now))
        left = min(self._most, left + (now - since) * self._rate)
        if left < 1:
            self.refused += 1
            raise TooFast(f"more than {self._most} requests from {address}")
        self._left[address] = (left - 1, now)
        self._left.move_to_end(address)
        if len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)


class Places:
    """Answers without end (live pictures, Server-Sent Events): so many in all, so many for one."""

    def __init__(self) -> None:
        self._of: Counter[str] = Counter()

    @property
    def taken(self) -> int:
        """How many are served now."""
        return self._of.total()

    @contextlib.contextmanager
    def one(self, principal: str) -> Iterator[None]:
        """Take a place for as long as the answer goes on.

        Raises:
            NoRoom: there is none.
            TooManyFollow: this principal has its share.
        """
        if self.taken >= MOST_ENDLESS:
            raise NoRoom(f"{self.taken} answers without end")
        if self._of[principal] >= MOST_ENDLESS_OF_ONE:
            raise TooManyFollow(f"{self._of[principal]} answers without end for {principal}")
        self._of[principal] += 1
        try:
            yield
        finally:
            self._of[principal] -= 1
            if not self._of[principal]:
                del self._of[principal]
