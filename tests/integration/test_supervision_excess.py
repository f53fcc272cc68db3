"""A driver process that uses too much, or behaves as no driver may: told, ended, started again."""

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from hub.device import Problem
from hub.errors import HubError
from hub.processes import DriverEntry, Limits, Supervisor, Timing
from hub.processes._usage import MARK
from tests.processes import alive

DRIVERS = Path(__file__).parent / "drivers_for_tests"
ROOT = Path(__file__).parents[2]
LIMIT = 90.0
QUICK = Timing(
    heartbeat=0.1, silence=2.0, grace=0.5, connect=2.0, disconnect=0.5, again=0.02,
    again_most=0.1, slow=0.2, picture=0.5, restart=0.02, restart_most=0.1, fault=60.0,
)  # fmt: skip
TIGHT = Limits(memory=120 << 20, cpu=600, processes=16, files=200, look=0.1, endings=2)
# Here a start that takes long on a busy computer may count as well.
IDLE = Limits(cpu=0.6, spare=0.02, look=0.1, endings=2)
WIDE = Limits()


class Listener:
    """Whoever hears of the device `it`."""

    def __init__(self) -> None:
        self.states: list[tuple[str, Problem | None]] = []
        self.health: list[str | None] = []
        self.reachable = False
        self.ticks = 0

    def process_state(self, state, problem) -> None:
        self.states.append((state, problem))
        self.reachable = self.reachable and state == "running"

    def message(self, message) -> None:
        if message["op"] == "state":
            self.reachable = message["reachable"]
        elif message["op"] == "health":
            told = message["problem"]
            self.health.append(told and told["code"])
        elif message["op"] == "event":
            self.ticks += 1

    def frame(self, stream, data, media_type, taken) -> None:
        """Nobody looks."""

    def last_words_over(self) -> None:
        """Nothing is left open."""


class Nursery:
    """Supervised processes, each with one device; nothing is left of them."""

    def __init__(self) -> None:
        self.all: list[Supervisor] = []

    async def start(self, limits=WIDE, how="") -> tuple[Supervisor, Listener]:
        entry = DriverEntry("wreck", "wreck_drivers:Wreck")
        made = Supervisor(entry, QUICK, name=f"wreck{len(self.all)}", limits=limits)
        heard = Listener()
        self.all.append(made)
        made.add("it", {"settings": {"how": how}}, heard)
        made.start()
        await until(lambda: heard.reachable or how)
        return made, heard


async def until(what) -> None:
    async with asyncio.timeout(LIMIT):
        while not what():
            await asyncio.sleep(0.02)


async def wreck(supervisor: Supervisor, how: str):
    """Have it go wrong; return its answer or the problem of asking."""
    message = {"op": "run", "device": "it", "name": "wreck", "input": {"how": how}}
    try:
        return await supervisor.call(message, 0.5)
    except HubError as error:
        return error


