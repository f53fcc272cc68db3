"""The book of calls into drivers: limits kept, what hangs is seen, what lives on is left alone."""

import asyncio
import threading

import pytest

from hub.device import DeviceError, TimedOut
from hub.driver_host._calls import BookedCall, BookedThreads, CallBook
from hub.driver_host.timing import Timing
from hub.pauses import backoff


@pytest.fixture
def book():
    return CallBook(grace=0.05)


@pytest.fixture
def released():
    """An event that lets threads of a test end."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
async def threads(book, released):
    loop = asyncio.get_running_loop()
    pool = BookedThreads(book, loop)
    loop.set_default_executor(pool)
    yield pool
    released.set()
    await loop.shutdown_default_executor()


async def settle(true):
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)


async def test_a_call_is_in_the_book_while_it_runs(book):
    async def work():
        return book.oldest()

    age, overdue, what = await book.run("read", 5.0, work())
    assert age >= 0
    assert overdue < 0
    assert what == "read"
    await asyncio.sleep(0)
    assert book.oldest() == (0.0, -1.0, "")


async def test_errors_of_the_driver_reach_the_caller(book):
    async def fail():
        raise ZeroDivisionError

    async def cancel_itself():
        raise asyncio.CancelledError

    with pytest.raises(ZeroDivisionError):
        await book.run("x", 5.0, fail())
    with pytest.raises(DeviceError):
        await book.run("x", 5.0, cancel_itself())


async def test_a_call_past_its_limit_is_told_and_stays_in_the_book_until_it_ends(book):
    stop = asyncio.Event()

    async def deaf():
        while not stop.is_set():
            try:
                await stop.wait()
            except asyncio.CancelledError:
                continue

    with pytest.raises(TimedOut):
        await book.run("deaf", 0.01, deaf())
    assert book.oldest()[1:] >= (0, "deaf")
    stop.set()
    await settle(lambda: book.oldest()[2] == "")


async def test_a_thread_that_hangs_keeps_its_call_in_the_book(book, threads, released):
    with pytest.raises(TimedOut):
        await book.run("stuck", 0.01, asyncio.to_thread(released.wait))
    await asyncio.sleep(0)
    assert book.oldest()[2] == "stuck"
    released.set()
    await settle(lambda: book.oldest()[2] == "")


async def test_a_thread_that_a_driver_keeps_for_itself_is_no_call(book, threads, released):
    kept = []

    async def connect():
        kept.append(asyncio.create_task(asyncio.to_thread(released.wait)))
        await asyncio.sleep(0)

    await book.run("connect", 5.0, connect())
    await asyncio.sleep(0)
    assert book.oldest()[2] == ""
    released.set()
    await kept[0]


async def test_what_is_told_to_end_is_late_from_then_on(book):
    async def obeys():
        await asyncio.sleep(3600)

    call = BookedCall("stream", 3600)
    await book.end(call, book.begin(call, obeys()))
    assert call.deadline <= asyncio.get_running_loop().time()
    assert book.oldest()[2] == ""


def test_pauses_double_up_to_the_longest_and_are_never_the_same_for_all():
    pauses = [backoff(attempt, 1.0, 8.0) for attempt in range(6)]
    for pause, most in zip(pauses, (1, 2, 4, 8, 8, 8), strict=True):
        assert 0.75 * most <= pause <= most
    assert len({backoff(0, 1.0, 8.0) for _ in range(5)}) > 1
    assert backoff(10_000, 1.0, 8.0) <= 8.0


def test_timing_crosses_the_wire():
    assert Timing.from_data(Timing(grace=1.5).as_data()) == Timing(grace=1.5)
