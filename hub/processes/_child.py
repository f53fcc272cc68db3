"""How a child of the hub is started and ended."""

import asyncio
import contextlib
import ctypes
import os
import secrets
import signal
from typing import Any

from hub.driver_host._nursery import NO_MARK
from hub.driver_host.errors import DriverBroken, DriverSlow
from hub.processes._nursery import Forked, Nursery, command, environment
from hub.processes._usage import kill_marked

MOST_ANSWER = 8 * 1024 * 1024


Process = asyncio.subprocess.Process | Forked


def new_mark() -> str:
    """Return what a driver process and all that it starts are found by.

    It begins with the process id of the hub that starts it, in eight digits of base 16.
    """
    return f"{os.getpid():08x}{secrets.token_hex((len(NO_MARK) - 8) // 2)}"


def kill_group(process: Process, how: signal.Signals) -> None:
    """Send a signal to a child and to whatever it has started (it leads a group of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, how)


def give_back_memory() -> None:
    """Return to the system what the allocator keeps (malloc_trim(3)); does nothing without glibc.

    Large pictures that were cut short leave it tens of megabytes that it may never use again.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def ask(
    arguments: list[str], limit: float, *, told: bytes = b"", nursery: Nursery | None = None
) -> bytes:
    """Run a driver process that prints its answer, and return that.

    Args:
        arguments: of its command line, which everybody on the computer can read.
        limit: seconds until it is ended.
        told: what it reads from standard input; secrets belong there.
        nursery: what it is forked from; where there is none, it is started as a program.

    Raises:
        DriverSlow: it took longer than `limit` seconds, or to be started at all.
        DriverBroken: it failed, or answered too much.
    """
    mark = new_mark()
    if nursery is None:
        process: Process = await _started(arguments, mark, told)
    else:
        try:
            process = await nursery.spawn(arguments, mark, told=told)
        except TimeoutError as error:
            raise DriverSlow(f"no process could be started: {error}") from None
        except OSError as error:
            raise DriverBroken(f"no process could be started: {error}") from None
    what = " ".join(arguments)
    try:
        async with asyncio.timeout(limit):
            answer, errors = await asyncio.gather(_most(process.stdout), _most(process.stderr))
            status = await process.wait()
    except TimeoutError:
        raise DriverSlow(f"{what} did not answer within {limit:g} s") from None
    finally:
        kill_group(process, signal.SIGKILL)
        try:
            await asyncio.to_thread(kill_marked, mark, process.pid)
            await process.wait()
        finally:  # also where the hub ends just now
            if isinstance(process, Forked):
                process.close()
    if status != 0:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or [f"status {status}"]
        raise DriverBroken(f"{what}: {last[0][:500]}")
    return answer


async def _started(arguments: list[str], mark: str, told: bytes) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=environment(mark),
    )
    assert process.stdin is not None  # noqa: S101 - PIPE above
    process.stdin.write(told)
    process.stdin.close()
    return process


async def _most(stream: Any) -> bytes:
    data = bytearray()
    while chunk := await stream.read(65536):
        data += chunk
        if len(data) > MOST_ANSWER:
            raise DriverBroken(f"more than {MOST_ANSWER} bytes of output")
    return bytes(data)
