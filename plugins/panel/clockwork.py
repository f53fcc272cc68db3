"""Which times of a plan have come."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from plugins.panel.plans import Plan, SceneName, Time

LATEST = timedelta(hours=1)
"""What was missed for longer (the computer was off) is not made up for."""


def due(plan: Plan, before: datetime, now: datetime) -> SceneName | None:
    """Return the scene of the latest time after `before` and not after `now`; None for none.

    On holidays nothing is started; what somebody has left on is ended as ever.
    """
    since = max(before, now - LATEST)
    found = [
        (moment, time.scene)
        for time in plan.times
        for moment in _moments(time, since, now)
        if since < moment <= now and not (time.scene == "start" and _free(plan, moment))
    ]
    return max(found)[1] if found else None


def _free(plan: Plan, moment: datetime) -> bool:
    return any(one.first <= moment.date() <= one.last for one in plan.holidays)


def _moments(time: Time, since: datetime, now: datetime) -> Iterator[datetime]:
    hours, minutes = map(int, time.at.split(":"))
    day = since.replace(hour=hours, minute=minutes, second=0, microsecond=0)
    while day <= now:
        if day.isoweekday() in time.days:
            yield day
        day += timedelta(days=1)
