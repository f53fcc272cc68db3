"""What a process and all that it has started use, read from outside (proc(5)).

The hub reads it, since a process that spins, hangs or is stopped cannot tell it itself.
"""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from hub.driver_host._nursery import MARK

PROC = Path("/proc")

_PAGE = resource.getpagesize()
_TICKS = os.sysconf("SC_CLK_TCK")
_MOST = 1000
_ROUNDS = 5  # one that is killed may have started another a moment before


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and its descendants use.

    Attributes:
        rss: bytes in memory; pages that they share count in each.
        cpu: seconds of processor time since they began, with that of descendants that have ended.
        processes: how many descendants live.
    """

    rss: int
    cpu: float
    processes: int


def usage(pid: int) -> Usage | None:
    """Return what a process and its descendants use, None where it is no more."""
    rss, cpu, count = 0, 0.0, -1
    for each in tree(pid):
        found = _stat(each)
        if found is None:
            continue
        count += 1
        rss += found[0]
        cpu += found[1]
    return None if count < 0 else Usage(rss, cpu, count)


def tree(pid: int) -> Iterator[int]:
    """Yield a process and its descendants, `_MOST` at most."""
    waiting, seen = [pid], {pid}
    while waiting and len(seen) <= _MOST:
        each = waiting.pop()
        yield each
        for child in _children(each):
            if child not in seen:
                seen.add(child)
                waiting.append(child)


def proportional(pid: int) -> int:
    """Return the memory of a process and its descendants, shared pages divided (PSS), in bytes.

    Dearer than `usage`: the kernel walks through all of their memory.
    """
    return sum(_pss(each) for each in tree(pid))


def bound(pid: int, *, files: int, data: int) -> None:
    """Have the kernel bound a process, and each that it starts from now on.

    Args:
        pid: of the process.
        files: that each may have open.
        data: bytes of private memory that each may ask for, used or not.
    """
    with suppress(ProcessLookupError, PermissionError):
        for what, most in ((resource.RLIMIT_NOFILE, files), (resource.RLIMIT_DATA, data)):
            _, hard = resource.prlimit(pid, what)
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.prlimit(pid, what, (least, least))


def kill_marked(mark: str, first: int) -> int:
    """Kill every process that carries the mark; return how many there were beside the first.

    It finds what left the process group, or was handed to another parent.

    Args:
        mark: what the first was started with.
        first: process id of the driver process, which is ended by its owner.
    """
    wanted = f"{MARK}={mark}".encode()
    killed: set[int] = set()
    for _ in range(_ROUNDS):
        found = _kill_once(wanted, first)
        if found <= killed:  # one that has been killed takes a moment to end
            break
        killed |= found
    return len(killed)


def _kill_once(wanted: bytes, first: int) -> set[int]:
    killed = set()
    spared = {os.getpid(), first}
    for entry in PROC.iterdir():
        if not entry.name.isdigit() or int(entry.name) in spared:
            continue
        try:
            # Held open, so that the number cannot come to mean another process.
            handle = os.pidfd_open(int(entry.name))
        except OSError:
            continue
        try:
            # That of one that has been killed is empty.
            if wanted in (entry / "environ").read_bytes().split(b"\0"):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
                killed.add(int(entry.name))
        except OSError:  # it has ended, or is another user's
            continue
        finally:
            os.close(handle)
    return killed


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in (PROC / str(pid) / "task").iterdir():
            with suppress(OSError):
                found += map(int, (task / "children").read_bytes().split())
    except OSError:  # it has ended meanwhile
        pass
    return found


def _stat(pid: int) -> tuple[int, float] | None:
    """Return resident bytes and processor seconds of a process that has not ended."""
    try:
        # The name stands in parentheses and may itself hold some.
        fields = (PROC / str(pid) / "stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return int(fields[21]) * _PAGE, sum(map(int, fields[11:15])) / _TICKS


def _pss(pid: int) -> int:
    try:
        for line in (PROC / str(pid) / "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    found = _stat(pid)
    return 0 if found is None else found[0]
