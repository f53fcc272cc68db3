"""Operations: followed, cancelled, bounded, never lost without a word."""

import asyncio

import pytest

from hub import operations as module
from hub.bus import Bus
from hub.device import Role, Unreachable
from hub.errors import NotFound, TooMany
from hub.operations import Operations, Status
from hub.rights import SYSTEM, Principal, may


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
async def operations(bus):
    operations = Operations(bus)
    yield operations
    await operations.stop()


def start(operations, work, **more):
    return operations.start(action="scan", by=more.pop("by", SYSTEM), work=work, **more)


async def test_an_operation_tells_its_progress_and_result(operations, bus):
    told = []
    bus.subscribe("operations/+", lambda message: told.append(message.payload))

    async def work(progress):
        progress(0.5, "Half")
        progress(7.0, "Too much")
        return {"x": 1}

    operation = start(operations, work, device="m1", title="Scan")
    await operations.wait(operation.id, 5)
    assert operation.status is Status.DONE
    assert operation.result == {"x": 1}
    seen = [(one["status"], one["fraction"]) for one in told]
    assert seen == [
        ("pending", 0.0), ("running", 0.0), ("running", 0.5), ("running", 1.0), ("done", 1.0)
    ]  # fmt: skip
    assert told[-1]["ended"].endswith("Z")


async def test_a_failure_is_its_problem(operations):
    async def work(progress):
        raise Unreachable("unplugged")

    operation = start(operations, work)
    await operations.wait(operation.id, 5)
    assert operation.status is Status.FAILED
    assert operation.problem.code == "unreachable"


async def test_a_mistake_of_the_program_is_a_failure_too(operations, caplog):
    async def work(progress):
        raise ZeroDivisionError

    operation = start(operations, work)
    await operations.wait(operation.id, 5)
    assert operation.problem.code == "internal"
    assert "ZeroDivisionError" in caplog.text


async def test_it_can_be_cancelled_and_ends_at_its_limit(operations):
    async def work(progress):
        await asyncio.sleep(3600)

    cancelled, late = start(operations, work), start(operations, work, limit=0.01)
    await asyncio.sleep(0)
    operations.cancel(cancelled.id)
    await operations.wait(cancelled.id, 5)
    await operations.wait(late.id, 5)
    assert cancelled.status is Status.CANCELLED
    assert (late.status, late.problem.code) == (Status.FAILED, "timed-out")
    assert operations.cancel(late.id).status is Status.FAILED


async def test_one_that_is_cancelled_before_its_turn_is_over_too(operations):
    begun = []

    async def work(progress):
        begun.append(1)

    operation = start(operations, work)
    operations.cancel(operation.id)
    await operations.wait(operation.id, 5)
    assert (operation.status, begun) == (Status.CANCELLED, [])
    assert operation.ended is not None


async def test_what_runs_when_the_hub_stops_is_left_interrupted(bus):
    kept = []
    operations = Operations(bus, keep=lambda operation: kept.append(operation.status))

    async def work(progress):
        await asyncio.sleep(3600)

    start(operations, work)
    await asyncio.sleep(0)
    await operations.stop()
    assert kept[-1] is Status.INTERRUPTED


async def test_its_owner_and_teachers_may_see_it_and_other_pupils_may_not(operations):
    async def work(progress):
        return None

    pupil = Principal("s1", "Aigul", Role.PUPIL, person="p1")
    operation = start(operations, work, by=pupil)
    access = operations.access(operation.id)
    assert may(pupil, access)
    assert may(Principal("s2", "Aigul again", Role.PUPIL, person="p1"), access)
    assert may(Principal("t", "Teacher", Role.TEACHER), access)
    assert not may(Principal("s3", "Other", Role.PUPIL, person="p2"), access)


async def test_only_so_many_are_kept_and_run(operations, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 3)
    monkeypatch.setattr(module, "MOST_RUNNING", 2)

    async def work(progress):
        return None

    first = start(operations, work)
    start(operations, work)
    with pytest.raises(TooMany):
        start(operations, work)
    await operations.wait(first.id, 5)
    for _ in range(3):
        await operations.wait(start(operations, work).id, 5)
    assert len(operations.list()) == 3
    assert operations.list()[0].started >= operations.list()[-1].started
    with pytest.raises(NotFound):
        operations.get(first.id)
