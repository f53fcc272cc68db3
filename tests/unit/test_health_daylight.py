"""Where the clock is changed, by daylight rules or by law, days stay days and lessons lessons."""

import time
from collections import Counter
from datetime import date, datetime

import pytest

from plugins.health.series.tiers import Tier, bucket_start, chunk_start
from plugins.health.uptime import SchoolHours, lesson_spans, school_days

# Kazakhstan went from +6 to +5 on 1 March 2024, at midnight: 29 February had 25 hours.
CHANGES = [
    ("Asia/Almaty", date(2024, 2, 29), 25),
    ("Europe/Berlin", date(2026, 3, 29), 23),
    ("Europe/Berlin", date(2026, 10, 25), 25),
    ("Asia/Qyzylorda", date(2026, 11, 30), 24),
]


@pytest.fixture(params=CHANGES, ids=lambda one: f"{one[0]} {one[1]}")
def change(request, monkeypatch):
    """A day on which the clock is changed, where the computer stands, and how many hours it has."""
    zone, day, hours = request.param
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    yield day, hours
    monkeypatch.undo()
    time.tzset()


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day).astimezone().timestamp())


def test_a_day_is_one_bucket_of_one_chunk_however_long_it_is(change):
    day, hours = change
    begin = midnight(day)
    minutes = range(begin - 36 * 3600, begin + 60 * 3600, 600)
    days = Counter(bucket_start(Tier.DAY, at) for at in minutes)
    assert days[begin] == hours * 6
    assert list(days) == sorted(days)
    for at in minutes:
        start = bucket_start(Tier.DAY, at)
        assert start <= at
        assert bucket_start(Tier.DAY, start) == start
        local = datetime.fromtimestamp(at).astimezone()
        assert chunk_start(Tier.DAY, at) == midnight(date(local.year, 1, 1))
        assert chunk_start(Tier.HOUR, at) == midnight(date(local.year, local.month, 1))


def test_lessons_are_at_their_time_before_and_after_it(change):
    day, _ = change
    begin = midnight(day)
    hours = SchoolHours(days=["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
    found = list(school_days(hours, begin - 86400, begin + 3 * 86400))
    assert len(found) >= 4
    for one, span in found[1:-1]:
        local = datetime.fromtimestamp(span.begin).astimezone()
        assert (local.date(), local.time()) == (one, hours.begins)
        assert span.end - span.begin == 10 * 3600
    for slot, spans in lesson_spans(hours, begin, begin + 86400).items():
        assert datetime.fromtimestamp(spans[0].begin).astimezone().time() == slot
        assert spans[0].end - spans[0].begin == 3600
