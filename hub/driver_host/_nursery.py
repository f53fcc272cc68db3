"""The nursery: a process with the driver host loaded, from which driver processes are forked.

Starting Python and loading what every driver process needs takes half a second of a processor; a
fork of a process that has done so takes some milliseconds. The nursery itself loads no driver,
runs no event loop and has one thread, so that what it forks is as clean as a process of its own.

The hub asks over a socket of whole messages (`SOCK_SEQPACKET`) with open files attached:

    {"id": 1, "mark": "…", "arguments": ["run"],
     "files": ["output and errors", "control", "frames"]}

The child answers `{"id": 1, "pid": …}` when it leads a session of its own; the nursery tells
`{"id": 1, "status": …}` when it has ended, as the negative number of the signal that ended it.
"""

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from hub.driver_host._guard import die_with_parent

MARK = "CLASSHUB_DRIVER_PROCESS"
"""A variable in the environment of a driver process, which all that it starts inherits."""
NO_MARK = "-" * 40
"""The nursery's own, as long as any: those of what it forks are written in its place."""
ROOM = "_" * 160
"""The last argument of the nursery's command line: room for that of what it forks."""
MOST_MESSAGE = 65536
MOST_FILES = 8

# Where a file of the message goes in the child: to a number, or into its arguments.
_NUMBERS = {"input": (0,), "output": (1,), "errors": (2,), "output and errors": (1, 2)}

_ARGUMENTS, _ENVIRONMENT = (
    45,
    47,
)  # of /proc/PID/stat after the name: arg_start, env_start (proc(5))


class Nursery:
    """Forks what it is asked for, and tells how that ended.

    Args:
        hub: the socket to the hub; when that closes, everything ends.
        main: what a child runs, with its arguments.
    """

    def __init__(self, hub: socket.socket, main: Callable[[list[str]], None]) -> None:
        self._hub = hub
        self._main = main
        self._children: dict[int, int] = {}

    def run(self) -> None:
        """Serve until the hub hangs up."""
        wake, woken = socket.socketpair()
        for one in (wake, woken):
            one.settimeout(0)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
        gc.collect()
        gc.freeze()  # the memory of what is loaded stays shared
        poll = select.poll()
        poll.register(self._hub, select.POLLIN)
        poll.register(wake, select.POLLIN)
        while True:
            ready = {fd for fd, _ in poll.poll()}
            if wake.fileno() in ready:
                with contextlib.suppress(BlockingIOError):
                    wake.recv(4096)
                self._reap()
            if self._hub.fileno() in ready and not self._serve():
                return

    def _serve(self) -> bool:
        data, files, _, _ = socket.recv_fds(self._hub, MOST_MESSAGE, MOST_FILES)
        if not data:
            return False
        message = json.loads(data)
        try:
            pid = os.fork()
        except OSError as error:
            self._tell({"id": message["id"], "error": error.strerror})
        else:
            if pid == 0:
                self._be_born(message, files)
            self._children[pid] = message["id"]
        for file in files:
            os.close(file)
        return True

    def _reap(self) -> None:
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                number = self._children.pop(pid, None)
                if number is not None:
                    self._tell({"id": number, "status": os.waitstatus_to_exitcode(status)})

    def _tell(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):  # the hub has ended, and so does this
            self._hub.send(json.dumps(message).encode())

    def _be_born(self, message: dict[str, Any], files: list[int]) -> None:
        """Become what was asked for; never returns."""
        status = 1
        try:
            nursery = os.getppid()
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            die_with_parent()
            if os.getppid() != nursery:
                os._exit(1)
            arguments = _open(message, files)
            os.environ[MARK] = message["mark"]
            show(arguments, message["mark"])
            self._tell({"id": message["id"], "pid": os.getpid()})
            self._hub.close()
            sys.argv[1:] = arguments
            self._main(arguments)
            status = 0
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else int(error.code is not None)
            if isinstance(error.code, str):
                sys.stderr.write(f"{error.code}\n")
        except BaseException:  # noqa: BLE001 - as Python itself at the end of a program
            traceback.print_exc()
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(status)


def _open(message: dict[str, Any], files: list[int]) -> list[str]:
    """Put the files where they belong; return the arguments with the numbers of the others."""
    arguments: list[str] = list(message["arguments"])
    rest = os.open(os.devnull, os.O_RDWR)
    for number in {0, 1, 2}.difference(*(_NUMBERS.get(name, ()) for name in message["files"])):
        os.dup2(rest, number)
    os.close(rest)
    for name, file in zip(message["files"], files, strict=True):
        for number in _NUMBERS.get(name, ()):
            os.dup2(file, number)
        if name in _NUMBERS:
            os.close(file)
        else:
            arguments += [f"--{name}", str(file)]
    return arguments


def show(arguments: list[str], mark: str) -> None:
    """Write what this process is where others look (`ps`, /proc/PID/environ).

    A process that was forked shows what its parent was started with. Both texts lie in its own
    memory, where the kernel put them and reads them (proc(5)); they are written over in place.
    """
    with open("/proc/self/stat", "rb") as file:  # noqa: PTH123 - before anything else is loaded
        numbers = file.read().rpartition(b")")[2].split()
    words = "\0".join(arguments).encode()
    _overwrite(numbers[_ARGUMENTS : _ARGUMENTS + 2], b"\0nursery\0", words)
    _overwrite(numbers[_ENVIRONMENT : _ENVIRONMENT + 2], f"{MARK}=".encode(), mark.encode())


def _overwrite(where: list[bytes], after: bytes, text: bytes) -> None:
    """Write over what follows the name of the command or variable, as far as there is room."""
    start, end = map(int, where)
    if not start:
        return  # the system does not say
    memory = ctypes.string_at(start, end - start)
    at = memory.find(after)
    if at < 0:
        return
    if after.endswith(b"="):
        at += len(after)
        room = len(NO_MARK)
    else:
        at += 1
        room = len(memory) - at - 1
    ctypes.memmove(start + at, text[:room].ljust(room, b"\0"), room)
