"""Faults on command: each does what it is called, in order, the same with the same seed."""

import asyncio
import contextlib
import os
import pty
import tty

import pytest
from pydantic import ValidationError

from hub.device import TimedOut, Unreachable
from hub.device.transports import Faults, Transports
from hub.device.transports._faults import Lane
from tests.peers import serving

LIMIT = 30


@contextlib.asynccontextmanager
async def echo():
    """A TCP peer that sends back what comes."""

    async def answer(reader, writer):
        while data := await reader.read(1000):
            writer.write(data)

    async with serving(answer) as port:
        yield port


async def test_garbled_bytes_are_as_many_as_asked_and_the_same_each_time():
    def spoilt(seed: int) -> bytes:
        came: list[bytes] = []
        lane = Lane(Faults(garble=0.1, seed=seed), 1, came.append)
        for _ in range(100):
            lane.put(bytes(1000))
        return b"".join(came)

    one = spoilt(1)
    assert one == spoilt(1) != spoilt(2)
    assert 8_000 < sum(byte != 0 for byte in one) < 12_000
    all_: list[bytes] = []
    Lane(Faults(garble=1), 1, all_.append).put(bytes(50))
    assert 0 not in all_[0]


async def test_dropped_pieces_are_lost():
    came: list[bytes] = []
    lane = Lane(Faults(drop=0.5), 1, came.append)
    for number in range(1000):
        lane.put(number.to_bytes(2, "big"))
    assert 300 < len(came) < 700
    assert came == sorted(came)


async def test_delayed_pieces_keep_their_order():
    async with echo() as port:
        transports = Transports()
        stream = await transports.tcp("127.0.0.1", port)
        transports.set_faults(Faults(delay=60))
        loop = asyncio.get_running_loop()
        start = loop.time()
        for word in (b"a", b"b", b"c"):
            await stream.write(word)
        assert await stream.read_exactly(3, limit=LIMIT) == b"abc"
        assert loop.time() - start >= 0.1  # there and back
        stream.close()


async def test_while_stalled_nothing_comes_and_then_all_of_it():
    async with echo() as port:
        transports = Transports()
        stream = await transports.tcp("127.0.0.1", port)
        transports.set_faults(Faults(stall=True))
        await stream.write(b"one")
        await stream.write(b"two")
        with pytest.raises(TimedOut):
            await stream.read(limit=0.1)
        with pytest.raises(Unreachable):
            await transports.tcp("127.0.0.1", port, limit=0.1)
        transports.set_faults(None)
        assert await stream.read_exactly(6, limit=LIMIT) == b"onetwo"
        stream.close()


async def test_unplugged_everything_breaks_until_it_is_plugged_in():
    async with echo() as port:
        transports = Transports()
        stream = await transports.tcp("127.0.0.1", port)
        transports.set_faults(Faults(unplug=True, seconds=0.2))
        with pytest.raises(Unreachable):
            await stream.read(limit=LIMIT)
        with pytest.raises(Unreachable, match="unplugged"):
            await transports.tcp("127.0.0.1", port)
        while transports.faults is not None:
            await asyncio.sleep(0.02)
        again = await transports.tcp("127.0.0.1", port)
        await again.write(b"back")
        assert await again.read_exactly(4, limit=LIMIT) == b"back"
        again.close()


async def test_a_serial_line_can_be_unplugged():
    master, slave = pty.openpty()
    tty.setraw(slave)
    transports = Transports()
    line = await transports.serial(os.ttyname(slave))
    transports.set_faults(Faults(unplug=True))
    with pytest.raises(Unreachable):
        await line.read(limit=LIMIT)
    with pytest.raises(Unreachable):
        await line.write(b"x")
    with pytest.raises(Unreachable):
        await line.set_lines(dtr=True)
    transports.set_faults(None)
    again = await transports.serial(os.ttyname(slave))
    again.close()
    os.close(master)
    os.close(slave)


async def test_one_direction_alone_can_be_spoilt():
    async with echo() as port:
        transports = Transports()
        stream = await transports.tcp("127.0.0.1", port)
        transports.set_faults(Faults(drop=1, toward="rx"))
        await stream.write(b"lost on the way back")
        with pytest.raises(TimedOut):
            await stream.read(limit=0.3)
        transports.set_faults(None)
        await stream.write(b"heard")
        assert await stream.read_exactly(5, limit=LIMIT) == b"heard"
        stream.close()


@pytest.mark.parametrize(
    "wrong",
    [{"garble": 2}, {"drop": -1}, {"delay": 1e9}, {"seconds": 0}, {"toward": "up"}, {"x": 1}],
)
def test_faults_that_are_none_are_refused(wrong):
    with pytest.raises(ValidationError):
        Faults.model_validate(wrong)
