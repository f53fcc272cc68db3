"""What systemd is told of a hub that runs as a service: sd_notify(3), with no library.

Started in any other way (no `NOTIFY_SOCKET`) every call does nothing.
"""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, MutableMapping

log = logging.getLogger("classhub.service")

_STATUS_EVERY = 5.0
_MORE_TIME = 60.0
_LONGEST_START = 1800.0
_LONGEST_STATUS = 200


class Service:
    """Tells systemd that the hub is ready, alive, ending; and, in a line, how it is.

    The signs of life come from the event loop and from nowhere else: a loop that hangs sends none,
    and systemd ends the hub and starts it again.

    Args:
        environment: where systemd says what it wants. What it says is taken out, so that it does
            not reach the hub's children.
    """

    def __init__(self, environment: MutableMapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._address = environment.pop("NOTIFY_SOCKET", "")
        meant = environment.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        limit = environment.pop("WATCHDOG_USEC", "")
        self._limit = int(limit) / 1e6 if limit.isdecimal() and meant else 0.0
        self._socket: socket.socket | None = None
        self._task: asyncio.Task[None] | None = None
        self._status: Callable[[], str] | None = None
        self._said = ""
        self._ending = False

    def start(self) -> None:
        """Begin to send signs of life; call it in the event loop."""
        if not self._address:
            return
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - takes no keyword
        self._task = asyncio.create_task(self._live(), name="signs of life to systemd")

    def ready(self, status: Callable[[], str]) -> None:
        """Say that requests are answered; `status` makes the line that `systemctl status` shows."""
        self._status = status
        self._send(["READY=1", *self._news()])

    def stopping(self) -> None:
        """Say that the end has begun; more than once does no harm."""
        if not self._ending:
            self._ending = True
            self._send(["STOPPING=1", "STATUS=ending"])

    async def close(self) -> None:
        """End the signs of life."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        pause = min(self._limit / 3, _STATUS_EVERY) if self._limit else _STATUS_EVERY
        while True:
            lines = ["WATCHDOG=1"] if self._limit else []
            if self._status is not None:
                lines += self._news()
            elif not self._ending and loop.time() - began < _LONGEST_START:
                # Tables of a big school are brought to a new version in minutes, not seconds.
                lines += [f"EXTEND_TIMEOUT_USEC={int(_MORE_TIME * 1e6)}", "STATUS=starting"]
            self._send(lines)
            await asyncio.sleep(pause)

    def _news(self) -> list[str]:
        """Return the status where it is not what was said last."""
        if self._socket is None or self._status is None or self._ending:
            return []
        try:
            status = " ".join(self._status().split())[:_LONGEST_STATUS]
        except Exception:
            # A line for people is no reason to be taken for dead.
            log.exception("no status can be made")
            status = "running"
        if status == self._said:
            return []
        self._said = status
        return [f"STATUS={status}"]

    def _send(self, lines: list[str]) -> None:
        if self._socket is None or not lines:
            return
        # A first letter of "@" stands for a name without a file (unix(7), abstract).
        name = self._address
        where = "\0" + name[1:] if name.startswith("@") else name
        try:
            self._socket.sendto("\n".join(lines).encode(), where)
        except BlockingIOError:
            # A full queue is systemd's delay, not ours: the next sign comes soon.
            log.debug("systemd does not listen just now")
        except OSError as error:
            log.warning("systemd cannot be told how the hub is: %s", error)
            self._socket.close()
            self._socket = None
