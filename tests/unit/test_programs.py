"""Programs of the distribution: what they say, what they may take, and that none outlives the hub."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub import programs
from hub.programs import Bounds, ProgramFailed, ProgramHadNoRoom, ProgramTimedOut, run_program

SLEEPER = "sleep 600 & echo $!; wait"


def runs(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def gone(pid: int) -> bool:
    for _ in range(200):
        if not runs(pid):
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.fixture
def bounds(tmp_path: Path) -> Bounds:
    return Bounds(folder=tmp_path, memory=1 << 30, file=1 << 20)


async def test_its_lines_are_returned_and_its_errors_told():
    told: list[str] = []
    command = ["sh", "-c", "echo жасуша; echo careful >&2; echo two"]
    assert await run_program(command, limit=30, on_error=told.append) == ["жасуша", "two"]
    assert told == ["careful"]


async def test_it_is_fed_and_may_have_enough_before_the_end():
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b"line\n" * 2000

    assert await run_program(["wc", "-l"], limit=60, feed=pieces()) == ["2000000"]
    assert await run_program(["head", "-n", "1"], limit=60, feed=pieces()) == ["line"]


async def test_one_that_fails_says_the_end_of_what_it_said():
    with pytest.raises(ProgramFailed, match="ended with 3: no such slide"):
        await run_program(["sh", "-c", "echo no such slide >&2; exit 3"], limit=30)
    with pytest.raises(ProgramHadNoRoom):
        await run_program(["sh", "-c", "LC_ALL=C cat /dev/zero > /dev/full"], limit=30)


@pytest.mark.slow
@pytest.mark.parametrize("bounded", [False, True])
async def test_one_that_takes_too_long_ends_with_all_it_began(bounds, bounded):
    said: list[str] = []
    with pytest.raises(ProgramTimedOut):
        await run_program(
            ["sh", "-c", SLEEPER], limit=2, on_line=said.append, bounds=bounds if bounded else None
        )
    assert await gone(int(said[0]))


async def test_one_whose_caller_leaves_ends_at_once():
    said: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.create_task(
        run_program(["sh", "-c", SLEEPER], limit=600, on_line=said.put_nowait)
    )
    child = int(await asyncio.wait_for(said.get(), 30))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(child)


async def test_bounds_are_kept(bounds):
    greedy = [sys.executable, "-c", "bytearray(2 << 30)"]
    with pytest.raises(ProgramFailed, match="MemoryError"):
        await run_program(greedy, limit=60, bounds=bounds)
    with pytest.raises(ProgramFailed):
        await run_program(
            ["dd", "if=/dev/zero", "of=large", "bs=64k", "count=64"], limit=60, bounds=bounds
        )
    assert (bounds.folder / "large").stat().st_size <= bounds.file


async def test_it_runs_in_its_folder_and_sees_nothing_of_the_hub(bounds, monkeypatch):
    monkeypatch.setenv("CLASSHUB_SECRET", "abc")
    said = await run_program(["sh", "-c", "pwd; echo $HOME; env"], limit=30, bounds=bounds)
    assert said[:2] == [str(bounds.folder)] * 2
    assert "CLASSHUB_SECRET=abc" not in said


HUB = """
import asyncio, sys
from hub.programs import run_program
asyncio.run(run_program(["sh", "-c", "echo $$; exec sleep 600"], limit=600,
    on_line=lambda line: print(line, flush=True)))
"""


async def test_it_does_not_outlive_a_hub_that_is_killed():
    if not programs._with_hub():
        pytest.skip("setpriv does not work here")
    hub = subprocess.Popen([sys.executable, "-c", HUB], stdout=subprocess.PIPE, text=True)
    assert hub.stdout is not None
    child = int(await asyncio.to_thread(hub.stdout.readline))
    assert runs(child)
    os.kill(hub.pid, signal.SIGKILL)
    hub.wait()
    hub.stdout.close()
    assert await gone(child)


def test_a_starter_that_does_not_work_is_left_out_and_a_slow_one_is_not(monkeypatch):
    assert programs._that_works("setpriv", "--no-such-option") == ()
    assert programs._that_works("no-such-starter") == ()
    monkeypatch.setattr(programs, "_END_LIMIT", 0.2)
    began = time.monotonic()
    slow = programs._that_works("sh", "-c", "exec sleep 600")
    assert slow[1:] == ("-c", "exec sleep 600")
    assert time.monotonic() - began < 60
