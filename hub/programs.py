"""Programs of the distribution that the hub starts: found, limited, and ended with all they began.

They are started as programs and never loaded: several are under the GPL.
"""

import asyncio
import contextlib
import errno
import logging
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from hub.errors import N_, HubError

log = logging.getLogger("classhub.programs")

_SEARCH = ":/usr/sbin:/sbin:/usr/local/sbin"
_SAID = 2_000
_LINE = 64 << 10
# What the C library says for ENOSPC to a program that asks for no language, as ffmpeg does.
_NO_ROOM = os.strerror(errno.ENOSPC)
_END_LIMIT = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the distribution that the hub or a plugin uses.

    Attributes:
        package: what `apt` calls it.
        command: by which it is found.
        purpose: what does not work without it; `doctor` says so, in English.
        after: what is to be done once it is installed; a shell command.
    """

    package: str
    command: str
    purpose: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class KernelModule:
    """A module that this computer's kernel may lack, for something that not every school wants.

    Attributes:
        name: as the kernel shows it once it is loaded.
        purpose: what does not work without it; `doctor` says so, in English.
        install: a shell command that installs and loads it.
    """

    name: str
    purpose: str
    install: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a program that works on strangers' files may take.

    It also runs only while the computer has nothing else to do, dumps no core, sees no environment
    but the least, and has no network where the system lets the hub take it away.

    Attributes:
        folder: its own: where it runs, its home, and where its temporary files go.
        memory: bytes of address space.
        file: bytes that any file of its may have.
    """

    folder: Path
    memory: int
    file: int


class ProgramMissing(HubError):
    """A program of the distribution is not installed."""

    code = "program-missing"
    status = 503
    title = N_("This needs the program {program}, which is not installed.")
    hint = N_("Ask the lab engineer to install it: sudo apt install {package}")


class FfmpegMissing(ProgramMissing):
    """Moving pictures cannot be made or looked into."""

    code = "ffmpeg-missing"
    title = N_("Videos need the program ffmpeg, which is not installed.")
    hint = N_("Ask the lab engineer to install it: sudo apt install ffmpeg")


class ProgramFailed(HubError):
    """A program ended with an error; `detail` is the end of what it said."""

    code = "program-failed"
    status = 422
    title = N_("A program of this computer could not work on this file.")
    hint = N_("Check that the file opens elsewhere, and try again.")


class ProgramHadNoRoom(ProgramFailed):
    """The disk was full when a program wanted to write."""

    code = "storage-full"
    status = 507
    title = N_("The hub's disk is full.")
    hint = N_("Delete what is no longer needed, or tell the lab engineer.")


class ProgramTimedOut(HubError):
    """A program took longer than it may; it was ended."""

    code = "program-timed-out"
    status = 504
    title = N_("This took too long and was stopped.")
    hint = N_("Try again when the computer has less to do, or with a smaller file.")
    retryable = True


def find_program(command: str) -> str | None:
    """Return where a program is, also where the search path of plain users does not lead."""
    return shutil.which(command, path=os.environ.get("PATH", os.defpath) + _SEARCH)


def ffmpeg(command: str = "ffmpeg") -> str:
    """Return where `ffmpeg` (or `ffprobe`, of the same package) is. Raises `FfmpegMissing`."""
    found = find_program(command)
    if found is None:
        raise FfmpegMissing(f"{command} was not found")
    return found


async def run_program(
    command: Sequence[str],
    *,
    limit: float,
    feed: AsyncIterator[bytes] | None = None,
    on_line: Callable[[str], None] | None = None,
    on_error: Callable[[str], object] | None = None,
    bounds: Bounds | None = None,
) -> list[str]:
    """Run a program to its end, at a low priority, in a process group of its own.

    It ends with the hub, however the hub ends, and at once when the caller is cancelled.

    Args:
        command: its path and its arguments; no shell reads them.
        limit: seconds after which it is killed.
        feed: what it reads on its standard input; without, there is nothing to read.
        on_line: is given each line of its standard output. Without, the lines are returned.
        on_error: is given each line of its standard error.
        bounds: what it may take; without, it is only gentle.

    Raises:
        ProgramTimedOut: the limit was reached.
        ProgramFailed: it ended with an error; `ProgramHadNoRoom` where the disk was full.
    """
    process = await asyncio.create_subprocess_exec(
        *await asyncio.to_thread(_gently if bounds is None else partial(_bounded, bounds)),
        *command,
        stdin=asyncio.subprocess.DEVNULL if feed is None else asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE,
        start_new_session=True,
        cwd=None if bounds is None else bounds.folder,
        env=None if bounds is None else _surroundings(bounds),
    )
    lines: list[str] = []
    said = bytearray()
    try:
        async with asyncio.timeout(limit), asyncio.TaskGroup() as together:
            if feed is not None:
                together.create_task(_feed(process, feed), name="program-feed")
            together.create_task(_lines(process, on_line or lines.append), name="program-lines")
            together.create_task(_errors(process, said, on_error), name="program-errors")
            together.create_task(process.wait(), name="program-end")
    except TimeoutError:
        raise ProgramTimedOut(f"{command[0]} took more than {limit:g} s") from None
    except ExceptionGroup as group:
        raise _one_of(group) from group
    finally:
        await _end(process)
    if process.returncode != 0:
        raise program_failed(command[0], process.returncode, bytes(said))
    return lines


