"""How long prints take and how much they need: as said, as counted, and as it has turned out."""

import pytest

from plugins.printing.accounts.filament import grams, needed
from plugins.printing.queue.estimate import CHANGE, WARM_UP, Waiting, times
from plugins.printing.queue.pace import FASTEST, SLOWEST, pace_of

HOUR = 3600.0


@pytest.mark.parametrize(
    ("prints", "pace"),
    [
        ([], 1.0),
        ([(HOUR, 2 * HOUR)] * 2, 1.0),
        ([(HOUR, 1.3 * HOUR)] * 3, 1.3),
        # One that somebody paused over the break says little of the others.
        ([(HOUR, 1.2 * HOUR), (HOUR, 30 * HOUR), (HOUR, 1.1 * HOUR)], 1.2),
        # Files that do not say, and crumbs, of which most is heating.
        ([(0.0, HOUR), (60.0, 300.0), (0.0, 9.0)], 1.0),
        ([(HOUR, 10.0)] * 5, FASTEST),
        ([(HOUR, 90 * HOUR)] * 5, SLOWEST),
        # It has been mended since.
        ([(HOUR, HOUR)] * 20 + [(HOUR, 2 * HOUR)] * 30, 1.0),
    ],
)
def test_a_printers_pace_is_what_its_prints_have_taken(prints, pace):
    assert pace_of(prints) == pytest.approx(pace)


def test_on_a_slow_printer_everything_is_done_later():
    waiting = [Waiting("a", HOUR, ("slow", "fast")), Waiting("b", HOUR, ("slow",))]
    done = times(0.0, {"slow": 0.0, "fast": 1.0}, waiting, {"slow": 2.0})
    assert done["a"] == WARM_UP + 2 * HOUR
    assert done["b"] == WARM_UP + 2 * HOUR + CHANGE + WARM_UP + 2 * HOUR
    assert times(0.0, {"slow": 0.0}, waiting)["a"] == WARM_UP + HOUR


def test_what_a_file_does_not_say_is_taken_from_the_filament_that_it_pushes():
    """A pupil's own G-code that claims nothing, or too little, is no way round a class's limits."""
    silent = {"millimetres": 40_000.0, "grams": None, "seconds": None}
    weight, seconds = needed(silent)
    assert weight == pytest.approx(grams(40_000.0, density=1.04))
    assert 1.0 * HOUR < seconds < 1.1 * HOUR
    assert needed({**silent, "grams": 0.1, "seconds": 1.0}) == (weight, seconds)
    honest = {**silent, "grams": 119.3, "seconds": 5 * HOUR}
    assert needed(honest) == (119.3, 5 * HOUR)
    assert needed({}) == (0.0, 0.0)
