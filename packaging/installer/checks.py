"""What is looked at before anything is changed."""

import contextlib
import errno
import hashlib
import os
import platform
import shutil
import socket
import sys
import tomllib
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
    size = place.database.stat().st_size if place.database.exists() else 0
    _room(place.opt, _ENVIRONMENT_SIZE + 2 * size, "the programs and a trial")
    _room(place.data, _DATA_SIZE + 2 * size, "the data and a copy of the database")
    _whole(folder)


def port(place: Place) -> None:
    """See that the address is free on which a hub is to be started that does not run now.

    Raises:
        Refused: another program listens there.
    """
    given = {}
    with contextlib.suppress(OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        given = tomllib.loads(place.config.read_text("utf-8"))
    host, number = given.get("host", "127.0.0.1"), given.get("port", 8420)
    if not isinstance(host, str) or not isinstance(number, int):
        return  # the hub itself says best what is wrong with its settings
    try:
        found = socket.getaddrinfo(host, number, type=socket.SOCK_STREAM)[0]
        with socket.socket(*found[:3]) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(found[4])
            tried.listen()
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) != errno.EADDRINUSE:
            return
        raise Refused(
            f"another program listens on port {number} of {host} (`ss -ltnp` shows which). End it;"
            f" or install with --no-start, set another port in {place.config},"
            " then: systemctl enable --now classhub",
            3,
        ) from None


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
    sums = {name: wanted for wanted, _, name in (line.partition("  ") for line in lines)}
    here = {str(file.relative_to(folder)) for file in folder.rglob("*") if not file.is_dir()}
    for name in sorted(here - set(sums) - {"SHA256SUMS"}):
        raise Refused(f"{name} is not of this archive. Please unpack it anew, elsewhere.", 3)
    for name, wanted in sums.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise Refused(
                f"the archive is not whole: {error}. Please unpack it again.", 3
            ) from None
        if found != wanted:
            raise Refused(f"the archive is damaged: {name}. Please copy and unpack it again.", 3)
