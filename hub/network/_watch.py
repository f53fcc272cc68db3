"""Tells when this computer's addresses may have changed: the kernel says so (rtnetlink(7))."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

# <linux/rtnetlink.h>: links, addresses of both families, IPv4 routes.
_GROUPS = 0x1 | 0x10 | 0x100 | 0x40
# A cable that is plugged in makes a dozen messages; all of them are one change.
_SETTLE = 0.3
# Where the kernel cannot be heard, and for what it does not say (the computer's name).
EVERY = 30.0
EVERY_DEAF = 5.0


class Watch:
    """Calls `look` soon after each change, and now and then.

    Args:
        look: cheap; is called in the event loop.
    """

    def __init__(self, look: Callable[[], None]) -> None:
        self._look = look
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._every = EVERY

    def start(self) -> None:
        """Begin."""
        loop = asyncio.get_running_loop()
        try:
            heard = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        except OSError:
            self._every = EVERY_DEAF
        else:
            heard.setblocking(False)  # noqa: FBT003 - takes no keyword
            try:
                heard.bind((0, _GROUPS))
            except OSError:
                heard.close()
                self._every = EVERY_DEAF
            else:
                self._socket = heard
                loop.add_reader(heard.fileno(), self._heard)
        self._within(self._every)

    def stop(self) -> None:
        """Leave off; may be called twice."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _heard(self) -> None:
        assert self._socket is not None  # noqa: S101 - it is what was heard
        # What exactly changed is looked up; a message that was lost (ENOBUFS) is no harm either.
        with contextlib.suppress(OSError):
            while self._socket.recv(65536):
                pass
        self._within(_SETTLE)

    def _now(self) -> None:
        self._within(self._every)
        self._look()

    def _within(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._now)
