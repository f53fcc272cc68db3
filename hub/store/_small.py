"""Small files beside the database: written whole or not at all."""

import os
from pathlib import Path

from hub.store._files import sync_folder


def write_whole(file: Path, data: bytes, *, durable: bool = True) -> None:
    """Put a file in its place; readable by the hub's user alone. Blocking.

    After a power cut either the earlier one is there or this one. Where that does not matter,
    `durable` False does not wait for the disk.

    Raises:
        OSError: it cannot be written; the earlier one is untouched.
    """
    unfinished = file.with_name(file.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as new:
        new.write(data)
        new.flush()
        if durable:
            os.fsync(new.fileno())
    unfinished.replace(file)
    if durable:
        sync_folder(file.parent)
