"""Processes, for tests that end them."""

import psutil


def alive(pid: int) -> bool:
    """Whether a process runs still.

    One that has ended may be listed until its parent has asked how: where the first process of a
    computer or container does not ask at once, those that were left to it are.
    """
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
