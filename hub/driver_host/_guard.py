"""The end of a driver process when the hub has ended, even while the driver hangs."""

import ctypes
import os
import select
import signal
import threading
import time

_PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that started it ends (prctl(2))."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def watch_channel(fd: int, grace: float) -> None:
    """End this process at the latest `grace` seconds after the other side has closed `fd`.

    A thread waits for the hang-up only (poll(2) with no events), so it costs nothing until then,
    and it works while the event loop is blocked, as long as the driver's code lets threads run.
    """

    def wait() -> None:
        poll = select.poll()
        poll.register(fd, 0)
        poll.poll()
        time.sleep(grace)
        os._exit(0)

    threading.Thread(target=wait, name="end with the hub", daemon=True).start()
