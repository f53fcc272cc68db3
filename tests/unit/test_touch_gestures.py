"""Gestures of one zone, and of two at once that do not disturb each other."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.touch.gestures.gesture import Finger, Kind, Stage
from plugins.touch.gestures.recogniser import LONG_SECONDS, Recogniser

STEP = 0.008


class Hand:
    """Fingers of a made-up hand; reports each 8 ms."""

    def __init__(self):
        self.recogniser = Recogniser()
        self.time = 100.0
        self.told = []

    def say(self, *fingers):
        self.told += self.recogniser.feed([Finger(*one) for one in fingers], self.time)
        self.time += STEP

    def rest(self, seconds):
        self.time += seconds
        self.told += self.recogniser.wait(self.time)

    def go(self, paths, steps=20, *, lift=True):
        """Move fingers along lines: {id: ((x, y), (x, y))}."""
        self.say(*((one, True, *start) for one, (start, _) in paths.items()))
        for step in range(1, steps + 1):
            self.say(*((one, True, *between(a, b, step / steps)) for one, (a, b) in paths.items()))
        if lift:
            for one, (_, end) in paths.items():
                self.say((one, False, *end))

    def kinds(self):
        return [(one.kind, one.stage) for one in self.told if one.stage is not Stage.CHANGE]

    def last(self, kind):
        return [one for one in self.told if one.kind is kind][-1]


def between(a, b, share):
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def test_a_short_touch_is_a_tap():
    hand = Hand()
    hand.say((1, True, 50, 60))
    hand.say((1, False, 51, 60))
    assert hand.kinds() == [(Kind.TAP, Stage.ONCE)]
    assert (hand.told[0].x, hand.told[0].y, hand.told[0].fingers) == (51, 60, (1,))


def test_two_taps_at_one_place_are_a_double_tap_and_a_third_begins_anew():
    hand = Hand()
    for finger in (1, 2, 3):
        hand.say((finger, True, 50, 60))
        hand.say((finger, False, 50, 60))
        hand.time += 0.1
    kinds = [one.kind for one in hand.told]
    assert kinds == [Kind.TAP, Kind.TAP, Kind.DOUBLE_TAP, Kind.TAP]


@pytest.mark.parametrize(("pause", "apart"), [(0.6, 0), (0.1, 60)])
def test_taps_late_or_elsewhere_are_two_taps(pause, apart):
    hand = Hand()
    hand.say((1, True, 50, 60))
    hand.say((1, False, 50, 60))
    hand.time += pause
    hand.say((2, True, 50 + apart, 60))
    hand.say((2, False, 50 + apart, 60))
    assert [one.kind for one in hand.told] == [Kind.TAP, Kind.TAP]


def test_a_finger_that_rests_is_a_long_press_and_no_tap():
    hand = Hand()
    hand.say((1, True, 50, 60))
    assert hand.recogniser.due == pytest.approx(100.0 + LONG_SECONDS)
    hand.rest(0.8)
    hand.rest(0.8)
    hand.say((1, False, 50, 60))
    assert hand.kinds() == [(Kind.LONG_PRESS, Stage.ONCE)]


def test_a_finger_that_moves_slowly_drags_and_does_not_swipe():
    hand = Hand()
    hand.go({1: ((10, 10), (60, 10))}, steps=100)
    assert hand.kinds() == [(Kind.DRAG, Stage.BEGIN), (Kind.DRAG, Stage.END)]
    assert (hand.told[-1].dx, hand.told[-1].dy) == (50, 0)


def test_a_finger_that_leaves_in_flight_swipes():
    hand = Hand()
    hand.go({1: ((10, 10), (10, 90))}, steps=10)
    assert hand.kinds()[-1] == (Kind.SWIPE, Stage.ONCE)
    swipe = hand.told[-1]
    assert (swipe.dx, swipe.dy) == (0, 80)
    assert swipe.speed == pytest.approx(1000, rel=0.15)


def test_a_finger_that_stops_before_it_leaves_does_not_swipe():
    hand = Hand()
    hand.go({1: ((10, 10), (10, 90))}, steps=10, lift=False)
    hand.rest(0.3)
    hand.say((1, False, 10, 90))
    assert Kind.SWIPE not in [one.kind for one in hand.told]


def test_two_fingers_that_spread_pinch():
    hand = Hand()
    hand.go({1: ((90, 100), (60, 100)), 2: ((110, 100), (140, 100))})
    assert (Kind.PINCH, Stage.BEGIN) in hand.kinds()
    assert hand.last(Kind.PINCH).scale == pytest.approx(4.0)
    assert not {Kind.TAP, Kind.ROTATE, Kind.DRAG} & {one.kind for one in hand.told}


@pytest.mark.parametrize("fingers", [2, 3, 5])
def test_fingers_that_turn_rotate_however_many_they_are(fingers):
    hand = Hand()

    def place(finger, turn):
        angle = math.tau * finger / fingers + math.radians(turn)
        return 200 + 40 * math.cos(angle), 200 + 40 * math.sin(angle)

    for turn in range(0, 91, 3):
        hand.say(*((one + 1, True, *place(one, turn)) for one in range(fingers)))
    for one in range(fingers):
        hand.say((one + 1, False, *place(one, 90)))
    assert hand.last(Kind.ROTATE).angle == pytest.approx(90)
    assert hand.kinds() == [(Kind.ROTATE, Stage.BEGIN), (Kind.ROTATE, Stage.END)]


def test_a_second_finger_ends_the_drag_and_a_lifted_one_ends_the_pinch():
    hand = Hand()
    hand.go({1: ((10, 10), (60, 10))}, lift=False)
    hand.say((2, True, 100, 10))
    for step in range(20):
        hand.say((2, True, 100 + 2 * step, 10))
    hand.say((1, False, 60, 10))
    for step in range(20):
        hand.say((2, True, 138, 10 + 2 * step))
    hand.say((2, False, 138, 48))
    stages = [one for one in hand.kinds() if one[0] is not Kind.SWIPE]
    assert stages[:2] == [(Kind.DRAG, Stage.BEGIN), (Kind.DRAG, Stage.END)]
    together = stages[2:6]
    assert set(together[:2]) == {(Kind.PINCH, Stage.BEGIN), (Kind.DRAG, Stage.BEGIN)}
    assert set(together[2:]) == {(Kind.PINCH, Stage.END), (Kind.DRAG, Stage.END)}
    assert stages[6:] == [(Kind.DRAG, Stage.BEGIN), (Kind.DRAG, Stage.END)]
    assert (hand.last(Kind.DRAG).dx, hand.last(Kind.DRAG).dy) == (0, 38)


def test_fingers_at_one_place_say_nothing_about_scale():
    hand = Hand()
    hand.go({1: ((10, 10), (10, 60)), 2: ((10, 10), (10, 60))})
    assert {one.kind for one in hand.told} == {Kind.DRAG}


places = st.tuples(
    st.floats(0, 500, allow_nan=False, width=32), st.floats(0, 500, allow_nan=False, width=32)
)
reports = st.lists(st.tuples(st.integers(1, 4), st.booleans(), places), max_size=60)


def play(recogniser, script, only=None):
    told, time = [], 0.0
    for finger, down, (x, y) in script:
        time += STEP
        if only is None or finger in only:
            told += recogniser.feed([Finger(finger, down, x, y)], time)
    told += recogniser.end(time + STEP)
    return told


@given(reports)
def test_whatever_fingers_do_what_begins_ends_and_numbers_stay_sane(script):
    open_now = set()
    for one in play(Recogniser(), script):
        assert math.isfinite(one.scale)
        assert one.scale > 0
        assert all(math.isfinite(value) for value in (one.x, one.y, one.dx, one.dy, one.angle))
        assert one.fingers
        if one.stage is Stage.BEGIN:
            assert one.kind not in open_now
            open_now.add(one.kind)
        elif one.stage in (Stage.CHANGE, Stage.END):
            assert one.kind in open_now
            if one.stage is Stage.END:
                open_now.discard(one.kind)
    assert not open_now
