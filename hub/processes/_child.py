"""How a child of the hub is started and ended."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from hub.driver_host.errors import DriverBroken

MOST_ANSWER = 8 * 1024 * 1024


def command(*arguments: str) -> list[str]:
    """Return the command line of a driver process."""
    return [sys.executable, "-m", "hub.driver_host", *arguments]


def environment() -> dict[str, str]:
    """Return a driver's environment: the hub's own settings (secrets among them) are not in it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLASSHUB_")}
    # What a driver prints, and the traces of one that crashes, are in the log at once.
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}


def kill_group(process: asyncio.subprocess.Process, how: signal.Signals) -> None:
    """Send a signal to a child and to whatever it has started (it leads a group of its own)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, how)


async def ask(arguments: Sequence[str], limit: float) -> bytes:
    """Run a driver process that prints its answer, and return that.

    Raises:
        DriverBroken: it failed, answered too much, or took longer than `limit` seconds.
    """
    process = await asyncio.create_subprocess_exec(
        *command(*arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env=environment(),
    )
    what = " ".join(arguments)
    try:
        async with asyncio.timeout(limit):
            answer, errors = await asyncio.gather(_most(process.stdout), _most(process.stderr))
            status = await process.wait()
    except TimeoutError:
        raise DriverBroken(f"{what} did not answer within {limit:g} s") from None
    finally:
        kill_group(process, signal.SIGKILL)
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
