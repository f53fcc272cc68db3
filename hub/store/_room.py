"""Room on the disk: some of it is kept free, so that a full hub can still be used to make room."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

from hub.errors import HubError
from hub.store._errors import StorageFull, StoreUnreachable

RESERVE = 64 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def reserving(folder: Path, reserve: int = RESERVE) -> Callable[[int], None]:
    """Return what raises `StorageFull` where writing so many bytes would leave less than `reserve`.

    The reserve is the database's: signing in, ending a lesson and deleting need a little room even
    on a disk that pictures have filled.
    """

    def room(size: int) -> None:
        about = os.statvfs(folder)
        left = about.f_bavail * about.f_frsize - size
        if left < reserve:
            raise StorageFull(f"{left} bytes would be left")

    return room


def storage_error(error: OSError) -> HubError:
    """Return what an error of the disk is to whoever wanted to write. It names no path."""
    said = error.strerror or type(error).__name__
    return StorageFull(said) if error.errno in _FULL else StoreUnreachable(said)
