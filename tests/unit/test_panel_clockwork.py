"""When a panel is switched by the clock."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plugins.panel.clockwork import due
from plugins.panel.plans import Holiday, Plan, Time

MONDAY = datetime(2026, 11, 30).astimezone()
PLAN = Plan(
    times=(
        Time(days=(1, 2, 3, 4, 5), at="08:00", scene="start"),
        Time(days=(1, 2, 3, 4, 5), at="18:00", scene="end"),
        Time(days=(6,), at="13:30", scene="end"),
    )
)


def at(text, day=0):
    hours, minutes, seconds = map(int, text.split(":"))
    return MONDAY + timedelta(days=day, hours=hours, minutes=minutes, seconds=seconds)


@pytest.mark.parametrize(
    ("before", "now", "scene"),
    [
        (at("07:59:50"), at("08:00:10"), "start"),
        (at("07:59:50"), at("08:00:00"), "start"),
        (at("08:00:00"), at("08:00:20"), None),  # once, not twice
        (at("17:59:59"), at("18:00:19"), "end"),
        (at("17:59:59", 5), at("18:00:19", 5), None),  # Saturday has another time
        (at("13:29:59", 5), at("13:30:19", 5), "end"),
        (at("12:00:00"), at("12:00:20"), None),
        (at("17:00:00"), at("19:30:00"), None),  # missed for too long
        (at("17:40:00"), at("18:20:00"), "end"),  # the computer slept for a moment
        (at("23:59:50"), at("00:00:10", 1), None),
    ],
)
def test_what_is_due(before, now, scene):
    assert due(PLAN, before, now) == scene


@given(st.integers(0, 7 * 86400), st.lists(st.integers(1, 1800), min_size=1, max_size=40))
def test_each_time_comes_once_however_often_one_looks(begin, steps):
    now = MONDAY + timedelta(seconds=begin)
    begun, happened = now, 0
    for step in steps:
        before, now = now, now + timedelta(seconds=step)
        happened += due(PLAN, before, now) is not None
    moments = [
        (MONDAY + timedelta(days=day, hours=hour, minutes=minute))
        for day in range(9)
        for hour, minute, days in ((8, 0, range(1, 6)), (18, 0, range(1, 6)), (13, 30, (6,)))
        if (day % 7) + 1 in days
    ]
    assert happened == sum(begun < moment <= now for moment in moments)


def test_on_holidays_nothing_is_started_and_what_was_left_on_is_ended():
    holidays = (Holiday(first="2026-11-30", last="2026-12-01"),)
    plan = PLAN.model_copy(update={"holidays": holidays})
    for day, scene in ((0, None), (1, None), (2, "start")):
        assert due(plan, at("07:59:50", day), at("08:00:10", day)) == scene
        assert due(plan, at("17:59:50", day), at("18:00:10", day)) == "end"


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "2027-01-08", "last": "2027-01-07"},
        {"first": "2027-02-29", "last": "2027-03-01"},
        {"first": "2027-01-08"},
    ],
)
def test_holidays_that_are_none_are_refused(wrong):
    with pytest.raises(ValidationError):
        Holiday.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong", [{"at": "24:00"}, {"at": "8:00"}, {"at": "08:60"}, {"days": []}, {"days": [8]}]
)
def test_times_that_are_none_are_refused(wrong):
    with pytest.raises(ValidationError):
        Time.model_validate({"at": "08:00", **wrong})
