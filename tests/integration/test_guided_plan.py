"""Where focus and stage will go: within the travel, in order, and never the same place twice."""

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import Invalid
from plugins.microscopy.series.errors import NoDrivenFocus, NoDrivenStage
from plugins.microscopy.series.plan import (
    Focus,
    check_stage,
    depth_of_field,
    focus_of,
    heights,
    places,
)

HEIGHT = st.floats(-1e6, 1e6, allow_nan=False)


def scope(**properties) -> SimpleNamespace:
    """A device with these properties: each a schema, None for one that is read only."""
    described = {
        name: SimpleNamespace(writable=schema is not None, value_schema=schema or {})
        for name, schema in properties.items()
    }
    return SimpleNamespace(id="scope", description=SimpleNamespace(properties=described))


@given(
    low=st.floats(-5000, 0), reach=st.floats(10, 5000), at=st.floats(0, 1), count=st.integers(3, 60)
)
def test_a_stack_stays_within_the_travel_and_climbs(low, reach, at, count):
    focus = Focus("focus", low, low + reach, whole=False)
    try:
        found = heights(focus, low + at * reach, count, None, "40x")
    except Invalid:
        return  # the travel is too short for so many
    assert len(found) == count
    assert found == sorted(set(found))
    assert low - 0.001 <= found[0]
    assert found[-1] <= low + reach + 0.001


@given(first=HEIGHT, last=HEIGHT, count=st.integers(3, 60))
def test_wished_heights_are_taken_or_refused(first, last, count):
    focus = Focus("focus", -250, 250, whole=False)
    try:
        found = heights(focus, 0, count, (first, last), None)
    except Invalid:
        assert not (-250 <= first <= 250 and -250 <= last <= 250) or abs(first - last) < 0.001 * (
            count + 1
        )
        return
    assert found[0] == pytest.approx(first, abs=0.001)
    assert found[-1] == pytest.approx(last, abs=0.001)


def test_a_cameras_lens_takes_whole_numbers_in_its_own_units():
    lens = {"type": "integer", "minimum": 0, "maximum": 255}
    found = focus_of(scope(focus=None, lens=lens, lens_auto={"type": "boolean"}))
    assert (found.name, found.automatic, found.whole) == ("lens", "lens_auto", True)
    stops = heights(found, 10, 5, None, "40x")
    assert all(isinstance(one, int) for one in stops)
    assert stops[0] >= 0
    with pytest.raises(Invalid):
        heights(found, 10, 9, (10, 14), None)


def test_what_a_hand_moves_is_not_driven():
    with pytest.raises(NoDrivenFocus):
        focus_of(scope(focus=None))
    with pytest.raises(NoDrivenFocus):
        focus_of(scope(focus={"type": "number"}))  # nobody knows how far it goes
    with pytest.raises(NoDrivenFocus):
        focus_of(SimpleNamespace(id="new", description=None))
    with pytest.raises(NoDrivenStage):
        check_stage(scope(stage=None))
    check_stage(scope(stage={"type": "object"}))


def test_depth_of_field_follows_the_objective():
    # Wavelength 0.55 um, apertures 0.10, 0.25, 0.65; a pixel of 4 um.
    assert depth_of_field("4x") == pytest.approx(65, abs=0.5)
    assert depth_of_field("10×") == pytest.approx(10.4, abs=0.1)
    assert depth_of_field("Plan 40х/0.65") == pytest.approx(1.46, abs=0.05)
    for unknown in (None, "", "objective", "0x", "100000x"):
        assert depth_of_field(unknown) is None


@given(columns=st.integers(1, 12), rows=st.integers(1, 12))
def test_a_mosaic_goes_from_neighbour_to_neighbour_around_where_it_was(columns, rows):
    found = places((100.0, -50.0), columns, rows, (30.0, 20.0))
    assert len(set(found)) == columns * rows
    assert sum(x for x, _ in found) / len(found) == pytest.approx(100, abs=0.01)
    assert sum(y for _, y in found) / len(found) == pytest.approx(-50, abs=0.01)
    for (x0, y0), (x1, y1) in itertools.pairwise(found):
        moved = abs(x1 - x0), abs(y1 - y0)
        assert moved in ((30.0, 0.0), (0.0, 20.0))
