"""How finely values are kept, and for how long: fine for days, coarse for years."""

from dataclasses import dataclass
from datetime import date, datetime
from datetime import time as clock_time
from enum import StrEnum

HOUR = 3600
DAY = 86400


class Tier(StrEnum):
    """How finely."""

    RAW = "raw"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a tier is kept.

    Attributes:
        step: seconds of a bucket; 0 keeps each value.
        kept: how many chunks of each series stay, the newest. They are counted, not dated: a clock
            that jumps ten years ahead must not delete what was measured before.
    """

    step: int
    kept: int


# The chunks are of an hour (raw), a day (minutes), a month (hours) and a year (days). A computer
# that is switched off at night fills fewer of them in a week, so its weeks stay longer.
TIERS = {
    Tier.RAW: Keeping(0, 72),
    Tier.MINUTE: Keeping(60, 21),
    Tier.HOUR: Keeping(HOUR, 14),
    Tier.DAY: Keeping(DAY, 20),
}


def bucket_start(tier: Tier, time: float) -> int:
    """Return where the bucket of a time begins, seconds since the epoch.

    Days are the school's own: they begin at midnight where the computer stands.
    """
    if tier is Tier.DAY:
        return _midnight(_local_day(time))
    step = TIERS[tier].step or 1
    return int(time // step * step)


def chunk_start(tier: Tier, time: float) -> int:
    """Return where the chunk that holds a time begins, seconds since the epoch (UTC)."""
    if tier is Tier.RAW:
        return int(time // HOUR * HOUR)
    if tier is Tier.MINUTE:
        return int(time // DAY * DAY)
    first = _local_day(time).replace(day=1)
    return _midnight(first.replace(month=1) if tier is Tier.DAY else first)


def _local_day(time: float) -> date:
    return datetime.fromtimestamp(time).astimezone().date()


def _midnight(day: date) -> int:
    # By the rules of that day: those of now would put it an hour off where the clock was changed.
    return int(datetime.combine(day, clock_time()).astimezone().timestamp())
