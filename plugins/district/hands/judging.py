"""What is wrong with an order: a code that programs may rely on, and a sentence."""

from hub.clock import rfc3339
from plugins.district.hands.order import Order

MOST_LIFE = 8 * 3600.0
"""Seconds from an order's making to its end, at most: a school day."""
SKEW = 120.0
"""Seconds by which the district's clock may be ahead of the hub's."""


class Refusal(Exception):
    """An order that is not taken. `code` is stable; `why` is for whoever has sent it."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why


def look_at_times(order: Order, at: float, since: float, *, clock_wrong: bool) -> None:
    """Look whether an order is one of now.

    Args:
        order: it.
        at: the hub's time.
        since: since when this hub remembers which orders it has had.
        clock_wrong: the computer's clock cannot be believed.

    Raises:
        Refusal: it is not, or that cannot be told.
    """
    hub = f"the hub's clock says {rfc3339(at)}"
    if clock_wrong:
        raise Refusal("clock-wrong", f"the hub does not know what time it is; {hub}")
    if order.expires <= order.issued or order.expires - order.issued > MOST_LIFE:
        raise Refusal("too-long", f"an order lives {MOST_LIFE / 3600:.0f} hours at most")
    if order.issued > at + SKEW:
        raise Refusal("clocks-differ", f"it was made {rfc3339(order.issued)}, and {hub}")
    if order.expires <= at:
        raise Refusal("expired", f"it was good until {rfc3339(order.expires)}, and {hub}")
    if order.issued < since:
        raise Refusal("too-old", f"this hub remembers orders since {rfc3339(since)} only")