def program_failed(program: str, code: int | None, said: bytes) -> ProgramFailed:
    """Return the error for a program that ended with `code`; `said` is the end of what it said."""
    text = said.decode(errors="replace").strip()
    kind = ProgramHadNoRoom if _NO_ROOM in text else ProgramFailed
    return kind(f"{program} ended with {code}: {text}")


def _gently() -> list[str]:
    nice = find_program("nice")
    return [*_with_hub(), *((nice, "-n", "10") if nice else ())]


def _bounded(bounds: Bounds) -> list[str]:
    """Return what starts a program within bounds, of util-linux and coreutils (every Debian)."""
    prlimit = find_program("prlimit")
    if prlimit is None:
        raise ProgramMissing("prlimit was not found", program="prlimit", package="util-linux")
    nice = find_program("nice")
    disk, idle = find_program("ionice"), find_program("chrt")
    return [
        # A namespace of its own comes first: entering one forgets whose death ends the process.
        *_without_network(),
        *_with_hub(),
        *((nice, "-n", "19") if nice else ()),
        *((disk, "-c", "3") if disk else ()),
        *((idle, "--idle", "0") if idle else ()),
        *(prlimit, f"--as={bounds.memory}", f"--fsize={bounds.file}", "--core=0", "--"),
    ]


@cache
def _with_hub() -> tuple[str, ...]:
    """Return what ends a program with a hub that is killed (util-linux, on every Debian)."""
    found = _that_works("setpriv", "--pdeathsig", "KILL")
    if not found:
        log.warning("programs that the hub has started go on where it is killed: setpriv fails")
    return found


@cache
def _without_network() -> tuple[str, ...]:
    """Return what takes the network away; nothing where the system does not let us."""
    return _that_works("unshare", "--user", "--map-current-user", "--net", "--")


def _that_works(starter: str, *options: str) -> tuple[str, ...]:
    """Return what a program is started through, nothing where that does not work here."""
    found, true = find_program(starter), find_program("true")
    if found is None or true is None:
        return ()
    command = (found, *options)
    try:
        tried = subprocess.run(
            [*command, true], capture_output=True, check=False, timeout=_END_LIMIT
        )
    except subprocess.TimeoutExpired:  # a busy computer is no refusal
        return command
    if tried.returncode == 0:
        return command
    log.info("%s does not work here: %s", starter, tried.stderr.decode(errors="replace").strip())
    return ()


def _surroundings(bounds: Bounds) -> dict[str, str]:
    folder = str(bounds.folder)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": folder,
        "TMPDIR": folder,
        "XDG_CONFIG_HOME": folder,
        "XDG_CACHE_HOME": folder,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }


async def _feed(process: asyncio.subprocess.Process, feed: AsyncIterator[bytes]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was opened with a pipe
    # One that has read enough closes its input; what it says at its end tells whether that is well.
    with contextlib.suppress(ConnectionError):
        async for piece in feed:
            process.stdin.write(piece)
            await process.stdin.drain()
    with contextlib.suppress(ConnectionError):
        process.stdin.close()
        await process.stdin.wait_closed()


async def _lines(process: asyncio.subprocess.Process, tell: Callable[[str], object]) -> None:
    assert process.stdout is not None  # noqa: S101 - it was opened with a pipe
    while line := await process.stdout.readline():
        tell(line.decode(errors="replace").strip())


async def _errors(
    process: asyncio.subprocess.Process, said: bytearray, tell: Callable[[str], object] | None
) -> None:
    assert process.stderr is not None  # noqa: S101 - it was opened with a pipe
    line = bytearray()
    while piece := await process.stderr.read(4096):
        said += piece
        del said[:-_SAID]
        if tell is None:
            continue
        *whole, rest = (line + piece).split(b"\n")
        for one in whole:
            tell(one[:_LINE].decode(errors="replace").strip())
        line = rest[-_LINE:]
    if tell is not None and line:
        tell(line.decode(errors="replace").strip())


def _one_of(group: ExceptionGroup) -> Exception:
    first = group.exceptions[0]
    return _one_of(first) if isinstance(first, ExceptionGroup) else first


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_LIMIT):
            await process.wait()
