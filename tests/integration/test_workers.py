"""Heavy work runs in processes that can be killed without harm to anything else."""

import asyncio
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from hub.errors import Invalid
from hub.workers import WorkBroken, Workers, WorkersBusy, WorkFailed, WorkTimedOut, WorkTooLarge
from tests.processes import alive

SECONDS = 60.0


@pytest.fixture
async def workers() -> AsyncIterator[Workers]:
    workers = Workers()
    await workers.start()
    yield workers
    await workers.stop()
    assert children() == []


def children() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children():
        try:
            if "hub.worker" in process.cmdline():
                found.append(process)
        except psutil.NoSuchProcess:
            continue
    return found


async def pid(workers: Workers, **options: bool) -> int:
    answer = await workers.run("os:getpid", timeout=SECONDS, **options)
    assert isinstance(answer, int)
    return answer


async def test_a_result_comes_back_from_another_process(workers: Workers) -> None:
    assert await workers.run("math:sqrt", 16, timeout=SECONDS) == 4.0
    assert await pid(workers) != os.getpid()


async def test_a_process_is_used_again(workers: Workers) -> None:
    assert await pid(workers) == await pid(workers)
    assert len(children()) == 1


async def test_what_takes_too_long_is_killed_and_the_next_works(workers: Workers) -> None:
    before = await pid(workers)
    with pytest.raises(WorkTimedOut):
        await workers.run("time:sleep", 600, timeout=0.05)
    assert not alive(before)
    assert await pid(workers) != before


async def test_a_program_that_the_work_has_started_ends_with_it(workers: Workers) -> None:
    worker = psutil.Process(await pid(workers))
    task = asyncio.create_task(workers.run("os:system", "sleep 600; true", timeout=SECONDS))
    async with asyncio.timeout(30):
        while not (programs := worker.children(recursive=True)):
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with asyncio.timeout(30):
        while any(alive(program.pid) for program in programs):
            await asyncio.sleep(0.01)


async def test_who_wants_too_much_memory_gets_none(workers: Workers) -> None:
    with pytest.raises(WorkTooLarge):
        await workers.run("builtins:bytearray", 4 << 30, timeout=SECONDS)
    assert await workers.run("math:sqrt", 4, timeout=SECONDS) == 2.0


async def test_what_earlier_work_has_loaded_leaves_the_next_its_memory(
    workers: Workers, tmp_path: Path
) -> None:
    before = await pid(workers)
    kept = "import sys, mmap; sys.kept = mmap.mmap(-1, 700 << 20)"
    await workers.run("builtins:exec", kept, timeout=SECONDS, memory=2 << 30)
    source = tmp_path / "picture.png"
    Image.new("RGB", (300, 200), "teal").save(source)
    facts = await workers.run(
        "hub.worker.images:thumbnail",
        str(source),
        str(tmp_path / "small.jpg"),
        160,
        timeout=SECONDS,
    )
    assert facts == {"width": 160, "height": 107}
    assert await pid(workers) == before


@pytest.mark.parametrize(("function", "argument"), [("os:abort", None), ("os:_exit", 3)])
async def test_a_crash_takes_its_process_and_nothing_else(
    workers: Workers, function: str, argument: int | None
) -> None:
    arguments = [] if argument is None else [argument]
    with pytest.raises(WorkFailed, match="ended with"):
        await workers.run(function, *arguments, timeout=SECONDS)
    assert await workers.run("math:sqrt", 4, timeout=SECONDS) == 2.0


async def test_an_error_of_the_work_reaches_the_caller_and_the_process_goes_on(
    workers: Workers,
) -> None:
    before = await pid(workers)
    with pytest.raises(WorkFailed, match="ValueError: math domain error"):
        await workers.run("math:sqrt", -1, timeout=SECONDS)
    with pytest.raises(WorkFailed, match="not JSON serializable"):
        await workers.run("builtins:object", timeout=SECONDS)
    assert await pid(workers) == before


