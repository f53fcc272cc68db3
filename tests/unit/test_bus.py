"""The hub's publish and subscribe."""

import pytest

from hub.bus import MOST_ROUTES, Bus, matches
from hub.device import Role
from hub.rights import Access


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("a/state", "a/state", True),
        ("+/state", "a/state", True),
        ("+/state", "a/b/state", False),
        ("#", "a/b/c", True),
        ("a/#", "a/b/c", True),
        ("a/#", "b", False),
        ("a/+", "a", False),
        ("a", "a/b", False),
        ("", "a", False),
    ],
)
def test_filters_are_those_of_mqtt(pattern, topic, fits):
    assert matches(pattern, topic) is fits


def test_a_subscriber_hears_what_fits_and_first_what_was_retained():
    bus, heard = Bus(), []
    bus.publish("a/state", 1, retained=True)
    bus.publish("a/e/button", 2)
    leave = bus.subscribe("a/#", lambda m: heard.append((m.topic, m.payload)))
    bus.publish("a/e/button", 3)
    bus.publish("b/state", 4)
    leave()
    leave()
    bus.publish("a/e/button", 5)
    assert heard == [("a/state", 1), ("a/e/button", 3)]


def test_whoever_comes_or_leaves_counts_from_the_next_message_on():
    bus, first, second = Bus(), [], []
    leave_first = bus.subscribe("+/s/pen", lambda m: first.append(m.payload))
    bus.publish("a/s/pen", 1)
    leave_second = bus.subscribe("a/#", lambda m: second.append(m.payload))
    bus.publish("a/s/pen", 2)
    leave_first()
    bus.publish("a/s/pen", 3)
    leave_second()
    bus.publish("a/s/pen", 4)
    assert (first, second) == ([1, 2], [2, 3])


def test_however_many_topics_there_are_few_are_remembered():
    bus, heard = Bus(), []
    bus.subscribe("#", lambda m: heard.append(m.payload))
    for number in range(2 * MOST_ROUTES + 10):
        bus.publish(f"operations/{number}", number)
    assert heard == list(range(2 * MOST_ROUTES + 10))
    assert len(bus._routes) <= MOST_ROUTES


def test_the_audience_travels_with_the_message():
    bus, heard = Bus(), []
    bus.subscribe("#", heard.append)
    bus.publish("a", 1, audience=Access(Role.ADMIN))
    bus.publish("b", 1)
    assert [m.audience.role for m in heard] == [Role.ADMIN, Role.DISPLAY]


def test_a_subscriber_that_fails_harms_nobody(caplog):
    bus, heard = Bus(), []

    def broken(_):
        raise RuntimeError("mine")

    bus.subscribe("a", broken)
    bus.subscribe("a", heard.append)
    bus.publish("a", 1)
    assert len(heard) == 1
    assert "a subscriber of a failed" in caplog.text


def test_what_is_removed_is_cleared():
    bus, heard = Bus(), []
    bus.publish("a/state", 1, retained=True)
    bus.publish("ab/state", 1, retained=True)
    bus.subscribe("+/state", lambda m: heard.append((m.topic, m.payload)))
    bus.clear("a")
    assert heard[-1] == ("a/state", None)
    assert [m.topic for m in bus.retained("#")] == ["ab/state"]
