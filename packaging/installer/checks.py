"""What is looked at before anything is changed."""

import hashlib
import os
import platform
import shutil
import sys
from pathlib import Path

from place import Place, Refused, release

_ENVIRONMENT_SIZE = 700 << 20
_DATA_SIZE = 200 << 20


def computer(folder: Path, place: Place) -> None:
    """See that the archive is whole and made for this computer, and that it has room.

    Raises:
        Refused: it is not; nothing was changed.
    """
    about = release(folder)
    if os.geteuid() != 0:
        raise Refused("please run it as root: sudo ./install.sh", 2)
    if sys.platform != "linux" or platform.machine() != about["machine"]:
        here = f"{sys.platform} {platform.machine()}"
        raise Refused(f"this archive is for linux {about['machine']}, this computer is {here}", 3)
    libc, version = platform.libc_ver()
    if libc != "glibc" or tuple(map(int, version.split(".")[:2])) < (2, 28):
        raise Refused(f"glibc 2.28 or newer is needed, here is {libc or 'another'} {version}", 3)
    try:
        import venv  # noqa: F401, PLC0415 - some distributions leave it out
    except ImportError:
        raise Refused("Python's venv module is missing: apt-get install python3-venv", 3) from None
    _room(place.opt, _ENVIRONMENT_SIZE, "the programs")
    size = place.database.stat().st_size if place.database.exists() else 0
    _room(place.data, _DATA_SIZE + 2 * size, "the data and a copy of the database")
    _whole(folder)


def _room(folder: Path, size: int, what: str) -> None:
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < size:
        raise Refused(
            f"{folder} has {free >> 20} MB free; {what} need {size >> 20} MB. Please make room.", 3
        )


def _whole(folder: Path) -> None:
    try:
        lines = (folder / "SHA256SUMS").read_text("utf-8").splitlines()
    except OSError as error:
        raise Refused(f"the archive is not whole: {error}", 3) from None
    for line in lines:
        wanted, _, name = line.partition("  ")
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise Refused(
                f"the archive is not whole: {error}. Please unpack it again.", 3
            ) from None
        if found != wanted:
            raise Refused(f"the archive is damaged: {name}. Please copy and unpack it again.", 3)
