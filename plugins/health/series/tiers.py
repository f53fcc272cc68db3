"""How finely values are kept, and for how long: fine for days, coarse for years."""

from dataclasses import dataclass
from datetime import datetime
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
        local = datetime.fromtimestamp(time).astimezone()
        return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp())
    step = TIERS[tier].step or 1
    return int(time // step * step)


def chunk_start(tier: Tier, time: float) -> int:
    """Return where the chunk that holds a time begins, seconds since the epoch (UTC)."""
    if tier is Tier.RAW:
        return int(time // HOUR * HOUR)
    if tier is Tier.MINUTE:
        return int(time // DAY * DAY)
    day = datetime.fromtimestamp(time).astimezone()
    first = day.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if tier is Tier.DAY:
        first = first.replace(month=1)
    return int(first.timestamp())
