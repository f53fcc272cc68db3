"""The hub's side of the nursery, from which driver processes are forked."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from typing import Any

from hub.driver_host._nursery import MARK, MOST_MESSAGE, NO_MARK, ROOM

log = logging.getLogger("classhub.drivers")

START_LIMIT = 30.0
END_LIMIT = 2.0


def environment(mark: str) -> dict[str, str]:
    """Return a driver's environment: the hub's own settings (secrets among them) are not in it.

    Args:
        mark: by which all that it starts is found again.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLASSHUB_")}
    # What a driver prints, and the traces of one that crashes, are in the log at once.
    return {**kept, MARK: mark, "PYTHONUNBUFFERED": "1", "PYTHONFAULTHANDLER": "1"}


def command(*arguments: str) -> list[str]:
    """Return the command line of a driver process."""
    return [sys.executable, "-m", "hub.driver_host", *arguments]


class Forked:
    """A process that the nursery has forked, with what `asyncio`'s processes have.

    Attributes:
        pid: its process id, and that of its session and group.
        returncode: how it ended (negative: by that signal), None while it runs.
        stdout, stderr: what it prints; None where that goes elsewhere.
        born: its process id once it has that, OSError where there will be none.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.pid = 0
        self.stdout: asyncio.StreamReader | None = None
        self.stderr: asyncio.StreamReader | None = None
        self._transports: list[asyncio.BaseTransport] = []
        self.born: asyncio.Future[int] = loop.create_future()
        self._ended: asyncio.Future[int] = loop.create_future()

    @property
    def returncode(self) -> int | None:
        """How it ended, None while it runs."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> int:
        """Wait until it has ended and return how."""
        return await asyncio.shield(self._ended)

    def close(self) -> None:
        """Let go of what it prints."""
        for transport in self._transports:
            transport.close()

    async def pipe(self) -> tuple[int, asyncio.StreamReader]:
        """Return the end for the child of a new pipe, and what reads the other.

        It is a pair of sockets, as uvloop makes them for its own processes: a file under its
        `connect_read_pipe` is closed twice, by libuv and by the file, and the second time the
        number may be that of something that another thread has just opened.
        """
        ours, theirs = socket.socketpair()
        reader = asyncio.StreamReader()
        try:
            transport, _ = await asyncio.get_running_loop().create_unix_connection(
                lambda: asyncio.StreamReaderProtocol(reader), sock=ours
            )
        except BaseException:
            ours.close()
            theirs.close()
            raise
        self._transports.append(transport)
        return theirs.detach(), reader

    def tell(self, message: Mapping[str, Any]) -> None:
        """Take what the nursery or the process itself says of it."""
        if "error" in message and not self.born.done():
            self.born.set_exception(OSError(str(message["error"])))
        elif "pid" in message and not self.born.done():
            self.born.set_result(int(message["pid"]))
        elif "status" in message:
            self.end(int(message["status"]))

    def end(self, status: int) -> None:
        """Know it ended."""
        if not self.born.done():
            self.born.set_exception(OSError(f"it ended at birth with status {status}"))
        if not self._ended.done():
            self._ended.set_result(status)


class Nursery:
    """Starts driver processes in some milliseconds each.

    It is started with the first of them and kept until `stop`. When it ends by itself, the kernel
    ends all that it has forked, and the next start makes another.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._socket: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._children: dict[int, Forked] = {}
        self._number = 0

    async def spawn(
        self,
        arguments: list[str],
        mark: str,
        *,
        files: Mapping[str, int] | None = None,
        told: bytes | None = None,
    ) -> Forked:
        """Start a process; it reads nothing, and `stdout` is all that it prints.

        Args:
            arguments: of `python -m hub.driver_host`.
            mark: by which all that it starts is found again.
            files: open files for it, by the option that names their number.
            told: what it reads from standard input; then `stderr` is apart.

        Raises:
            TimeoutError: it was not started in time.
            OSError: it could not be started.
        """
        async with self._turn:
            if self._socket is None:
                await self._start()
        child = Forked()
        self._number += 1
        number = self._number
        given: dict[str, int] = {}
        try:
            if told is None:
                given["output and errors"], child.stdout = await child.pipe()
            else:
                given["output"], child.stdout = await child.pipe()
                given["errors"], child.stderr = await child.pipe()
                given["input"] = os.memfd_create("told")
                _write(given["input"], told)
            every = {**given, **(files or {})}
            self._children[number] = child
            self._send(
                {"id": number, "arguments": arguments, "files": list(every), "mark": mark},
                list(every.values()),
            )
            async with asyncio.timeout(START_LIMIT):
                child.pid = await asyncio.shield(child.born)
        except BaseException as error:
            child.born.add_done_callback(_unwanted)
            child.close()
            if isinstance(error, TimeoutError):
                self._kill()
                raise TimeoutError(f"no process within {START_LIMIT:g} s") from None
            raise
        finally:
            for one in given.values():
                os.close(one)
        return child

    async def stop(self) -> None:
        """End it and all that it has forked."""
        process, watching = self._process, self._watching
        self._hang_up()
        if process is None or watching is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(END_LIMIT):
                await process.wait()
        self._kill(process)
        await watching

    async def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command("nursery", "--socket", str(theirs.fileno()), ROOM),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
                env=environment(NO_MARK),
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        ours.settimeout(0)
        self._socket = ours
        asyncio.get_running_loop().add_reader(ours.fileno(), self._read)
        self._watching = asyncio.create_task(self._watch(self._process), name="nursery of drivers")

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        status = await process.wait()
        if self._socket is not None and self._process is process:
            log.error("the nursery of driver processes ended with status %s", status)
            self._read()  # what it said before
            self._hang_up()

    def _read(self) -> None:
        while self._socket is not None:
            try:
                data = self._socket.recv(MOST_MESSAGE)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if not data:
                self._hang_up()
                return
            message = json.loads(data)
            child = self._children.get(message["id"])
            if child is not None:
                child.tell(message)
                if "pid" not in message:
                    del self._children[message["id"]]

    def _send(self, message: Mapping[str, Any], files: list[int]) -> None:
        if self._socket is None:
            raise OSError("the nursery has ended")
        socket.send_fds(self._socket, [json.dumps(message).encode()], files)

    def _hang_up(self) -> None:
        """Let go of the socket; whatever still runs is ended by the kernel."""
        if self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()
        self._socket = None
        for child in self._children.values():
            child.end(-signal.SIGKILL)
        self._children.clear()

    def _kill(self, process: asyncio.subprocess.Process | None = None) -> None:
        found = process or self._process
        if found is not None and found.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                found.kill()


def _write(file: int, data: bytes) -> None:
    with os.fdopen(os.dup(file), "wb") as stream:
        stream.write(data)
    os.lseek(file, 0, os.SEEK_SET)


def _unwanted(born: "asyncio.Future[int]") -> None:
    """End what was born after whoever wanted it had left."""
    if not born.cancelled() and born.exception() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(born.result(), signal.SIGKILL)
