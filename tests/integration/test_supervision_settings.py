"""What a driver's process may use, as the settings say it."""

import pytest

from hub.processes import Limits
from hub.processes.settings import DriversSettings


def test_nothing_set_is_the_default():
    assert DriversSettings().limits("any") == Limits()


def test_a_driver_of_its_own_wins_over_all_of_them():
    given = DriversSettings(memory="1 GiB", files=300, of={"slicer": {"memory": "2GiB"}})
    assert (given.limits("any").memory, given.limits("any").files) == (1 << 30, 300)
    assert (given.limits("slicer").memory, given.limits("slicer").files) == (2 << 30, 300)


@pytest.mark.parametrize("memory", ["512 MB", "much", "-1 GiB", "1 MiB", "", "9" * 40])
def test_a_size_that_makes_no_sense_is_refused(memory):
    with pytest.raises(ValueError, match="memory"):
        DriversSettings(memory=memory)