async def test_programs_that_are_changed_while_the_hub_runs_are_no_fault_of_the_file(
    workers: Workers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for function in ("math:no_such_function", "no_such_module:x"):
        with pytest.raises(WorkBroken) as told:
            await workers.run(function, timeout=SECONDS)
        assert told.value.retryable
    half, path = tmp_path / "half_written.py", os.environ.get("PYTHONPATH", "")
    half.write_text("def answer():\n    return (")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{path}")
    with pytest.raises(WorkBroken, match="SyntaxError"):
        await workers.run("half_written:answer", timeout=SECONDS)
    half.write_text("def answer():\n    return 42")
    assert await workers.run("half_written:answer", timeout=SECONDS) == 42
    # So it is where the worker itself does not start.
    await workers.stop()
    await workers.start()
    monkeypatch.setattr("hub.workers.sys.executable", "/bin/false")
    with pytest.raises(WorkBroken, match="ended with 1"):
        await workers.run("math:sqrt", 4, timeout=SECONDS)


async def test_a_hub_error_of_the_work_stays_what_it_is(workers: Workers, tmp_path: Path) -> None:
    source = tmp_path / "no-picture"
    source.write_bytes(b"nothing")
    with pytest.raises(Invalid, match="cannot be read"):
        await workers.run(
            "hub.worker.images:thumbnail",
            str(source),
            str(tmp_path / "out"),
            320,
            timeout=SECONDS,
        )


async def test_what_a_library_prints_does_not_garble_the_answer(workers: Workers) -> None:
    assert await workers.run("builtins:print", '{"result": 1}', timeout=SECONDS) is None
    assert await workers.run("os:system", "echo '{}'", timeout=SECONDS) == 0


async def test_a_cancelled_caller_s_work_is_ended(workers: Workers) -> None:
    before = await pid(workers)
    task = asyncio.create_task(workers.run("time:sleep", 600, timeout=SECONDS))
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not alive(before)


@pytest.fixture
def long_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A function that says how far it is, then waits for a file before it ends."""
    (tmp_path / "long_work.py").write_text(
        textwrap.dedent(
            """
            import pathlib, time
            from hub.worker import progress

            def work(steps, gate):
                for step in range(steps):
                    progress(step / steps, "Looking")
                while not pathlib.Path(gate).exists():
                    time.sleep(0.01)
                time.sleep(0.11)
                progress(7.0, "Writing")
                return steps
            """
        )
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "long_work:work"


async def test_work_tells_how_far_it_is_while_it_runs(
    workers: Workers, long_work: str, tmp_path: Path
) -> None:
    gate, told = tmp_path / "gate", []

    def tell(fraction: float, message: str) -> None:
        told.append((fraction, message))
        gate.touch()  # the work goes on only once it has been heard

    arguments = (100_000, str(gate))
    assert await workers.run(long_work, *arguments, timeout=SECONDS, progress=tell) == 100_000
    assert told[0] == (0.0, "Looking")
    assert told[-1] == (1.0, "Writing")
    assert len(told) < 50  # a hundred thousand calls do not flood the hub
    # Whoever does not listen hears nothing, of the same process.
    assert await workers.run(long_work, 3, str(gate), timeout=SECONDS) == 3
    assert len(children()) == 1


async def test_a_listener_that_fails_ends_the_work_and_harms_no_other(
    workers: Workers, long_work: str, tmp_path: Path
) -> None:
    def tell(fraction: float, message: str) -> None:
        raise LookupError(message)

    with pytest.raises(LookupError, match="Looking"):
        await workers.run(long_work, 9, str(tmp_path / "never"), timeout=SECONDS, progress=tell)
    assert children() == []
    assert await workers.run("math:sqrt", 4, timeout=SECONDS) == 2.0


async def test_patient_work_leaves_a_place_for_what_is_urgent(workers: Workers) -> None:
    slow = [asyncio.create_task(workers.run("time:sleep", 600, timeout=SECONDS)) for _ in range(3)]
    assert await workers.run("math:sqrt", 4, timeout=SECONDS, urgent=True) == 2.0
    assert len(children()) <= 2
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def test_urgent_and_patient_work_never_share_a_process(workers: Workers) -> None:
    patient, urgent = await pid(workers), await pid(workers, urgent=True)
    assert patient != urgent
    assert os.sched_getscheduler(patient) == os.SCHED_IDLE
    assert os.sched_getscheduler(urgent) == os.SCHED_OTHER
    assert os.getpriority(os.PRIO_PROCESS, urgent) > os.getpriority(os.PRIO_PROCESS, 0)


async def test_too_much_waiting_work_is_refused(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.workers.WAITING", 2)
    tasks = [asyncio.create_task(workers.run("time:sleep", 600, timeout=60)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(WorkersBusy):
        await workers.run("math:sqrt", 4, timeout=SECONDS)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_an_idle_process_is_ended() -> None:
    workers = Workers(idle=0.02)
    await workers.start()
    started = await pid(workers)
    async with asyncio.timeout(30):
        while alive(started):
            await asyncio.sleep(0.01)
    await workers.stop()


async def test_stopping_ends_work_that_still_runs() -> None:
    workers = Workers()
    await workers.start()
    task = asyncio.create_task(workers.run("time:sleep", 600, timeout=60))
    async with asyncio.timeout(30):
        while not children():
            await asyncio.sleep(0.01)
    await workers.stop()
    with pytest.raises((WorkFailed, WorkBroken)):
        await task
    assert children() == []


@pytest.mark.parametrize("name", ["os.system", "os:", "os:system;", "a b:c", "os:path.join"])
async def test_only_a_function_s_name_is_called(workers: Workers, name: str) -> None:
    with pytest.raises(ValueError, match="no module:function"):
        await workers.run(name, timeout=SECONDS)


def test_a_worker_dies_with_its_hub_even_in_the_middle_of_work() -> None:
    hub = textwrap.dedent(
        """
        import asyncio, sys
        from hub.workers import Workers

        async def main():
            workers = Workers()
            await workers.start()
            pid = await workers.run("os:getpid", timeout=60)
            task = asyncio.create_task(workers.run("time:sleep", 600, timeout=600))
            await asyncio.sleep(0.05)
            print(pid, flush=True)
            await task

        asyncio.run(main())
        """
    )
    process = subprocess.Popen([sys.executable, "-c", hub], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    worker = int(process.stdout.readline())
    process.kill()
    process.communicate(timeout=30)
    end = time.monotonic() + 30
    while alive(worker) and time.monotonic() < end:
        time.sleep(0.01)
    assert not alive(worker)
