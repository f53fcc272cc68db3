"""A link to a broker is kept: pauses grow, and begin anew once it has stood."""

import asyncio
import contextlib

import pytest

from hub import broker_link
from hub.broker_link import Keeper
from hub.pauses import backoff

TIMES = {"first": 1.0, "most": 8.0, "calm": 0.05}


@pytest.fixture
def attempts(monkeypatch):
    """The numbers of the attempts for which a pause was asked; pauses themselves are none."""
    asked = []

    def none(attempt, first, most, *, least):
        assert (first, most) == (1.0, 8.0)
        asked.append(attempt)
        return 0.0

    monkeypatch.setattr(broker_link, "backoff", none)
    return asked


async def keep(connect, lost=None):
    told = []

    async def on_lost(error):
        told.append(error)

    keeper = Keeper(lambda: connect(keeper), lost or on_lost, **TIMES)
    with contextlib.suppress(asyncio.CancelledError):
        async with asyncio.timeout(20):
            await keeper.run()
    return told


async def test_pauses_grow_while_it_fails_and_each_failure_is_told(attempts):
    async def connect(_keeper):
        if len(attempts) == 5:
            raise asyncio.CancelledError
        raise OSError(f"no {len(attempts)}")

    told = await keep(connect)
    assert attempts == [0, 1, 2, 3, 4]
    assert [str(one) for one in told] == [f"no {n}" for n in range(5)]


async def test_a_link_that_stood_begins_anew_and_one_that_only_came_up_does_not(attempts):
    stood = [None, None, 0.0, 0.2, None, None]

    async def connect(keeper):
        if len(attempts) == len(stood):
            raise asyncio.CancelledError
        if (seconds := stood[len(attempts)]) is not None:
            keeper.up()
            await asyncio.sleep(seconds)
        raise OSError("gone")

    await keep(connect)
    # The fourth stood: the pause after it is the first again, as is the next one's.
    assert attempts == [0, 1, 2, 0, 0, 1]


async def test_what_a_keeper_cannot_tell_of_ends_it(attempts):
    async def connect(_keeper):
        raise ValueError("a mistake")

    async def lost(error):
        raise error

    with pytest.raises(ValueError, match="a mistake"):
        await keep(connect, lost)


def test_how_much_of_a_pause_is_left_to_chance_is_said():
    pauses = [backoff(3, 1.0, 30.0, least=0.3) for _ in range(400)]
    assert 2.4 <= min(pauses) < 4.0 < 7.0 < max(pauses) <= 8.0
