"""What runs inside a worker process; see `hub.workers` for the side that starts it.

Work that takes a while says how far it is with `progress`; it is heard by the function that was
given to `Workers.run` for it.
"""

import time
from collections.abc import Callable

READY = b'{"ready": true}\n'
"""What a worker says first."""
_TELL_EVERY = 0.1
"""Seconds: people see no more, and the hub must not be flooded."""

_tell: Callable[[float, str], None] | None = None
_told = 0.0


def progress(fraction: float, message: str = "") -> None:
    """Say how far this job is. Cheap: most calls say nothing. Outside a worker it does nothing.

    Args:
        fraction: 0..1 of the job.
        message: what is being done now (message id).
    """
    global _told
    now = time.monotonic()
    if _tell is None or now - _told < _TELL_EVERY:
        return
    _told = now
    _tell(min(max(float(fraction), 0.0), 1.0), message)


def listen(tell: Callable[[float, str], None] | None) -> None:
    """Have `tell` called with what the job says of itself; None for no longer."""
    global _tell, _told
    _tell, _told = tell, 0.0
