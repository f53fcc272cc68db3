"""Uptime counts the school's hours, in which the hub ran, and nothing else."""

import time
from datetime import date, datetime
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.bus import Bus
from hub.device import Quality, Reading
from hub.histogram import Histogram
from plugins.health.uptime import (
    SchoolHours,
    Span,
    apart,
    lesson_spans,
    school_days,
    together,
    uptime,
    uptimes,
)
from plugins.health.watching import Wear
from plugins.health.watching.changes import Change
from plugins.health.watching.devices import MOST_LEAVES, DeviceWatch, leaves

MONDAY = datetime(2026, 11, 30).astimezone()
HOURS = SchoolHours()


def at(hour, minute=0, day=0):
    return MONDAY.timestamp() + day * 86400 + hour * 3600 + minute * 60


def change(when, up, severity=None):
    return Change(when, "printer", "present", up, "running", severity and "hot", None, severity)


def test_school_days_leave_out_what_is_no_school():
    days = list(school_days(HOURS, at(0), at(0, day=7)))
    assert [day for day, _ in days] == [
        date(2026, 11, 30),
        *(date(2026, 12, n) for n in range(1, 6)),
    ]
    assert all(span.end - span.begin == 10 * 3600 for _, span in days)
    ((today, span),) = school_days(HOURS, at(9), at(10))
    assert (today, span) == (date(2026, 11, 30), Span(at(9), at(10)))


def test_the_school_begins_before_it_ends():
    with pytest.raises(ValueError, match="before it ends"):
        SchoolHours.model_validate({"begins": "18:00", "ends": "08:00"})


def test_a_pulled_cable_costs_what_it_lasted_of_the_schools_hours():
    changes = [change(at(7), up=True), change(at(17), up=False), change(at(20), up=True)]
    found = uptime(changes, [HOURS.of(MONDAY.date())], [Span(at(6), at(22))])
    assert (found.known, found.up, found.downs) == (36000, 9 * 3600, 1)
    assert found.share == pytest.approx(0.9)


def test_what_is_faulty_is_not_up_and_what_only_warns_is():
    for severity, up in (("warning", 36000), ("fault", 3600), (None, 36000)):
        changes = [change(at(7), up=True), change(at(9), up=True, severity=severity)]
        found = uptime(changes, [HOURS.of(MONDAY.date())], [Span(at(6), at(22))])
        assert found.up == up, severity


def test_of_the_time_in_which_the_hub_did_not_run_nothing_is_known():
    changes = [change(at(7), up=True)]
    runs = [Span(at(7), at(9)), Span(at(16), at(20))]
    found = uptime(changes, [HOURS.of(MONDAY.date())], runs)
    assert (found.known, found.up) == (3 * 3600, 3 * 3600)
    assert uptime(changes, [HOURS.of(MONDAY.date())], []).share is None


def test_a_run_of_years_by_a_wrong_clock_ends_where_the_next_one_begins():
    ahead = Span(at(7), at(7) + 5 * 365 * 86_400)
    next_day = Span(at(8, day=1), at(9, day=1))
    assert apart([ahead, next_day]) == [Span(at(7), at(8, day=1)), next_day]
    set_back = [Span(at(9), at(11)), Span(at(10), at(12))]
    assert apart(set_back) == [Span(at(9), at(10)), Span(at(10), at(12))]
    began_ahead = [Span(at(8), at(9)), Span(at(9, day=900), at(10))]
    assert apart(began_ahead) == [Span(at(8), at(9))]


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=8))
def test_of_two_runs_of_one_time_the_later_one_counts(runs):
    spans = apart(Span(begin, end) for begin, end in runs)
    assert all(one.begin < one.end for one in spans)
    assert all(one.end <= after.begin for one, after in pairwise(spans))
    if runs and runs[-1][0] < runs[-1][1]:
        assert Span(*runs[-1]) in spans


