"""Driver processes are forked from the nursery: as good as processes of their own."""

import asyncio
import os
import signal
import socket
import sys

import psutil
import pytest

from hub.driver_host._nursery import MARK
from hub.driver_host.errors import DriverSlow
from hub.processes._child import ask, new_mark
from hub.processes._nursery import Nursery
from hub.processes._usage import kill_marked
from tests.integration.driver_processes.room import DRIVERS, LIMIT, ROOT, good, pid_of, unruly
from tests.processes import alive


@pytest.fixture
async def nursery(monkeypatch, tmp_path):
    path = map(str, (DRIVERS, tmp_path, ROOT))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    made = Nursery()
    yield made
    await made.stop()


@pytest.fixture
def channels():
    """What a driver process is given, with nobody who says anything."""
    pairs = [socket.socketpair() for _ in range(2)]
    yield {"control": pairs[0][1].fileno(), "frames": pairs[1][1].fileno()}
    for one in (*pairs[0], *pairs[1]):
        one.close()


def the_nursery():
    (found,) = [p for p in psutil.Process().children() if "nursery" in p.cmdline()]
    return found


async def test_a_driver_shows_what_it_is_and_leads_a_session_of_its_own(room):
    one, two = await room.start(good("one"), good("two"))
    await room.connected(one, two)
    parent = the_nursery()
    for device in (one, two):
        process = psutil.Process(pid_of(device))
        assert process.ppid() == parent.pid
        assert os.getsid(process.pid) == os.getpgid(process.pid) == process.pid
        words = [word for word in process.cmdline() if word]
        assert words[1:4] == ["-m", "hub.driver_host", "run"]
        assert "nursery" not in words
        assert process.environ()[MARK] == device._supervisor.process._mark
    # One's mark is not the other's: whatever ends one spares the other.
    assert len({psutil.Process(pid_of(device)).environ()[MARK] for device in (one, two)}) == 2


async def test_a_nursery_that_is_killed_takes_its_drivers_along_and_they_come_back(room):
    (device,) = await room.start(good())
    await room.connected(device)
    pid = pid_of(device)
    the_nursery().kill()
    await room.until(lambda: device.counters["restarts"] == 1)
    await room.connected(device)
    assert pid_of(device) != pid
    await room.until(lambda: not alive(pid))


READERS = """
import asyncio, os, sys, threading
import uvloop
from hub.processes._nursery import Forked

over, bad = threading.Event(), []

def read():
    while not over.is_set():
        try:
            with open(sys.argv[1], "rb") as file:
                if file.read(5) != b"whole":
                    bad.append("no bytes")
        except OSError as error:
            bad.append(str(error))

async def pipes():
    for _ in range(1500):
        child = Forked()
        theirs, reader = await child.pipe()
        os.close(theirs)
        assert await reader.read() == b""
        child.close()
        await asyncio.sleep(0)

threads = [threading.Thread(target=read, daemon=True) for _ in range(2)]
for thread in threads:
    thread.start()
try:
    uvloop.run(pipes())
finally:
    over.set()
print("bad", bad)
"""


async def test_what_children_print_is_let_go_of_once(tmp_path):
    """A descriptor that is closed twice is another thread's file the second time.

    A process of its own: where it fails, whatever it has open is at stake.
    """
    file = tmp_path / "picture"
    file.write_bytes(b"whole")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", READERS, str(file)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT):
            said, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, said) == (0, b"bad []\n"), errors.decode()[-2000:]


async def test_how_a_process_ended_is_told(nursery, channels):
    for how, status in ((signal.SIGKILL, -9), (signal.SIGUSR1, -10)):
        made = await nursery.spawn(["run"], new_mark(), files=channels)
        os.kill(made.pid, how)
        async with asyncio.timeout(LIMIT):
            assert await made.wait() == status
        made.close()
    answer = await ask(
        ["describe", "probe_drivers:GoodProbe", "--name", "g"], LIMIT, nursery=nursery
    )
    assert b'"description"' in answer
    nothing = await nursery.spawn(["no-such-command"], new_mark())
    async with asyncio.timeout(LIMIT):
        assert b"invalid choice" in await nothing.stdout.read()
        assert await nothing.wait() == 2
    nothing.close()


async def test_what_is_told_arrives_whole_however_long(nursery):
    told = b'{"said": "' + b"x" * 3_000_000 + b'"}'
    answer = await ask(["check", "probe_drivers:GoodProbe"], LIMIT, told=told, nursery=nursery)
    assert b"said" in answer


async def test_whoever_leaves_while_one_is_born_leaves_nothing_behind(nursery, channels):
    first = await nursery.spawn(["run"], new_mark(), files=channels)
    parent = psutil.Process(psutil.Process(first.pid).ppid())
    parent.suspend()
    leaving = asyncio.create_task(nursery.spawn(["virtual"], new_mark()))
    await asyncio.sleep(0.1)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    parent.resume()
    async with asyncio.timeout(LIMIT):
        while nursery._children.keys() != {1}:
            await asyncio.sleep(0.01)
    assert {child.pid for child in parent.children()} == {first.pid}
    first.close()


async def test_a_fork_that_has_left_its_group_is_found_by_its_mark(nursery, tmp_path):
    """One that has not even started another program has the mark in its memory alone."""
    code = f"""
import os, time
from pathlib import Path
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        Path({str(tmp_path / "part")!r}).write_text(str(os.getpid()))
        os.rename({str(tmp_path / "part")!r}, {str(tmp_path / "left")!r})
        time.sleep(600)
    while not Path({str(tmp_path / "left")!r}).is_file():
        time.sleep(0.01)
    os._exit(0)
os.wait()
"""
    (tmp_path / "leaves_behind.py").write_text(code)
    mark = new_mark()
    # `describe` imports the module that the entry names: here, in the process that is forked.
    made = await nursery.spawn(["describe", f"leaves_behind:{sys.byteorder}", "--name", "l"], mark)
    async with asyncio.timeout(LIMIT):
        assert await made.wait() != 0
    made.close()
    assert psutil.pid_exists(int((tmp_path / "left").read_text()))
    assert kill_marked(mark, made.pid) == 1


async def test_a_driver_that_hangs_is_forked_and_killed_like_any_other(room):
    device, other = await room.start(unruly("connect", "spin"), good())
    await room.connected(other)
    await room.until(lambda: device.counters["restarts"] >= 1)
    assert other.state.reachable
    assert the_nursery().is_running()


async def test_a_process_that_is_not_started_in_time_is_told_as_slow_not_as_broken(
    nursery, monkeypatch
):
    await ask(["check", "probe_drivers:GoodProbe"], LIMIT, told=b"{}", nursery=nursery)
    os.kill(the_nursery().pid, signal.SIGSTOP)
    monkeypatch.setattr("hub.processes._nursery.START_LIMIT", 0.1)
    with pytest.raises(DriverSlow, match=r"within 0\.1 s"):
        await ask(["check", "probe_drivers:GoodProbe"], LIMIT, told=b"{}", nursery=nursery)
