"""The log of the hub: one line an event, on standard error, where systemd's journal takes it."""

import logging
import os
import sys


class _Brief(logging.Formatter):
    """`time level logger: message`; without the time where the journal adds its own."""

    def __init__(self) -> None:
        journal = "JOURNAL_STREAM" in os.environ
        super().__init__(
            "%(levelname).1s %(name)s: %(message)s"
            if journal
            else "%(asctime)s %(levelname).1s %(name)s: %(message)s",
            "%H:%M:%S",
        )


def set_up(level: str) -> None:
    """Send the log of the whole process to standard error.

    Args:
        level: the least level that is written: `debug`, `info`, `warning` or `error`.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Brief())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("classhub").setLevel(level.upper())
