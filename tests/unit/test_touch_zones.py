"""Zones of a table, and the contacts and gestures in each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.input.values import Size
from plugins.touch.contacts import TableContacts
from plugins.touch.zones.zone import Layout, Side, Zone, overlap, ready_made, turned, zone_at

TABLE = Size(width=1200, height=600)


def sample(frame, number, phase, x, y, **more):
    told = {"time": 1000 + frame * 0.008, "frame": frame, "id": number, "phase": phase}
    return told | {"x": x, "y": y, "tool": "finger"} | more


def table(layout=Layout.HALVES, zones=None):
    made = TableContacts(ready_made(layout) if zones is None else zones)
    made.size = TABLE
    return made


def line(number, start, end, first=0, steps=30):
    """A finger that goes from one place to another."""
    samples = [sample(first, number, "down", *start)]
    for step in range(1, steps + 1):
        share = step / steps
        x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        samples.append(sample(first + step, number, "move", x, y))
    return [*samples, sample(first + steps + 1, number, "up", *end)]


@pytest.mark.parametrize("layout", [Layout.WHOLE, Layout.HALVES, Layout.QUARTERS])
def test_ready_made_zones_cover_the_table_and_do_not_overlap(layout):
    zones = ready_made(layout)
    assert sum(zone.width * zone.height for zone in zones) == pytest.approx(1)
    assert not any(overlap(a, b) for a in zones for b in zones if a is not b)
    assert [zone.number for zone in zones] == list(range(1, len(zones) + 1))
    for x, y in ((0, 0), (1, 1), (0.5, 0.5), (0.2, 0.9)):
        assert zone_at(zones, x, y) is not None


@pytest.mark.parametrize(
    ("side", "seen"),
    [
        (Side.BOTTOM, (0.1, 0.8)),
        (Side.TOP, (0.9, 0.2)),
        (Side.LEFT, (0.8, 0.9)),
        (Side.RIGHT, (0.2, 0.1)),
    ],
)
def test_pupils_see_their_zone_from_their_side(side, seen):
    assert turned(0.1, 0.8, side) == pytest.approx(seen)
    # The middle of the edge at which they stand is the middle of their lower edge.
    edge = {"bottom": (0.5, 1), "top": (0.5, 0), "left": (0, 0.5), "right": (1, 0.5)}[side]
    assert turned(*edge, side) == pytest.approx((0.5, 1))


def test_a_contact_tells_zone_and_seat_and_keeps_them_across_an_edge():
    zones = (Zone(1, 0, 0, 0.5, 1, seat="Айжан"), Zone(2, 0.5, 0, 0.5, 1))
    heard = table(zones=zones).feed(line(7, (0.4, 0.5), (0.9, 0.5)))
    assert {(one["zone"], one["seat"]) for one in heard.contacts} == {(1, "Айжан")}
    assert heard.contacts[0]["within"] == [0.8, 0.5]
    assert {one["zone"] for one in heard.gestures} == {1}


def test_a_touch_beside_all_zones_is_told_without_one():
    heard = table(zones=(Zone(1, 0, 0, 0.5, 1),)).feed(line(7, (0.9, 0.5), (0.9, 0.6)))
    assert {one["zone"] for one in heard.contacts} == {None}
    assert heard.gestures == []


def test_swipes_are_told_as_their_zone_sees_them():
    heard = table().feed(
        line(1, (0.5, 0.9), (0.5, 0.7), steps=10) + line(2, (0.5, 0.1), (0.5, 0.3), 50, steps=10)
    )
    swipes = [one for one in heard.gestures if one["gesture"] == "swipe"]
    assert [(one["zone"], one["direction"]) for one in swipes] == [(1, "up"), (2, "up")]


def test_a_palm_makes_no_gesture():
    down = sample(0, 1, "down", 0.5, 0.9) | {"tool": "palm"}
    heard = table().feed([down, sample(1, 1, "up", 0.5, 0.9) | {"tool": "palm"}])
    assert len(heard.contacts) == 2
    assert heard.gestures == []


def test_a_table_that_goes_ends_its_contacts_and_gestures():
    contacts = table()
    contacts.feed(line(1, (0.2, 0.9), (0.5, 0.9))[:-1])
    heard = contacts.gone()
    assert [(one["id"], one["phase"]) for one in heard.contacts] == [(1, "up")]
    assert [(one["gesture"], one["stage"]) for one in heard.gestures] == [("drag", "end")]
    assert len(contacts) == 0
    assert contacts.gone().contacts == []


def test_last_words_of_a_table_begin_nothing_anew_and_what_comes_with_the_next_is_new():
    contacts = table()
    path = line(1, (0.2, 0.9), (0.5, 0.9))
    contacts.feed(path[:5])
    contacts.gone()
    other = sample(99, 2, "down", 0.5, 0.9)
    assert list(contacts.living([*path[5:], other])) == [other]
    contacts.feed([other])
    assert [one["id"] for one in contacts.gone().contacts] == [2]
    contacts.back()
    assert list(contacts.living([path[0], other])) == [path[0], other]


def test_dividing_anew_ends_gestures_and_old_fingers_belong_nowhere():
    contacts = table()
    path = line(1, (0.2, 0.9), (0.5, 0.9))
    contacts.feed(path[:20])
    assert [one["stage"] for one in contacts.divide(ready_made(Layout.WHOLE)).gestures] == ["end"]
    rest = contacts.feed(path[20:])
    assert {one["zone"] for one in rest.contacts} == {None}
    assert rest.gestures == []
    assert contacts.feed(line(2, (0.2, 0.9), (0.5, 0.9), 99)).gestures


steps = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.booleans(),
        st.floats(0, 1, allow_nan=False, width=32),
        st.floats(0, 1, allow_nan=False, width=32),
    ),
    max_size=30,
)


def played(script, base, zone):
    """Samples of one pair's fingers, which stay in their half; each is down before it is up."""
    down, samples = set(), []
    for finger, stays, x, y in script:
        number = base + finger
        y = y * 0.49 + (0.5 if zone == 1 else 0.0)
        phase = "up" if number in down and not stays else "move" if number in down else "down"
        down.discard(number) if phase == "up" else down.add(number)
        samples.append((number, phase, x, y))
    return samples


@given(steps, steps)
def test_two_pairs_do_not_disturb_each_other(one, two):
    """Each pair's gestures are those that it would make alone, whatever the other does."""
    near, far = played(one, 10, 1), played(two, 20, 2)
    script = [(at, *pair[at]) for at in range(30) for pair in (near, far) if at < len(pair)]
    both = table().feed([sample(*step) for step in script])
    for zone, alone in ((1, near), (2, far)):
        expected = table().feed([sample(at, *step) for at, step in enumerate(alone)])
        assert [g for g in both.gestures if g["zone"] == zone] == [
            g for g in expected.gestures if g["zone"] == zone
        ]
