"""The data directory, its disk and its database."""

import os
import pwd
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path

from hub.doctor._finding import Finding, failed, ok, skipped, warning
from hub.store import RESERVE

LOW = 1 << 30
_LOW_FILES = 1000
_PRIVATE = 0o077
_MIB = 1 << 20


def folder(data: Path) -> Finding:
    """The data directory is there, ours alone, and can be written to."""
    name = "data"
    if not data.exists():
        return _not_there(data)
    if not data.is_dir():
        return failed(
            name, f"{data} is no folder", "name another one: --data, CLASSHUB_DATA or `data`"
        )
    about = data.stat()
    try:
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(b"classhub")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        owner = user_name(about.st_uid)
        if error.errno is not None and about.st_uid not in (os.geteuid(), 0):
            mend = f"run this as its owner: sudo -u {owner} classhub doctor"
        else:
            mend = f"see that its disk is there and not read-only: findmnt -T {data}"
        return failed(name, f"{data} cannot be written to: {error.strerror}", mend)
    if about.st_mode & _PRIVATE:
        return warning(
            name, f"others of this computer may look into {data}", f"sudo chmod 700 {data}"
        )
    if os.geteuid() == 0 and about.st_uid != 0:
        return ok(name, f"{data}, of {user_name(about.st_uid)}")
    return ok(name, str(data))


def _not_there(data: Path) -> Finding:
    parent = next((one for one in data.parents if one.exists()), Path("/"))
    if not parent.is_dir():
        return failed(
            "data",
            f"{data} cannot be made: {parent} is no folder",
            "name another one: --data, CLASSHUB_DATA or `data` in the settings file",
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        return failed(
            "data",
            f"{data} is not there, and {parent} is not ours to write to",
            f"sudo install -d -m 700 -o {user_name(os.geteuid())} {data}",
        )
    return ok("data", f"{data} is made when the hub first starts")


def user_name(uid: int) -> str:
    """Return a user's name, or the number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def room(data: Path, statvfs: Callable[[Path], os.statvfs_result] = os.statvfs) -> Finding:
    """There is room on the disk that the data directory is on."""
    there = next((one for one in (data, *data.parents) if one.exists()), Path("/"))
    about = statvfs(there)
    free = about.f_bavail * about.f_frsize
    mend = f"make room: sudo du -xh --max-depth=2 {there} | sort -h | tail; delete what is old"
    if free < RESERVE:
        said = f"{free // _MIB} MiB are free; below {RESERVE // _MIB} MiB nothing more is kept"
        return failed("disk", said, mend)
    if about.f_files and about.f_favail < _LOW_FILES:
        return failed("disk", f"only {about.f_favail} more files can be made", mend)
    if free < LOW:
        return warning("disk", f"only {free // _MIB} MiB are free", mend)
    return ok("disk", f"{free / (1 << 30):.1f} GB are free")


def database(file: Path) -> Finding:
    """The database is one, and whole. It is only read."""
    name = "database"
    if not file.parent.is_dir() or not file.exists():
        return skipped(name, "there is none yet; the hub makes it when it first starts")
    if not file.is_file():
        return failed(name, f"{file} is no file", "move it away, and restore a backup")
    mend = "stop the hub, restore the last backup: classhub restore FILE; then look after the disk"
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            known = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.OperationalError as error:
        if not os.access(file, os.R_OK):
            owner = user_name(file.stat().st_uid)
            mend = f"run this as its owner: sudo -u {owner} classhub doctor"
        return failed(name, f"{file} cannot be read: {error}", mend)
    except sqlite3.DatabaseError as error:
        return failed(name, f"{file} is damaged: {error}", mend)
    if said != "ok":
        return failed(name, f"{file} is damaged: {said}", mend)
    if not known:
        return ok(name, "empty; the hub fills it when it first starts")
    return ok(name, f"whole, {max(1, file.stat().st_size // _MIB)} MiB")
