"""A capture says how the optics were when its frame was taken, not when somebody pressed."""

from datetime import UTC, datetime

import pytest

from hub.bus import Bus
from plugins.microscopy.optics import KEPT, Optics, OpticsLog

START = 1_790_000_000.0


def say(bus: Bus, name: str, value, after: float, quality="good", device="scope-1") -> None:
    time = datetime.fromtimestamp(START + after, UTC).isoformat().replace("+00:00", "Z")
    bus.publish(
        f"{device}/p/{name}", {"value": value, "time": time, "quality": quality}, retained=True
    )


@pytest.fixture
def bus():
    return Bus()


def test_the_optics_are_those_of_the_frames_time(bus):
    log = OpticsLog(bus)
    say(bus, "objective", "10x", 0)
    say(bus, "scale", 0.5, 0)
    say(bus, "objective", "40x", 5)
    say(bus, "scale", 0.125, 5)
    assert log.at("scope-1", START + 4.9) == Optics("10x", 0.5, None)
    assert log.at("scope-1", START + 5.0) == Optics("40x", 0.125, None)
    assert log.at("scope-1", START + 99) == Optics("40x", 0.125, None)


def test_a_picture_that_was_on_its_way_while_the_objective_was_turned_has_no_scale(bus):
    log = OpticsLog(bus)
    say(bus, "objective", "10x", 0)
    say(bus, "scale", 0.5, 0)
    say(bus, "objective", "10x", 5, quality="stale")  # somebody turns it
    say(bus, "scale", 0.5, 5, quality="stale")
    assert log.changing("scope-1", START + 5.1)
    say(bus, "objective", "40x", 6)
    say(bus, "scale", 0.125, 6)
    # It arrived after the change and was begun before: nobody knows which one it shows.
    assert log.at("scope-1", START + 6.5, delay=1.0) == Optics()
    assert log.changing("scope-1", START + 6.5, delay=1.0)
    assert log.at("scope-1", START + 7.1, delay=1.0) == Optics("40x", 0.125, None)
    assert not log.changing("scope-1", START + 7.1, delay=1.0)
    assert log.at("scope-1", START + 4.9, delay=1.0) == Optics("10x", 0.5, None)


def test_what_was_said_before_it_listened_is_known(bus):
    say(bus, "focus", -3.5, 0)
    assert OpticsLog(bus).at("scope-1", START + 1).focus == -3.5


@pytest.mark.parametrize("quality", ["stale", "bad"])
def test_a_reading_that_is_not_good_counts_as_not_known(bus, quality):
    log = OpticsLog(bus)
    say(bus, "scale", 0.5, 0)
    say(bus, "scale", 0.5, 1, quality)
    assert log.at("scope-1", START + 2).scale is None
    assert log.at("scope-1", START + 0.5).scale == 0.5


def test_microscopes_do_not_mix(bus):
    log = OpticsLog(bus)
    say(bus, "scale", 0.5, 0)
    say(bus, "scale", 0.25, 0, device="scope-2")
    assert log.at("scope-1", START + 1).scale == 0.5
    assert log.at("scope-2", START + 1).scale == 0.25
    assert log.at("scope-3", START + 1) == Optics()


def test_a_device_that_is_removed_is_forgotten(bus):
    log = OpticsLog(bus)
    say(bus, "scale", 0.5, 0)
    bus.clear("scope-1")
    assert log.at("scope-1", START + 1) == Optics()


def test_a_focus_that_never_rests_fills_no_memory(bus):
    log = OpticsLog(bus)
    for step in range(KEPT * 4):
        say(bus, "focus", float(step), step)
    assert log.at("scope-1", START + KEPT * 4).focus == KEPT * 4 - 1
    assert log.at("scope-1", START + KEPT * 3).focus == KEPT * 3
    assert log.at("scope-1", START + KEPT * 3 - 1).focus is None  # forgotten, and not guessed


def test_it_listens_no_more_once_closed(bus):
    log = OpticsLog(bus)
    log.close()
    say(bus, "scale", 0.5, 0)
    assert log.at("scope-1", START + 1) == Optics()