@given(st.lists(st.tuples(st.integers(0, 24 * 60), st.booleans()), max_size=12))
def test_what_is_known_and_up_fits_into_the_hours(steps):
    changes = [change(at(0, minute), up) for minute, up in sorted(steps)]
    found = uptime(changes, [HOURS.of(MONDAY.date())], [Span(at(0), at(24))])
    assert 0 <= found.up <= found.known <= 36000
    # Minute by minute gives the same.
    known = up = 0
    for minute in range(8 * 60, 18 * 60):
        last = [one for one in changes if one.time <= at(0, minute)]
        known += bool(last)
        up += bool(last) and last[-1].reachable
    assert (found.known, found.up) == (known * 60, up * 60)


# What a device tells


def device(**more):
    state = SimpleNamespace(reachable=True, health=None)
    given = {"id": "printer", "state": state, "counters": {}, "calls": Histogram()}
    return SimpleNamespace(**{**given, "description": None, "readings": {}, **more})


def told(watch):
    return {series.name: value for series, value in watch.values()}


def test_counters_are_told_as_what_they_rose_by():
    one = device(counters={"losses": 2, "connects": 3})
    watch = DeviceWatch(one)
    assert told(watch) == {"reachable": 1, "healthy": 1, "losses": 2, "connects": 3}
    one.counters = {"losses": 5, "connects": 3}
    assert told(watch) == {"reachable": 1, "healthy": 1, "losses": 3}
    one.counters = {"losses": 1, "connects": 3}  # counted anew, from 0
    assert told(watch)["losses"] == 1


def test_the_time_to_answer_is_of_the_calls_since_the_last_look():
    one = device()
    watch = DeviceWatch(one)
    one.calls.observe(0.2)
    assert told(watch)["answer"] == pytest.approx(0.2)
    assert "answer" not in told(watch)
    one.calls.observe(0.4)
    one.calls.observe(0.6)
    assert told(watch)["answer"] == pytest.approx(0.5)


def test_only_good_readings_that_tell_how_it_is_are_measured():
    def about(unit, *, writable=False):
        return SimpleNamespace(title="T", unit=unit, writable=writable, value_schema={})

    properties = {"heat": about("Cel"), "place": about("mm"), "wanted": about("Cel", writable=True)}
    readings = {name: Reading(1.5, time.time()) for name in properties}
    one = device(description=SimpleNamespace(properties=properties), readings=readings)
    assert told(DeviceWatch(one)).keys() == {"reachable", "healthy", "heat"}
    readings["heat"] = Reading(1.5, time.time(), Quality.STALE)
    assert "heat" not in told(DeviceWatch(one))


@pytest.mark.parametrize("referred", [False, True])
def test_parts_of_a_value_are_called_as_its_schema_says(referred):
    whole = {"properties": {"actual": {"title": "now"}}}
    heater = {"$ref": "#/$defs/Heater"} if referred else whole
    schema = {
        "$defs": {"Heater": whole},
        "properties": {
            "tools": {"title": "Nozzle", "items": heater},
            "bed": {"title": "Plate", "oneOf": [{"type": "null"}, heater]},
        },
    }
    value = {"tools": [{"actual": 200}, {"actual": 20.5}], "bed": {"actual": 60, "on": True}}
    found = leaves("t", "Temperatures", value, schema)
    assert [(leaf.path, leaf.titles, leaf.value) for leaf in found] == [
        ("t.bed.actual", ("Temperatures", "Plate", "now"), 60.0),
        ("t.tools.1.actual", ("Temperatures", "Nozzle", "1", "now"), 200.0),
        ("t.tools.2.actual", ("Temperatures", "Nozzle", "2", "now"), 20.5),
    ]


def test_a_number_of_four_hundred_digits_is_left_out_and_stops_nothing():
    found = leaves("x", "X", {"a": 10**400, "b": -(10**400), "c": 7}, {})
    assert [(leaf.path, leaf.value) for leaf in found] == [("x.c", 7.0)]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
)


