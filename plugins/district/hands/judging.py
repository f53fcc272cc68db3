"""What is wrong with an order: a code that programs may rely on, and a sentence."""

from typing import Any

from hub.clock import rfc3339
from hub.i18n import fill
from hub.plugin import N_
from plugins.district.asking import Said
from plugins.district.hands.order import Order

MOST_LIFE = 8 * 3600.0
"""Seconds from an order's making to its end, at most: a school day."""
SKEW = 120.0
"""Seconds by which the district's clock may be ahead of the hub's."""


class Refusal(Exception):
    """An order that is not taken. `code` is stable; `said` is for whoever has sent it."""

    def __init__(self, code: str, why: str, **params: Any) -> None:
        self.code = code
        self.said = Said(why, params)
        super().__init__(f"{code}: {self.why}")

    @property
    def why(self) -> str:
        """What is said, in English."""
        return fill(self.said.message, self.said.params)


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
    hub = rfc3339(at)
    if clock_wrong:
        why = N_("the hub does not know what time it is; its clock says {hub}")
        raise Refusal("clock-wrong", why, hub=hub)
    if order.expires <= order.issued or order.expires - order.issued > MOST_LIFE:
        why = N_("an order lives {n} hours at most")
        raise Refusal("too-long", why, n=round(MOST_LIFE / 3600))
    if order.issued > at + SKEW:
        why = N_("it was made {made}, and the hub's clock says {hub}")
        raise Refusal("clocks-differ", why, made=rfc3339(order.issued), hub=hub)
    if order.expires <= at:
        why = N_("it was good until {end}, and the hub's clock says {hub}")
        raise Refusal("expired", why, end=rfc3339(order.expires), hub=hub)
    if order.issued < since:
        why = N_("this hub remembers orders since {since} only")
        raise Refusal("too-old", why, since=rfc3339(since))
