"""A hundred faults at random: whoever is left alone notices nothing, and nothing is left over.

The long form is run by hand: `python -m tests.bench soak --minutes 60`.
"""

import logging
import random

import pytest

from tests.bench.soak import DRIVERS, SIGNALS, WAYS, soak, surroundings


@pytest.mark.slow
async def test_a_hundred_faults_leave_the_other_devices_alone(monkeypatch, caplog):
    monkeypatch.syspath_prepend(str(DRIVERS))
    for name, value in surroundings().items():
        monkeypatch.setenv(name, value)
    caplog.set_level(logging.CRITICAL, "classhub")
    told = await soak(random.Random(), faults=100)
    assert set(told.faults) == {*WAYS, *SIGNALS}, "each way was tried"
    assert told.restarts.total() >= 30
    assert {"ended", "hung", "protocol"} <= set(told.restarts)
    for name, calm in told.calm.items():
        assert (calm.gaps, calm.begun_anew) == (0, 0), name
        assert (calm.losses, calm.restarts, calm.moved) == (0, 0, False), name
        assert calm.events > 200, name
        assert calm.pictures > 200, name
    assert told.after.tasks <= told.before.tasks
    assert told.left.tasks <= told.empty.tasks
    assert told.left.children <= told.empty.children
    assert not told.left.files - told.empty.files
    assert told.strays == []
