"""How a child of the hub is started and ended."""

import asyncio
import contextlib
import ctypes
import os
import secrets
import signal
import sys
from collections.abc import Sequence
from typing import Any

from hub.driver_host.errors import DriverBroken
from hub.processes._usage import MARK, kill_marked

MOST_ANSWER = 8 * 1024 * 1024


def command(*arguments: str) -> list[str]:
    """Return the command line of a driver process."""
    return [sys.executable, "-m", "hub.driver_host", *arguments]


def environment(mark: str) -> dict[str, str]:
    """Return a driver's environment: the hub's own settings (secrets among them) are not in it.

    Args:
        mark: by which all that it starts is found again.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLASSHUB_")}
    # What a driver prints, and the traces of one that crashes, are in the log at once.
    return {**kept, MARK: mark, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}


def kill_group(process: asyncio.subprocess.Process, how: signal.Signals) -> None:
    """Send a signal to a child and to whatever it has started (it leads a group of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, how)


def give_back_memory() -> None:
    """Return to the system what the allocator keeps (malloc_trim(3)); does nothing without glibc.

    Large pictures that were cut short leave it tens of megabytes that it may never use again.
    """
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


async def ask(arguments: Sequence[str], limit: float, *, told: bytes = b"") -> bytes:
    """Run a driver process that prints its answer, and return that.

    Args:
        arguments: of its command line, which everybody on the computer can read.
        limit: seconds until it is ended.
        told: what it reads from standard input; secrets belong there.

    Raises:
        DriverBroken: it failed, answered too much, or took longer than `limit` seconds.
    """
    mark = f"{os.getpid()}-{secrets.token_hex(8)}"
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
    what = " ".join(arguments)
    try:
        async with asyncio.timeout(limit):
            answer, errors = await asyncio.gather(_most(process.stdout), _most(process.stderr))
            status = await process.wait()
    except TimeoutError:
        raise DriverBroken(f"{what} did not answer within {limit:g} s") from None
    finally:
        kill_group(process, signal.SIGKILL)
        await asyncio.to_thread(kill_marked, mark, process.pid)
        await process.wait()
    if status != 0:
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or [f"status {status}"]
        raise DriverBroken(f"{what}: {last[0][:500]}")
    return answer


async def _most(stream: Any) -> bytes:
    data = bytearray()
    while chunk := await stream.read(65536):
        data += chunk
        if len(data) > MOST_ANSWER:
            raise DriverBroken(f"more than {MOST_ANSWER} bytes of output")
    return bytes(data)