def marked() -> list[psutil.Process]:
    """All processes of driver processes that this one has started, wherever they went."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK, "").startswith(f"{os.getpid():08x}"):
                found.append(process)
        except psutil.Error:
            continue
    return [each for each in found if each.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
async def nursery(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{DRIVERS}{os.pathsep}{ROOT}")
    others = marked()
    made = Nursery()
    yield made
    await asyncio.gather(*(each.stop() for each in made.all))
    assert [each for each in marked() if each not in others] == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_leak_is_warned_of_ended_and_counted_and_the_driver_comes_back(nursery):
    other, heard_of_other = await nursery.start()
    leaking, heard = await nursery.start(TIGHT)
    pid = other.process.pid
    await wreck(leaking, "leak")
    await until(lambda: leaking.restarts == 1 and heard.reachable)
    assert leaking.counters["restarts_memory"] == 1
    assert heard.health == ["driver-memory"]
    assert "restarting" in [state for state, _ in heard.states]
    assert (other.process.pid, other.restarts, heard_of_other.health) == (pid, 0, [])


async def test_whoever_leaks_again_is_in_fault_with_a_hint(nursery):
    leaking, heard = await nursery.start(TIGHT, how="leak")
    await until(lambda: leaking.state == "fault")
    assert leaking.problem.code == "driver-memory"
    assert "[drivers]" in leaking.problem.hint
    assert "120 MiB" in leaking.problem.detail
    assert leaking.counters["restarts_memory"] == TIGHT.endings
    assert leaking.error.code == "driver-memory"
    assert not heard.reachable


async def test_memory_of_what_it_starts_counts_as_its_own(nursery):
    supervisor, _ = await nursery.start(TIGHT)
    before = supervisor.counters["rss"]
    await wreck(supervisor, "a large child")
    await until(lambda: supervisor.counters.get("restarts_memory") == 1)
    assert before < TIGHT.memory


async def test_so_much_at_once_is_refused_by_the_kernel(nursery):
    supervisor, heard = await nursery.start(TIGHT)
    assert (await wreck(supervisor, "grab")).code == "driver-error"
    assert (supervisor.restarts, heard.reachable) == (0, True)


async def test_a_thread_that_spins_for_nothing_is_warned_of_and_ended(nursery):
    supervisor, heard = await nursery.start(IDLE)
    await wreck(supervisor, "spin in a thread")
    await until(lambda: supervisor.counters.get("restarts_cpu") == 1 and heard.reachable)
    assert heard.health[0] == "driver-cpu"
    assert supervisor.counters["cpu_ms"] > 0


async def test_work_that_was_asked_for_is_no_excess(nursery):
    supervisor, heard = await nursery.start(IDLE)
    message = {"op": "run", "device": "it", "name": "wreck", "input": {"how": "work"}}
    end = time.monotonic() + 3 * IDLE.cpu
    while time.monotonic() < end:
        await supervisor.call(message, 5)
    assert (supervisor.restarts, heard.health) == (0, [])


async def test_too_many_children_end_it_and_go_with_it(nursery):
    supervisor, heard = await nursery.start(TIGHT)
    await wreck(supervisor, "children")
    await until(lambda: supervisor.counters.get("restarts_processes") == 1 and heard.reachable)
    await until(lambda: supervisor.counters["processes"] == 0)
    assert [each for each in marked() if "sleep" in each.name()] == []


async def test_files_that_are_never_closed_fail_the_driver_alone(nursery):
    supervisor, heard = await nursery.start(TIGHT)
    assert (await wreck(supervisor, "files")).code == "unreachable"
    assert psutil.Process(supervisor.process.pid).num_fds() <= TIGHT.files
    del heard


async def test_a_process_that_it_left_to_nobody_goes_with_it(nursery):
    supervisor, heard = await nursery.start()
    await wreck(supervisor, "orphan")
    await until(lambda: [each for each in marked() if each.name() == "sleep"])
    (orphan,) = [each for each in marked() if each.name() == "sleep"]
    assert os.getsid(orphan.pid) != supervisor.process.pid
    os.kill(supervisor.process.pid, signal.SIGKILL)
    await until(lambda: supervisor.restarts == 1 and heard.reachable)
    await until(lambda: not alive(orphan.pid))


@pytest.mark.parametrize(
    ("how", "cause"),
    [
        ("exit", "ended"),
        ("abort", "ended"),
        ("stopped", "hung"),
        ("spin", "hung"),
        ("late", "hung"),
        ("garbage", "protocol"),
        ("garbage as frames", "protocol"),
        ("nested", "protocol"),
        ("no frame", "protocol"),
        ("oversized", "protocol"),
        ("oversized frame", "protocol"),
        ("never-ending", "hung"),
        ("never-ending frame", "protocol"),
        ("close control", "ended"),
        ("close frames", "ended"),
    ],
)
async def test_what_no_driver_may_do_ends_its_process_and_nothing_else(nursery, how, cause):
    other, heard_of_other = await nursery.start()
    supervisor, heard = await nursery.start()
    pid = other.process.pid
    await wreck(supervisor, how)
    await until(lambda: supervisor.restarts == 1 and heard.reachable)
    assert supervisor.counters[f"restarts_{cause}"] == 1
    ticks = heard_of_other.ticks
    await until(lambda: heard_of_other.ticks > ticks + 5)
    assert (other.process.pid, other.restarts) == (pid, 0)


@pytest.mark.parametrize("how", ["flood", "print"])
async def test_a_flood_of_messages_or_text_holds_up_nobody(nursery, how):
    other, heard_of_other = await nursery.start()
    supervisor, _ = await nursery.start()
    flood = asyncio.create_task(wreck(supervisor, how))
    ticks = heard_of_other.ticks
    await until(lambda: heard_of_other.ticks > ticks + 20)
    assert other.restarts == 0
    flood.cancel()
    await asyncio.gather(flood, return_exceptions=True)


async def test_a_driver_that_ignores_sigterm_is_killed(nursery):
    supervisor, _ = await nursery.start()
    asking = asyncio.create_task(wreck(supervisor, "ignore SIGTERM"))
    await asyncio.sleep(0.3)
    process = psutil.Process(supervisor.process.pid)
    await supervisor.stop()
    assert not process.is_running()
    await asyncio.gather(asking, return_exceptions=True)
