"""Speaking to qemu (QMP) and, through it, to the agent inside the machine."""

import base64
import json
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self


class QmpError(Exception):
    """Qemu or the agent refused a command; the message is theirs."""


class Channel:
    """One JSON object a line over a unix socket; both of qemu's protocols are that."""

    def __init__(self, path: Path, *, limit: float = 30) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(limit)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._file = self._socket.makefile("rw")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._file.close()
        self._socket.close()

    def send(self, message: Mapping[str, Any]) -> None:
        """Send one message."""
        self._file.write(json.dumps(message) + "\n")
        self._file.flush()

    def receive(self, limit: float) -> dict[str, Any]:
        """Return the next message; `TimeoutError` after `limit` seconds."""
        self._socket.settimeout(max(0.01, limit))
        line = self._file.readline()
        if not line:
            raise QmpError("qemu hung up")
        message: dict[str, Any] = json.loads(line)
        return message


class Qmp(Channel):
    """The monitor of a machine. Its socket takes one client at a time, so close it soon."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._events: list[dict[str, Any]] = []
        self.receive(30)  # the greeting
        self.call("qmp_capabilities")

    def call(self, command: str, /, **arguments: Any) -> Any:
        """Give a command and return its answer; events that arrive meanwhile are kept."""
        self.send({"execute": command, "arguments": arguments})
        while True:
            message = self.receive(60)
            if "event" in message:
                self._events.append(message)
            elif "error" in message:
                raise QmpError(message["error"]["desc"])
            else:
                return message["return"]

    def wait_for(
        self, event: str, matches: Callable[[dict[str, Any]], bool], limit: float = 20
    ) -> None:
        """Wait until this event has come with data that matches."""
        end = time.monotonic() + limit
        while True:
            for seen in self._events:
                if seen["event"] == event and matches(seen.get("data", {})):
                    self._events.remove(seen)
                    return
            message = self.receive(end - time.monotonic())
            if "event" in message:
                self._events.append(message)


class Agent(Channel):
    """The agent inside the machine: commands without the machine's network."""

    def call(self, command: str, /, **arguments: Any) -> Any:
        """Give the agent a command and return its answer."""
        self.send({"execute": command, "arguments": arguments})
        while True:
            message = self.receive(30)
            if "error" in message:
                raise QmpError(message["error"]["desc"])
            if "return" in message:
                return message["return"]

    def run(self, script: str, *, limit: float = 120) -> str:
        """Run a shell script as root and return what it printed; `QmpError` where it failed."""
        started = self.call(
            "guest-exec", path="/bin/bash", arg=["-c", f"{script}"], **{"capture-output": True}
        )
        end = time.monotonic() + limit
        while not (state := self.call("guest-exec-status", pid=started["pid"]))["exited"]:
            if time.monotonic() > end:
                raise QmpError(f"took more than {limit} s: {script}")
            time.sleep(0.1)
        output = base64.b64decode(state.get("out-data", "")).decode(errors="replace")
        if state.get("exitcode", 1):
            said = base64.b64decode(state.get("err-data", "")).decode(errors="replace")
            raise QmpError(f"exit code {state.get('exitcode')}: {script}\n{output}{said}")
        return output
