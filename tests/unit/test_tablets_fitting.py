"""Calibrating: the map between touched and shown places, by least squares."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.input.calibration import Calibration
from drivers.input.values import Rotation
from drivers.tablet.contract import Mapping, PressureCurve
from drivers.tablet.mapping import map_place
from plugins.tablets.calibrating import matrix_of
from plugins.tablets.fitting import fit

SAME = [1.0, 0, 0, 0, 1, 0, 0, 0, 1]
FIVE = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9], [0.5, 0.5]]
# Shifted, narrower and a little askew, as a pen's grid lies behind a screen.
ASKEW = Calibration(matrix=(0.95, 0.02, 0.01, -0.015, 1.04, -0.02, 0, 0, 1), points=4)
# Seen from the side.
SEEN = Calibration(matrix=(1, 0.05, 0.02, 0, 0.9, 0.04, 0.08, 0.03, 1), points=5)


def told(own):
    """What a device tells, where places of its own are touched."""
    return [list(place) for place in own]


@pytest.mark.parametrize(("truth", "kind"), [(ASKEW, "affine"), (SEEN, "perspective")])
def test_the_map_is_found_from_five_places(truth, kind):
    found = fit(told(FIVE), [list(truth.place(*place)) for place in FIVE], SAME, SAME)
    assert found["kind"] == kind
    assert found["error"] == pytest.approx(0, abs=1e-9)
    made = Calibration(matrix=found["matrix"], points=5)
    assert made.place(0.3, 0.7) == pytest.approx(truth.place(0.3, 0.7), abs=1e-6)


def test_what_does_not_fit_is_told():
    wrong = [list(place) for place in FIVE]
    wrong[2] = [0.6, 0.9]  # touched beside the mark
    found = fit(told(FIVE), wrong, SAME, SAME)
    assert found["worst"] > 0.05
    assert 0 < found["error"] < found["worst"]
    assert fit(told(FIVE[:4]), wrong[:4], SAME, SAME)["kind"] == "affine"


def test_a_steady_hand_leaves_little():
    shaken = np.random.default_rng(7).normal(0, 0.002, (5, 2))
    targets = [
        list(np.array(ASKEW.place(*place)) + by) for place, by in zip(FIVE, shaken, strict=True)
    ]
    found = fit(told(FIVE), targets, SAME, SAME)
    assert found["kind"] == "affine", "not what noise would look like in perspective"
    assert found["error"] < 0.004


def test_places_on_one_line_are_no_calibration():
    line = [[n / 10, n / 10] for n in range(1, 6)]
    found = fit(told(line), told(line), SAME, SAME)
    with pytest.raises(ValueError, match="no width"):
        Calibration(matrix=found["matrix"], points=5)


def test_a_calibration_made_again_replaces_the_one_in_force():
    mapping = Mapping(left=0.05, right=0.95, rotation=180)
    # The device tells calibrated and mapped places; what it is touched at is the same as before.
    seen = [list(map_place(mapping, *ASKEW.place(*place))) for place in FIVE]
    wanted = [list(map_place(mapping, *SEEN.place(*place))) for place in FIVE]
    found = fit(seen, wanted, list(ASKEW.matrix), matrix_of(mapping))
    made = Calibration(matrix=found["matrix"], points=5)
    for place in FIVE:
        assert made.place(*place) == pytest.approx(SEEN.place(*place), abs=1e-6)


@given(
    st.sampled_from(list(Rotation)),
    st.floats(0, 0.4),
    st.floats(0.6, 1),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_mapping_as_a_matrix_is_the_mapping(rotation, least, most, x, y):
    mapping = Mapping(left=least, right=most, top=least / 2, bottom=most, rotation=rotation)
    inside = (least + (most - least) * x, least / 2 + (most - least / 2) * y)
    u, v, w = np.array(matrix_of(mapping)).reshape(3, 3) @ [*inside, 1]
    assert (u / w, v / w) == pytest.approx(map_place(mapping, *inside), abs=1e-9)


def test_how_hard_somebody_presses():
    assert [PressureCurve().shape(p) for p in (0, 0.25, 1)] == [0, 0.25, 1]
    assert PressureCurve(softness=1).shape(0.1) > 0.5
    assert PressureCurve(softness=-1).shape(0.5) == pytest.approx(0.0625)
    assert PressureCurve(lightest=0.2, hardest=0.6).shape(0.4) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="above the lightest"):
        PressureCurve(lightest=0.5, hardest=0.5)