@given(JSON)
def test_whatever_a_driver_tells_gives_a_bounded_number_of_numbers(value):
    found = leaves("x", "X", value, {})
    assert len(found) <= MOST_LEAVES
    assert all(isinstance(leaf.value, float) for leaf in found)


def test_which_lesson_suffers_is_seen_over_days():
    hours = SchoolHours.model_validate({"lessons": ["08:00", "08:55", "12:00"]})
    # The third lesson of each day begins with the device gone for an hour.
    changes = [
        change(at(hour, day=day), up=up)
        for day in range(3)
        for hour, up in ((7, True), (12, False), (13, True))
    ]
    spans = lesson_spans(hours, at(0), at(23, day=2))
    runs = [Span(at(6), at(23, day=2))]
    shares = {f"{one:%H:%M}": uptime(changes, of, runs) for one, of in spans.items()}
    assert [one.share for one in shares.values()] == [1, 1, pytest.approx(5 / 6)]
    assert [one.known / 3 for one in shares.values()] == [55 * 60, 185 * 60, 6 * 3600]
    assert shares["12:00"].downs == 3


def test_a_device_that_came_and_went_all_week_is_reckoned_within_a_moment():
    # Every five seconds, on each of six days of ten hours; a run of the hub ends each night.
    changes = [change(at(8) + 5 * n, up=n % 2 == 0) for n in range(100_000)]
    runs = [Span(at(7, day=day), at(20, day=day)) for day in range(6)]
    spans = [span for _, span in school_days(HOURS, at(0), at(0, day=6))]
    days = uptimes(changes, spans, runs)
    lessons = lesson_spans(HOURS, at(0), at(0, day=6))
    of_lessons = [uptime(changes, of, runs) for of in lessons.values()]
    assert [one.share for one in days[:5]] == [pytest.approx(0.5)] * 5
    assert days[0].downs == 3600
    week = together(days)
    assert week.known == sum(one.known for one in of_lessons)
    assert week == uptime(changes, spans, runs)


def test_without_a_timetable_a_lesson_is_an_hour_of_the_school_day():
    hours = SchoolHours.model_validate({"begins": "08:30", "ends": "11:00"})
    assert [f"{one:%H:%M}" for one in hours.slots] == ["08:30", "09:30", "10:30"]
    spans = lesson_spans(hours, at(0), at(23))
    assert [sum(of.end - of.begin for of in each) / 60 for each in spans.values()] == [60, 60, 30]


@pytest.mark.parametrize("lessons", [["09:00", "08:00"], ["08:00", "08:00"], ["07:00"], ["18:00"]])
def test_lessons_begin_in_order_and_within_the_school_day(lessons):
    with pytest.raises(ValueError, match="lessons"):
        SchoolHours.model_validate({"lessons": lessons})


def test_touches_of_a_globes_pen_are_counted_and_what_is_no_touch_is_not():
    bus = Bus()
    wear = Wear(bus)
    wear.start()
    for kind in ("tap", "hold", "tap", "double", "mode"):
        bus.publish("globe/e/tap", {"data": {"code": "17", "kind": kind}, "time": 1.0})
    for payload in (None, {}, {"data": None}, "tap"):
        bus.publish("globe/e/tap", payload)
    assert [(one.series.name, one.series.sums, one.value) for one in wear.values()] == [
        ("taps", True, 3.0)
    ]
    assert list(wear.values()) == []
    wear.stop()


def test_captures_are_counted_by_device_and_told_once():
    bus = Bus()
    captures = Wear(bus)
    captures.start()
    for device in ("scope", "scope", "other"):
        bus.publish(f"x/microscopy/{device}/captured", {"asset": "a"})
    told = {one.series.subject: (one.series.name, one.value) for one in captures.values()}
    assert told == {"scope": ("captures", 2.0), "other": ("captures", 1.0)}
    assert list(captures.values()) == []
    captures.stop()
    bus.publish("x/microscopy/scope/captured", {})
    assert list(captures.values()) == []
