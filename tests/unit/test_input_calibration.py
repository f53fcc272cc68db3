"""Where a pen or finger is on the picture beneath it."""

import pytest
from pydantic import ValidationError

from drivers.input.calibration import Calibration
from drivers.touch_table.contacts import Contacts, Place
from drivers.touch_table.contract import Phase, TouchTool


def test_without_one_a_place_stays_where_it_is() -> None:
    assert Calibration().place(0.25, 1.0) == (0.25, 1.0)


def test_a_plane_in_perspective_is_straightened() -> None:
    # The right edge is seen half as high as the left one.
    seen = Calibration(matrix=(1, 0, 0, 0.25, 0.5, 0, 0.5, 0, 0.5), points=4)
    assert seen.place(0, 0) == (0, 0)
    assert seen.place(0, 1) == (0, 1)
    assert seen.place(1, 0) == pytest.approx((1, 0.25))
    assert seen.place(1, 1) == pytest.approx((1, 0.75))


def test_what_is_outside_is_at_the_edge() -> None:
    assert Calibration(matrix=(2, 0, -0.5, 0, 1, 0, 0, 0, 1), points=5).place(0.9, 0.5) == (1, 0.5)


@pytest.mark.parametrize(
    "matrix",
    [
        (1, 0, 0, 1, 0, 0, 0, 0, 1),  # everything on one line
        (1, 0, 0, 0, 1, 0, -2, 0, 1),  # folded over in the middle
        (1, 0, 0, 0, 1, 0, 0, 0, 0),
        (1e9, 0, 0, 0, 1, 0, 0, 0, 1),
        (float("nan"), 0, 0, 0, 1, 0, 0, 0, 1),
        (1, 0, 0, 0, 1, 0, 0, 0),
    ],
)
def test_a_matrix_that_is_no_map_of_an_area_is_refused(matrix: tuple[float, ...]) -> None:
    with pytest.raises(ValidationError):
        Calibration(matrix=matrix)


def test_touches_are_where_the_picture_is_and_a_palm_stays_one() -> None:
    contacts = Contacts(None, palm_mm=30)
    contacts.begin_frame()
    contacts.calibration = Calibration(matrix=(0.5, 0, 0, 0, 0.5, 0, 0, 0, 1), points=4)
    touches = contacts.down("a", Place(1, 1, width_mm=12), 1)
    touches += contacts.move("a", Place(1, 0.8, width_mm=44), 2)
    touches += contacts.move("a", Place(1, 0.6, width_mm=12), 3)
    touches += contacts.up("a", 4)
    assert [(one.x, one.y) for one in touches[:2]] == [(0.5, 0.5), (0.5, 0.4)]
    assert [one.tool for one in touches] == [TouchTool.FINGER, *[TouchTool.PALM] * 3]
    assert touches[-1].phase is Phase.UP
