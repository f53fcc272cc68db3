"""What waits for a slow broker is bounded, and the newest state wins."""

import asyncio

import pytest

from hub.mqtt._outbox import MESSAGE_LIMIT, MOST_BYTES, MOST_PASSING, Outbox, Outgoing


@pytest.fixture
def outbox() -> Outbox:
    made = Outbox()
    made.open = True
    return made


async def all_of(outbox: Outbox) -> list:
    async with asyncio.timeout(5):
        return [(await outbox.get())[0].payload for _ in range(len(outbox))]


async def test_the_newest_of_each_retained_topic_wins(outbox):
    for number in range(5000):
        outbox.put(Outgoing("state", number, retained=True, qos=1))
    assert len(outbox) == 1
    assert await all_of(outbox) == [4999]
    assert outbox.dropped == 0


async def test_of_all_others_the_oldest_are_dropped_and_counted(outbox):
    for number in range(MOST_PASSING + 7):
        outbox.put(Outgoing("event", number))
    assert outbox.dropped == 7
    assert await all_of(outbox) == list(range(7, MOST_PASSING + 7))


async def test_their_bytes_are_bounded_as_well(outbox):
    big = "x" * (MESSAGE_LIMIT // 2)
    for _ in range(100):
        outbox.put(Outgoing("samples", big))
    assert len(outbox) * len(big) <= MOST_BYTES


async def test_events_get_their_turn_beside_a_flood_of_state(outbox):
    for number in range(100):
        outbox.put(Outgoing(f"state/{number}", "s", retained=True, qos=1))
    outbox.put(Outgoing("event", "e"))
    assert "e" in (await all_of(outbox))[:2]


async def test_what_is_too_large_for_the_broker_is_dropped_and_counted(outbox):
    outbox.put(Outgoing("event", "x" * MESSAGE_LIMIT))
    outbox.put(Outgoing("td", "x" * MESSAGE_LIMIT, retained=True, qos=1))
    outbox.put(Outgoing("last", "l", retained=True, qos=1))
    assert (await outbox.get())[0].payload == "l"
    assert outbox.dropped == 2


async def test_while_nobody_sends_nothing_is_kept():
    outbox = Outbox()
    outbox.put(Outgoing("state", 1, retained=True, qos=1))
    outbox.put(Outgoing("event", 1))
    assert (len(outbox), outbox.dropped) == (0, 1)
